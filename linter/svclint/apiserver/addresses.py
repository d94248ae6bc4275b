"""IP addresses and CIDRs as Go's net package and the API server's validators see them.

Source: k8s.io/apimachinery pkg/util/validation/ip.go, k8s.io/utils/net (ParseIPSloppy, ParseCIDRSloppy).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from svclint.apiserver import field
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path

_IPV4 = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)").fullmatch
_EMBEDDED_IPV4 = re.compile(r"(.*:)([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)").fullmatch

NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NOT_A_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


class IP(NamedTuple):
    """An address: its family (an IPv4-mapped IPv6 address counts as IPv4, as in Go), its bits, how it was written."""

    family: int
    number: int
    mapped: bool = False

    @property
    def canonical(self) -> str:
        """As Go prints it."""
        import ipaddress

        return str(ipaddress.IPv4Address(self.number) if self.family == 4 else ipaddress.IPv6Address(self.number))


def _parse_ipv4(text: str) -> int | None:
    match = _IPV4(text)
    if not match:
        return None
    number = 0
    for part in match.groups():
        byte = int(part) if len(part) < 20 else 256
        if byte > 255:
            return None
        number = number << 8 | byte
    return number


def parse_ip(text: str) -> IP | None:
    """The address that Go's ParseIPSloppy reads (leading zeros allowed), `None` if it reads none."""
    if ":" not in text:
        number = _parse_ipv4(text)
        return None if number is None else IP(4, number)
    if "%" in text or not text.isascii():
        return None
    if embedded := _EMBEDDED_IPV4(text):
        low = _parse_ipv4(embedded[2])
        if low is None:
            return None
        text = f"{embedded[1]}{low >> 16:x}:{low & 0xFFFF:x}"
    import ipaddress

    try:
        number = int(ipaddress.IPv6Address(text))
    except ValueError:
        return None
    return IP(4, number & 0xFFFFFFFF, True) if number >> 32 == 0xFFFF else IP(6, number)


def has_leading_zeros(text: str) -> bool:
    """Whether a part of the (embedded) IPv4 address has a leading zero."""
    return "." in text and any(len(part) > 1 and part[0] == "0" for part in text.rpartition(":")[2].split("."))


def is_ipv6(text: str) -> bool:
    """netutils.IsIPv6String."""
    ip = parse_ip(text)
    return ip is not None and ip.family == 6


class CIDR(NamedTuple):
    """A range: its family, base address, prefix length, and whether the written address had bits beyond the prefix."""

    family: int
    number: int
    prefix: int
    host_bits: bool
    mapped: bool

    @property
    def width(self) -> int:
        return 32 if self.family == 4 else 128

    def holds(self, ip: IP) -> bool:
        return ip.family == self.family and (ip.number ^ self.number) >> (self.width - self.prefix) == 0


def parse_cidr(text: str) -> CIDR | None:
    """The range that Go's ParseCIDRSloppy reads, `None` if it reads none."""
    address, slash, length = text.partition("/")
    if not slash or not length.isascii() or not length.isdigit() or len(length) > 4:
        return None
    ip = parse_ip(address)
    if ip is None:
        return None
    # Go chooses the width by the notation: an IPv4-mapped address is a range of IPv6.
    notation = 6 if ":" in address else 4
    number = ip.number | 0xFFFF << 32 if ip.mapped else ip.number
    width, prefix = (32 if notation == 4 else 128), int(length)
    if prefix > width:
        return None
    base = number >> (width - prefix) << (width - prefix)
    return CIDR(notation, base, prefix, base != number, ip.mapped)


def validate_ip(path: Path, value: str, context: Context) -> list[Error]:
    """IsValidIP from 1.36 (strict), ParseIPSloppy alone before (IsValidIPForLegacyField)."""
    ip = parse_ip(value)
    if ip is None:
        return [field.invalid(path, value, NOT_AN_IP)]
    if not context.enabled("StrictIPCIDRValidation"):
        return []
    errors = []
    if has_leading_zeros(value):
        errors.append(field.invalid(path, value, "must not have leading 0s"))
    if ip.mapped:
        errors.append(field.invalid(path, value, "must not be an IPv4-mapped IPv6 address"))
    return errors


def validate_cidr(path: Path, value: str, context: Context) -> list[Error]:
    """IsValidCIDR from 1.36 (strict), ParseCIDRSloppy alone before (IsValidCIDRForLegacyField)."""
    cidr = parse_cidr(value)
    if cidr is None:
        return [field.invalid(path, value, NOT_A_CIDR)]
    if not context.enabled("StrictIPCIDRValidation"):
        return []
    errors = []
    address, _, length = value.partition("/")
    if cidr.mapped:
        errors.append(field.invalid(path, value, "must not have an IPv4-mapped IPv6 address"))
    if _leading_zeros_of_cidr(address, length):
        errors.append(field.invalid(path, value, "must not have leading 0s in IP or prefix length"))
    if cidr.host_bits:
        errors.append(field.invalid(path, value, "must not have bits set beyond the prefix length"))
    return errors


def _non_standard(what: str, value: str, preferred: str) -> str:
    return f'non-standard {what} "{value}" will be considered invalid in a future Kubernetes release: use "{preferred}"'


def _not_canonical(what: str, value: str, preferred: str) -> str:
    return f'{what} "{value}" should be in RFC 5952 canonical format ("{preferred}")'


def warnings_ip(path: Path, value: str) -> list[str]:
    """Addresses that are valid but better written otherwise (GetWarningsForIP)."""
    ip = parse_ip(value)
    if ip is None:
        return []
    if has_leading_zeros(value) or ip.mapped:
        return [f"{path}: {_non_standard('IP address', value, ip.canonical)}"]
    if ip.family == 6 and ip.canonical != value:
        return [f"{path}: {_not_canonical('IPv6 address', value, ip.canonical)}"]
    return []


def warnings_cidr(path: Path, value: str) -> list[str]:
    """Ranges that are valid but better written otherwise (GetWarningsForCIDR)."""
    cidr = parse_cidr(value)
    if cidr is None:
        return []
    address, _, length = value.partition("/")
    written = parse_ip(address)
    assert written is not None  # parse_cidr has read it
    as_ipv4 = cidr.mapped and cidr.prefix >= 96
    base = IP(4, cidr.number & 0xFFFFFFFF) if as_ipv4 else IP(cidr.family, cidr.number)
    preferred = f"{base.canonical}/{cidr.prefix - 96 if as_ipv4 else cidr.prefix}"
    warnings = []
    if cidr.host_bits:
        single = f"{written.canonical}/{cidr.width}"
        choice = f'(should be "{preferred}" or "{single}"?)'
        warnings.append(f'{path}: CIDR value "{value}" is ambiguous in this context {choice}')
    if _leading_zeros_of_cidr(address, length) or cidr.mapped:
        warnings.append(f"{path}: {_non_standard('CIDR value', value, preferred)}")
    if not warnings and cidr.family == 6 and preferred != value:
        warnings.append(f"{path}: {_not_canonical('IPv6 CIDR value', value, preferred)}")
    return warnings


def _leading_zeros_of_cidr(address: str, length: str) -> bool:
    return has_leading_zeros(address) or (len(length) > 1 and length[0] == "0")

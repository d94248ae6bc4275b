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
    if has_leading_zeros(address) or (len(length) > 1 and length[0] == "0"):
        errors.append(field.invalid(path, value, "must not have leading 0s in IP or prefix length"))
    if cidr.host_bits:
        errors.append(field.invalid(path, value, "must not have bits set beyond the prefix length"))
    return errors


def warnings_ip(path: Path, value: str) -> list[str]:
    """Addresses that are valid today but ambiguous (GetWarningsForIP)."""
    ip = parse_ip(value)
    if ip is None:
        return []
    if has_leading_zeros(value) or ip.mapped:
        return [
            f'{path}: non-standard IP address "{value}" will be considered invalid in a future Kubernetes release: use "{ip.canonical}"'
        ]
    if ip.family == 6 and ip.canonical != value:
        return [f'{path}: IPv6 address "{value}" should be in RFC 5952 canonical format ("{ip.canonical}")']
    return []


def warnings_cidr(path: Path, value: str) -> list[str]:
    """Ranges that are valid today but ambiguous (GetWarningsForCIDR)."""
    cidr = parse_cidr(value)
    if cidr is None:
        return []
    address, _, length = value.partition("/")
    ip = IP(4, cidr.number & 0xFFFFFFFF) if cidr.mapped or cidr.family == 4 else IP(6, cidr.number)
    ours = f"{ip.canonical}/{cidr.prefix - 96 if cidr.mapped else cidr.prefix}"
    warnings = []
    if cidr.host_bits:
        written = parse_ip(address)
        assert written is not None
        warnings.append(
            f'{path}: CIDR value "{value}" is ambiguous in this context (should be "{ours}" or "{written.canonical}/{"32" if written.family == 4 else "128"}"?)'
        )
    if has_leading_zeros(address) or (len(length) > 1 and length[0] == "0") or cidr.mapped:
        if not warnings:
            warnings.append(
                f'{path}: non-standard CIDR value "{value}" will be considered invalid in a future Kubernetes release: use "{ours}"'
            )
    elif cidr.family == 6 and not warnings and ours != value:
        warnings.append(f'{path}: IPv6 CIDR value "{value}" should be in RFC 5952 canonical format ("{ours}")')
    return warnings

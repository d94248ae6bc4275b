"""Addresses and prefixes as Go's net/netip reads and prints them."""

import ipaddress
from typing import NamedTuple

from svclint.cel.gotext import quote


class ParseError(Exception):
    """The text is Go's."""


class Addr(NamedTuple):
    """An address: 32 or 128 bits, and for IPv6 perhaps a zone."""

    value: int
    bits: int
    zone: str = ""

    def __str__(self) -> str:
        if self.bits == 32:
            return str(ipaddress.IPv4Address(self.value))
        return ipaddress.IPv6Address(self.value).compressed + (f"%{self.zone}" if self.zone else "")

    def is_mapped(self) -> bool:
        """An IPv4 address in IPv6's clothes."""
        return self.bits == 128 and self.value >> 32 == 0xFFFF


class Prefix(NamedTuple):
    """An address and how many of its bits count."""

    addr: Addr
    bits: int

    def __str__(self) -> str:
        return f"{self.addr}/{self.bits}"

    def network(self) -> int:
        """The bits that count."""
        return self.addr.value >> (self.addr.bits - self.bits)

    def masked(self) -> "Prefix":
        """With the rest zero."""
        return Prefix(self.addr._replace(value=self.network() << (self.addr.bits - self.bits)), self.bits)

    def contains(self, addr: Addr) -> bool:
        """Whether an address is in it."""
        return addr.bits == self.addr.bits and not addr.zone and addr.value >> (addr.bits - self.bits) == self.network()

    def overlaps(self, other: "Prefix") -> bool:
        """Whether they share an address."""
        if self.addr.bits != other.addr.bits:
            return False
        shift = self.addr.bits - min(self.bits, other.bits)
        return self.addr.value >> shift == other.addr.value >> shift


def _error(text: str, message: str, at: str = "") -> ParseError:
    return ParseError(f"ParseAddr({quote(text)}): {message}" + (f" (at {quote(at)})" if at else ""))


def _fields(text: str, part: str) -> int:
    fields: list[int] = []
    value = digits = 0
    for i, char in enumerate(part):
        if "0" <= char <= "9":
            if digits == 1 and value == 0:
                raise _error(text, "IPv4 field has octet with leading zero")
            value, digits = value * 10 + int(char), digits + 1
            if value > 255:
                raise _error(text, "IPv4 field has value >255")
        elif char == ".":
            if i == 0 or i == len(part) - 1 or part[i - 1] == ".":
                raise _error(text, "IPv4 field must have at least one digit", part[i:])
            if len(fields) == 3:
                raise _error(text, "IPv4 address too long")
            fields.append(value)
            value = digits = 0
        else:
            raise _error(text, "unexpected character", part[i:])
    if len(fields) < 3:
        raise _error(text, "IPv4 address too short")
    return int.from_bytes(bytes([*fields, value]), "big")


_HEX = "0123456789abcdefABCDEF"


def _ipv6(text: str) -> Addr:
    rest, percent, zone = text.partition("%")
    if percent and not zone:
        raise _error(text, "zone must be a non-empty string")
    groups: list[int] = []
    ellipsis = -1
    if rest.startswith("::"):
        ellipsis, rest = 0, rest[2:]
        if not rest:
            return Addr(0, 128, zone)
    while len(groups) < 8:
        size = 0
        while size < len(rest) and rest[size] in _HEX:
            if size > 3:
                raise _error(text, "each group must have 4 or less digits", rest)
            size += 1
        if size == 0:
            raise _error(text, "each colon-separated field must have at least one digit", rest)
        if rest[size : size + 1] == ".":
            if ellipsis < 0 and len(groups) != 6:
                message = "embedded IPv4 address must replace the final 2 fields of the address"
                raise _error(text, message, rest)
            if len(groups) > 6:
                message = "too many hex fields to fit an embedded IPv4 at the end of the address"
                raise _error(text, message, rest)
            value = _fields(text, rest)
            groups += [value >> 16, value & 0xFFFF]
            rest = ""
            break
        groups.append(int(rest[:size], 16))
        rest = rest[size:]
        if not rest:
            break
        if rest[0] != ":":
            raise _error(text, "unexpected character, want colon", rest)
        if len(rest) == 1:
            raise _error(text, "colon must be followed by more characters", rest)
        rest = rest[1:]
        if rest[0] == ":":
            if ellipsis >= 0:
                raise _error(text, "multiple :: in address", rest)
            ellipsis, rest = len(groups), rest[1:]
            if not rest:
                break
    if rest:
        raise _error(text, "trailing garbage after address", rest)
    if len(groups) < 8:
        if ellipsis < 0:
            raise _error(text, "address string too short")
        groups[ellipsis:ellipsis] = [0] * (8 - len(groups))
    elif ellipsis >= 0:
        raise _error(text, "the :: must expand to at least one field of zeros")
    value = 0
    for group in groups:
        value = value << 16 | group
    return Addr(value, 128, zone)


def parse_addr(text: str) -> Addr:
    """netip.ParseAddr. Raises ParseError."""
    for char in text:
        if char == ".":
            return Addr(_fields(text, text), 32)
        if char == ":":
            return _ipv6(text)
        if char == "%":
            raise _error(text, "missing IPv6 address")
    raise _error(text, "unable to parse IP")


def parse_prefix(text: str) -> Prefix:
    """netip.ParsePrefix. Raises ParseError."""
    head = f"netip.ParsePrefix({quote(text)}): "
    slash = text.rfind("/")
    if slash < 0:
        raise ParseError(head + "no '/'")
    try:
        addr = parse_addr(text[:slash])
    except ParseError as wrong:
        raise ParseError(head + str(wrong)) from None
    if addr.zone:
        raise ParseError(head + "IPv6 zones cannot be present in a prefix")
    bits = text[slash + 1 :]
    digits = bits[1:] if bits[:1] in ("+", "-") else bits
    if (len(bits) > 1 and not "1" <= bits[0] <= "9") or not (digits.isascii() and digits.isdecimal()):
        raise ParseError(head + "bad bits after slash: " + quote(bits))
    if len(bits) > 9 or not 0 <= int(bits) <= addr.bits:
        raise ParseError(head + "prefix length out of range")
    return Prefix(addr, int(bits))

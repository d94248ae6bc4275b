"""IP addresses and CIDRs. Upstream: apiserver pkg/cel/library/ip.go, cidr.go."""

import math
from typing import ClassVar

from svclint.cel.decls import Function, function, member, plain
from svclint.cel.errors import EvalError
from svclint.cel.gotext import quote
from svclint.cel.library.netip import Addr, ParseError, Prefix, parse_addr, parse_prefix
from svclint.cel.types import BOOL, INT, STRING, opaque
from svclint.cel.values import Opaque, no_overload

_FROM_STRING = "network address parse error during conversion from string: "


class IP(Opaque):
    """An address."""

    __slots__ = ("addr",)
    type_name: ClassVar[str] = "net.IP"

    def __init__(self, addr: Addr) -> None:
        self.addr = addr

    def equal(self, other: object) -> bool:
        if not isinstance(other, IP):
            raise no_overload()
        return self.addr == other.addr

    def size(self) -> int:
        return self.addr.bits // 8

    def __str__(self) -> str:
        return str(self.addr)


class CIDR(Opaque):
    """A range of addresses."""

    __slots__ = ("prefix",)
    type_name: ClassVar[str] = "net.CIDR"

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix

    def equal(self, other: object) -> bool:
        if not isinstance(other, CIDR):
            raise no_overload()
        return self.prefix == other.prefix

    def size(self) -> int:
        return math.ceil(self.prefix.bits / 8)

    def __str__(self) -> str:
        return str(self.prefix)


def parse_ip(text: str) -> IP:
    """ip(text). Raises EvalError."""
    try:
        addr = parse_addr(text)
    except ParseError as wrong:
        raise EvalError(f"IP Address {quote(text)} parse error during conversion from string: {wrong}") from None
    if addr.zone:
        raise EvalError(f"IP address {quote(text)} with zone value is not allowed")
    if addr.is_mapped():
        raise EvalError(f"IPv4-mapped IPv6 address {quote(text)} is not allowed")
    return IP(addr)


def parse_cidr(text: str) -> CIDR:
    """cidr(text). Raises EvalError."""
    try:
        prefix = parse_prefix(text)
    except ParseError as wrong:
        raise EvalError(f"{_FROM_STRING}{_FROM_STRING}{wrong}") from None
    if prefix.addr.is_mapped():
        raise EvalError(f"{_FROM_STRING}IPv4-mapped IPv6 address {quote(text)} is not allowed")
    return CIDR(prefix)


def _is_ip(text: str) -> bool:
    try:
        parse_ip(text)
    except EvalError:
        return False
    return True


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except EvalError:
        return False
    return True


def _in(ip: IP, value: int, bits: int) -> bool:
    return ip.addr.value >> (ip.addr.bits - bits) == value


def _unspecified(ip: IP) -> bool:
    return ip.addr.value == 0


def _loopback(ip: IP) -> bool:
    return _in(ip, 127, 8) if ip.addr.bits == 32 else ip.addr.value == 1


def _multicast(ip: IP) -> bool:
    return _in(ip, 14, 4) if ip.addr.bits == 32 else _in(ip, 0xFF, 8)


def _link_local_multicast(ip: IP) -> bool:
    if ip.addr.bits == 32:
        return _in(ip, 224 << 16, 24)
    return (ip.addr.value >> 112) & 0xFF0F == 0xFF02


def _link_local_unicast(ip: IP) -> bool:
    return _in(ip, 169 << 8 | 254, 16) if ip.addr.bits == 32 else _in(ip, 0xFE80 >> 6, 10)


def _global_unicast(ip: IP) -> bool:
    if ip.addr.bits == 32 and ip.addr.value in (0, 0xFFFFFFFF):
        return False
    return not (_unspecified(ip) or _loopback(ip) or _multicast(ip) or _link_local_unicast(ip))


def _contains_cidr(cidr: CIDR, other: CIDR) -> bool:
    return cidr.prefix.overlaps(other.prefix) and cidr.prefix.bits <= other.prefix.bits


IP_TYPE, CIDR_TYPE = opaque(IP.type_name), opaque(CIDR.type_name)
IPS: tuple[Function, ...] = (
    function("ip", plain("string_to_ip", (STRING,), IP_TYPE, parse_ip)),
    function("family", member("ip_family", (IP_TYPE,), INT, lambda ip: 4 if ip.addr.bits == 32 else 6)),
    function(
        "ip.isCanonical",
        plain("ip_is_canonical", (STRING,), BOOL, lambda text: str(parse_ip(text)) == text),
    ),
    function("isUnspecified", member("ip_is_unspecified", (IP_TYPE,), BOOL, _unspecified)),
    function("isLoopback", member("ip_is_loopback", (IP_TYPE,), BOOL, _loopback)),
    function(
        "isLinkLocalMulticast",
        member("ip_is_link_local_multicast", (IP_TYPE,), BOOL, _link_local_multicast),
    ),
    function("isLinkLocalUnicast", member("ip_is_link_local_unicast", (IP_TYPE,), BOOL, _link_local_unicast)),
    function("isGlobalUnicast", member("ip_is_global_unicast", (IP_TYPE,), BOOL, _global_unicast)),
    function("isIP", plain("is_ip", (STRING,), BOOL, _is_ip)),
    function("string", plain("ip_to_string", (IP_TYPE,), STRING, str)),
)
CIDRS: tuple[Function, ...] = (
    function("cidr", plain("string_to_cidr", (STRING,), CIDR_TYPE, parse_cidr)),
    function(
        "containsIP",
        member(
            "cidr_contains_ip_string",
            (CIDR_TYPE, STRING),
            BOOL,
            lambda cidr, text: cidr.prefix.contains(parse_ip(text).addr),
        ),
        member("cidr_contains_ip_ip", (CIDR_TYPE, IP_TYPE), BOOL, lambda cidr, ip: cidr.prefix.contains(ip.addr)),
    ),
    function(
        "containsCIDR",
        member(
            "cidr_contains_cidr_string",
            (CIDR_TYPE, STRING),
            BOOL,
            lambda cidr, text: _contains_cidr(cidr, parse_cidr(text)),
        ),
        member("cidr_contains_cidr", (CIDR_TYPE, CIDR_TYPE), BOOL, _contains_cidr),
    ),
    function("ip", member("cidr_ip", (CIDR_TYPE,), IP_TYPE, lambda cidr: IP(cidr.prefix.addr))),
    function("prefixLength", member("cidr_prefix_length", (CIDR_TYPE,), INT, lambda cidr: cidr.prefix.bits)),
    function("masked", member("cidr_masked", (CIDR_TYPE,), CIDR_TYPE, lambda cidr: CIDR(cidr.prefix.masked()))),
    function("isCIDR", plain("is_cidr", (STRING,), BOOL, _is_cidr)),
    function("string", plain("cidr_to_string", (CIDR_TYPE,), STRING, str)),
)

"""Rules of ports and addresses that several kinds share.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidatePortNumOrName, ValidateNonSpecialIP).
"""

from __future__ import annotations

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path

PROTOCOLS = ("SCTP", "TCP", "UDP")


def validate_port_num_or_name(port: int | str, path: Path) -> list[Error]:
    wrong = names.is_valid_port_name(port) if isinstance(port, str) else names.is_valid_port_num(port)
    return [field.invalid(path, port, message) for message in wrong] if wrong else []


def validate_non_special_ip(text: str, path: Path) -> list[Error]:
    """An address that can't be an endpoint or an external IP: it means another thing on every node."""
    from svclint.apiserver.addresses import parse_ip

    ip = parse_ip(text)
    if ip is None:
        return [field.invalid(path, text, "must be a valid IP address")]
    number, v6 = ip.number, ip.family == 6
    errors = []
    if number == 0:
        errors.append("may not be unspecified (0.0.0.0)")
    if number == 1 if v6 else number >> 24 == 127:
        errors.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if number >> 118 == 0xFE80 >> 6 if v6 else number >> 16 == 169 << 8 | 254:
        errors.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if number >> 112 & 0xFF0F == 0xFF02 if v6 else number >> 8 == 224 << 16:
        errors.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    return [field.invalid(path, text, detail) for detail in errors]

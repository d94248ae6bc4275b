"""Names and addresses: the server's verdict and its words."""

from __future__ import annotations

import pytest

from svclint.apiserver import names
from svclint.apiserver.addresses import (
    CIDR,
    IP,
    parse_cidr,
    parse_ip,
    validate_cidr,
    validate_ip,
    warnings_cidr,
    warnings_ip,
)
from svclint.apiserver.context import Context
from svclint.apiserver.field import Path, quote, render
from svclint.kube.facts import Facts

AT = Path().child("ip")
STRICT, SLOPPY = Context(Facts(), (1, 36)), Context(Facts(), (1, 35))


@pytest.mark.parametrize("name", ["a", "1", "a-b", "a--b", "a" * 63])
def test_dns_labels(name: str) -> None:
    assert names.is_dns1123_label(name) == ()


def test_wrong_dns_labels() -> None:
    assert names.is_dns1123_label("a.b") == ("must not contain dots",)
    assert names.is_dns1123_label("a" * 64) == ("must be no more than 63 characters",)
    assert len(names.is_dns1123_label("A" * 64)) == 2
    [text] = names.is_dns1123_label("a\n")
    assert "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')" in text
    assert names.is_dns1035_label("1a") and not names.is_dns1035_label("a1")
    assert names.is_dns1123_subdomain("a." * 126 + "a") == ()
    assert len(names.is_dns1123_subdomain("a." * 127)) == 2


def test_lengths_are_counted_in_bytes() -> None:
    assert "must be no more than 63 bytes" in names.is_valid_label_value("é" * 32)
    assert "must be no more than 63 characters" in names.is_valid_label_value("a" * 64, in_bytes=False)


def test_port_names() -> None:
    assert names.is_valid_port_name("http") == ()
    assert names.is_valid_port_name("8080") == ("must contain at least one letter (a-z)",)
    assert names.is_valid_port_name("-a_") == (
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        "must not begin or end with a hyphen",
    )
    assert names.is_valid_port_name("a--b") == ("must not contain consecutive hyphens",)
    assert names.is_valid_port_name("a" * 16) == ("must be no more than 15 characters",)


def test_label_keys() -> None:
    assert names.is_qualified_name("example.com/App_1") == ()
    assert names.is_qualified_name("/a") == ("prefix part must be non-empty",)
    assert names.is_qualified_name("")[0] == "name part must be non-empty"
    assert names.is_qualified_name("a/b/c")[0].startswith("a valid label key must consist of")
    assert names.is_qualified_name("a/b/c", in_bytes=False)[0].startswith("a qualified name must consist of")


def test_generated_names_may_end_in_a_dash() -> None:
    assert names.prefix_of(names.is_dns1123_label)("web-") == ()
    assert names.prefix_of(names.is_dns1123_label)("-")


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("10.9.8.7", IP(4, 0x0A090807)),
        ("010.1.2.3", IP(4, 0x0A010203)),
        ("::1", IP(6, 1)),
        ("::ffff:1.2.3.4", IP(4, 0x01020304, True)),
        ("64:ff9b::1.2.3.04", IP(6, 0x64FF9B << 96 | 0x01020304)),
        ("256.1.1.1", None),
        ("1.2.3", None),
        ("fe80::1%eth0", None),
        ("", None),
        (" 1.2.3.4", None),
        ("１.2.3.4", None),
    ],
)  # fmt: skip
def test_addresses_are_read_as_go_does(text: str, ip: IP | None) -> None:
    assert parse_ip(text) == ip


def test_strict_addresses_from_1_36() -> None:
    assert validate_ip(AT, "010.1.2.3", SLOPPY) == []
    assert [e.body for e in validate_ip(AT, "010.1.2.3", STRICT)] == [
        'Invalid value: "010.1.2.3": must not have leading 0s'
    ]
    assert "IPv4-mapped" in validate_ip(AT, "::ffff:1.2.3.4", STRICT)[0].body
    assert validate_cidr(AT, "10.0.0.1/8", SLOPPY) == []
    assert "must not have bits set beyond the prefix length" in validate_cidr(AT, "10.0.0.1/8", STRICT)[0].body
    assert "must be a valid CIDR value" in validate_cidr(AT, "10.0.0.1", SLOPPY)[0].body
    assert parse_cidr("10.0.0.0/33") is None
    assert parse_cidr("::/0") == CIDR(6, 0, 0, False, False)


def test_warnings_about_addresses() -> None:
    assert warnings_ip(AT, "10.0.0.1") == []
    assert warnings_ip(AT, "2001:DB8::1") == [
        'ip: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'
    ]
    assert warnings_cidr(AT, "10.0.0.1/8") == [
        'ip: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'
    ]
    assert "non-standard CIDR" in warnings_cidr(AT, "010.0.0.0/8")[0]


def test_values_are_printed_as_go_prints_them() -> None:
    assert quote('a"b\\\n\0é') == '"a\\"b\\\\\\n\\x00é"'
    assert render({"a": "<b>"}) == '{"a":"\\u003cb\\u003e"}'

"""Texts of values: what is read as what, and what is written so that it stays what it is."""

from __future__ import annotations

import pytest

from svclint.yaml import emit
from svclint.yaml.scalars import as_json, float32, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0b-101", -5),
        ("0b+11", 3),
        ("-0b101", -5),
        ("0o17", 15),
        ("0_7", 7),
        ("089", 89.0),
        ("18446744073709551615", 18446744073709551615),
        ("-9223372036854775808", -9223372036854775808),
        ("+18446744073709551615", 1.8446744073709552e19),
        ("0x10000000000000000", "0x10000000000000000"),
        ("07777777777777777777777777", 7.777777777777778e24),
        ("1e400", "1e400"),
        (".5_0", 0.5),
        (".5__0", ".5__0"),
        ("1__0", 10),
        ("2001-01-01", "2001-01-01"),
        ("190:20:30", "190:20:30"),
        ("٣", "٣"),
        ("1٣", "1٣"),
        ("", None),
    ],
)
def test_plain(text: str, value: object) -> None:
    assert (type(plain(text)), plain(text)) == (type(value), value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, 1),
        (1e3, 1000),
        (1e20, 10**20),
        (1.5, 1.5),
        (1e21, 1e21),
        (-0.0, 0),
        (9223372036854775808.0, 9223372036854776000),
    ],
)
def test_floats_become_what_go_writes(value: float, text: object) -> None:
    assert (type(as_json(value)), as_json(value)) == (type(text), text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (1e6, "1e+06"),
        (123456.0, "123456"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
        (0.1, "0.1"),
        (16777217.0, "1.6777216e+07"),
        (1e300, ".inf"),
        (-0.0, "-0"),
        (float("nan"), ".nan"),
        (1.25e-7, "1.25e-07"),
    ],
)
def test_float_keys(value: float, text: str) -> None:
    assert float32(value) == text


@pytest.mark.parametrize(
    "text",
    (
        "",
        "yes",
        "8080",
        "1e3",
        "null",
        "~",
        "0x10",
        "1_000",
        "12:30:45",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "k:",
        "'",
        '"',
        "[a",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "@",
        "`",
        "%",
        "? a",
        " a",
        "a ",
        "a\nb",
        "a\tb",
        "=",
        "<<",
        "---",
        "...",
        ".5",
        "+1",
        ".inf",
        "1.",
        "\u2028",
        "0o7",
        "1e1_0",
        "\x07",
        "\ufeffa",
    ),
)
def test_strings_that_need_quotes_get_them(text: str) -> None:
    assert emit.scalar(text)[0] == '"'


@pytest.mark.parametrize(
    "text", ["web", "2020-01-01", "1.2.3", "10.0.0.1", "http", "a-b_c.d/e:f", "$(X)", "é", "a b", "/", "x:y"]
)
def test_strings_that_need_no_quotes_get_none(text: str) -> None:
    assert emit.scalar(text) == text


def test_quotes_are_kept() -> None:
    assert emit.scalar("a", "'") == "'a'"
    assert emit.scalar("it's", "'") == "'it''s'"
    assert emit.scalar("a\n", "'") == '"a\\n"'
    assert emit.scalar('"', '"') == '"\\""'
    assert emit.scalar("a,b", flow=True) == '"a,b"'
    assert emit.scalar(5, "'") == "5"

"""What a scalar means: the types that Kubernetes' YAML library sees.

The rules are those of go.yaml.in/yaml/v2 (`resolve.go`), which sigs.k8s.io/yaml reads with: YAML 1.1 words (`yes`,
`on`, `n`), Go's number literals, `_` between digits, and no sexagesimal numbers. Dates stay strings.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Scalar: TypeAlias = "bool | int | float | str | None"

MAX_DEPTH: Final = 300
"""How deep svclint reads. Kubernetes' own objects end well before 100; recursion further on stays safe with this."""
TAG_PREFIX: Final = "tag:yaml.org,2002:"
STR: Final = TAG_PREFIX + "str"
BINARY: Final = TAG_PREFIX + "binary"
MERGE: Final = TAG_PREFIX + "merge"
_BOOL: Final = TAG_PREFIX + "bool"
_INT: Final = TAG_PREFIX + "int"
_FLOAT: Final = TAG_PREFIX + "float"
_NULL: Final = TAG_PREFIX + "null"
_TIMESTAMP: Final = TAG_PREFIX + "timestamp"
_CHECKED: Final = frozenset((STR, _BOOL, _INT, _FLOAT, _NULL, _TIMESTAMP))

_INFINITY: Final = float("inf")
WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), _INFINITY),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -_INFINITY),
}
UNCERTAIN: Final = frozenset("yYnNtTfFoO~.+-0123456789")
"""What a plain scalar begins with that may be more than a string."""

# What a number ends with.
_LAST: Final = frozenset("0123456789abcdefABCDEF._")

# Compiled when they are first needed: a plain number, or none, is told without them.
# strconv.ParseInt with base 0, after every "_" was dropped.
_INTEGER: Final = r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))\Z"
_DECIMAL: Final = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"
# strconv.ParseFloat for what begins with ".": "_" only between two digits.
_POINT: Final = r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z"
# What go-yaml's own "0b" branch takes beyond ParseInt: a sign behind the prefix.
_SIGNED_BINARY: Final = r"0b([-+][01]{1,63})\Z"
_DATE: Final = (
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))"
    r"| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?\Z"
)


class ScalarError(ValueError):
    """A tag that the value contradicts; the text is go-yaml's, without the leading `yaml: `."""


def plain(text: str) -> Scalar:
    """The value of an untagged plain scalar. Infinities and NaN come out as floats (JSON has no such values)."""
    if text and text[0] not in UNCERTAIN:
        return text
    if text in WORDS:
        return WORDS[text]
    first = text[0]
    if first == ".":
        return _finite(text) if re.match(_POINT, text, re.ASCII) else text
    if first in "yYnNtTfFoO~":
        return text
    return _number(text)


def as_json(value: Scalar) -> Scalar:
    """The number that Go's JSON text of a float holds: `1e3` and `1.0` are written `1000` and `1`, both integers."""
    if type(value) is float and -1e21 < value < 1e21 and value == int(value):
        digits, _, exponent = repr(value).partition("e")
        if not exponent:
            return int(value)
        whole, _, rest = digits.partition(".")
        rest = rest.rstrip("0")
        return int(f"{whole}{rest}{'0' * (int(exponent) - len(rest))}")
    return value


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag, given with its long prefix.

    Tags other than the six of `resolve.go` are ignored; `!!binary` is the caller's. Raises ScalarError where the tag
    and the text disagree.
    """
    if tag not in _CHECKED or tag == STR:
        return text
    if tag == _TIMESTAMP and _is_date(text):
        return text
    value = plain(text)
    actual = _tag_of(value)
    if actual == tag:
        return value
    if tag == _FLOAT and actual == _INT and isinstance(value, int) and value <= 0x7FFF_FFFF_FFFF_FFFF:
        return float(value)
    raise ScalarError(f"cannot decode {_short(actual)} `{text}` as a {_short(tag)}")


def _tag_of(value: Scalar) -> str:
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, int):
        return _INT
    return _FLOAT if isinstance(value, float) else STR


def _short(tag: str) -> str:
    return "!!" + tag.removeprefix(TAG_PREFIX)


def _number(text: str) -> Scalar:
    if text[-1] not in _LAST:
        return text
    if text.isdecimal() and text.isascii() and text[0] != "0" and len(text) < 19:
        return int(text)
    bare = text.replace("_", "")
    match = re.match(_INTEGER, bare, re.ASCII)
    if match:
        sign, hexadecimal, binary, octal, decimal = match.groups()
        if decimal is not None and len(decimal) > 20:
            magnitude = 1 << 64
        else:
            base = 10 if decimal else 16 if hexadecimal else 2 if binary else 8
            magnitude = int(decimal or hexadecimal or binary or octal, base)
        value = -magnitude if sign == "-" else magnitude
        if -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
            return value
        # ParseUint takes no sign.
        if not sign and value <= 0xFFFF_FFFF_FFFF_FFFF:
            return value
    if re.match(_DECIMAL, bare, re.ASCII):
        number = _finite(bare)
        return text if type(number) is str else number
    match = re.match(_SIGNED_BINARY, bare, re.ASCII)
    return int(match[1], 2) if match else text


def _finite(text: str) -> Scalar:
    """The float, or the text itself where strconv.ParseFloat says that it is out of range."""
    value = float(text)
    return text if value in (_INFINITY, -_INFINITY) else value


def _is_date(text: str) -> bool:
    match = re.match(_DATE, text, re.ASCII)
    if match is None:
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not 1 <= month <= 12:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]:
        return False
    hour, minute, second = match[4] or match[9], match[5] or match[10], match[6] or match[11]
    return hour is None or (int(hour) < 24 and int(minute) < 60 and int(second) < 60)


def json_key(key: Scalar) -> str | None:
    """A key as sigs.k8s.io/yaml writes it (`convertToJSONableObject`); None for what it refuses as a key."""
    if key is None or isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, float):
        return float32(key)
    return str(key) if key <= 0x7FFF_FFFF_FFFF_FFFF else None


def float32(value: float) -> str:
    """A float key's text: `strconv.FormatFloat(value, 'g', -1, 32)`, with YAML's names for what is not finite."""
    import struct

    if value != value:
        return ".nan"
    try:
        rounded = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        rounded = _INFINITY if value > 0 else -_INFINITY
    if rounded in (_INFINITY, -_INFINITY):
        return ".inf" if rounded > 0 else "-.inf"
    if rounded == 0:
        return "-0" if str(rounded).startswith("-") else "0"
    digits = ""
    for precision in range(9):
        digits = f"{rounded:.{precision}e}"
        if struct.unpack("f", struct.pack("f", float(digits)))[0] == rounded:
            break
    mantissa, _, power = digits.partition("e")
    exponent = int(power)
    sign = "-" if mantissa.startswith("-") else ""
    figures = mantissa.lstrip("-").replace(".", "")
    # "if precision was the shortest possible, use precision 6 for this decision" (strconv/ftoa.go).
    if exponent < -4 or exponent >= 6:
        point = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
        return f"{sign}{point}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{figures}"
    whole = figures[: exponent + 1].ljust(exponent + 1, "0")
    rest = figures[exponent + 1 :]
    return sign + whole + ("." + rest if rest else "")

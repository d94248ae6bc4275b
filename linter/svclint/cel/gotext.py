"""How Go prints and reads numbers and strings. Upstream: Go strconv and fmt."""

import math
import re
from decimal import Decimal


def format_g(value: float) -> str:
    """%g with the fewest digits that read back."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    power = len(text) + exponent - 1
    prefix = "-" if sign else ""
    if power < -4 or power >= 6:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        return f"{prefix}{text[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return prefix + format_f(abs(value))


def format_f(value: float) -> str:
    """Decimal notation with the fewest digits that read back."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote(text: str) -> str:
    """%q"""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    out = [
        f"\\{char}" if char in '"\\' else char if char == " " or char.isprintable() else _escaped(char) for char in text
    ]
    return '"' + "".join(out) + '"'


_INT = re.compile(r"[+-]?[0-9]+")
_UINT = re.compile(r"[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_HEX_FLOAT = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]++\.?[0-9a-fA-F]*+|\.[0-9a-fA-F]++)[pP][+-]?[0-9]++")
_SPECIAL = re.compile(r"[+-]?(?:inf|infinity)|nan", re.IGNORECASE)
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})


def parse_int(text: str) -> int | None:
    """strconv.ParseInt(text, 10, 64); None is an error."""
    digits = text.lstrip("+-0")
    if not _INT.fullmatch(text) or len(digits) > 20:
        return None
    value = -int(digits or "0") if text[0] == "-" else int(digits or "0")
    return value if -(2**63) <= value < 2**63 else None


def parse_uint(text: str) -> int | None:
    """strconv.ParseUint(text, 10, 64)"""
    digits = text.lstrip("0")
    if not _UINT.fullmatch(text) or len(digits) > 20:
        return None
    value = int(digits or "0")
    return value if value < 2**64 else None


def parse_float(text: str) -> float | None:
    """strconv.ParseFloat(text, 64)"""
    if _SPECIAL.fullmatch(text):
        return float(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
    elif _HEX_FLOAT.fullmatch(text):
        try:
            value = float.fromhex(text)
        except OverflowError:
            return None
    else:
        return None
    return None if math.isinf(value) else value


def parse_bool(text: str) -> bool | None:
    """strconv.ParseBool"""
    return True if text in _TRUE else False if text in _FALSE else None

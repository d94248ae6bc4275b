"""string.format as of version 2 of the strings library. Upstream: cel-go ext/formatting.go; golang.org/x/text/message
(numbers in American English)."""

import math
from collections.abc import Callable

from svclint.cel.convert import convert
from svclint.cel.errors import EvalError
from svclint.cel.gotext import quote
from svclint.cel.gotime import Duration, Timestamp
from svclint.cel.values import Uint, adapt, as_list, is_map, map_items, to_string, type_name

PRECISION = 6
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_STRING_TYPES = "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"


class FormatError(Exception):
    """A clause that doesn't go with its argument, or that isn't one. `index` is the argument's, -1 for none."""

    def __init__(self, message: str, index: int = -1, given: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.index = index
        self.given = given


MESSAGES = {
    "s": f"string clause can only be used on {_STRING_TYPES}, was given ",
    "d": "decimal clause can only be used on integers, was given ",
    "f": "fixed-point clause can only be used on doubles, was given ",
    "e": "scientific clause can only be used on doubles, was given ",
    "b": "only integers and bools can be formatted as binary, was given ",
    "x": "only integers, byte buffers, and strings can be formatted as hex, was given ",
    "o": "octal clause can only be used on integers, was given ",
}


def wrong_type(clause: str, given: str) -> FormatError:
    """The error of a clause that can't print this type."""
    return FormatError(MESSAGES[clause.lower()] + given, given=given)


def _nested(value: object) -> str:
    """A value inside a list or a map."""
    value = adapt(value)
    kind = type(value)
    if kind is str:
        return quote(value)  # type: ignore[arg-type]
    if kind is bytes:
        return "b" + quote(_string(value))
    if isinstance(value, Timestamp):
        return f'timestamp("{value}")'
    if isinstance(value, Duration):
        return f'duration("{value}")'
    if isinstance(value, float):
        if math.isnan(value):
            return '"NaN"'
        if math.isinf(value):
            return '"+Inf"' if value > 0 else '"-Inf"'
        return f"{value:.6f}"
    if kind is int or kind is Uint:
        return str(value)
    if as_list(value) is not None or is_map(value) or kind in (bool, type(None)) or type_name(value) == "type":
        return _string(value)
    raise FormatError(f"no formatting function for {type_name(value)}")


def _map(value: object) -> str:
    pairs: list[tuple[str, str]] = []
    for key, item in map_items(value):
        if type(key) is float:
            raise FormatError(f"no formatting function for map key of type {type_name(key)}")
        pairs.append((quote(key) if type(key) is str else _string(key), _nested(item)))
    return "{" + ", ".join(f"{key}:{item}" for key, item in sorted(pairs, key=lambda pair: pair[0])) + "}"


def _string(value: object) -> str:
    items = as_list(value)
    if items is not None:
        return "[" + ", ".join(map(_nested, items)) + "]"
    if is_map(value):
        return _map(value)
    if value is None:
        return "null"
    if type_name(value) in _PLAIN:
        return to_string(value)
    raise wrong_type("s", type_name(value))


_PLAIN = frozenset(
    [
        "int",
        "uint",
        "double",
        "bool",
        "string",
        "google.protobuf.Timestamp",
        "bytes",
        "google.protobuf.Duration",
        "type",
    ]
)


def _decimal(value: object) -> str:
    if type(value) in (int, Uint):
        return str(int(value))  # type: ignore[call-overload]
    raise wrong_type("d", type_name(value))


def _number(value: object, clause: str) -> float:
    if type(value) is str and value in ("NaN", "Infinity", "-Infinity"):
        value = convert(value, "double")
    if type(value) is not float:
        raise wrong_type(clause, type_name(value))
    return value


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return None


def _fixed(value: object, precision: int | None) -> str:
    number = _number(value, "f")
    return _special(number) or f"{number:,.{PRECISION if precision is None else min(precision, 1000)}f}"


def _scientific(value: object, precision: int | None) -> str:
    number = _number(value, "e")
    text = _special(number)
    if text is None:
        # The precision is put where Go expects a width, so it pads instead.
        mantissa, _, exponent = f"{number:.{PRECISION}e}".partition("e")
        power = int(exponent)
        text = f"{mantissa}×10" + (f"-{-power:02d}" if power < 0 else f"{power:02d}").translate(_SUPERSCRIPT)
    return text.rjust(min(PRECISION if precision is None else precision, 1000))


def _based(value: object, clause: str) -> str:
    kind = type(value)
    if clause in "bxXo" and kind in (int, Uint):
        return format(int(value), clause)  # type: ignore[call-overload]
    if clause == "b" and kind is bool:
        return "1" if value else "0"
    if clause in "xX" and kind in (str, bytes):
        raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
        assert isinstance(raw, bytes)
        return raw.hex().upper() if clause == "X" else raw.hex()
    raise wrong_type(clause, type_name(value))


def clause_text(clause: str, precision: int | None, value: object) -> str:
    """A value as a clause prints it. Raises FormatError."""
    if clause == "s":
        return _string(value)
    if clause == "d":
        return _decimal(value)
    if clause == "f":
        return _fixed(value, precision)
    if clause == "e":
        return _scientific(value, precision)
    return _based(value, clause)


def interpolate(text: str, size: int, clause_of: Callable[[int, str, int | None], str]) -> tuple[str, int]:
    """(the text with its clauses replaced, how many arguments it took).

    `clause_of(index, clause, precision)` gives an argument's text. Raises FormatError.
    """
    out: list[str] = []
    at = used = 0
    while at < len(text):
        if text[at] != "%":
            stop = text.find("%", at)
            stop = len(text) if stop < 0 else stop
            out.append(text[at:stop])
            at = stop
            continue
        if text[at + 1 : at + 2] == "%":
            out.append("%")
            at += 2
            continue
        if used >= size:
            raise FormatError(f"index {used} out of range")
        if at + 1 >= len(text):
            raise FormatError("unexpected end of string")
        at, precision = _precision(text, at + 1)
        clause = text[at : at + 1]
        if clause not in "sdfebxXo" or not clause:
            shown = clause.encode("utf-8", "replace")[:1].decode("latin-1")
            raise FormatError(f'could not parse formatting clause: unrecognized formatting clause "{shown}"')
        try:
            out.append(clause_of(used, clause, precision))
        except FormatError as wrong:
            raise FormatError(f"error during formatting: {wrong.message}", used, wrong.given) from None
        except EvalError as wrong:
            raise FormatError(f"error during formatting: {wrong.message}", used) from None
        used += 1
        at += 1
    return "".join(out), used


def _precision(text: str, at: int) -> tuple[int, int | None]:
    if text[at] != ".":
        return at, None
    stop = at + 1
    while stop < len(text) and text[stop] in "0123456789":
        stop += 1
    prefix = "could not parse formatting clause: error while parsing precision: "
    if stop >= len(text):
        raise FormatError(prefix + "could not find end of precision specifier")
    digits = text[at + 1 : stop]
    if not digits:
        parse = 'strconv.Atoi: parsing "": invalid syntax'
        raise FormatError(f"{prefix}error while converting precision to integer: {parse}")
    return stop, int(digits[:9])


def format_string(text: str, args: object) -> str:
    """text.format(args). Raises EvalError."""
    items = as_list(args) or []
    try:
        return interpolate(text, len(items), lambda i, clause, size: clause_text(clause, size, adapt(items[i])))[0]
    except FormatError as wrong:
        raise EvalError(wrong.message) from None

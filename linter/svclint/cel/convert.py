"""Conversions between types: int(), string(), timestamp() and their likes.

Upstream: cel-go common/types ConvertToType.
"""

from svclint.cel.errors import EvalError
from svclint.cel.gotext import parse_bool, parse_float, parse_int, parse_uint
from svclint.cel.gotime import (
    MAX_UNIX,
    MIN_UNIX,
    SECOND,
    Duration,
    Timestamp,
    in_range,
    parse_duration,
    parse_timestamp,
)
from svclint.cel.values import TypeValue, Uint, check_int, check_uint, to_string, type_name

_PRINTABLE = frozenset({type(None), bool, int, Uint, float, str, bytes, Timestamp, Duration, TypeValue})


def truncated(value: float) -> int:
    """A double as int64. Raises EvalError."""
    if value != value or value <= -(2.0**63) or value >= 2.0**63:
        raise EvalError("integer overflow")
    return int(value)


def _from_string(text: str, target: str) -> object:
    value: object = None
    if target == "int":
        value = parse_int(text)
    elif target == "uint":
        number = parse_uint(text)
        value = None if number is None else Uint(number)
    elif target == "double":
        value = parse_float(text)
    elif target == "bool":
        value = parse_bool(text)
    elif target == "google.protobuf.Duration":
        ns = parse_duration(text)
        value = None if ns is None else Duration(ns)
    elif target == "google.protobuf.Timestamp":
        stamp = parse_timestamp(text)
        if stamp is not None and not in_range(stamp.ns):
            raise EvalError("timestamp overflow")
        value = stamp
    if value is None:
        raise EvalError(f"type conversion error from 'string' to '{target}'")
    return value


def convert(value: object, target: str) -> object:
    """`value` as a value of the named type. Raises EvalError."""
    kind = type(value)
    if type_name(value) == target:
        return value
    if target == "string" and (kind in _PRINTABLE):
        return to_string(value)
    if type(value) is str:
        return value.encode("utf-8", "replace") if target == "bytes" else _from_string(value, target)
    if target == "int":
        if isinstance(value, float):
            return truncated(value)
        if isinstance(value, Uint):
            return check_int(int(value))
        if isinstance(value, Timestamp):
            return value.ns // SECOND
        if isinstance(value, Duration):
            return value.ns
    elif target == "uint":
        if isinstance(value, float):
            if value != value or value < 0 or value >= 2.0**64:
                raise EvalError("unsigned integer overflow")
            return Uint(int(value))
        if kind is int:
            return check_uint(value)  # type: ignore[arg-type]
    elif target == "double" and kind in (int, Uint):
        return float(value)  # type: ignore[arg-type]
    elif target == "google.protobuf.Timestamp" and kind is int:
        assert isinstance(value, int)
        if not MIN_UNIX <= value <= MAX_UNIX:
            raise EvalError("timestamp overflow")
        return Timestamp(value * SECOND)
    raise EvalError(f"type conversion error from '{type_name(value)}' to '{target}'")

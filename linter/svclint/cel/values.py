"""Values and the operations that every expression may use. Upstream: cel-go common/types.

null, bool, int, double, string, bytes, lists and maps are Python's own; a JSON document is a value as it stands.
A bool as the key of a map is a BoolKey, for Python's True equals 1. Everything else has a class of its own with
`type_name`.
"""

import math
from collections.abc import Iterator
from typing import ClassVar, TypeVar

from svclint.cel.errors import CostExceeded, EvalError
from svclint.cel.gotext import format_g
from svclint.cel.gotime import (
    Duration,
    Timestamp,
    in_range,
)

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
MOST = 1 << 24
"""Characters of a string, or items of a list, that `+` makes; an object has at most 3 MiB."""
_Sized = TypeVar("_Sized", str, bytes, list[object])


class Uint(int):
    """An unsigned integer."""

    __slots__ = ()


class TypeValue:
    """A type as a value: what `type(x)` gives."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Optional:
    """optional.of(value), or optional.none()."""

    __slots__ = ("has", "value")

    def __init__(self, value: object = None, has: bool = True) -> None:
        self.value = value
        self.has = has


NONE = Optional(None, False)


class BoolKey:
    """A bool as the key of a map."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value


TRUE_KEY, FALSE_KEY = BoolKey(True), BoolKey(False)


class Opaque:
    """A value of a library; `type_name` is its type."""

    __slots__ = ()
    type_name: ClassVar[str] = "opaque"

    def equal(self, other: object) -> bool:
        """Equality. Raises EvalError where the types don't go together."""
        raise EvalError("no such overload")

    def size(self) -> int:
        """The size that costs are computed with."""
        return 1


class ListLike:
    """A list that isn't Python's: one typed by a schema."""

    __slots__ = ()

    def items(self) -> list[object]:
        """All elements as values."""
        raise NotImplementedError

    def equal(self, other: object) -> bool:
        raise NotImplementedError

    def add(self, other: object) -> object:
        raise NotImplementedError


class MapLike:
    """A map that isn't Python's: one typed by a schema, or lazy."""

    __slots__ = ()

    def find(self, key: object) -> tuple[bool, object]:
        """(found, value). Raises EvalError."""
        raise NotImplementedError

    def keys(self) -> list[object]:
        raise NotImplementedError

    def size(self) -> int:
        raise NotImplementedError

    def equal(self, other: object) -> bool:
        raise NotImplementedError


_NAMES: dict[type, str] = {
    type(None): "null_type", bool: "bool", int: "int", Uint: "uint", float: "double", str: "string", bytes: "bytes",
    list: "list", dict: "map", Timestamp: "google.protobuf.Timestamp", Duration: "google.protobuf.Duration",
    Optional: "optional_type", TypeValue: "type",
}  # fmt: skip


def type_name(value: object) -> str:
    """The name of a value's type."""
    name = _NAMES.get(type(value))
    if name is not None:
        return name
    if isinstance(value, ListLike):
        return "list"
    if isinstance(value, MapLike):
        return "map"
    return value.type_name if isinstance(value, Opaque) else "unknown"


def no_overload(function: str = "", *args: object) -> EvalError:
    """The error of a function that doesn't take these values."""
    if not function:
        return EvalError("no such overload")
    return EvalError(f"no such overload: {function}({', '.join(map(type_name, args))})")


def misplaced(function: str, value: object) -> EvalError:
    """The error of an operator on a value without the trait for it; strings and times answer it themselves."""
    if isinstance(value, str | Timestamp | Duration):
        return EvalError("no such overload")
    return EvalError(f"no such overload: {function}")


def as_list(value: object) -> list[object] | None:
    """The elements of a list, None if it isn't one."""
    if type(value) is list:
        return value
    return value.items() if isinstance(value, ListLike) else None


def is_map(value: object) -> bool:
    """Whether it is a map."""
    return type(value) is dict or isinstance(value, MapLike)


def map_keys(value: object) -> list[object]:
    """The keys of a map as values."""
    if type(value) is dict:
        return [key.value if type(key) is BoolKey else key for key in value]
    return value.keys() if isinstance(value, MapLike) else []


def map_find(value: object, key: object) -> tuple[bool, object]:
    """(found, value) for a key of a map."""
    if type(value) is dict:
        kind = type(key)
        if kind is bool:
            key = TRUE_KEY if key else FALSE_KEY
        elif kind is not str and kind not in _NUMERIC:
            return False, None
        missing = value.get(key, value)
        return (False, None) if missing is value else (True, missing)
    if isinstance(value, MapLike):
        return value.find(key)
    return False, None


def map_size(value: object) -> int:
    """How many entries a map has."""
    return len(value) if type(value) is dict else value.size() if isinstance(value, MapLike) else 0


def map_items(value: object) -> Iterator[tuple[object, object]]:
    """The entries of a map as values."""
    if type(value) is dict:
        for key, item in value.items():
            yield (key.value if type(key) is BoolKey else key), adapt(item)
    else:
        for key in map_keys(value):
            yield key, map_find(value, key)[1]


def map_key(key: object) -> object:
    """The key as Python's dict holds it. Raises EvalError for what can't be one."""
    kind = type(key)
    if kind is bool:
        return TRUE_KEY if key else FALSE_KEY
    if kind is str or kind in _NUMERIC:
        return key
    raise EvalError(f"unsupported key type: {type_name(key)}")


_NUMERIC = frozenset({int, Uint, float})


def adapt(value: object) -> object:
    """A value out of a JSON document: an integer that Go's int64 can't hold is a double there."""
    if type(value) is int and not INT_MIN <= value <= INT_MAX:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return value


def equal(a: object, b: object) -> bool:
    """`==`. Raises EvalError where a library's type doesn't compare."""
    kind, other = type(a), type(b)
    if kind is str or kind is bool or kind is bytes:
        return kind is other and a == b
    if a is None or b is None:
        return a is b
    if kind in _NUMERIC:
        return other in _NUMERIC and a == b
    if isinstance(a, Opaque):
        return a.equal(b)
    if isinstance(a, ListLike | MapLike):
        return a.equal(b)
    if kind is list:
        items = as_list(b)
        assert isinstance(a, list)
        return items is not None and len(a) == len(items) and all(map(equal, a, items))
    if kind is dict:
        return is_map(b) and _equal_maps(a, b)
    if kind is TypeValue:
        return isinstance(b, TypeValue) and isinstance(a, TypeValue) and a.name == b.name
    if kind is Optional:
        if not isinstance(b, Optional) or not isinstance(a, Optional):
            return False
        return equal(a.value, b.value) if a.has and b.has else a.has == b.has
    return bool(a == b)


def _equal_maps(a: object, b: object) -> bool:
    if map_size(a) != map_size(b):
        return False
    for key, value in map_items(a):
        found, other = map_find(b, key)
        if not found or not equal(value, other):
            return False
    return True


_COMPARABLE = frozenset({bool, str, bytes})


def compare(a: object, b: object, function: str) -> int:
    """-1, 0 or 1. Raises EvalError."""
    kind, other = type(a), type(b)
    if kind in _NUMERIC:
        if other not in _NUMERIC:
            raise no_overload()
        if a != a or b != b:
            raise EvalError("NaN values cannot be ordered")
        return -1 if a < b else 1 if a > b else 0  # type: ignore[operator]
    if kind in _COMPARABLE:
        if kind is not other:
            raise no_overload()
        return -1 if a < b else 1 if a > b else 0  # type: ignore[operator]
    if isinstance(a, Timestamp | Duration):
        if kind is not other:
            raise no_overload()
        assert isinstance(b, Timestamp | Duration)
        return -1 if a.ns < b.ns else 1 if a.ns > b.ns else 0
    raise misplaced(function, a)


def check_int(value: int) -> int:
    """An int64. Raises EvalError on overflow."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise EvalError("integer overflow")


def check_uint(value: int) -> Uint:
    """A uint64. Raises EvalError on overflow."""
    if 0 <= value <= UINT_MAX:
        return Uint(value)
    raise EvalError("unsigned integer overflow")


def _duration(ns: int) -> Duration:
    if INT_MIN <= ns <= INT_MAX:
        return Duration(ns)
    raise EvalError("duration overflow")


def _timestamp(ns: int, offset: int) -> Timestamp:
    if in_range(ns):
        return Timestamp(ns, offset)
    raise EvalError("timestamp overflow")


def _joined(a: _Sized, b: _Sized) -> _Sized:
    """Two strings or lists as one. Raises CostExceeded for one that is longer than MOST: upstream charges next to
    nothing where types are dynamic, and what is doubled again and again would take all memory."""
    if len(a) + len(b) > MOST:
        raise CostExceeded
    return a + b


def add(a: object, b: object) -> object:
    """`+`. Raises EvalError."""
    kind, other = type(a), type(b)
    if kind is other:
        if kind is float:
            return a + b  # type: ignore[operator]
        if kind is str or kind is bytes:
            return _joined(a, b)  # type: ignore[type-var]
        if kind is int:
            return check_int(a + b)  # type: ignore[operator]
        if kind is Uint:
            return check_uint(int(a) + int(b))  # type: ignore[call-overload]
        if isinstance(a, Duration) and isinstance(b, Duration):
            return _duration(a.ns + b.ns)
    if isinstance(a, ListLike):
        return a.add(b)
    if kind is list:
        items = as_list(b)
        if items is None:
            raise no_overload()
        return _joined(a, items)  # type: ignore[type-var]
    if isinstance(a, Duration) and isinstance(b, Timestamp):
        return _timestamp(a.ns + b.ns, b.offset)
    if isinstance(a, Timestamp) and isinstance(b, Duration):
        return _timestamp(a.ns + b.ns, a.offset)
    if kind in _NUMERIC or kind is str or kind is bytes or kind is Timestamp or kind is Duration:
        raise no_overload()
    raise misplaced("_+_", a)


def subtract(a: object, b: object) -> object:
    """`-`. Raises EvalError."""
    kind = type(a)
    if kind is type(b):
        if kind is int:
            return check_int(a - b)  # type: ignore[operator]
        if kind is float:
            return a - b  # type: ignore[operator]
        if kind is Uint:
            return check_uint(int(a) - int(b))  # type: ignore[call-overload]
        if isinstance(a, Duration) and isinstance(b, Duration):
            return _duration(a.ns - b.ns)
        if isinstance(a, Timestamp) and isinstance(b, Timestamp):
            return Duration(check_int(a.ns - b.ns))
    if isinstance(a, Timestamp) and isinstance(b, Duration):
        return _timestamp(a.ns - b.ns, a.offset)
    if kind in _NUMERIC or kind is Timestamp or kind is Duration:
        raise no_overload()
    raise misplaced("_-_", a)


def multiply(a: object, b: object) -> object:
    """`*`. Raises EvalError."""
    kind = type(a)
    if kind not in _NUMERIC:
        raise misplaced("_*_", a)
    if kind is not type(b):
        raise no_overload()
    if kind is int:
        return check_int(a * b)  # type: ignore[operator]
    if kind is float:
        return a * b  # type: ignore[operator]
    return check_uint(int(a) * int(b))  # type: ignore[call-overload]


def divide(a: object, b: object) -> object:
    """`/`. Raises EvalError."""
    kind = type(a)
    if kind not in _NUMERIC:
        raise misplaced("_/_", a)
    if kind is not type(b):
        raise no_overload()
    if isinstance(a, float) and isinstance(b, float):
        if b == 0:
            if a == 0 or a != a:
                return math.nan
            return math.copysign(math.inf, a) * math.copysign(1, b)
        return a / b
    assert isinstance(a, int)
    assert isinstance(b, int)
    if b == 0:
        raise EvalError("division by zero")
    quotient = abs(a) // abs(b)
    return Uint(quotient) if kind is Uint else check_int(quotient if (a < 0) == (b < 0) else -quotient)


def modulo(a: object, b: object) -> object:
    """`%`. Raises EvalError."""
    kind = type(a)
    if kind is not int and kind is not Uint:
        raise misplaced("_%_", a)
    if kind is not type(b):
        raise no_overload()
    assert isinstance(a, int)
    assert isinstance(b, int)
    if b == 0:
        raise EvalError("modulus by zero")
    if a == INT_MIN and b == -1:
        raise EvalError("integer overflow")
    rest = abs(a) % abs(b)
    return Uint(rest) if kind is Uint else -rest if a < 0 else rest


def negate(a: object) -> object:
    """`-x`. Raises EvalError."""
    kind = type(a)
    if kind is int:
        return check_int(-a)  # type: ignore[operator]
    if kind is float:
        return -a  # type: ignore[operator]
    if isinstance(a, Duration):
        return _duration(-a.ns)
    raise no_overload() if kind is bool else misplaced("-_", a)


def to_string(value: object) -> str:
    """A scalar as `string()` gives it. Raises EvalError."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float:
        return format_g(value)
    if type(value) is bytes:
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise EvalError("invalid UTF-8 in bytes, cannot convert to string") from None
    if value is None:
        return "null"
    if isinstance(value, TypeValue):
        return value.name
    return str(value)


def show(value: object) -> str:
    """A value as Go's %v prints it in messages."""
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in map_items(value)) + "}"
    return to_string(value) if type(value) in _NAMES else type_name(value)

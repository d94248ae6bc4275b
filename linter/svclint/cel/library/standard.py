"""The standard library. Upstream: cel-go common/stdlib/standard.go."""

from svclint.cel import gotime, values
from svclint.cel.convert import convert
from svclint.cel.decls import Function, Impl, Overload, function, member, plain
from svclint.cel.errors import EvalError
from svclint.cel.gotime import Duration, Timestamp
from svclint.cel.library.regex import compile_pattern
from svclint.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    LIST_A,
    MAP_AB,
    PARAM_A,
    PARAM_B,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    type_of,
)
from svclint.cel.values import TypeValue, misplaced, no_overload

_SHORT = {"google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration"}


def _name(t: Type) -> str:
    return {INT: "int64", UINT: "uint64"}.get(t) or _SHORT.get(t.name, t.name)


def _same(prefix: str, *kinds: Type) -> tuple[Overload, ...]:
    return tuple(plain(f"{prefix}_{_name(t)}", (t, t), t) for t in kinds)


def _time(prefix: str, *signatures: tuple[Type, Type, Type]) -> tuple[Overload, ...]:
    return tuple(plain(f"{prefix}_{_name(a)}_{_name(b)}", (a, b), result) for a, b, result in signatures)


_ORDERED = (BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION)


def _comparison(name: str, prefix: str, wanted: frozenset[int]) -> Function:
    overloads = [plain(f"{prefix}_{_name(t)}", (t, t), BOOL) for t in _ORDERED]
    for a in (INT, UINT, DOUBLE):
        overloads += [plain(f"{prefix}_{_name(a)}_{_name(b)}", (a, b), BOOL) for b in (INT, UINT, DOUBLE) if a != b]

    def single(a: object, b: object) -> object:
        return values.compare(a, b, name) in wanted

    return function(name, *overloads, single=single)


def contains(container: object, item: object) -> bool:
    """`in`. Raises EvalError."""
    items = values.as_list(container)
    if items is not None:
        if type(item) is str and type(container) is list:
            return item in items
        for other in items:
            try:
                if values.equal(item, values.adapt(other)):
                    return True
            except EvalError:
                continue
        return False
    if values.is_map(container):
        return values.map_find(container, item)[0]
    raise no_overload()


def size(value: object) -> int:
    """`size()`. Raises EvalError."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value)  # type: ignore[arg-type]
    items = values.as_list(value)
    if items is not None:
        return len(items)
    if values.is_map(value):
        return values.map_size(value)
    if isinstance(value, values.Opaque) and value.type_name in ("net.IP", "net.CIDR"):
        return value.size()
    raise misplaced("size", value)


def _not(value: object) -> object:
    if type(value) is not bool:
        raise no_overload()
    return not value


def _matches(text: object, pattern: object) -> bool:
    if type(text) is not str:
        raise misplaced("matches", text)
    if type(pattern) is not str:
        raise no_overload()
    return compile_pattern(pattern).search(text) is not None


def _strings(test: str) -> Impl:
    def impl(text: object, part: object) -> bool:
        if type(text) is not str or type(part) is not str:
            raise no_overload()
        if test == "contains":
            return part in text
        return text.startswith(part) if test == "startsWith" else text.endswith(part)

    return impl


def _conversion(name: str, target: Type, *sources: tuple[str, Type]) -> Function:
    def to(value: object) -> object:
        return convert(value, target.name)

    return function(name, *(plain(id_, (source,), target, to) for id_, source in sources))


def _getter(name: str, id_: str, duration: str = "", unit: int = 1) -> Function:
    def utc(stamp: Timestamp) -> object:
        return gotime.field(stamp, name, "UTC")

    def zoned(stamp: Timestamp, zone: str) -> object:
        return gotime.field(stamp, name, zone)

    def part(span: Duration) -> object:
        whole = abs(span.ns) // unit
        return -whole if span.ns < 0 else whole

    overloads = [
        member(f"timestamp_to_{id_}", (TIMESTAMP,), INT, utc),
        member(f"timestamp_to_{id_}_with_tz", (TIMESTAMP, STRING), INT, zoned),
    ]
    if duration:
        overloads.append(member(duration, (DURATION,), INT, part))
    return function(name, *overloads)


def _sizes(t: Type, name: str) -> tuple[Overload, Overload]:
    return plain(f"size_{name}", (t,), INT), member(f"{name}_size", (t,), INT)


FUNCTIONS: tuple[Function, ...] = (
    function("_?_:_", plain("conditional", (BOOL, PARAM_A, PARAM_A), PARAM_A)),
    function("_&&_", plain("logical_and", (BOOL, BOOL), BOOL)),
    function("_||_", plain("logical_or", (BOOL, BOOL), BOOL)),
    function("!_", plain("logical_not", (BOOL,), BOOL), single=_not),
    function("@not_strictly_false", plain("not_strictly_false", (BOOL,), BOOL)),
    function("_==_", plain("equals", (PARAM_A, PARAM_A), BOOL)),
    function("_!=_", plain("not_equals", (PARAM_A, PARAM_A), BOOL)),
    function(
        "_+_",
        *_same("add", BYTES, DOUBLE),
        *_time(
            "add",
            (DURATION, DURATION, DURATION),
            (DURATION, TIMESTAMP, TIMESTAMP),
            (TIMESTAMP, DURATION, TIMESTAMP),
        ),
        plain("add_int64", (INT, INT), INT),
        plain("add_list", (LIST_A, LIST_A), LIST_A),
        *_same("add", STRING, UINT),
        single=values.add,
    ),
    function("_/_", *_same("divide", DOUBLE, INT, UINT), single=values.divide),
    function("_%_", *_same("modulo", INT, UINT), single=values.modulo),
    function("_*_", *_same("multiply", DOUBLE, INT, UINT), single=values.multiply),
    function(
        "-_",
        plain("negate_double", (DOUBLE,), DOUBLE),
        plain("negate_int64", (INT,), INT),
        single=values.negate,
    ),
    function(
        "_-_",
        *_same("subtract", DOUBLE, INT, UINT),
        *_time(
            "subtract",
            (DURATION, DURATION, DURATION),
            (TIMESTAMP, DURATION, TIMESTAMP),
            (TIMESTAMP, TIMESTAMP, DURATION),
        ),
        single=values.subtract,
    ),
    _comparison("_<_", "less", frozenset({-1})),
    _comparison("_<=_", "less_equals", frozenset({-1, 0})),
    _comparison("_>_", "greater", frozenset({1})),
    _comparison("_>=_", "greater_equals", frozenset({1, 0})),
    function(
        "_[_]",
        plain("index_list", (LIST_A, INT), PARAM_A),
        plain("index_map", (MAP_AB, PARAM_A), PARAM_B),
    ),
    function(
        "@in",
        plain("in_list", (PARAM_A, LIST_A), BOOL),
        plain("in_map", (PARAM_A, MAP_AB), BOOL),
        single=lambda item, container: contains(container, item),
    ),
    function(
        "size",
        *_sizes(BYTES, "bytes"),
        *_sizes(LIST_A, "list"),
        *_sizes(MAP_AB, "map"),
        *_sizes(STRING, "string"),
        single=size,
    ),
    function(
        "type",
        plain("type", (PARAM_A,), type_of(PARAM_A)),
        single=lambda value: TypeValue(values.type_name(value)),
    ),
    function("dyn", plain("to_dyn", (PARAM_A,), DYN), single=lambda value: value),
    _conversion("bool", BOOL, ("bool_to_bool", BOOL), ("string_to_bool", STRING)),
    _conversion("bytes", BYTES, ("bytes_to_bytes", BYTES), ("string_to_bytes", STRING)),
    _conversion(
        "double",
        DOUBLE,
        ("double_to_double", DOUBLE),
        ("int64_to_double", INT),
        ("string_to_double", STRING),
        ("uint64_to_double", UINT),
    ),
    _conversion("duration", DURATION, ("duration_to_duration", DURATION), ("string_to_duration", STRING)),
    _conversion(
        "int",
        INT,
        ("int64_to_int64", INT),
        ("double_to_int64", DOUBLE),
        ("duration_to_int64", DURATION),
        ("string_to_int64", STRING),
        ("timestamp_to_int64", TIMESTAMP),
        ("uint64_to_int64", UINT),
    ),
    _conversion(
        "string",
        STRING,
        ("string_to_string", STRING),
        ("bool_to_string", BOOL),
        ("bytes_to_string", BYTES),
        ("double_to_string", DOUBLE),
        ("duration_to_string", DURATION),
        ("int64_to_string", INT),
        ("timestamp_to_string", TIMESTAMP),
        ("uint64_to_string", UINT),
    ),
    _conversion(
        "timestamp",
        TIMESTAMP,
        ("timestamp_to_timestamp", TIMESTAMP),
        ("int64_to_timestamp", INT),
        ("string_to_timestamp", STRING),
    ),
    _conversion(
        "uint",
        UINT,
        ("uint64_to_uint64", UINT),
        ("double_to_uint64", DOUBLE),
        ("int64_to_uint64", INT),
        ("string_to_uint64", STRING),
    ),
    function(
        "contains",
        member("contains_string", (STRING, STRING), BOOL, _strings("contains")),
        guarded=False,
    ),
    function(
        "endsWith",
        member("ends_with_string", (STRING, STRING), BOOL, _strings("endsWith")),
        guarded=False,
    ),
    function(
        "startsWith",
        member("starts_with_string", (STRING, STRING), BOOL, _strings("startsWith")),
        guarded=False,
    ),
    function(
        "matches",
        plain("matches", (STRING, STRING), BOOL),
        member("matches_string", (STRING, STRING), BOOL),
        single=_matches,
    ),
    _getter("getFullYear", "year"),
    _getter("getMonth", "month"),
    _getter("getDayOfYear", "day_of_year"),
    _getter("getDayOfMonth", "day_of_month"),
    _getter("getDate", "day_of_month_1_based"),
    _getter("getDayOfWeek", "day_of_week"),
    _getter("getHours", "hours", "duration_to_hours", 3600 * gotime.SECOND),
    _getter("getMinutes", "minutes", "duration_to_minutes", 60 * gotime.SECOND),
    _getter("getSeconds", "seconds", "duration_to_seconds", gotime.SECOND),
    _getter("getMilliseconds", "milliseconds", "duration_to_milliseconds", 10**6),
)

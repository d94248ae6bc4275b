"""Optional values. Upstream: cel-go cel/library.go."""

from svclint.cel import values
from svclint.cel.decls import Function, function, member, plain
from svclint.cel.errors import EvalError
from svclint.cel.gotime import Duration, Timestamp
from svclint.cel.types import BOOL, DYN, INT, STRING, list_of, map_of, optional_of, param
from svclint.cel.values import NONE, Optional, adapt, as_list

_K, _V = param("K"), param("V")
_OPT, _LIST, _MAP = optional_of(_V), list_of(_V), map_of(_K, _V)


def is_zero(value: object) -> bool:
    """Whether it is null or the empty value of its type."""
    if value is None:
        return True
    items = as_list(value)
    if items is not None:
        return not items
    if values.is_map(value):
        return not values.map_size(value)
    if isinstance(value, Timestamp):
        return value.ns == -62135596800 * 10**9
    if isinstance(value, Duration):
        return value.ns == 0
    if isinstance(value, Optional):
        return not value.has or is_zero(value.value)
    return isinstance(value, bool | int | float | str | bytes) and not value


def unwrap(value: object) -> object:
    """optional.value(). Raises EvalError for none."""
    assert isinstance(value, Optional)
    if not value.has:
        raise EvalError("optional.none() dereference")
    return value.value


def _has(value: object) -> bool:
    return isinstance(value, Optional) and value.has


def _unwrap_all(value: object) -> list[object]:
    out = []
    for item in as_list(value) or []:
        if not isinstance(item, Optional):
            raise EvalError(f"value {values.show(item)} is not optional")
        if item.has:
            out.append(item.value)
    return out


def _end(index: int, value: object) -> object:
    items = as_list(value)
    return Optional(adapt(items[index])) if items else NONE


FUNCTIONS: tuple[Function, ...] = (
    function("optional.of", plain("optional_of", (_V,), _OPT, Optional)),
    function(
        "optional.ofNonZeroValue",
        plain("optional_ofNonZeroValue", (_V,), _OPT, lambda value: NONE if is_zero(value) else Optional(value)),
    ),
    function("optional.none", plain("optional_none", (), _OPT, lambda: NONE)),
    function("value", member("optional_value", (_OPT,), _V, unwrap)),
    function("hasValue", member("optional_hasValue", (_OPT,), BOOL, _has)),
    # The compiler evaluates these: they look at their argument only if they need it.
    function("or", member("optional_or_optional", (_OPT, _OPT), _OPT)),
    function("orValue", member("optional_orValue_value", (_OPT, _V), _V)),
    function("_?._", plain("select_optional_field", (DYN, STRING), _OPT)),
    function(
        "_[?_]",
        plain("list_optindex_optional_int", (_LIST, INT), _OPT),
        plain("optional_list_optindex_optional_int", (optional_of(_LIST), INT), _OPT),
        plain("map_optindex_optional_value", (_MAP, _K), _OPT),
        plain("optional_map_optindex_optional_value", (optional_of(_MAP), _K), _OPT),
    ),
    function(
        "_[_]",
        plain("optional_list_index_int", (optional_of(_LIST), INT), _OPT),
        plain("optional_map_index_value", (optional_of(_MAP), _K), _OPT),
    ),
    function("first", member("list_first", (_LIST,), _OPT, lambda value: _end(0, value))),
    function("last", member("list_last", (_LIST,), _OPT, lambda value: _end(-1, value))),
    function("optional.unwrap", plain("optional_unwrap", (list_of(_OPT),), _LIST, _unwrap_all)),
    function("unwrapOpt", member("optional_unwrapOpt", (list_of(_OPT),), _LIST, _unwrap_all)),
)

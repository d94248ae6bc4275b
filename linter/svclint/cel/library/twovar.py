"""What the macros with two variables call. Upstream: cel-go ext/comprehensions.go."""

from svclint.cel import values
from svclint.cel.decls import Function, function, plain
from svclint.cel.errors import EvalError
from svclint.cel.types import map_of, param


def insert(target: dict[object, object], key: object, value: object) -> dict[object, object]:
    """Puts an entry into the fold's own map. Raises EvalError if the key is there."""
    if values.map_find(target, key)[0]:
        raise EvalError(f"insert failed: key {values.show(key)} already exists")
    target[values.map_key(key)] = value
    return target


def _insert(target: object, key: object, value: object) -> object:
    return insert({values.map_key(k): v for k, v in values.map_items(target)}, key, value)


def _update(target: object, more: object) -> object:
    copy = {values.map_key(k): v for k, v in values.map_items(target)}
    for key, value in values.map_items(more):
        insert(copy, key, value)
    return copy


_K, _V = param("K"), param("V")
_MAP = map_of(_K, _V)
FUNCTIONS: tuple[Function, ...] = (
    function(
        "cel.@mapInsert",
        plain("@mapInsert_map_key_value", (_MAP, _K, _V), _MAP, _insert),
        plain("@mapInsert_map_map", (_MAP, _MAP), _MAP, _update),
    ),
)

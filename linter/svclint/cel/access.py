"""Fields and elements of values: `a.b`, `a[b]`, `a.?b`, `a[?b]`, has(a.b).

Upstream: cel-go interpreter/attributes.go.
"""

from svclint.cel import values
from svclint.cel.errors import EvalError
from svclint.cel.values import NONE, ListLike, MapLike, Optional, TypeValue, Uint, adapt, show, type_name

_KEYS = frozenset({str, int, Uint, bool, float})


def _check_key(key: object) -> None:
    if type(key) not in _KEYS:
        name = {"null_type": "<nil>", "list": "[]interface {}", "map": "map[string]interface {}"}.get(type_name(key))
        raise EvalError(f"invalid qualifier type: {name or type_name(key)}")


def _index(key: object) -> int:
    if type(key) is int or type(key) is Uint:
        return int(key)
    if isinstance(key, float):
        if key == key and abs(key) < 2**53 and key == int(key):
            return int(key)
        raise EvalError(f"unsupported index value {show(key)} in list")
    raise EvalError(f"unsupported index type '{type_name(key)}' in list")


def _missing_key(key: object) -> EvalError:
    return EvalError(f"no such key: {show(key)}")


def find(container: object, key: object) -> tuple[bool, object, bool]:
    """(found, value, is a list). Raises EvalError for keys that the container can't have."""
    _check_key(key)
    if type(container) is dict:
        found, value = values.map_find(container, key)
        return found, adapt(value), False
    if isinstance(container, MapLike):
        found, value = container.find(key)
        return found, value, False
    if isinstance(container, list | ListLike):
        index = _index(key)
        items = container if isinstance(container, list) else container.items()
        if 0 <= index < len(items):
            return True, adapt(items[index]), True
        return False, None, True
    return False, None, False


def get(container: object, key: object) -> object:
    """`container[key]`; on an optional, an optional. Raises EvalError."""
    if type(container) is Optional:
        if not container.has:
            return container
        return optional(container.value, key)
    found, value, is_list = find(container, key)
    if found:
        return value
    if is_list:
        raise EvalError(f"index out of bounds: {show(key)}")
    raise _missing_key(key)


def optional(container: object, key: object) -> object:
    """`container[?key]`. Raises EvalError."""
    if type(container) is Optional:
        if not container.has:
            return container
        container = container.value
    found, value, _ = find(container, key)
    return Optional(value) if found else NONE


def present(container: object, key: str) -> bool:
    """has(container.key). Raises EvalError."""
    if type(container) is Optional:
        if not container.has:
            return False
        container = container.value
    return find(container, key)[0]


__all__ = ["TypeValue", "find", "get", "optional", "present"]

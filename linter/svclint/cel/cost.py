"""What calls cost at run time. Upstream: apiserver pkg/cel/library/cost.go CallCost; cel-go interpreter/runtimecost.go,
ext/lists.go, ext/sets.go."""

import math
from collections.abc import Callable, Sequence

from svclint.cel import values
from svclint.cel.values import as_list

PER_CALL_LIMIT = 1_000_000
PER_OBJECT_BUDGET = 10_000_000
LIST_CREATE, MAP_CREATE, STRUCT_CREATE = 10, 30, 40
_CHECK = 350_000
_TRAVERSAL = 0.1
_REGEX = 0.25
_REGEX_SIZES = {
    "DNS1123Label": 30, "DNS1123Subdomain": 60, "DNS1035Label": 30, "QualifiedName": 60, "DNS1123LabelPrefix": 30,
    "DNS1123SubdomainPrefix": 60, "DNS1035LabelPrefix": 30, "LabelValue": 40, "URI": 1103, "uuid": 72, "byte": 84,
    "date": 72, "datetime": 72,
}  # fmt: skip

CallCost = Callable[[Sequence[object], object], int]


def size(value: object) -> int:
    """The size that upstream computes costs with."""
    if isinstance(value, str | bytes):
        return len(value)
    items = as_list(value)
    if items is not None:
        return len(items)
    if values.is_map(value):
        return values.map_size(value)
    if isinstance(value, values.Optional):
        return size(value.value) if value.has else 1
    return value.size() if isinstance(value, values.Opaque) else 1


def _times(factor: float, count: float) -> int:
    return math.ceil(count * factor)


def traversal(value: object) -> int:
    """The cost of looking at all of a value."""
    if isinstance(value, str):
        return int(len(value.encode("utf-8", "replace")) * _TRAVERSAL)
    if isinstance(value, bytes):
        return int(len(value) * _TRAVERSAL)
    items = as_list(value)
    if items is not None:
        return sum(map(traversal, items))
    if values.is_map(value):
        return sum(traversal(k) + traversal(v) for k, v in values.map_items(value))
    return 1


def _first(factor: float) -> CallCost:
    return lambda args, _: _times(factor, size(args[0]))


def _regex(args: Sequence[object], _: object) -> int:
    return _times(_TRAVERSAL, 1 + size(args[0])) * _times(_REGEX, size(args[1]))


def _contains(args: Sequence[object], _: object) -> int:
    return _times(_TRAVERSAL, size(args[0])) * _times(_TRAVERSAL, size(args[1]))


def equality(args: Sequence[object], _: object) -> int:
    """== and !=, and the order of strings."""
    return _times(_TRAVERSAL, min(size(args[0]), size(args[1])))


def _sum(args: Sequence[object], _: object) -> int:
    return _times(_TRAVERSAL, size(args[0]) + size(args[1]))


def _contains_ip(args: Sequence[object], _: object) -> int:
    return _times(_TRAVERSAL, 2 * size(args[0]))


def _contains_ip_string(args: Sequence[object], _: object) -> int:
    return _contains_ip(args, None) + _times(_TRAVERSAL, size(args[1]))


def _contains_cidr(args: Sequence[object], _: object) -> int:
    return _contains_ip(args, None) + _times(_TRAVERSAL, size(args[0])) + 1


def _contains_cidr_string(args: Sequence[object], _: object) -> int:
    return _contains_cidr(args, None) + _times(_TRAVERSAL, size(args[1]))


def _ip(args: Sequence[object], _: object) -> int:
    return _times(_TRAVERSAL, size(args[0])) if isinstance(args[0], str) else 1


def _validate(args: Sequence[object], _: object) -> int:
    name = str(args[0])
    return _times(_TRAVERSAL, 1 + size(args[1])) * _times(_REGEX, _REGEX_SIZES.get(name, 128))


def _allocating(factor: float, count: float) -> int:
    return int(count * factor) + 1 + LIST_CREATE


def _self_compare(value: object) -> int:
    items = as_list(value) or []
    factor = 2.0 + (_TRAVERSAL if items and isinstance(items[0], str | bytes) else 0)
    return _allocating(factor, len(items) ** 2)


def _flatten(args: Sequence[object], _: object) -> int:
    depth = args[1] if len(args) > 1 and isinstance(args[1], int) else 1
    return _allocating(max(0, min(depth, 10**6)), size(args[0]))


def _sets(factor: int) -> CallCost:
    return lambda args, _: 1 + size(args[0]) * size(args[1]) * factor


def _joined(args: Sequence[object], result: object) -> int:
    return _times(2 * _TRAVERSAL, size(result))


_BY_FUNCTION: dict[str, CallCost] = {
    "check": lambda args, result: _CHECK,
    **{
        name: lambda args, _: traversal(args[0])
        for name in ["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf", "includes"]
    },
    **{
        name: _first(_TRAVERSAL)
        for name in ["url", "lowerAscii", "upperAscii", "substring", "trim", "cidr", "isIP", "isCIDR"]
    },
    **{name: _first(_TRAVERSAL) for name in ["quantity", "isQuantity", "semver", "isSemver"]},
    "replace": _first(2 * _TRAVERSAL),
    "split": _first(2 * _TRAVERSAL),
    "join": _joined,
    "find": _regex,
    "findAll": _regex,
    "matches": _regex,
    "ip": _ip,
    "ip.isCanonical": _first(2 * _TRAVERSAL),
    "containsIP": _contains_ip,
    "containsCIDR": _contains_cidr,
    "validate": _validate,
    "startsWith": _first(_TRAVERSAL),
    "endsWith": _first(_TRAVERSAL),
    "contains": _contains,
    "_==_": equality,
    "_!=_": equality,
    "sets.contains": _sets(1),
    "sets.intersects": _sets(1),
    "sets.equivalent": _sets(2),
    "slice": lambda args, result: _allocating(1, size(result)),
    "lists.range": lambda args, result: _allocating(1, size(result)),
    "reverse": lambda args, result: _allocating(1, size(result)),
    "flatten": _flatten,
    "distinct": lambda args, _: _self_compare(args[0]),
}
_BY_OVERLOAD: dict[str, CallCost] = {
    "string_to_bytes": _first(_TRAVERSAL),
    "bytes_to_string": _first(_TRAVERSAL),
    "string_format": _first(_TRAVERSAL),
    "strings_quote": _first(_TRAVERSAL),
    "in_list": lambda args, _: size(args[1]),
    "add_string": _sum,
    "add_bytes": _sum,
    "cidr_contains_ip_string": _contains_ip_string,
    "cidr_contains_cidr_string": _contains_cidr_string,
    **{
        f"{op}_{kind}": equality
        for op in ("less", "less_equals", "greater", "greater_equals")
        for kind in ("string", "bytes")
    },
}

_SORTING: dict[str, CallCost] = {
    "sort": lambda args, _: _self_compare(args[0]),
    "@sortByAssociatedKeys": lambda args, _: _self_compare(args[1]),
}


def of(function: str, overloads: tuple[str, ...]) -> CallCost | None:
    """How a call is charged; None means 1. Costs that depend on an overload need the checker to know which it is."""
    special = None
    if len(overloads) == 1:
        special = _BY_OVERLOAD.get(overloads[0]) or _SORTING.get(function)
    return special or _BY_FUNCTION.get(function)

"""Kubernetes' list library and cel-go's, version 3.

Upstream: apiserver pkg/cel/library/lists.go; cel-go ext/lists.go.
"""

import functools
import itertools

from svclint.cel import values
from svclint.cel.decls import Function, Overload, function, member, plain
from svclint.cel.errors import CostExceeded, EvalError
from svclint.cel.gotime import Duration, Timestamp
from svclint.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    LIST_DYN,
    PARAM_A,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    param,
)
from svclint.cel.values import Uint, adapt, as_list, compare, equal, no_overload, type_name

_COMPARABLE = (INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES)
_ZEROS: dict[Type, object] = {INT: 0, UINT: Uint(0), DOUBLE: 0.0, DURATION: Duration(0)}
_MAX_RANGE = 1_000_000


def _items(value: object) -> list[object]:
    items = as_list(value)
    if items is None:
        raise no_overload()
    return items


def _compare(a: object, b: object) -> int:
    try:
        return compare(a, b, "")
    except EvalError:
        return 2


def _comparables(value: object) -> list[object]:
    items = [adapt(item) for item in _items(value)]
    for item in items:
        if isinstance(item, list | dict | values.Opaque | values.Optional) or item is None:
            raise no_overload()
    return items


def _is_sorted(value: object) -> bool:
    items = _comparables(value)
    return all(_compare(a, b) != 1 for a, b in itertools.pairwise(items))


def _extreme(name: str, replaced_at: int, value: object) -> object:
    items = _comparables(value)
    if not items:
        raise EvalError(f"{name} called on empty list")
    best = items[0]
    for item in items[1:]:
        if _compare(best, item) == replaced_at:
            best = item
    return best


def _sum(zero: object, value: object) -> object:
    return functools.reduce(values.add, map(adapt, _items(value)), zero)


def _same(a: object, b: object) -> bool:
    try:
        return equal(a, b)
    except EvalError:
        return False


def _index_of(value: object, item: object) -> int:
    return next((i for i, other in enumerate(_items(value)) if _same(adapt(other), item)), -1)


def _last_index_of(value: object, item: object) -> int:
    items = _items(value)
    return next((i for i in range(len(items) - 1, -1, -1) if _same(adapt(items[i]), item)), -1)


def _includes(value: object, item: object) -> bool:
    items = as_list(value)
    if items is None:
        return _same(value, item)
    return any(_same(adapt(other), item) for other in items)


def _short(t: Type) -> str:
    return {TIMESTAMP: "timestamp", DURATION: "duration"}.get(t, t.name)


def _kubernetes() -> tuple[Function, ...]:
    return (
        function(
            "isSorted",
            *(member(f"list_{_short(t)}_is_sorted_bool", (list_of(t),), BOOL, _is_sorted) for t in _COMPARABLE),
        ),
        function(
            "sum",
            *(
                member(f"list_{_short(t)}_sum_{_short(t)}", (list_of(t),), t, functools.partial(_sum, zero))
                for t, zero in _ZEROS.items()
            ),
        ),
        *(
            function(
                name,
                *(
                    member(
                        f"list_{_short(t)}_{name}_{_short(t)}",
                        (list_of(t),),
                        t,
                        functools.partial(_extreme, name, replaced_at),
                    )
                    for t in _COMPARABLE
                ),
            )
            for name, replaced_at in (("max", -1), ("min", 1))
        ),
        function("indexOf", member("list_a_index_of_int", (list_of(PARAM_A), PARAM_A), INT, _index_of)),
        function("lastIndexOf", member("list_a_last_index_of_int", (list_of(PARAM_A), PARAM_A), INT, _last_index_of)),
    )


KUBERNETES = _kubernetes()
INCLUDES: tuple[Function, ...] = (function("includes", member("list_includes_dyn_dyn", (DYN, DYN), BOOL, _includes)),)


def _slice(value: object, start: int, end: int) -> list[object]:
    items = _items(value)
    head = f"cannot slice({start}, {end}), "
    if start < 0 or end < 0:
        raise EvalError(head + "negative indexes not supported")
    if start > end:
        raise EvalError(head + "start index must be less than or equal to end index")
    if len(items) < end:
        raise EvalError(f"{head}list is length {len(items)}")
    return items[start:end]


def _flatten(value: object, depth: int = 1) -> list[object]:
    items = as_list(value)
    if items is None or type(depth) is not int:
        shown = f"({type_name(depth)})" if type(depth) is not int else "()"
        raise EvalError(f"no such overload: {type_name(value)}.flatten{shown}")
    if depth < 0:
        raise EvalError("level must be non-negative")
    out: list[object] = []
    for item in items:
        if depth == 0 or as_list(item) is None:
            out.append(item)
        else:
            out += _flatten(item, depth - 1)
    return out


def _sorted_by(value: object, keys: object) -> list[object]:
    items = _items(value)
    ordered = [adapt(key) for key in _items(keys)]
    if len(items) != len(ordered):
        message = "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got"
        raise EvalError(f"{message} {len(items)} and {len(ordered)} elements respectively")
    if not items:
        return items
    kind = type_name(ordered[0])
    if not isinstance(ordered[0], bool | int | float | str | bytes | Timestamp | Duration):
        raise EvalError("list elements must be comparable")
    if any(type_name(key) != kind for key in ordered):
        raise EvalError("list elements must have the same type")

    def by(a: int, b: int) -> int:
        try:
            return compare(ordered[a], ordered[b], "")
        except EvalError:
            return 0

    return [items[i] for i in sorted(range(len(items)), key=functools.cmp_to_key(by))]


def _sort(value: object) -> list[object]:
    return _sorted_by(value, value)


def _range(count: int) -> list[object]:
    if count > _MAX_RANGE:
        # Making the list costs one a number, so the limit of an expression is passed in any case.
        raise CostExceeded
    return list(range(count))


def _distinct(value: object) -> list[object]:
    out: list[object] = []
    seen: set[tuple[str, object]] = set()
    for item in _items(value):
        if type(item) in (str, bool, bytes):
            key = (type(item).__name__, item)
            if key not in seen:
                seen.add(key)
                out.append(item)
        elif not any(_same(adapt(item), other) for other in out):
            out.append(item)
    return out


_T = list_of(param("T"))


def _templated(suffix: str, first: bool) -> tuple[Overload, ...]:
    if first:
        return tuple(member(f"list_{t.name}_{suffix}", (list_of(t),), list_of(t)) for t in _COMPARABLE)
    return tuple(member(f"list_{t.name}_{suffix}", (_T, list_of(t)), _T) for t in _COMPARABLE)


V3: tuple[Function, ...] = (
    function("slice", member("list_slice", (_T, INT, INT), _T, _slice)),
    function(
        "flatten",
        member("list_flatten", (list_of(_T),), _T, _flatten),
        member("list_flatten_int", (LIST_DYN, INT), LIST_DYN, _flatten),
        guarded=False,
    ),
    function("sort", *_templated("sort", True), single=_sort),
    function("@sortByAssociatedKeys", *_templated("sortByAssociatedKeys", False), single=_sorted_by),
    function("lists.range", plain("lists_range", (INT,), list_of(INT), _range)),
    function("reverse", member("list_reverse", (_T,), _T, lambda value: _items(value)[::-1])),
    function("distinct", member("list_distinct", (_T,), _T, _distinct)),
)

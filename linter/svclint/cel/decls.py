"""Declarations of functions and how a call finds its overload. Upstream: cel-go common/decls/decls.go."""

from collections.abc import Callable
from typing import Any, NamedTuple

from svclint.cel.errors import EvalError
from svclint.cel.gotime import Duration, Timestamp
from svclint.cel.types import Type
from svclint.cel.values import Optional, TypeValue, Uint, as_list, is_map, map_items, no_overload, type_name

Impl = Callable[..., object]


class Overload(NamedTuple):
    """One signature of a function. A member's first argument is its target."""

    id: str
    args: tuple[Type, ...]
    result: Type
    impl: Impl | None = None
    member: bool = False


class Function(NamedTuple):
    """A function. `single` takes all calls (with the error that the values deserve) instead of the overloads' own.

    `guarded` False: values are given to the overloads without a look at their types.
    """

    name: str
    overloads: tuple[Overload, ...]
    single: Impl | None = None
    guarded: bool = True


def function(name: str, *overloads: Overload, single: Impl | None = None, guarded: bool = True) -> Function:
    """A declaration."""
    return Function(name, overloads, single, guarded)


def plain(id_: str, args: tuple[Type, ...], result: Type, impl: Impl | None = None) -> Overload:
    """A global overload: f(a)"""
    return Overload(id_, args, result, impl)


def member(id_: str, args: tuple[Type, ...], result: Type, impl: Impl | None = None) -> Overload:
    """A member overload: a.f()"""
    return Overload(id_, args, result, impl, True)


def merge(functions: dict[str, Function], more: tuple[Function, ...]) -> None:
    """Adds declarations; overloads of the same name join."""
    for item in more:
        known = functions.get(item.name)
        if known is None:
            functions[item.name] = item
        else:
            functions[item.name] = known._replace(overloads=known.overloads + item.overloads)


_EXACT: dict[str, type] = {
    "bool": bool, "int": int, "uint": Uint, "double": float, "string": str, "bytes": bytes, "null": type(None),
    "timestamp": Timestamp, "duration": Duration, "type": TypeValue,
}  # fmt: skip


def accepts(t: Type, value: object) -> bool:
    """Whether a value may be given where that type is declared: lists and maps are judged by their first element."""
    exact = _EXACT.get(t.kind)
    if exact is not None:
        return type(value) is exact
    if t.kind in ("dyn", "any", "param"):
        return True
    if t.kind == "list":
        items = as_list(value)
        return items is not None and (not items or accepts(t.params[0], items[0]))
    if t.kind == "map":
        if not is_map(value):
            return False
        for key, item in map_items(value):
            return accepts(t.params[0], key) and accepts(t.params[1], item)
        return True
    return isinstance(value, Optional) if t.name == "optional_type" else type_name(value) == t.name


def _guarded(name: str, overload: Overload) -> Impl:
    impl = overload.impl
    assert impl is not None
    checks = [(i, _EXACT.get(t.kind), t) for i, t in enumerate(overload.args) if t.kind not in ("dyn", "any", "param")]
    if not checks:
        return impl
    if len(checks) == len(overload.args) == 1 and checks[0][1] is not None:
        exact = checks[0][1]

        def unary(value: object) -> object:
            if type(value) is not exact:
                raise no_overload(name, value)
            return impl(value)

        return unary

    def call(*args: object) -> object:
        for i, exact, t in checks:
            value = args[i]
            if (type(value) is not exact) if exact is not None else not accepts(t, value):
                raise no_overload(name, *args)
        return impl(*args)

    return call


def resolve(decl: Function, ids: tuple[str, ...], count: int) -> Impl:
    """What a call with these candidate overloads and so many arguments (the target included) does at run time."""
    if decl.single is not None:
        return decl.single
    if len(ids) == 1:
        for overload in decl.overloads:
            if overload.id == ids[0] and overload.impl is not None:
                return _guarded(decl.name, overload) if decl.guarded else overload.impl
    candidates = [o for o in decl.overloads if len(o.args) == count and o.impl is not None]
    name, guarded = decl.name, decl.guarded

    def dispatch(*args: Any) -> object:
        for overload in candidates:
            if not guarded or all(map(accepts, overload.args, args)):
                assert overload.impl is not None
                return overload.impl(*args)
        raise no_overload(name, *args)

    return dispatch


__all__ = ["EvalError", "Function", "Impl", "Overload", "accepts", "function", "member", "merge", "plain", "resolve"]

"""Types of expressions and their assignability. Upstream: cel-go common/types/types.go, checker/types.go."""

from typing import NamedTuple


class Type(NamedTuple):
    """A type. `kind` is one of dyn any error null bool int uint double string bytes timestamp duration list map struct
    opaque type param; `name` is the runtime name."""

    kind: str
    name: str
    params: tuple["Type", ...] = ()

    def __str__(self) -> str:
        if self.kind == "param":
            return f"<{self.name}>"
        if not self.params:
            return self.name
        return f"{self.name}({', '.join(map(str, self.params))})"


DYN = Type("dyn", "dyn")
ANY = Type("any", "google.protobuf.Any")
ERROR = Type("error", "error")
NULL = Type("null", "null_type")
BOOL = Type("bool", "bool")
INT = Type("int", "int")
UINT = Type("uint", "uint")
DOUBLE = Type("double", "double")
STRING = Type("string", "string")
BYTES = Type("bytes", "bytes")
TIMESTAMP = Type("timestamp", "google.protobuf.Timestamp")
DURATION = Type("duration", "google.protobuf.Duration")
TYPE = Type("type", "type")
PARAM_A = Type("param", "A")
PARAM_B = Type("param", "B")


def list_of(element: Type) -> Type:
    """list(element)"""
    return Type("list", "list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """map(key, value)"""
    return Type("map", "map", (key, value))


def optional_of(value: Type) -> Type:
    """optional_type(value)"""
    return Type("opaque", "optional_type", (value,))


def struct(name: str) -> Type:
    """An object type known by name."""
    return Type("struct", name)


def opaque(name: str, *params: Type) -> Type:
    """An abstract type."""
    return Type("opaque", name, params)


def type_of(value: Type) -> Type:
    """The type of a type."""
    return Type("type", "type", (value,))


def param(name: str) -> Type:
    """A type parameter."""
    return Type("param", name)


LIST_DYN = list_of(DYN)
LIST_A = list_of(PARAM_A)
MAP_AB = map_of(PARAM_A, PARAM_B)

_SHORT = {"any": "any", "duration": "duration", "error": "!error!", "null": "null", "timestamp": "timestamp"}


def show(t: Type) -> str:
    """The type as the checker's messages name it (cel-go checker/format.go FormatCELType)."""
    short = _SHORT.get(t.kind)
    if short is not None:
        return short
    if t.kind == "param" or not t.params:
        return t.name
    return f"{t.name}({', '.join(map(show, t.params))})"


def is_dyn(t: Type) -> bool:
    """dyn or any"""
    return t.kind in ("dyn", "any")


def is_dyn_or_error(t: Type) -> bool:
    """dyn, any or the type of a wrong expression"""
    return t.kind in ("dyn", "any", "error")


def unwrap_optional(t: Type) -> tuple[Type, bool]:
    """The inner type of an optional one, and whether it was one."""
    if t.kind == "opaque" and t.name == "optional_type":
        return t.params[0], True
    return t, False


def equivalent(a: Type, b: Type) -> bool:
    """The same but for the names of type parameters."""
    if a.kind != b.kind or len(a.params) != len(b.params):
        return False
    if a.kind != "param" and a.name != b.name:
        return False
    return all(map(equivalent, a.params, b.params))


def less_specific(a: Type, b: Type) -> bool:
    """Whether `a` is as general as `b` or more."""
    if is_dyn(a) or a.kind == "param":
        return True
    if is_dyn(b) or b.kind == "param" or a.kind != b.kind:
        return False
    if a.kind in ("opaque", "list", "map"):
        return a.name == b.name and len(a.params) == len(b.params) and all(map(less_specific, a.params, b.params))
    return a.kind == "type" or a == b


def most_general(a: Type, b: Type) -> Type:
    """The more general of two assignable types."""
    return a if less_specific(a, b) else b


_NULLABLE = frozenset({"opaque", "struct", "any", "duration", "timestamp"})

Mapping = dict[str, Type]


def _not_referenced(mapping: Mapping, t: Type, within: Type) -> bool:
    if t == within:
        return False
    if within.kind == "param":
        known = mapping.get(within.name)
        return known is None or _not_referenced(mapping, t, known)
    if within.kind in ("opaque", "list", "map", "type"):
        return all(_not_referenced(mapping, t, inner) for inner in within.params)
    return True


def _substitutes(mapping: Mapping, a: Type, parameter: Type) -> tuple[bool, bool]:
    """(whether `a` may stand for the parameter, whether the parameter was already bound)."""
    if a == parameter:
        return True, True
    known = mapping.get(parameter.name)
    if known is not None:
        if a == known:
            return True, True
        if _assignable(mapping, a, known):
            general = most_general(a, known)
            if _not_referenced(mapping, parameter, general):
                mapping[parameter.name] = general
            return True, True
        return False, True
    if _not_referenced(mapping, parameter, a):
        mapping[parameter.name] = a
        return True, False
    return False, False


def _assignable(mapping: Mapping, a: Type, b: Type) -> bool:
    if b.kind == "param":
        valid, bound = _substitutes(mapping, a, b)
        if valid:
            return True
        if bound:
            return False
    if a.kind == "param":
        return _substitutes(mapping, b, a)[0]
    if is_dyn_or_error(a) or is_dyn_or_error(b):
        return True
    if a.kind == "null" or b.kind == "null":
        other = b if a.kind == "null" else a
        return other.kind == "null" or other.kind in _NULLABLE
    if a.kind in ("list", "map", "opaque"):
        return a.kind == b.kind and a.name == b.name and _all_assignable(mapping, a.params, b.params)
    if a.kind == "type":
        return b.kind == "type"
    return a.kind == b.kind and a.name == b.name


def _all_assignable(mapping: Mapping, a: tuple[Type, ...], b: tuple[Type, ...]) -> bool:
    return len(a) == len(b) and all(_assignable(mapping, x, y) for x, y in zip(a, b, strict=True))


def assign(mapping: Mapping, a: tuple[Type, ...], b: tuple[Type, ...]) -> Mapping | None:
    """The mapping extended so that every type of `b` is assignable to its counterpart of `a`; None if it can't be."""
    copy = dict(mapping)
    return copy if _all_assignable(copy, a, b) else None


def substitute(mapping: Mapping, t: Type, to_dyn: bool = False) -> Type:
    """The type with bound parameters replaced; with `to_dyn` free ones become dyn."""
    if t.kind == "param":
        known = mapping.get(t.name)
        if known is not None:
            return substitute(mapping, known, to_dyn)
        return DYN if to_dyn else t
    if t.params and t.kind in ("opaque", "list", "map", "type"):
        return Type(t.kind, t.name, tuple(substitute(mapping, inner, to_dyn) for inner in t.params))
    return t

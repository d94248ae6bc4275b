"""Structural schemas of custom resources as types, and objects seen through them.

Upstream: apiserver pkg/cel/common/schemas.go, valuesunstructured.go, equality.go; pkg/cel/escaping.go, types.go.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from svclint.cel import values
from svclint.cel.errors import EvalError
from svclint.cel.gotime import Duration, Timestamp, parse_duration, parse_timestamp
from svclint.cel.lexer import RESERVED
from svclint.cel.types import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, Type, list_of, map_of, struct
from svclint.cel.values import ListLike, MapLike, adapt, as_list, equal, no_overload

Schema = Mapping[str, Any]

_EXPAND = re.compile(r"__|[-./]")
_EXPANSIONS = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_ESCAPED = re.compile(r"__([^_]+)__")
_UNESCAPED = {"underscores": "__", "dot": ".", "dash": "-", "slash": "/"}
_NAME = re.compile(r"[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*")
_STRING_SCHEMA: Schema = {"type": "string"}
_META: Schema = {"type": "object", "properties": {"name": _STRING_SCHEMA, "generateName": _STRING_SCHEMA}}


def escape(name: str) -> str | None:
    """A property's name as an identifier; None if it has none."""
    if not _NAME.fullmatch(name):
        return None
    if name in RESERVED:
        return f"__{name}__"
    return _EXPAND.sub(lambda match: _EXPANSIONS[match.group()], name)


def unescape(name: str) -> str | None:
    """The property that an identifier means; None if it is badly escaped."""
    good = True

    def replace(match: re.Match[str]) -> str:
        nonlocal good
        inside = match[1]
        if inside in _UNESCAPED:
            return _UNESCAPED[inside]
        if inside not in RESERVED or match.group() != name:
            good = False
        return inside

    made = _ESCAPED.sub(replace, name)
    return made if good else None


def _mapping(value: object) -> Schema:
    return value if isinstance(value, dict) else {}


def properties(schema: Schema) -> Mapping[str, Schema]:
    """The properties, ill-formed ones left out."""
    return {k: v for k, v in _mapping(schema.get("properties")).items() if isinstance(v, dict)}


def additional(schema: Schema) -> Schema | None:
    """The schema of a map's values."""
    value = schema.get("additionalProperties")
    return value if isinstance(value, dict) else None


def with_meta(schema: Schema) -> Schema:
    """A resource's schema knows apiVersion, kind and the metadata's name and generateName in any case."""
    if not isinstance(schema.get("properties"), dict) and schema.get("x-kubernetes-preserve-unknown-fields"):
        own: Mapping[str, Schema] = {}
    else:
        own = properties(schema)
    meta = own.get("metadata", {})
    if own.get("kind") and own.get("apiVersion") and {"name", "generateName"} <= set(properties(meta)):
        return schema
    extra = {"kind": _STRING_SCHEMA, "apiVersion": _STRING_SCHEMA, "metadata": _META}
    return {**schema, "properties": {**own, **extra}}


def declare(schema: Schema, name: str, structs: dict[str, Mapping[str, Type]], resource: bool) -> Type | None:
    """The type of a schema's values; object types are added to `structs` under `name` and below it.

    None: a schema that expressions can't see.
    """
    if schema.get("x-kubernetes-int-or-string"):
        return DYN
    if resource:
        schema = with_meta(schema)
    kind = schema.get("type")
    if kind == "array":
        items = schema.get("items")
        if not isinstance(items, dict):
            return None
        inner = declare(items, f"{name}.@idx", structs, bool(items.get("x-kubernetes-embedded-resource")))
        return None if inner is None else list_of(inner)
    if kind == "object":
        values_schema = additional(schema)
        if values_schema is not None:
            embedded = bool(values_schema.get("x-kubernetes-embedded-resource"))
            inner = declare(values_schema, f"{name}.@elem", structs, embedded)
            return None if inner is None else map_of(STRING, inner)
        fields: dict[str, Type] = {}
        for key, sub in properties(schema).items():
            escaped = escape(key)
            if escaped is None:
                continue
            embedded = bool(sub.get("x-kubernetes-embedded-resource"))
            inner = declare(sub, f"{name}.{escaped}", structs, embedded)
            if inner is not None:
                fields[escaped] = inner
        for word in RESERVED:
            if f"__{word}__" in fields:
                fields.setdefault(word, fields[f"__{word}__"])
        structs[name] = fields
        return struct(name)
    if kind == "string":
        formats = {"byte": BYTES, "duration": DURATION, "date": TIMESTAMP, "date-time": TIMESTAMP}
        return formats.get(str(schema.get("format")), STRING)
    return {"boolean": BOOL, "number": DOUBLE, "integer": INT}.get(str(kind))


_GO = {
    dict: "map[string]interface {}",
    list: "[]interface {}",
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
}


def _go(value: object) -> str:
    return _GO.get(type(value), "<nil>")


def typed(value: object, schema: Schema) -> object:
    """A value seen through its schema. Raises EvalError if it isn't of it."""
    if value is None:
        if schema.get("nullable"):
            return None
        raise EvalError("invalid data, got null for schema with nullable=false")
    if schema.get("x-kubernetes-int-or-string"):
        if type(value) is str or type(value) is int:
            return value
        raise EvalError("invalid data, expected XIntOrString value to be either a string or integer")
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            raise EvalError("invalid data, expected a map for the provided schema with type=object")
        return TypedMap(value, with_meta(schema) if schema.get("x-kubernetes-embedded-resource") else schema)
    if kind == "array":
        if not isinstance(value, list):
            raise EvalError("invalid data, expected an array for the provided schema with type=array")
        if not isinstance(schema.get("items"), dict):
            raise EvalError("invalid array type, expected Items with a non-empty Schema")
        return TypedList(value, schema)
    if kind == "string":
        return _string(value, schema)
    if kind == "number":
        if type(value) in (int, float):
            return float(value) if abs(value) < 2**1000 else adapt(value)  # type: ignore[arg-type]
        raise EvalError(f"invalid data, expected float, got {_go(value)}")
    if kind == "integer":
        if type(value) is int:
            return value
        raise EvalError(f"invalid data, expected int, got {_go(value)}")
    if kind == "boolean":
        if type(value) is bool:
            return value
        raise EvalError(f"invalid data, expected bool, got {_go(value)}")
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return value
    raise EvalError(
        "invalid type, expected object, array, number, integer, boolean or string, or no type with"
        f" x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got {kind or ''}"
    )


def _string(value: object, schema: Schema) -> object:
    if type(value) is not str:
        raise EvalError(f"invalid data, expected string, got {_go(value)}")
    format_ = schema.get("format")
    if format_ == "duration":
        ns = parse_duration(value)
        if ns is None:
            raise EvalError(f"Invalid duration {value}: unable to parse {value} as duration")
        return Duration(ns)
    if format_ in ("date", "date-time"):
        stamp = parse_timestamp(f"{value}T00:00:00Z" if format_ == "date" else value)
        if stamp is None:
            raise EvalError(f"Invalid {format_} formatted string {value}")
        return Timestamp(stamp.ns, stamp.offset)
    if format_ == "byte":
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise EvalError(f"Invalid byte formatted string {value}") from None
    return value


class TypedMap(MapLike):
    """An object or a map with a schema."""

    __slots__ = ("raw", "schema")

    def __init__(self, raw: dict[str, object], schema: Schema) -> None:
        self.raw = raw
        self.schema = schema

    def _is_object(self) -> bool:
        return isinstance(self.schema.get("properties"), dict)

    def _schema_of(self, key: str) -> Schema | None:
        if self._is_object():
            found = self.schema["properties"].get(key)
            return found if isinstance(found, dict) else None
        return additional(self.schema)

    def find(self, key: object) -> tuple[bool, object]:
        if type(key) is not str:
            raise no_overload()
        name: str | None = key
        if self._is_object():
            name = unescape(key)
        if name is None or name not in self.raw:
            return False, None
        value = self.raw[name]
        if value is None and self._is_object():
            return False, None
        sub = self._schema_of(name)
        return (False, None) if sub is None else (True, typed(value, sub))

    def keys(self) -> list[object]:
        known = [key for key in self.raw if isinstance(key, str) and self._schema_of(key) is not None]
        return [(escape(key) or key) if self._is_object() else key for key in known]

    def size(self) -> int:
        return len(self.raw)

    def equal(self, other: object) -> bool:
        if not values.is_map(other):
            raise no_overload()
        if self.size() != values.map_size(other):
            return False
        for key, value in self.raw.items():
            if self._schema_of(key) is None:
                if not isinstance(other, TypedMap):
                    raise no_overload()
                if key in other.raw and not equal(value, other.raw[key]):
                    return False
                continue
            found, mine = self.find(key)
            theirs_found, theirs = values.map_find(other, key)
            if found != theirs_found or (found and not equal(mine, theirs)):
                return False
        return True


class TypedList(ListLike):
    """A list with a schema; sets and maps compare and join as their x-kubernetes-list-type tells."""

    __slots__ = ("_items", "raw", "schema")

    def __init__(self, raw: list[object], schema: Schema) -> None:
        self.raw = raw
        self.schema = schema
        self._items: list[object] | None = None

    def items(self) -> list[object]:
        if self._items is None:
            self._items = [typed(item, self.schema["items"]) for item in self.raw]
        return self._items

    def _key(self, item: object) -> tuple[object, ...]:
        raw = item.raw if isinstance(item, TypedMap) else item
        names = self.schema.get("x-kubernetes-list-map-keys")
        fields = raw if isinstance(raw, dict) else {}
        return tuple(repr(fields.get(name)) for name in names) if isinstance(names, list) else ()

    def _find(self, item: object, items: list[object]) -> int:
        if self.schema.get("x-kubernetes-list-type") == "map":
            key = self._key(item)
            return next((i for i, other in enumerate(items) if self._key(other) == key), -1)
        return next((i for i, other in enumerate(items) if equal(other, item)), -1)

    def equal(self, other: object) -> bool:
        theirs = as_list(other)
        if theirs is None:
            raise no_overload()
        mine = self.items()
        if len(mine) != len(theirs):
            return False
        kind = self.schema.get("x-kubernetes-list-type")
        if kind not in ("set", "map"):
            return all(map(equal, mine, theirs))
        seen = set()
        for item in theirs:
            at = self._find(item, mine)
            if at < 0 or (kind == "map" and not equal(mine[at], item)):
                return False
            seen.add(at)
        return len(seen) == len(mine)

    def add(self, other: object) -> object:
        theirs = as_list(other)
        if theirs is None:
            raise no_overload()
        made = list(self.items())
        kind = self.schema.get("x-kubernetes-list-type")
        if kind not in ("set", "map"):
            return made + theirs
        for item in theirs:
            at = self._find(item, made)
            if at < 0:
                made.append(item)
            elif kind == "map":
                made[at] = item
        return made

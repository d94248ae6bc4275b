"""Custom resources, judged by the structural schemas of the CustomResourceDefinitions among the sources.

Source: k8s.io/apiextensions-apiserver pkg/apiserver/schema (pruning, defaulting, listtype), pkg/apiserver/validation,
k8s.io/kube-openapi pkg/validation (whose wording the messages keep).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from svclint.apiserver import field
from svclint.apiserver.decode import Fault, number_text, sorted_keys
from svclint.apiserver.field import Error, Path

if TYPE_CHECKING:
    from svclint.cel.automaton import Pattern

Schema = Mapping[str, Any]
Step = str | int

META = ("apiVersion", "kind", "metadata")
PRESERVE = "x-kubernetes-preserve-unknown-fields"
RULES = "x-kubernetes-validations"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"


class CustomKind(NamedTuple):
    """A kind that a CustomResourceDefinition adds; `schema` is None where it has none."""

    namespaced: bool
    schema: Schema | None


def custom_kinds(objects: Iterable[Any]) -> dict[tuple[str, str], CustomKind]:
    """(apiVersion, kind) -> what the definitions among the objects say of it. Ill-formed definitions say nothing."""
    kinds = {}
    for value in objects:
        if not isinstance(value, dict) or value.get("kind") != "CustomResourceDefinition":
            continue
        spec = _mapping(value.get("spec"))
        group, kind = spec.get("group"), _mapping(spec.get("names")).get("kind")
        if not isinstance(group, str) or not isinstance(kind, str):
            continue
        versions = spec.get("versions")
        for version in versions if isinstance(versions, list) else ():
            name = _mapping(version).get("name")
            if isinstance(name, str):
                schema = _mapping(_mapping(version).get("schema")).get("openAPIV3Schema")
                schema = schema if isinstance(schema, dict) else None
                kinds[f"{group}/{name}", kind] = CustomKind(spec.get("scope") != "Cluster", schema)
    return kinds


def _has_rules(schema: Any) -> bool:
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get(RULES):
                return True
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return False


def _meets_rules(value: Any, schema: Schema) -> bool:
    """Whether some part of the value stands where the schema has a rule. Most objects leave such fields out, and the
    expression language is more to import than all of them are to judge."""
    waiting = [(value, schema)]
    while waiting:
        part, known = waiting.pop()
        if part is None:
            continue
        if known.get(RULES):
            return True
        if isinstance(part, list):
            items = _mapping(known.get("items"))
            waiting += [(item, items) for item in part]
        elif isinstance(part, dict):
            properties, more = _mapping(known.get("properties")), _mapping(known.get("additionalProperties"))
            waiting += [(item, _mapping(properties.get(key, more))) for key, item in part.items()]
    return False


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def unknown_fields(value: Any, schema: Schema) -> list[Fault]:
    """The fields that pruning would drop, in the server's order."""
    faults = list(_unknown(value, schema, "", (), True))
    return sorted(faults, key=lambda fault: fault.message)


def _unknown(value: Any, schema: Schema, path: str, place: tuple[Step, ...], root: bool) -> Iterator[Fault]:
    if isinstance(value, list):
        items = _mapping(schema.get("items"))
        for i, item in enumerate(value):
            yield from _unknown(item, items, f"{path}[{i}]", (*place, i), False)
    elif isinstance(value, dict):
        properties, more = _mapping(schema.get("properties")), schema.get("additionalProperties")
        whole = root or schema.get(EMBEDDED) is True
        for key in sorted_keys(value):
            inner = f"{path}.{key}" if path else key
            if whole and key in META:
                continue
            if key in properties:
                yield from _unknown(value[key], _mapping(properties[key]), inner, (*place, key), False)
            elif isinstance(more, dict):
                yield from _unknown(value[key], more, inner, (*place, key), False)
            elif more is not True and schema.get(PRESERVE) is not True:
                yield Fault("unknown-field", f'unknown field "{inner}"', (*place, key), fields=tuple(properties))


def with_defaults(value: Any, schema: Schema) -> Any:
    """A copy of the value with the schema's defaults."""
    if isinstance(value, list):
        items = _mapping(schema.get("items"))
        return [with_defaults(item, items) for item in value]
    if not isinstance(value, dict):
        return value
    properties, more = _mapping(schema.get("properties")), schema.get("additionalProperties")
    out = {}
    for key, item in value.items():
        inner = properties.get(key, more)
        inner = _mapping(inner)
        if item is None and "default" in inner and inner.get("nullable") is not True:
            continue
        out[key] = with_defaults(item, inner)
    for key, inner in properties.items():
        if key not in out and isinstance(inner, dict) and "default" in inner:
            out[key] = with_defaults(copy.deepcopy(inner["default"]), inner)
    return out


# Where one of these is reported the rules are not asked: they rely on the types.
_BLOCKING = frozenset(("FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"))


def judge(value: Any, kind: CustomKind, version: tuple[int, int]) -> list[Error]:
    """What the schema and then its rules say of a resource."""
    if kind.schema is None:
        return []
    errors = validate(value, kind.schema)
    if any(error.reason in _BLOCKING for error in errors) and _has_rules(kind.schema):
        detail = (
            "some validation rules were not checked because the object was invalid; correct the existing errors to "
            "complete validation"
        )
        return [*errors, field.invalid(Path("", errors[0].place), None, detail)]
    if not _meets_rules(value, kind.schema):
        return errors
    from svclint.apiserver.policy.crd import validate_crd_rules

    return errors + validate_crd_rules(kind.schema, value, version=version)


def validate(value: Any, schema: Schema) -> list[Error]:
    """What of a value doesn't satisfy the schema; `metadata` is judged as every object's is."""
    return list(_validate(value, schema, Path(), True))


def _validate(value: Any, schema: Schema, path: Path, root: bool = False) -> Iterator[Error]:
    if value is None and schema.get("nullable") is True:
        return
    wrong = _wrong_type(value, schema)
    if wrong is not None:
        yield _type_invalid(path, value, wrong)
        return
    yield from _value_rules(value, schema, path)
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield from _number_rules(value, schema, path)
    elif isinstance(value, str):
        yield from _string_rules(value, schema, path)
    elif isinstance(value, list):
        yield from _list_rules(value, schema, path)
    elif isinstance(value, dict):
        yield from _object_rules(value, schema, path, root or schema.get(EMBEDDED) is True)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "integer" if isinstance(value, int) or value.is_integer() else "number"


def _wrong_type(value: Any, schema: Schema) -> str | None:
    """The type that was expected, None if the value is of it."""
    given = _type_of(value)
    if schema.get(INT_OR_STRING) is True:
        return None if given in ("integer", "string") else "integer,string"
    wanted = schema.get("type")
    if not isinstance(wanted, str) or wanted == given or (wanted == "number" and given == "integer"):
        return None
    return wanted


def _type_invalid(path: Path, value: Any, wanted: str) -> Error:
    given = _type_of(value)
    body = f'Invalid value: "{given}": {path.text or "<nil>"} in body must be of type {wanted}: "{given}"'
    return Error(str(path), "FieldValueTypeInvalid", body, path.place)


def _should(path: Path, value: Any, detail: str) -> Error:
    return field.invalid(path, value, f"{path.text} in body {detail}")


def _value_rules(value: Any, schema: Schema, path: Path) -> Iterator[Error]:
    allowed = schema.get("enum")
    if isinstance(allowed, list) and not any(_same(value, one) for one in allowed):
        yield field.not_supported(path, value, [one if isinstance(one, str) else field.render(one) for one in allowed])
    for part in _schemas(schema.get("allOf")):
        yield from _validate(value, part, path)
    any_of, one_of = _schemas(schema.get("anyOf")), _schemas(schema.get("oneOf"))
    if any_of and not any(_fits(value, part) for part in any_of):
        yield _should(path, value, "must validate at least one schema (anyOf)")
    if one_of:
        fitting = sum(_fits(value, part) for part in one_of)
        if fitting != 1:
            found = "none valid" if fitting == 0 else f"{fitting} valid alternatives"
            yield _should(path, value, f"must validate one and only one schema (oneOf). Found {found}")
    forbidden = schema.get("not")
    if isinstance(forbidden, dict) and _fits(value, forbidden):
        yield _should(path, value, "must not validate the schema (not)")


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _schemas(value: Any) -> Sequence[Schema]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else ()


def _fits(value: Any, schema: Schema) -> bool:
    return next(_validate(value, schema, Path()), None) is None


def _limit(schema: Schema, name: str) -> float | None:
    value = schema.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _number_rules(value: float, schema: Schema, path: Path) -> Iterator[Error]:
    low, high = _limit(schema, "minimum"), _limit(schema, "maximum")
    factor = _limit(schema, "multipleOf")
    if low is not None:
        exclusive = schema.get("exclusiveMinimum") is True
        if value < low or (exclusive and value == low):
            yield _should(
                path, value, f"should be greater than {'' if exclusive else 'or equal to '}{number_text(low)}"
            )
    if high is not None:
        exclusive = schema.get("exclusiveMaximum") is True
        if value > high or (exclusive and value == high):
            yield _should(path, value, f"should be less than {'' if exclusive else 'or equal to '}{number_text(high)}")
    if factor and value % factor:
        yield _should(path, value, f"should be a multiple of {number_text(factor)}")


@lru_cache(maxsize=1024)
def _pattern(text: str) -> Pattern | None:
    """The expression, read as Go reads it and searched in linear time; None where it is none: then nothing is held
    against a value."""
    from svclint.cel.automaton import Pattern
    from svclint.cel.re2 import PatternError, parse

    try:
        return Pattern(parse(text))
    except (PatternError, re.error, RecursionError, OverflowError):
        return None


def _fits_pattern(value: str, pattern: str) -> bool | None:
    """Whether a text holds a match; None where there is no telling in reasonable time."""
    from svclint.cel.errors import CostExceeded

    compiled = _pattern(pattern)
    try:
        return None if compiled is None else compiled.search(value) is not None
    except CostExceeded:
        return None


def _string_rules(value: str, schema: Schema, path: Path) -> Iterator[Error]:
    low, high = _limit(schema, "minLength"), _limit(schema, "maxLength")
    if high is not None and len(value) > high:
        yield field.too_long(path, value, int(high))
    if low is not None and len(value) < low:
        yield _should(path, value, f"should be at least {int(low)} chars long")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and _fits_pattern(value, pattern) is False:
        yield _should(path, value, f"should match '{pattern}'")


def _list_rules(value: list[Any], schema: Schema, path: Path) -> Iterator[Error]:
    low, high = _limit(schema, "minItems"), _limit(schema, "maxItems")
    if high is not None and len(value) > high:
        yield field.too_many(path, len(value), int(high))
    if low is not None and len(value) < low:
        yield _should(path, value, f"should have at least {int(low)} items")
    items = schema.get("items")
    if isinstance(items, dict):
        for i, item in enumerate(value):
            yield from _validate(item, items, path.index(i))
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys")
    if kind not in ("set", "map"):
        return
    properties = _mapping(_mapping(items).get("properties"))
    seen = set()
    for i, item in enumerate(value):
        shown = item
        if kind == "map":
            if not isinstance(item, dict) or not isinstance(keys, list):
                continue
            named = [key for key in keys if isinstance(key, str)]
            shown = {key: item.get(key, _mapping(properties.get(key)).get("default")) for key in named}
            shown = {key: part for key, part in shown.items() if part is not None}
        text = field.render(shown)
        if text in seen:
            yield field.duplicate(path.index(i), shown)
        seen.add(text)


def _object_rules(value: dict[str, Any], schema: Schema, path: Path, whole: bool) -> Iterator[Error]:
    low, high = _limit(schema, "minProperties"), _limit(schema, "maxProperties")
    if high is not None and len(value) > high:
        yield field.too_many(path, len(value), int(high))
    if low is not None and len(value) < low:
        yield _should(path, value, f"should have at least {int(low)} properties")
    properties, more = _mapping(schema.get("properties")), schema.get("additionalProperties")
    needed = schema.get("required")
    for name in needed if isinstance(needed, list) else ():
        if isinstance(name, str) and name not in value:
            yield field.required(path.child(name))
    for key, item in value.items():
        if whole and key in META:
            continue
        if key in properties:
            yield from _validate(item, _mapping(properties[key]), path.child(key))
        elif isinstance(more, dict):
            yield from _validate(item, more, path.child(key))

"""Any JSON in any field of any kind, built in or custom: always a verdict, never an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint.apiserver.admit import admit_one
from svclint.apiserver.custom import CustomKind, custom_kinds
from svclint.apiserver.types import types
from svclint.kube.facts import Facts

TABLE = types((1, 36))
FACTS = (Facts(), Facts(kubernetes_version=(1, 33)), Facts(kubernetes_version=(1, 29)))
KINDS = [
    (api_version, kind, found.definition)
    for api_version, kinds in TABLE.kinds.items()
    for kind, found in kinds.items()
    if api_version.partition("/")[0] in ("networking.k8s.io", "discovery.k8s.io", "rbac.authorization.k8s.io")
    or kind in ("Endpoints", "Namespace", "ConfigMap", "Secret")
]

WORDS = (
    "a A - a/b * *.a 1.2.3.4 ::1 ::ffff:1.2.3.4 10.0.0.0/8 TCP tcp IPv4 IPv6 FQDN Exact Prefix / /.. // In Exists Ingress "
    "Egress Namespace Cluster"
)
texts = st.sampled_from(["", *WORDS.split()]) | st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers(-2, 70000) | st.floats(allow_nan=False, allow_infinity=False) | texts
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=5
)


@st.composite
def shaped(draw: st.DrawFn, code: str, depth: int = 0) -> Any:
    """A value of the type, but now and then of another."""
    bare = code.partition("=")[0]
    if draw(st.integers(0, 19)) == 0:
        return draw(json_values)
    match bare[0]:
        case "[":
            return [draw(shaped(bare[1:], depth + 1)) for _ in range(draw(st.integers(0, 2)))]
        case "{":
            return {draw(texts): draw(shaped(bare[1:], depth + 1)) for _ in range(draw(st.integers(0, 2)))}
        case "@" if depth < 8:
            fields = TABLE.fields(bare[1:])
            chosen = draw(st.lists(st.sampled_from(sorted(fields)), max_size=5, unique=True)) if fields else []
            return {name: draw(shaped(fields[name].code, depth + 1)) for name in chosen}
        case "b":
            return draw(st.booleans())
        case "i" | "l" | "f":
            return draw(st.integers(-2, 70000))
        case "s":
            return draw(texts)
        case "x":
            return draw(texts | st.integers(-2, 70000))
    return draw(json_values)


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(KINDS), st.sampled_from(FACTS))
def test_any_object_has_an_answer(data: st.DataObject, kind: tuple[str, str, str], facts: Facts) -> None:
    api_version, name, definition = kind
    value = data.draw(shaped("@" + definition))
    if isinstance(value, dict):
        value = {**value, "apiVersion": api_version, "kind": name}
    verdict = admit_one(value, facts)
    assert verdict.accepted or verdict.message
    assert all(cause.field and cause.place for cause in verdict.causes)


schemas = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]) | scalars,
            "enum": st.lists(json_values, max_size=2) | scalars,
            "pattern": st.sampled_from(["^a", "(", "[", "a{99999999999}", r"\p{L}"]) | scalars,
            "minimum": scalars,
            "maximum": scalars,
            "multipleOf": scalars,
            "maxLength": scalars,
            "minLength": scalars,
            "maxItems": scalars,
            "default": json_values,
            "required": st.lists(texts, max_size=2) | scalars,
            "nullable": scalars,
            "x-kubernetes-int-or-string": scalars,
            "x-kubernetes-list-type": st.sampled_from(["set", "map", 1]),
            "x-kubernetes-list-map-keys": st.lists(texts, max_size=2) | scalars,
            "x-kubernetes-preserve-unknown-fields": scalars,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["array", "object"]),
            "properties": st.dictionaries(texts, inner | scalars, max_size=3) | scalars,
            "additionalProperties": inner | scalars,
            "items": inner | scalars,
            "oneOf": st.lists(inner, max_size=2) | scalars,
            "anyOf": st.lists(inner, max_size=2) | scalars,
            "not": inner | scalars,
        },
    ),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(schemas, json_values)
def test_any_custom_resource_has_an_answer(schema: Any, spec: Any) -> None:
    custom = {("example.com/v1", "Foo"): CustomKind(True, {"type": "object", "properties": {"spec": schema}})}
    value = {"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": "a"}, "spec": spec}
    verdict = admit_one(value, Facts(), custom=custom)
    assert verdict.accepted or verdict.message


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_any_definition_is_read(spec: Any) -> None:
    custom_kinds([{"kind": "CustomResourceDefinition", "spec": spec}])
    custom_kinds(
        [{"kind": "CustomResourceDefinition", "spec": {"group": "a.b", "names": {"kind": "K"}, "versions": spec}}]
    )

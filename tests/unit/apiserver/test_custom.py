"""Custom resources by the structural schemas of their definitions."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.admit import Verdict, admit_one
from svclint.apiserver.custom import custom_kinds
from svclint.kube.facts import Facts

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"kind": "Foo", "plural": "foos"},
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["size"],
                                "properties": {
                                    "size": {"type": "integer", "minimum": 1, "maximum": 3},
                                    "mode": {"type": "string", "enum": ["x", "y"], "default": "x"},
                                    "names": {
                                        "type": "array",
                                        "maxItems": 2,
                                        "x-kubernetes-list-type": "set",
                                        "items": {"type": "string", "pattern": "^a"},
                                    },
                                    "port": {"x-kubernetes-int-or-string": True},
                                    "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                                    "map": {"type": "object", "additionalProperties": {"type": "boolean"}},
                                    "one": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}  # fmt: skip
CUSTOM = custom_kinds([DEFINITION, None, 1, {"kind": "CustomResourceDefinition", "spec": {"versions": 1}}])


def create(**spec: Any) -> Verdict:
    value = {"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": "a"}, "spec": spec}
    return admit_one(value, Facts(), custom=CUSTOM)


def test_defaults_are_filled_in() -> None:
    verdict = create(size=1)
    assert verdict.known and verdict.stored is not None
    assert verdict.stored["spec"] == {"size": 1, "mode": "x"}


def test_unknown_fields_are_refused_before_anything_else() -> None:
    verdict = create(size="1", z=1, map={"a": 1}, any={"b": 1}, one={"c": 1})
    assert verdict.message == (
        'Foo in version "v1" cannot be handled as a Foo: strict decoding error: '
        'unknown field "spec.one.c", unknown field "spec.z"'
    )
    assert verdict.faults[0].fields == ("a", "b")


@pytest.mark.parametrize(
    ("spec", "texts"),
    [
        ({}, ["spec.size: Required value"]),
        ({"size": "1"}, ['spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"']),
        ({"size": 0}, ["spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"]),
        ({"size": 4}, ["spec.size: Invalid value: 4: spec.size in body should be less than or equal to 3"]),
        ({"size": 1, "mode": "z"}, ['spec.mode: Unsupported value: "z": supported values: "x", "y"']),
        ({"size": 1, "names": ["b"]}, ["spec.names[0]: Invalid value: \"b\": spec.names[0] in body should match '^a'"]),
        ({"size": 1, "names": ["a", "a"]}, ['spec.names[1]: Duplicate value: "a"']),
        ({"size": 1, "names": ["a", "aa", "aaa"]}, ["spec.names: Too many: 3: must have at most 2 items"]),
        ({"size": 1, "map": {"a": 1}}, ['spec.map.a: Invalid value: "integer": spec.map.a in body must be of type boolean: "integer"']),
        ({"size": 1, "port": 1.5}, ['spec.port: Invalid value: "number": spec.port in body must be of type integer,string: "number"']),
    ],
)  # fmt: skip
def test_refusals(spec: dict[str, Any], texts: list[str]) -> None:
    assert [f"{cause.field}: {cause.body}" for cause in create(**spec).causes] == texts


def test_one_of() -> None:
    assert create(size=1, one={"a": "x"}).accepted
    assert "one and only one" in create(size=1, one={"a": "x", "b": "x"}).causes[0].body
    assert "Found none valid" in create(size=1, one={}).causes[0].body


def test_rules_are_asked_once_the_types_are_right() -> None:
    rule = {"rule": "self.low <= self.high", "message": "low is above high"}
    number = {"type": "integer"}
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {"low": number, "high": number},
                "x-kubernetes-validations": [rule],
            }
        },
    }
    definition = {
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "names": {"kind": "Foo"},
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
        },
    }
    custom = custom_kinds([definition])

    def said(**spec: Any) -> list[str]:
        value = {"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {"name": "a"}, "spec": spec}
        return [f"{c.field}: {c.body}" for c in admit_one(value, Facts(), custom=custom).causes]

    assert said(low=1, high=2) == []
    [broken] = said(low=2, high=1)
    assert broken.startswith("spec: Invalid value: ") and broken.endswith(": low is above high")
    wrong, unasked = said(low="2", high=1)
    assert wrong.startswith("spec.low: Invalid value")
    assert unasked.startswith("<nil>: Invalid value: null: some validation rules were not checked")


def test_finalizers_of_custom_resources_need_no_prefix() -> None:
    value = {"apiVersion": "example.com/v1", "kind": "Foo", "spec": {"size": 1}}
    value["metadata"] = {"name": "a", "finalizers": ["foo.example.com"]}
    assert admit_one(value, Facts(), custom=CUSTOM).accepted

"""Custom resources seen through their schemas, and their validation rules."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.policy.crd import validate_crd_rules
from svclint.apiserver.policy.environment import rule_environment
from svclint.cel.errors import CompileError, EvalError
from svclint.cel.program import compile_expression
from svclint.cel.schema import escape, typed, unescape, with_meta

STRING = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "namespace": STRING,
                "a-b": STRING,
                "size": {"type": "number"},
                "port": {"x-kubernetes-int-or-string": True},
                "until": {"type": "string", "format": "date-time"},
                "for": {"type": "string", "format": "duration"},
                "raw": {"type": "string", "format": "byte"},
                "maybe": {"type": "string", "nullable": True},
                "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": STRING},
                "routes": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {"type": "object", "properties": {"name": STRING, "to": STRING}},
                },
                "labels": {"type": "object", "additionalProperties": STRING},
            },
        }
    },
}


def gate(**spec: object) -> dict[str, Any]:
    return {"apiVersion": "example.test/v1", "kind": "Gate", "metadata": {"name": "north"}, "spec": spec}


def evaluate(expression: str, value: dict[str, Any], old: dict[str, Any] | None = None) -> object:
    env = rule_environment((1, 36), SCHEMA, True, False)
    schema = with_meta(SCHEMA)
    bindings = {"self": typed(value, schema)} | ({} if old is None else {"oldSelf": typed(old, schema)})
    return compile_expression(expression, env).evaluate(bindings)[0]


@pytest.mark.parametrize(
    "expression",
    [
        "self.metadata.name == 'north' && self.kind == 'Gate'",
        "self.spec.__namespace__ == 'shop' && self.spec.namespace == 'shop'",
        "self.spec.a__dash__b == 'x' && has(self.spec.a__dash__b)",
        "self.spec.size == 2.0 && type(self.spec.size) == double",
        "type(self.spec.port) == int && self.spec.port == 80",
        "self.spec.until == timestamp('2026-01-01T00:00:00Z') && self.spec.__for__ == duration('90s')",
        "self.spec.raw == b'hi'",
        "!has(self.spec.maybe)",
        "self.spec.tags == ['b', 'a'] && self.spec.tags + ['a', 'c'] == ['a', 'b', 'c']",
        "self.spec.labels.all(k, self.spec.labels[k] == '1') && size(self.spec.labels) == 1",
    ],
)
def test_typed_values(expression: str) -> None:
    spec = {
        "namespace": "shop", "a-b": "x", "size": 2, "port": 80, "until": "2026-01-01T00:00:00Z", "for": "1m30s",
        "raw": "aGk=", "maybe": None, "tags": ["a", "b"], "labels": {"k": "1"},
    }  # fmt: skip
    assert evaluate(expression, gate(**spec)) is True


def test_lists_that_are_maps_or_sets_compare_and_join_by_their_keys() -> None:
    new = gate(routes=[{"name": "one", "to": "x"}, {"name": "two", "to": "y"}], tags=["a", "b"])
    old = gate(routes=[{"name": "two", "to": "y"}, {"name": "one", "to": "x"}], tags=["b", "a"])
    assert evaluate("self.spec == oldSelf.spec && self == oldSelf", new, old) is True
    changed = gate(routes=[{"name": "two", "to": "z"}, {"name": "three", "to": "t"}])
    assert evaluate("(self.spec.routes + oldSelf.spec.routes).map(r, r.to).join()", new, changed) == "xzt"
    assert evaluate("self.spec.routes == oldSelf.spec.routes", new, changed) is False


def test_values_that_the_schema_does_not_allow() -> None:
    with pytest.raises(EvalError, match="invalid data, expected string, got int64"):
        evaluate("self.spec.namespace == ''", gate(namespace=1))
    with pytest.raises(EvalError, match="invalid data, got null for schema with nullable=false"):
        evaluate("self.spec.tags.exists(t, t == 'a')", gate(tags=[None]))
    with pytest.raises(CompileError, match="undefined field 'other'"):
        evaluate("self.spec.other == 1", gate())


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("a", "a"), ("a.b/c-d", "a__dot__b__slash__c__dash__d"), ("a__b", "a__underscores__b"), ("in", "__in__")],
)
def test_names(name: str, identifier: str) -> None:
    assert escape(name) == identifier
    assert unescape(identifier) == name


def test_names_without_an_identifier() -> None:
    assert [escape(name) for name in ("", "1a", "a$", "é")] == [None] * 4
    assert unescape("a__nope__") is None


def with_rules(*rules: dict[str, Any]) -> dict[str, Any]:
    spec = {**SCHEMA["properties"]["spec"], "x-kubernetes-validations": list(rules)}
    return {"type": "object", "properties": {"spec": spec}}


def refusals(
    rule: dict[str, Any], value: dict[str, Any], old: dict[str, Any] | None = None
) -> list[tuple[str, str, str]]:
    return [(e.field, e.reason, e.body) for e in validate_crd_rules(with_rules(rule), value, old)]


INVALID = "FieldValueInvalid"


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"rule": "self.size > 5"}, ("spec", INVALID, "Invalid value: failed rule: self.size > 5")),
        ({"rule": "self.size > 5.0", "message": " small "}, ("spec", INVALID, "Invalid value: small")),
        (
            {"rule": "self.size > 5.0", "messageExpression": "'only ' + string(self.size)", "message": "small"},
            ("spec", INVALID, "Invalid value: only 2"),
        ),
        (
            {"rule": "self.size > 5.0", "messageExpression": "self.a__dash__b", "message": "small"},
            ("spec", INVALID, "Invalid value: small"),
        ),
        (
            {"rule": "self.size > 5.0", "message": "small", "fieldPath": ".size", "reason": "FieldValueForbidden"},
            ("spec.size", "FieldValueForbidden", "Forbidden: small"),
        ),
        (
            {"rule": "self.size > 5.0", "message": "x", "fieldPath": ".labels['a']", "reason": "FieldValueRequired"},
            ("spec.labels.a", "FieldValueRequired", "Required value: x"),
        ),
        (
            {"rule": "self.a__dash__b == 'x'"},
            ("spec", INVALID, "Invalid value: \"object\": no such key: a-b evaluating rule: self.a__dash__b == 'x'"),
        ),
        (
            {"rule": "self.port > 'a'", "message": "m"},
            (
                "spec",
                INVALID,
                "Invalid value: \"object\": 'no such overload': call arguments did not match a supported operator,"
                " function or macro signature for rule: m",
            ),
        ),
        (
            {"rule": "self.size"},
            ("spec", INVALID, 'Invalid value: "object": rule compile error: cel expression must evaluate to a bool'),
        ),
    ],
)
def test_rules(rule: dict[str, Any], error: tuple[str, str, str]) -> None:
    if "a__dash__b == " in rule["rule"]:
        error = (error[0], error[1], error[2].replace("a-b", "a__dash__b"))
    assert refusals(rule, gate(size=2, port=1)) == [error]


def test_a_rule_that_holds_says_nothing() -> None:
    assert (
        refusals({"rule": "self.size == 2.0 && self.routes[0].name == 'one'"}, gate(size=2, routes=[{"name": "one"}]))
        == []
    )


def test_transition_rules_wait_for_an_update() -> None:
    rule = {"rule": "self.size >= oldSelf.size", "message": "may not shrink"}
    assert refusals(rule, gate(size=2)) == []
    assert refusals(rule, gate(size=2), gate(size=2)) == []
    assert refusals(rule, gate(size=2), gate(size=3)) == [("spec", INVALID, "Invalid value: may not shrink")]
    rule = {"rule": "oldSelf.hasValue() && self.size >= oldSelf.value().size", "optionalOldSelf": True, "message": "m"}  # type: ignore[dict-item]
    assert refusals(rule, gate(size=2)) == [("spec", INVALID, "Invalid value: m")]
    assert refusals(rule, gate(size=2), gate(size=1)) == []


def test_items_of_maps_are_compared_with_their_namesakes() -> None:
    schema = {"type": "object", "properties": {"spec": {**SCHEMA["properties"]["spec"]}}}
    routes = {**SCHEMA["properties"]["spec"]["properties"]["routes"]}
    routes["items"] = {
        **routes["items"],
        "x-kubernetes-validations": [{"rule": "self.to == oldSelf.to", "message": "no"}],
    }
    schema["properties"]["spec"]["properties"] = {**schema["properties"]["spec"]["properties"], "routes": routes}
    old = gate(routes=[{"name": "one", "to": "x"}, {"name": "two", "to": "y"}])
    new = gate(routes=[{"name": "two", "to": "z"}, {"name": "one", "to": "x"}, {"name": "three", "to": "n"}])
    assert [e.field for e in validate_crd_rules(schema, new, old)] == ["spec.routes[0]"]
    assert validate_crd_rules(schema, new) == []


def test_scalars_are_shown_and_objects_are_not() -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "x-kubernetes-validations": [{"rule": "self < 5", "message": "big"}]}},
    }
    assert [e.body for e in validate_crd_rules(schema, {"n": 7})] == ["Invalid value: 7: big"]
    assert [e.body for e in validate_crd_rules(schema, {"n": 7}, version=(1, 33))] == ['Invalid value: "integer": big']


def test_rules_stop_when_they_cost_too_much() -> None:
    dear = "lists.range(100).all(a, lists.range(100).all(b, lists.range(100).all(c, a + b + c >= 0)))"
    [error] = refusals({"rule": dear}, gate(size=2))
    assert error[2].startswith(
        "Invalid value: \"object\": 'operation cancelled: actual cost limit exceeded': no further"
    )

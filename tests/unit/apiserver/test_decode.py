"""Strict decoding: which error the server reports, in its own words, and where it is."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.admit import admit_one
from svclint.apiserver.decode import decoder, number_text, wrong_quantity, wrong_time
from svclint.kube.facts import Facts

FACTS = Facts()


def service(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec}


def message(value: Any, facts: Facts = FACTS) -> str:
    verdict = admit_one(value, facts)
    assert not verdict.accepted
    assert verdict.code == 400 and verdict.reason == "BadRequest" and not verdict.causes
    assert verdict.message is not None
    return verdict.message.removeprefix('Service in version "v1" cannot be handled as a Service: ')


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"ports": [{"port": "80"}]}, "string into Go struct field ServicePort.spec.ports.port of type int32"),
        ({"ports": [{"port": 80.5}]}, "number 80.5 into Go struct field ServicePort.spec.ports.port of type int32"),
        ({"ports": [{"port": 1 << 31}]}, "number 2147483648 into Go struct field ServicePort.spec.ports.port of type int32"),
        ({"ports": [{"protocol": 6}]}, "number into Go struct field ServicePort.spec.ports.protocol of type v1.Protocol"),
        ({"ports": [{"targetPort": True}]}, "bool into Go struct field ServicePort.spec.ports.targetPort of type int32"),
        ({"ports": [80]}, "number into Go struct field ServiceSpec.spec.ports of type v1.ServicePort"),
        ({"ports": {"port": 80}}, "object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort"),
        ({"selector": {"app": 1}}, "number into Go struct field ServiceSpec.spec.selector of type string"),
        ({"selector": ["app"]}, "array into Go struct field ServiceSpec.spec.selector of type map[string]string"),
        ({"ipFamilies": "IPv4"}, "string into Go struct field ServiceSpec.spec.ipFamilies of type []v1.IPFamily"),
        ({"publishNotReadyAddresses": "no"}, "string into Go struct field ServiceSpec.spec.publishNotReadyAddresses of type bool"),
    ],
)  # fmt: skip
def test_type_errors(spec: dict[str, Any], text: str) -> None:
    assert message(service(**spec)) == "json: cannot unmarshal " + text


def test_a_type_error_hides_unknown_fields_but_both_have_places() -> None:
    value = service(unknown=1, ports=[{"port": "80", "targetport": 1}])
    assert "cannot unmarshal string" in message(value)
    faults = admit_one(value, FACTS).faults
    assert [(fault.kind, fault.place) for fault in faults] == [
        ("type", ("spec", "ports", 0, "port")),
        ("unknown-field", ("spec", "ports", 0, "targetport")),
        ("unknown-field", ("spec", "unknown")),
    ]
    assert "targetPort" in faults[1].fields


def test_unknown_fields_are_told_all_in_the_order_of_their_names() -> None:
    value = {**service(zzz=1, ports=[{"Port": 1}]), "foo": 1}
    assert message(value) == (
        'strict decoding error: unknown field "foo", unknown field "spec.ports[0].Port", unknown field "spec.zzz"'
    )


def test_the_first_type_error_in_the_order_of_names_is_the_one() -> None:
    value = service(type=1, clusterIP=2)
    assert "spec.clusterIP" in message(value)


def test_a_type_with_its_own_decoder_stops_the_server() -> None:
    value = service(clusterIP=2, ports=[{"targetPort": 1.5}])
    assert "number 1.5 into Go struct field ServicePort.spec.ports.targetPort of type int32" in message(value)


def test_what_yaml_s_strict_decoder_says_comes_first() -> None:
    duplicate = 'yaml: unmarshal errors:\n  line 2: key "a" already set in map'
    verdict = admit_one(service(zzz=1), FACTS, duplicate)
    assert verdict.message is not None
    assert verdict.message.endswith(f'strict decoding error: {duplicate}, unknown field "spec.zzz"')


def test_the_embedded_struct_is_in_the_path_from_1_35() -> None:
    value = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": {"rules": [{"http": 1}]}}
    assert "IngressRule.spec.rules.IngressRuleValue.http of type" in message(value)
    assert "IngressRule.spec.rules.http of type" in message(value, Facts(kubernetes_version=(1, 34)))


def test_nulls_are_absent_or_zero() -> None:
    value = {"ports": [None, {"port": None}], "selector": {"app": None}, "clusterIP": None}
    assert decoder((1, 36)).convert(value, "@core.v1.ServiceSpec") == {"ports": [{}, {}], "selector": {"app": ""}}


def test_numbers_that_yaml_writes_without_a_fraction_are_integers() -> None:
    assert decoder((1, 36)).convert({"port": 80.0}, "@core.v1.ServicePort") == {"port": 80}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("service", 'service in version "v1" cannot be handled as a Service: no kind "service" is registered'),
        ("Services", 'Services in version "v1" cannot be handled as a Service: no kind "Services" is registered'),
    ],
)
def test_unknown_kinds_of_a_known_group(kind: str, text: str) -> None:
    verdict = admit_one({**service(), "kind": kind}, FACTS)
    assert verdict.message is not None and verdict.message.startswith(text)


def test_kinds_of_other_groups_are_unknown() -> None:
    verdict = admit_one({"apiVersion": "example.com/v1", "kind": "Service"}, FACTS)
    assert verdict.accepted and not verdict.known


def test_a_version_that_only_the_decoder_knows() -> None:
    value = {"apiVersion": "extensions/v1beta1", "kind": "Ingress", "metadata": {"name": "a"}}
    assert message(value) == (
        "the API version in the data (extensions/v1beta1) does not match the expected API version "
        "(networking.k8s.io/v1)"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e21, "1e+21"), (1e-7, "1e-07"), (100.0, "100"), (0.5, "0.5"), (1.5e300, "1.5e+300"), (0.0, "0")],
)
def test_numbers_as_the_server_reads_them(value: float, text: str) -> None:
    assert number_text(value) == text


def test_times_and_quantities() -> None:
    assert wrong_time("2024-02-30T00:00:00Z") == 'parsing time "2024-02-30T00:00:00Z": day out of range'
    assert wrong_time("2024-02-29T00:00:00+01:00") == ""
    assert wrong_time("now") == 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"'
    assert not any(map(wrong_quantity, ("1", "0.5", "100m", "1Gi", "1e3", "+.5k", "-1E")))
    assert all(map(wrong_quantity, ("", "1 Gi", "1GI", "x", "1.2.3")))

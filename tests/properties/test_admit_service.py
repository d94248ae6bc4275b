"""Whatever JSON stands in a Service's fields, the API server on paper has an answer: never an exception."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint.apiserver.admit import admit_one
from svclint.apiserver.types import types
from svclint.apiserver.validation import service as validation
from svclint.apiserver.warnings import service as warnings
from svclint.kube.facts import Facts

FACTS = (
    Facts(service_cidrs=("10.96.0.0/16", "fd00:10:96::/112")),
    Facts(service_cidrs=("fd00:10:96::/112",)),
    Facts(kubernetes_version=(1, 33)),
    Facts(kubernetes_version=(1, 29), service_cidrs=("10.96.0.0/16",)),
)
TABLE = types((1, 36))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-2, 40000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["", "None", "IPv4", "IPv6", "10.96.0.7", "fd00:10:96::7", "::ffff:10.96.0.9", "010.0.0.1", "10.0.0.0/8", "a/b"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def of(code: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type's shape, with anything at all in any place."""
    bare = code.partition("=")[0]
    if depth > 3 or bare[0] not in "@[{":
        return json_values
    if bare[0] == "[":
        shaped: st.SearchStrategy[Any] = st.lists(of(bare[1:], depth + 1), max_size=3)
    elif bare[0] == "{":
        shaped = st.dictionaries(st.text(max_size=8), of(bare[1:], depth + 1), max_size=3)
    else:
        fields = {name: of(field.code, depth + 1) for name, field in TABLE.fields(bare[1:]).items()}
        shaped = st.fixed_dictionaries({}, optional=fields)
    return shaped | json_values


services = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.just("Service")},
    optional={"metadata": of("@meta.v1.ObjectMeta"), "spec": of("@core.v1.ServiceSpec"), "status": json_values},
)

# Well-typed Services, so that what comes after decoding is reached as well.
names = st.text("ab-.1/_%", max_size=6)
spec_fields: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "x"]),
    "clusterIP": st.sampled_from(["", "None", "10.96.0.7", "10.96.0.1", "fd00:10:96::7", "::ffff:10.96.0.7", "x"]),
    "clusterIPs": st.lists(st.sampled_from(["", "None", "10.96.0.7", "fd00:10:96::7", "1.2.3.4", "x"]), max_size=3),
    "ipFamilies": st.lists(st.sampled_from(["IPv4", "IPv6", "", "x"]), max_size=3),
    "ipFamilyPolicy": st.sampled_from(["SingleStack", "PreferDualStack", "RequireDualStack", "", "x"]),
    "ports": st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "name": names,
                "port": st.integers(-1, 70000),
                "protocol": st.sampled_from(["TCP", "UDP", "SCTP", "tcp", ""]),
                "targetPort": st.integers(-1, 70000) | names,
                "nodePort": st.integers(29998, 30003) | st.just(0),
                "appProtocol": names,
            },
        ),
        max_size=4,
    ),
    "selector": st.dictionaries(names, names, max_size=2),
    "sessionAffinity": st.sampled_from(["", "None", "ClientIP", "x"]),
    "sessionAffinityConfig": st.sampled_from(
        [None, {}, {"clientIP": None}, {"clientIP": {}}, {"clientIP": {"timeoutSeconds": 0}}]
    ),
    "externalIPs": st.lists(st.sampled_from(["", "1.2.3.4", "127.0.0.1", "fe80::1", "x"]), max_size=2),
    "externalName": names,
    "externalTrafficPolicy": st.sampled_from(["", "Local", "Cluster", "x"]),
    "internalTrafficPolicy": st.sampled_from(["", "Local", "Cluster", "x"]),
    "healthCheckNodePort": st.integers(29998, 30003) | st.just(0),
    "loadBalancerSourceRanges": st.lists(
        st.sampled_from(["", " 10.0.0.0/8 ", "10.0.0.1/8", "::/0", "::ffff:1.2.3.4/100", "x/y"]), max_size=2
    ),
    "allocateLoadBalancerNodePorts": st.booleans(),
    "loadBalancerClass": names,
    "loadBalancerIP": st.sampled_from(["", "1.2.3.4", "010.0.0.1", "x"]),
}
# What 1.29 doesn't know.
recent_fields: dict[str, st.SearchStrategy[Any]] = {
    "trafficDistribution": st.sampled_from(["", "PreferClose", "PreferSameZone", "x"])
}
well_typed = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.just("Service"), "metadata": st.fixed_dictionaries({"name": names})},
    optional={"spec": st.fixed_dictionaries({}, optional=spec_fields)},
)


@settings(max_examples=150, deadline=None)
@given(services, st.sampled_from(FACTS))
def test_any_json_has_an_answer(service: dict[str, Any], facts: Facts) -> None:
    before = json.dumps(service)
    verdict = admit_one(service, facts)
    assert verdict.accepted or (verdict.code and verdict.message)
    assert json.dumps(service) == before, "what was read is never changed"


@settings(max_examples=250, deadline=None)
@given(well_typed, st.sampled_from(FACTS))
def test_every_refusal_says_where(service: dict[str, Any], facts: Facts) -> None:
    verdict = admit_one(service, facts)
    if verdict.accepted:
        assert verdict.stored is not None
        assert verdict.stored["spec"]["type"] in ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
    elif verdict.code == 422:
        assert verdict.causes
        assert all(cause.field and cause.place for cause in verdict.causes)
    else:
        assert verdict.code in (409, 500), verdict


class Unguarded(frozenset[str]):
    """Fields that are taken to be there, so that the rules about them are asked whether they are there or not."""

    def isdisjoint(self, other: object) -> bool:
        return False


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]), st.sampled_from(FACTS))
def test_what_is_not_asked_would_say_nothing(data: st.DataObject, kind: str, facts: Facts) -> None:
    """One field of an ordinary Service is whatever its type allows."""
    spec: dict[str, Any] = {"type": kind, "selector": {"a": "a"}, "ports": [{"port": 80}]}
    fields = spec_fields | recent_fields
    name = data.draw(st.sampled_from(sorted(fields)))
    spec[name] = data.draw(fields[name])
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec}
    verdict = admit_one(service, facts)
    with (
        patch.object(validation, "TRAFFIC", Unguarded(validation.TRAFFIC)),
        patch.object(warnings, "OPTIONAL", Unguarded(warnings.OPTIONAL)),
    ):
        assert admit_one(service, facts) == verdict


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_any_body_has_an_answer(value: Any) -> None:
    verdict = admit_one(value, FACTS[0])
    assert verdict.accepted or verdict.message

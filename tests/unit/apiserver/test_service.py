"""Services created one after the other: what is filled in, what is taken, what is refused first."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.admit import ApiServer, Verdict, accepted_since, admit_one
from svclint.kube.facts import Facts

SINGLE = Facts(service_cidrs=("10.97.0.0/16",))
DUAL = Facts(service_cidrs=("10.96.0.0/16", "fd00:10:96::/112"))
UNKNOWN = Facts()


def service(name: str = "a", ports: Any = ({"port": 80},), **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "x"}, "ports": list(ports), **spec},
    }


def texts(verdict: Verdict) -> list[str]:
    return [f"{cause.field}: {cause.body}" for cause in verdict.causes]


def stored(value: dict[str, Any], facts: Facts = SINGLE) -> dict[str, Any]:
    verdict = admit_one(value, facts)
    assert verdict.accepted and verdict.stored is not None, verdict.message
    spec: dict[str, Any] = verdict.stored["spec"]
    return spec


def test_what_the_server_stores() -> None:
    assert stored(service()) == {
        "selector": {"app": "x"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "clusterIP": "<allocated>",
        "clusterIPs": ["<allocated>"],
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
    }


def test_ports_of_one_number_share_a_node_port() -> None:
    ports = [
        {"name": "t", "port": 53, "protocol": "TCP"},
        {"name": "u", "port": 53, "protocol": "UDP", "nodePort": 30053},
    ]
    assert [port["nodePort"] for port in stored(service(ports=ports, type="NodePort"))["ports"]] == [30053, 30053]


def test_a_node_port_is_taken_whatever_the_protocol() -> None:
    server = ApiServer(SINGLE)
    assert server.create(service("a", [{"port": 80, "nodePort": 30090}], type="NodePort")).accepted
    refused = server.create(service("b", [{"port": 80, "nodePort": 30090, "protocol": "UDP"}], type="NodePort"))
    assert texts(refused) == ["spec.ports[0].nodePort: Invalid value: 30090: provided port is already allocated"]


def test_a_refused_service_takes_nothing() -> None:
    server = ApiServer(SINGLE)
    assert not server.create(service("A", [{"port": 80, "nodePort": 30090}], type="NodePort")).accepted
    assert server.create(service("a", [{"port": 80, "nodePort": 30090}], type="NodePort")).accepted


def test_allocation_hides_everything_else() -> None:
    value = service("A", [{"port": 0, "nodePort": 80, "protocol": "tcp"}], type="NodePort")
    assert texts(admit_one(value, SINGLE)) == [
        "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
        "The range of valid ports is 30000-32767"
    ]


def test_the_range_of_node_ports_is_a_fact() -> None:
    value = service(ports=[{"port": 80, "nodePort": 80}], type="NodePort")
    assert admit_one(value, SINGLE._replace(node_port_range=(1, 100))).accepted


def test_health_check_ports_fail_as_internal_errors() -> None:
    value = service(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=80)
    verdict = admit_one(value, SINGLE)
    assert (verdict.code, verdict.reason) == (500, "InternalError")
    assert verdict.message is not None and "failed to allocate requested HealthCheck NodePort 80" in verdict.message


@pytest.mark.parametrize(
    ("spec", "facts", "text"),
    [
        ({"clusterIP": "10.1.2.3"}, SINGLE, 'spec.clusterIPs: Invalid value: ["10.1.2.3"]: failed to allocate IP 10.1.2.3: the provided network does not match the current range'),
        ({"clusterIP": "10.97.0.1"}, SINGLE, 'spec.clusterIPs: Invalid value: ["10.97.0.1"]: failed to allocate IP 10.97.0.1: provided IP is already allocated'),
        ({"ipFamilyPolicy": "RequireDualStack"}, SINGLE, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'),
        ({"ipFamilies": ["IPv6"]}, SINGLE, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
        ({"clusterIP": "fd00::9"}, SINGLE, 'spec.clusterIPs[0]: Invalid value: ["fd00::9"]: IPv6 is not configured on this cluster'),
        ({"ipFamilies": ["IPv4", "IPv6"]}, DUAL, "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"),
        ({"clusterIPs": ["10.96.0.9"]}, DUAL, 'spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified'),
    ],
)  # fmt: skip
def test_families_and_addresses(spec: dict[str, Any], facts: Facts, text: str) -> None:
    assert texts(admit_one(service(**spec), facts)) == [text]


def test_unknown_ranges_are_held_against_nobody() -> None:
    for spec in ({"clusterIP": "10.1.2.3"}, {"ipFamilyPolicy": "RequireDualStack"}, {"ipFamilies": ["IPv6"]}):
        assert admit_one(service(**spec), UNKNOWN).accepted


def test_headless_without_a_selector_is_dual_stack_anywhere() -> None:
    value = service(clusterIP="None", selector={})
    spec = stored(value)
    assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4", "IPv6"], "RequireDualStack")
    assert "selector" not in spec


def test_names_are_taken() -> None:
    server = ApiServer(SINGLE)
    assert server.create(service()).accepted
    assert server.create(service()).message == 'services "a" already exists'
    kubernetes = admit_one(service("kubernetes"), SINGLE)
    assert (kubernetes.code, kubernetes.reason) == (409, "AlreadyExists")
    generated = {**service(), "metadata": {"generateName": "a-"}}
    assert server.create(generated).accepted and server.create(generated).accepted


def test_places_lead_to_the_keys_of_the_file() -> None:
    [cause] = admit_one(service(loadBalancerSourceRanges=["10.0.0.0/8"]), SINGLE).causes
    assert (cause.field, cause.place) == ("spec.LoadBalancerSourceRanges", ("spec", "loadBalancerSourceRanges"))
    [cause] = admit_one(service(selector={"a": "b c"}), SINGLE).causes
    assert (cause.field, cause.place) == ("spec.selector", ("spec", "selector", "a"))


def test_what_was_filled_in_is_blamed_on_what_it_was_made_of() -> None:
    def places(facts: Facts = SINGLE, **spec: Any) -> list[Any]:
        return [cause.place for cause in admit_one(service(**spec), facts).causes]

    assert places(clusterIP="nope") == [("spec", "clusterIP")]
    assert places(clusterIP="10.97.0.9", clusterIPs=["nope"])[-1] == ("spec", "clusterIPs", 0)
    assert places(ports=[{"port": 0}]) == [("spec", "ports", 0, "port")] * 2
    assert places(ports=[{"port": 1, "targetPort": "-"}])[0] == ("spec", "ports", 0, "targetPort")
    assert places(DUAL, ipFamilies=["IPv4", "IPv6"]) == [("spec", "ipFamilies")]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a" * 64}}
    assert {cause.place for cause in admit_one(job, SINGLE).causes} >= {("metadata", "name")}


def test_the_version_that_accepts() -> None:
    facts = Facts(kubernetes_version=(1, 34))
    assert not admit_one(service("1a"), facts).accepted
    assert accepted_since(service("1a"), facts) == (1, 36)
    assert accepted_since(service("A"), facts) is None


def test_warnings() -> None:
    verdict = admit_one(service(externalIPs=["1.2.3.4"], externalName="x"), SINGLE)
    assert [warning.message for warning in verdict.warnings] == [
        "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
        'spec.externalName is ignored when spec.type is not "ExternalName"',
    ]
    assert verdict.warnings[0].place == ("spec", "externalIPs")

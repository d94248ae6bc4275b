"""The EndpointSlice controller (k8s.io/endpointslice; reference: semantics §C). The recorded worlds are in tests/golden."""

from __future__ import annotations

import pytest

from svclint.cluster import Cluster, Endpoint, Presence
from svclint.kube.facts import Facts
from svclint.kube.resource import resources
from svclint.yaml import parse

WEB = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]}
"""


def cluster(text: str, facts: Facts | None = None) -> Cluster:
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    return Cluster(found, facts or Facts())


def service(spec: str, name: str = "web", metadata: str = "") -> str:
    return f"\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}{metadata}}}\nspec: {spec}\n"


def endpoints(text: str, facts: Facts | None = None, name: str = "web") -> tuple[Endpoint, ...]:
    world = cluster(text, facts)
    found = world.service_named("default", name)
    assert found is not None
    return world.endpoints(found)


def ports(text: str) -> list[list[tuple[str, int | None, str]]]:
    return [[tuple(port[:3]) for port in item.ports] for item in endpoints(text)]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("{port: 80}", [("", 80, "TCP")]),
        ("{port: 80, targetPort: http}", [("", 8080, "TCP")]),
        ("{port: 80, targetPort: http, protocol: UDP}", []),
        ("{port: 53, targetPort: dns, protocol: UDP}", [("", 53, "UDP")]),
        ("{port: 80, targetPort: nope}", []),
        ("{name: a, port: 80, targetPort: nope}, {name: b, port: 81, targetPort: http}", [("b", 8080, "TCP")]),
        ("{name: a, port: 80, targetPort: http}, {name: b, port: 81, targetPort: http}",
         [("a", 8080, "TCP"), ("b", 8080, "TCP")]),
    ],
)  # fmt: skip
def test_ports_resolve_by_name_and_protocol(listed: str, expected: list[tuple[str, int, str]]) -> None:
    """A pod in which nothing resolves is published all the same."""
    assert ports(WEB + service(f"{{selector: {{app: web}}, ports: [{listed}]}}")) == [expected, expected]


@pytest.mark.parametrize(
    ("selector", "size"),
    [
        ("{app: web}", 2),
        ("{app: web, tier: front}", 2),
        ("{app: web, tier: back}", 0),
        ("{app: web, pod-template-hash: abc}", 0),
        ('{app: ""}', 0),
        ("{}", 0),
    ],
)
def test_selectors(selector: str, size: int) -> None:
    text = WEB + service(f"{{selector: {selector}, ports: [{{port: 80}}]}}")
    assert sum(item.size for item in endpoints(text)) == size


def test_other_namespaces_are_not_selected() -> None:
    world = cluster(WEB + service("{selector: {app: web}, ports: [{port: 80}]}", metadata=", namespace: other"))
    (found,) = world.services
    assert world.endpoints(found) == ()


def test_readiness() -> None:
    facts = Facts(not_ready=frozenset({"Deployment/web"}))
    plain = service("{selector: {app: web}, ports: [{port: 80}]}")
    assert {item.ready for item in endpoints(WEB + plain, facts)} == {False}
    published = service("{selector: {app: web}, ports: [{port: 80}], publishNotReadyAddresses: true}")
    assert {item.ready for item in endpoints(WEB + published, facts)} == {True}


@pytest.mark.parametrize(
    ("spec", "families"),
    [
        ("", ["IPv4"]),
        ("ipFamilies: [IPv6], ", ["IPv6"]),
        ("ipFamilyPolicy: PreferDualStack, ", ["IPv4", "IPv6"]),
        ("clusterIP: 'fd00::7', ", ["IPv6"]),
    ],
)
def test_families(spec: str, families: list[str]) -> None:
    text = WEB + service(f"{{{spec}selector: {{app: web}}, ports: [{{port: 80}}]}}")
    found = endpoints(text, Facts(dual_stack=True))
    assert list(dict.fromkeys(item.family for item in found)) == families


def test_a_single_stack_pod_is_absent_from_the_other_family() -> None:
    text = WEB + service("{ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80}]}")
    assert {item.family for item in endpoints(text)} == {"IPv4"}


@pytest.mark.parametrize(
    ("pod", "hostname"),
    [
        ("{hostname: h, subdomain: web}", "h"),
        ("{hostname: h, subdomain: other}", None),
        ("{subdomain: web}", None),
        ("{hostname: h}", None),
    ],
)
def test_hostnames(pod: str, hostname: str | None) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, labels: {{a: b}}}}\nspec: {pod}\n"
    (found,) = endpoints(text + service("{selector: {a: b}, ports: [{port: 80}]}"))
    assert found.hostname == hostname


def test_two_services_of_one_selector_differ_in_hostnames_only() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: b}}\nspec: {hostname: h, subdomain: web}\n"
    text += service("{selector: {a: b}, ports: [{port: 80}]}") + service("{selector: {a: b}, ports: [{port: 80}]}", "b")
    assert endpoints(text)[0].hostname == "h"
    assert endpoints(text, name="b")[0].hostname is None


SLICE = """
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 9376}]
endpoints: [{addresses: [192.0.2.1, 192.0.2.2], conditions: {ready: false}}, {addresses: [192.0.2.3]}]
"""


def test_hand_written_slices_stand_beside_generated_ones() -> None:
    found = endpoints(WEB + service("{selector: {app: web}, ports: [{port: 80}]}") + SLICE)
    written = [(item.address, item.ready, item.proxied) for item in found if item.pod is None]
    assert written == [("192.0.2.1", False, True), ("192.0.2.2", False, False), ("192.0.2.3", None, True)]
    assert sum(item.size for item in found if item.pod is not None) == 2


ENDPOINTS = """
---
apiVersion: v1
kind: Endpoints
metadata: {name: web%s}
subsets: [{addresses: [{ip: 192.0.2.1}, {ip: "2001:db8::1"}], notReadyAddresses: [{ip: 192.0.2.2}], ports: [{port: 80}]}]
"""


@pytest.mark.parametrize(
    ("spec", "metadata", "expected"),
    [
        ("{ports: [{port: 80}]}", "", [("192.0.2.1", True), ("2001:db8::1", True), ("192.0.2.2", False)]),
        ("{ports: [{port: 80}], selector: {}}", "", [("192.0.2.1", True), ("2001:db8::1", True), ("192.0.2.2", False)]),
        ("{ports: [{port: 80}], selector: {a: b}}", "", []),
        ("{type: ExternalName, externalName: a.b, selector: {a: b}}", "", []),
        ("{ports: [{port: 80}]}", ", labels: {endpointslice.kubernetes.io/skip-mirror: 'true'}", []),
        ("{ports: [{port: 80}]}", ", annotations: {control-plane.alpha.kubernetes.io/leader: x}", []),
    ],
)
def test_endpoints_are_mirrored(spec: str, metadata: str, expected: list[tuple[str, bool]]) -> None:
    found = endpoints(service(spec) + ENDPOINTS % metadata)
    assert [(item.address, item.ready) for item in found] == expected


def test_pods_on_their_nodes_network_share_its_address() -> None:
    text = WEB.replace("{containers", "{hostNetwork: true, nodeName: node-a, containers")
    (found,) = endpoints(text + service("{selector: {app: web}, ports: [{port: 80}]}"))
    assert (found.size, found.addresses) == (2, 1)


@pytest.mark.parametrize(
    ("text", "presence"),
    [
        (WEB, Presence.PRESENT),
        ("", Presence.ABSENT),
        (WEB.replace("app: web, tier", "app: other, tier"), Presence.ABSENT),
        ("\n---\n{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k}}", Presence.UNKNOWN),
        ("\n---\n{apiVersion: corp.example/v1, kind: App, metadata: {name: k}}", Presence.UNKNOWN),
        ("\n---\n{apiVersion: corp.example/v1, kind: App, metadata: {name: k, namespace: x}}", Presence.ABSENT),
        ("\n---\n{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: k}}", Presence.ABSENT),
        ("\n---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: k}}", Presence.ABSENT),
    ],
)
def test_absent_or_only_unknown(text: str, presence: Presence) -> None:
    world = cluster(text + service("{selector: {app: web}, ports: [{port: 80}]}"))
    assert world.selection(world.services[0]).presence is presence


def test_a_hash_in_the_selector_is_possible_only() -> None:
    world = cluster(WEB + service("{selector: {app: web, pod-template-hash: abc}}"))
    found = world.selection(world.services[0])
    assert (found.workloads, len(found.possible), found.presence) == ((), 1, Presence.UNKNOWN)


def test_presence_of_objects() -> None:
    world = cluster(WEB)
    assert world.presence("apps", "Deployment", "default", "web") is Presence.PRESENT
    assert world.presence("apps", "Deployment", "default", "nope") is Presence.ABSENT
    assert world.get("Deployment", "default", "web") is not None
    assert world.get("Deployment", "default", "web", "extensions") is None

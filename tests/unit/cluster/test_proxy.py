"""kube-proxy (pkg/proxy of 1.36; semantics §E). The recorded connections (iptables, nftables) are in tests/golden."""

from __future__ import annotations

import pytest

from svclint.cluster import Cluster
from svclint.kube.facts import Facts
from svclint.kube.resource import resources
from svclint.yaml import parse


def pod(name: str, node: str, ports: str = "[{containerPort: 8080}]") -> str:
    return (
        f"\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: web}}}}\n"
        f"spec: {{nodeName: {node}, containers: [{{name: c, ports: {ports}}}]}}\n"
    )


def service(rest: str = "", metadata: str = "", ports: str = "[{port: 80, targetPort: 8080}]") -> str:
    return (
        f"\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: web{metadata}}}\n"
        f"spec: {{selector: {{app: web}}, ports: {ports}{rest}}}\n"
    )


LOCAL, REMOTE = pod("here", "node-a"), pod("there", "node-b")
NODE_PORT = ", type: NodePort, externalIPs: [203.0.113.7]"
NODE_PORTS = "[{port: 80, targetPort: 8080, nodePort: 30080}]"


def follow(text: str, target: str = "web:80", where: str = "pod", **facts: object) -> tuple[str, dict[str, float]]:
    """The verdict and the share of each pod."""
    known = Facts(network_policies=False)._replace(**facts)  # type: ignore[arg-type]
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    trace = Cluster(found, known).resolve(target, where)
    return trace.verdict, {reach.pod or reach.address or "": round(reach.share, 2) for reach in trace.reaches}


BOTH = {"here": 0.5, "there": 0.5}


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs", "userspace"])
def test_equal_shares(mode: str) -> None:
    assert follow(LOCAL + REMOTE + service(), proxy_mode=mode) == ("reached", BOTH)


@pytest.mark.parametrize(
    ("mode", "port", "address"),
    [
        ("iptables", "unreachable", "unreachable"),
        ("nftables", "refused", "timeout"),
        ("ipvs", "refused", "unreachable"),
        ("userspace", "unreachable", "unreachable"),
    ],
)
def test_ports_and_addresses_that_do_not_exist(mode: str, port: str, address: str) -> None:
    text = LOCAL + service()
    assert follow(text, "web:81", proxy_mode=mode)[0] == port
    assert follow(text, "web:80/UDP", proxy_mode=mode)[0] == port
    assert follow(text, "10.96.9.9:80", proxy_mode=mode, service_cidrs=("10.96.0.0/16",))[0] == address
    assert follow(text, "10.96.9.9:80", proxy_mode=mode)[0] == "unknown"


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs", "userspace"])
def test_no_endpoints_are_refused(mode: str) -> None:
    assert follow(service(), proxy_mode=mode) == ("refused", {})
    unready = frozenset({"Pod/here"})
    assert follow(LOCAL + service(), proxy_mode=mode, not_ready=unready) == ("refused", {})


@pytest.mark.parametrize(
    ("pods", "mode", "verdict", "shares"),
    [
        (LOCAL + REMOTE, "iptables", "reached", {"here": 1.0}),
        (REMOTE, "iptables", "timeout", {}),
        (REMOTE, "nftables", "timeout", {}),
        (REMOTE, "ipvs", "refused", {}),
        (REMOTE, "userspace", "reached", {"there": 1.0}),
        ("", "iptables", "refused", {}),
    ],
)
def test_internal_traffic_policy_local(pods: str, mode: str, verdict: str, shares: dict[str, float]) -> None:
    text = pods + service(", internalTrafficPolicy: Local")
    assert follow(text, proxy_mode=mode) == (verdict, shares)


@pytest.mark.parametrize("target", ["node:30080", "203.0.113.7:80"])
@pytest.mark.parametrize(
    ("pods", "where", "mode", "verdict", "shares"),
    [
        (LOCAL + REMOTE, "outside", "iptables", "reached", {"here": 1.0}),
        (LOCAL + REMOTE, "pod", "iptables", "reached", BOTH),
        (REMOTE, "outside", "iptables", "timeout", {}),
        (REMOTE, "pod", "iptables", "reached", {"there": 1.0}),
        (REMOTE, "outside", "ipvs", "reached", {"there": 1.0}),
        ("", "outside", "iptables", "refused", {}),
    ],
)
def test_external_traffic_policy_local(
    target: str, pods: str, where: str, mode: str, verdict: str, shares: dict[str, float]
) -> None:
    text = pods + service(NODE_PORT + ", externalTrafficPolicy: Local", ports=NODE_PORTS)
    assert follow(text, target, where, proxy_mode=mode) == (verdict, shares)


@pytest.mark.parametrize(
    ("distribution", "where", "shares"),
    [
        ("PreferSameNode", "pod", {"here": 1.0}),
        ("PreferSameZone", "pod", {"here": 1.0}),
        ("PreferClose", "pod", {"here": 1.0}),
        ("Other", "pod", BOTH),
        ("PreferSameZone", "default/Pod/there", {"there": 1.0}),
    ],
)
def test_traffic_distribution(distribution: str, where: str, shares: dict[str, float]) -> None:
    text = LOCAL + REMOTE + service(f", trafficDistribution: {distribution}")
    assert follow(text, where=where) == ("reached", shares)


def test_traffic_distribution_falls_back() -> None:
    spread = ", trafficDistribution: PreferSameNode"
    assert follow(REMOTE + service(spread)) == ("reached", {"there": 1.0})
    # One endpoint without a zone, and hints are ignored.
    assert follow(LOCAL + pod("x", "elsewhere") + service(", trafficDistribution: PreferClose")) == (
        "reached",
        {"here": 0.5, "x": 0.5},
    )
    auto = ", annotations: {service.kubernetes.io/topology-mode: Auto}"
    assert follow(LOCAL + REMOTE + service(spread, auto)) == ("reached", BOTH)


def test_the_userspace_proxy_tries_another_when_one_refuses() -> None:
    deaf = pod("deaf", "node-a", "[{containerPort: 1}]")
    assert follow(LOCAL + deaf + service(), proxy_mode="userspace") == ("reached", {"here": 1.0})
    assert follow(LOCAL + deaf + service()) == ("reached", {"deaf": 0.5, "here": 0.5})


def test_another_proxy() -> None:
    text = LOCAL + service(metadata=", labels: {service.kubernetes.io/service-proxy-name: other}")
    assert follow(text)[0] == "unreachable"
    assert follow(text, proxy_mode="nftables")[0] == "timeout"


SLICE = """
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s, labels: {kubernetes.io/service-name: web%s}}
addressType: %s
ports: [{name: %s, port: %s, protocol: %s}]
endpoints: [%s]
"""


@pytest.mark.parametrize(
    ("labels", "kind", "name", "port", "protocol", "endpoints", "expected"),
    [
        ("", "IPv4", "http", "9", "TCP", "{addresses: [192.0.2.1, 192.0.2.2]}", {"192.0.2.1": 1.0}),
        ("", "IPv4", "http", "9", "TCP", "{addresses: [192.0.2.1]}, {addresses: [192.0.2.1]}", {"192.0.2.1": 1.0}),
        ("", "IPv4", "web", "9", "TCP", "{addresses: [192.0.2.1]}", {}),
        ("", "IPv4", '""', "9", "TCP", "{addresses: [192.0.2.1]}", {}),
        ("", "IPv4", "http", "9", "UDP", "{addresses: [192.0.2.1]}", {}),
        ("", "IPv4", "http", "~", "TCP", "{addresses: [192.0.2.1]}", {}),
        ("", "FQDN", "http", "9", "TCP", "{addresses: [a.example.com]}", {}),
        ("", "IPv6", "http", "9", "TCP", "{addresses: ['fd00::1']}", {}),
        (", service.kubernetes.io/headless: ''", "IPv4", "http", "9", "TCP", "{addresses: [192.0.2.1]}", {}),
        ("", "IPv4", "http", "9", "TCP",
         "{addresses: [192.0.2.1], conditions: {ready: false, serving: true, terminating: true}}", {"192.0.2.1": 1.0}),
        ("", "IPv4", "http", "9", "TCP",
         "{addresses: [192.0.2.1], conditions: {ready: false, serving: false, terminating: true}}", {}),
        ("", "IPv4", "http", "9", "TCP",
         "{addresses: [192.0.2.1], conditions: {ready: false, serving: true, terminating: true}}, "
         "{addresses: [192.0.2.2]}", {"192.0.2.2": 1.0}),
        ("", "IPv4", "http", "9", "TCP",
         "{addresses: [192.0.2.1], hints: {forZones: [{name: zone-b}]}}, "
         "{addresses: [192.0.2.2], hints: {forZones: [{name: zone-a}]}}", {"192.0.2.2": 1.0}),
    ],
)  # fmt: skip
def test_hand_written_slices(
    labels: str, kind: str, name: str, port: str, protocol: str, endpoints: str, expected: dict[str, float]
) -> None:
    verdict, shares = follow(SLICE % (labels, kind, name, port, protocol, endpoints))
    assert shares == expected
    assert verdict == ("reached" if expected else "refused")


def test_one_node_port_two_protocols() -> None:
    ports = (
        "[{name: a, port: 53, nodePort: 30053}, {name: b, port: 53, nodePort: 30053, protocol: UDP, targetPort: 5353}]"
    )
    text = LOCAL + service(", type: NodePort", ports=ports)
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    world = Cluster(found)
    assert world.resolve("node:30053", "outside").reaches[0].port == 53
    assert world.resolve("node:30053/UDP", "outside").reaches[0].port == 5353
    assert world.resolve("node:30053/SCTP", "outside").verdict == "refused"


def test_node_ports_that_the_cluster_picks_are_unknown() -> None:
    text = LOCAL + service(", type: NodePort")
    assert follow(text, "node:31000", "outside")[0] == "unknown"
    assert follow(text, "node:99", "outside")[0] == "refused"
    assert follow(text, "node:31000", "outside", node_port_range=(40000, 41000))[0] == "refused"


def test_host_ports() -> None:
    text = pod("here", "node-a", "[{containerPort: 8080, hostPort: 80}]")
    assert follow(text, "node:80", "outside") == ("reached", {"here": 1.0})
    assert follow(text, "node:8080", "outside") == ("refused", {})
    assert follow(text.replace("node-a", "node-b"), "node:80", "outside") == ("refused", {})
    on_host = LOCAL.replace("{nodeName", "{hostNetwork: true, nodeName")
    assert follow(on_host, "node:8080", "outside") == ("reached", {"here": 1.0})


@pytest.mark.parametrize(
    ("ranges", "verdict"),
    [("", "reached"), ("[198.51.100.0/24]", "unknown"), ("[198.51.100.0/24, 0.0.0.0/0]", "reached")],
)
def test_load_balancer_source_ranges(ranges: str, verdict: str) -> None:
    """They filter the load balancer's address only; a /0 among them switches the filter off."""
    text = LOCAL + service(
        f", type: LoadBalancer, loadBalancerIP: 203.0.113.9, loadBalancerSourceRanges: {ranges}", ports=NODE_PORTS
    )
    assert follow(text, "203.0.113.9:80", "outside")[0] == verdict
    assert follow(text, "node:30080", "outside")[0] == "reached"
    assert follow(text)[0] == "reached"

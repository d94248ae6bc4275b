"""kube-proxy: where a packet to one of a Service's addresses goes (pkg/proxy of 1.36: topology.go, {iptables,nftables,
ipvs}/proxier.go; the userspace proxy as of 1.25).

A decision lists the endpoints that may be chosen with their share of new connections, or says why there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from svclint.cluster.endpoints import Endpoint
from svclint.kube.facts import Facts, Node
from svclint.kube.resource import Place
from svclint.kube.service import Service, ServicePort

Via = Literal["clusterIP", "nodePort", "externalIP", "loadBalancer"]
Source = Literal["pod", "outside"]
Outcome = Literal["endpoints", "refused", "timeout", "unreachable"]

PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name"
TOPOLOGY_ANNOTATIONS = ("service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode")

# The userspace proxy dials that many endpoints before it gives up (proxysocket.go EndpointDialTimeouts).
_DIALS = 4

_SCHEDULERS = {
    "rr": "in turn",
    "wrr": "in turn by weight, all weights being 1",
    "lc": "to the one with the fewest connections",
    "wlc": "to the one with the fewest connections by weight",
    "sh": "by the client's address, the same for the same client",
    "dh": "by the destination address: the same for everybody",
    "mh": "by a hash of the client's address, the same for the same client",
    "sed": "to the one with the shortest expected delay",
    "nq": "to an idle one, else the one with the shortest expected delay",
    "lblc": "by the destination address: the same for everybody",
    "lblcr": "by the destination address: the same for everybody",
}


class Target(NamedTuple):
    """An endpoint that may be chosen: the port there and its share of new connections (all its pods together)."""

    endpoint: Endpoint
    port: int
    share: float


class Decision(NamedTuple):
    """What kube-proxy does with the packet; `reason` says it in words, `place` is what decides it."""

    outcome: Outcome
    targets: tuple[Target, ...]
    reason: str
    place: Place | None = None


def is_proxied(service: Service) -> bool:
    """Whether kube-proxy makes rules for it (util.ShouldSkipService, and the label for other proxies)."""
    return not service.headless and not service.is_external_name and PROXY_NAME_LABEL not in service.resource.labels


def decide(
    service: Service,
    port: ServicePort,
    endpoints: Iterable[Endpoint],
    family: str,
    via: Via,
    source: Source,
    node: Node,
    facts: Facts,
) -> Decision:
    """Where a new connection to the Service port goes that `node` handles."""
    mode = facts.proxy_mode
    usable = [item for item in endpoints if _port_of(item, port) is not None and item.proxied and item.family == family]
    ready = [item for item in usable if item.is_ready]
    chosen_cluster, note = _by_topology(service, ready, node, facts)
    if not chosen_cluster:
        # Only terminating ones are left: those that still serve are used (topology.go, KEP-1669).
        chosen_cluster = [item for item in usable if item.serving and item.terminating]
    if mode == "userspace":
        return _userspace(service, port, ready)
    internal = via == "clusterIP"
    policy = service.internal_traffic_policy if internal else service.external_traffic_policy
    where = service.at("spec", "internalTrafficPolicy" if internal else "externalTrafficPolicy")
    if policy == "Local" and (internal or source == "outside"):
        here = [item for item in ready if item.node == node.name]
        here = here or [item for item in usable if item.serving and item.terminating and item.node == node.name]
        if here:
            return _spread(service, port, here, facts, f"{_policy(internal)}: Local keeps to {node.name}", where)
        if not chosen_cluster:
            return _nowhere(service, port, facts)
        if mode == "ipvs":
            if internal:
                return Decision("refused", (), f"{_policy(internal)}: Local, and no endpoint on {node.name}", where)
            return _spread(service, port, chosen_cluster, facts, "ipvs falls back to endpoints on other nodes", where)
        return Decision("timeout", (), f"{_policy(internal)}: Local drops it: no endpoint on {node.name}", where)
    if not chosen_cluster:
        return _nowhere(service, port, facts)
    return _spread(service, port, chosen_cluster, facts, note, None)


def balanced(port: ServicePort, endpoints: Iterable[Endpoint]) -> tuple[Target, ...]:
    """The ready endpoints of a Service port with equal shares, as a controller that connects to them itself sees them
    (headless Services too)."""
    return _shares([item for item in endpoints if item.is_ready], port)


def no_such_port(service: Service, facts: Facts, via: Via = "clusterIP") -> Decision:
    """A port or protocol that the Service doesn't have. iptables has no rule for it: the packet leaves by ordinary
    routing; nftables and ipvs refuse it at a cluster IP (nftables' cluster-ips chain, ipvs' dummy interface)."""
    where = service.at("spec", "ports")
    if via == "clusterIP" and facts.proxy_mode in ("nftables", "ipvs"):
        return Decision("refused", (), f"{facts.proxy_mode} refuses a port that the Service doesn't have", where)
    return Decision("unreachable", (), "the Service has no such port: kube-proxy has no rule for it", where)


def _policy(internal: bool) -> str:
    return "internalTrafficPolicy" if internal else "externalTrafficPolicy"


def _port_of(endpoint: Endpoint, port: ServicePort) -> int | None:
    """The endpoint's number for a Service port: the slice port of the same name and protocol."""
    for item in endpoint.ports:
        if item.name == port.port_name and item.protocol == port.protocol and item.port:
            return item.port
    return None


def _nowhere(service: Service, port: ServicePort, facts: Facts) -> Decision:
    how = "kube-proxy refuses it" if facts.proxy_mode != "ipvs" else "the virtual server has no destination"
    where = service.at("spec", "selector") if service.selector else service.at("metadata", "name")
    return Decision("refused", (), f"no ready endpoint has the port {port}: {how}", where)


def _spread(
    service: Service, port: ServicePort, endpoints: list[Endpoint], facts: Facts, note: str, place: Place | None
) -> Decision:
    """Equal shares over different addresses: two entries with one address and port are one."""
    targets = _shares(endpoints, port)
    total = len(targets) if len(targets) > 1 else _sum([item.endpoint for item in targets])
    how = {
        "iptables": "at random",
        "nftables": "at random",
        "ipvs": _SCHEDULERS.get(facts.ipvs_scheduler, f"by the scheduler {facts.ipvs_scheduler}"),
        "userspace": "in turn",
    }[facts.proxy_mode]
    words = [f"{facts.proxy_mode} sends it {how}" if total > 1 else f"{facts.proxy_mode} sends it on"]
    if service.session_affinity == "ClientIP" and total > 1:
        words.append("then always to the same for one client (sessionAffinity: ClientIP)")
    if note:
        words.append(note)
    return Decision("endpoints", targets, ", ".join(words), place)


def _shares(endpoints: list[Endpoint], port: ServicePort) -> tuple[Target, ...]:
    """Each endpoint that has the port with its part of the connections; the same address and port count once."""
    unique: dict[tuple[object, ...], Target] = {}
    for item in endpoints:
        number = _port_of(item, port)
        if number is not None:
            unique.setdefault((*item.identity, number), Target(item, number, item.addresses))
    total = sum(item.share for item in unique.values())
    return tuple(item._replace(share=item.share / total) for item in unique.values())


def _userspace(service: Service, port: ServicePort, ready: list[Endpoint]) -> Decision:
    """The proxy itself connects: when one endpoint refuses it tries the next. No traffic policy, no topology."""
    if not ready:
        return Decision(
            "refused", (), "the userspace proxy accepts and closes: no endpoint", service.at("spec", "ports")
        )
    listening = [item for item in ready if item.pod is not None and _listens(item, port)]
    chosen = listening if listening and sum(item.addresses for item in ready) - _sum(listening) < _DIALS else ready
    targets = _shares(chosen, port)
    note = "the userspace proxy connects in turn and tries another when one refuses"
    return Decision("endpoints", targets, note, None)


def _sum(endpoints: list[Endpoint]) -> int:
    return sum(item.addresses for item in endpoints)


def _listens(endpoint: Endpoint, port: ServicePort) -> bool:
    number = _port_of(endpoint, port)
    return endpoint.pod is not None and number is not None and endpoint.pod.template.declares(number, port.protocol)


def _by_topology(service: Service, ready: list[Endpoint], node: Node, facts: Facts) -> tuple[list[Endpoint], str]:
    """The ready endpoints that hints leave to this node (topology.go filterEndpoints): node hints first, then zone
    hints; one endpoint without a hint, or none for here, and all are used."""
    zones, nodes = _hints(service, ready)
    if nodes is not None and all(nodes):
        same = [item for item, hint in zip(ready, nodes, strict=True) if node.name in hint]
        if same:
            return same, f"trafficDistribution keeps to {node.name}"
    if zones is not None and all(zones) and node.zone is not None:
        same = [item for item, hint in zip(ready, zones, strict=True) if node.zone in hint]
        if same:
            return same, f"trafficDistribution keeps to {node.zone}"
    return ready, ""


def _hints(
    service: Service, ready: list[Endpoint]
) -> tuple[list[tuple[str, ...]] | None, list[tuple[str, ...]] | None]:
    """The zone and node hints of the endpoints: hand-written ones as written, generated ones by trafficDistribution
    (endpointslice trafficdist). A topology annotation overrides that and depends on the nodes' CPUs: no hints then."""
    if not ready:
        return None, None
    annotations = service.resource.annotations
    topology = next((annotations[key] for key in TOPOLOGY_ANNOTATIONS if key in annotations), "")
    spread = service.traffic_distribution if topology not in ("Auto", "auto") else None
    by_zone = spread in ("PreferClose", "PreferSameZone", "PreferSameNode")
    zones = [
        item.zone_hints if item.zone_hints is not None else ((item.zone,) if by_zone and item.zone else ())
        for item in ready
    ]
    nodes = [
        item.node_hints
        if item.node_hints is not None
        else ((item.node,) if spread == "PreferSameNode" and item.node else ())
        for item in ready
    ]
    return zones, nodes

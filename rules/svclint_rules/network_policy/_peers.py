"""What the peers and ports of NetworkPolicies meet among the Pods that the manifests make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from svclint.cluster import Cluster, Presence
from svclint.kube.labels import LabelSelector
from svclint.kube.network_policy import NetworkPolicy, Peer, PolicyPort, PolicyRule
from svclint.kube.pod import PodTemplate
from svclint.kube.service import Service, ServicePort
from svclint.kube.workload import Workload
from svclint_rules.workloads._labels import Near, nearest_labels, service_asks_the_same

_NAME = "kubernetes.io/metadata.name"
_EVERYTHING = LabelSelector({}, ())


class Nobody(NamedTuple):
    """A selector that takes no Pod of a namespace: what was most likely meant, or where such Pods are."""

    near: Near | None
    elsewhere: Workload | None


class WrongPort(NamedTuple):
    """A port of a rule that is a Service's and not the Pods': the Service port that leads to `target`."""

    policy: NetworkPolicy
    rule: PolicyRule
    port: PolicyPort
    through: ServicePort
    service: Service
    workload: Workload
    target: int


def rules(policy: NetworkPolicy) -> Iterator[tuple[PolicyRule, bool]]:
    """The rules that count, each with whether it is one of ingress."""
    if "Ingress" in policy.types:
        for rule in policy.ingress:
            yield rule, True
    if "Egress" in policy.types:
        for rule in policy.egress:
            yield rule, False


def nobody(namespace: str, selector: LabelSelector, cluster: Cluster) -> Nobody | None:
    """Why a selector takes no Pod of the namespace; None if it takes one, if nobody can tell, or if the manifests don't
    show what was meant."""
    if not selector.labels or cluster.taken(namespace, selector).presence is not Presence.ABSENT:
        return None
    here = cluster.workloads_in(namespace)
    near = nearest_labels(selector, ((w, w.pod_labels.labels) for w in here))
    if near is not None:
        return None if service_asks_the_same(namespace, selector, near, cluster) else Nobody(near, None)
    elsewhere = cluster.selected_anywhere(selector.labels) if here and not selector.requirements else ()
    return Nobody(None, elsewhere[0]) if elsewhere else None


def peer_namespace(peer: Peer, policy: NetworkPolicy) -> str | None:
    """The one namespace that a peer with a podSelector speaks of; None where it may speak of others."""
    if peer.ip_block is not None:
        return None
    chosen = peer.namespace_selector
    if chosen is None:
        return policy.namespace
    return chosen.labels.get(_NAME) if len(chosen.labels) == 1 and not chosen.requirements else None


def servers(policy: NetworkPolicy, rule: PolicyRule, ingress: bool, cluster: Cluster) -> tuple[Workload, ...]:
    """Whose ports a rule lists: the Pods that the policy selects, or the peers of an egress rule; none where the
    manifests may not hold them all."""
    if ingress:
        wanted = [(policy.namespace, policy.pod_selector)]
    else:
        wanted = []
        for peer in rule.peers:
            namespace = peer_namespace(peer, policy)
            if namespace is None:
                return ()
            wanted.append((namespace, peer.pod_selector or _EVERYTHING))
    found: dict[int, Workload] = {}
    for namespace, selector in wanted:
        selection = cluster.taken(namespace, selector)
        if selection.gap or selection.possible:
            return ()
        found |= {id(w): w for w in selection.workloads if not w.is_hook}
    return tuple(found.values())


def covers(port: PolicyPort, number: int, protocol: str, template: PodTemplate) -> bool:
    """Whether an item of a rule's ports lets a port of these Pods through."""
    if port.protocol != protocol:
        return False
    if port.port is None:
        return True
    if isinstance(port.port, str):
        return template.find_port(port.port, protocol) == number
    return port.port <= number <= (port.port if port.end_port is None else port.end_port)


def wrong_ports(policy: NetworkPolicy, cluster: Cluster) -> Iterator[WrongPort]:
    """The ports that only the Service of the Pods has, where no policy lets the Pods' own port through."""
    for rule, ingress in rules(policy):
        numbers = [p for p in rule.ports if isinstance(p.port, int) and p.end_port is None]
        workloads = servers(policy, rule, ingress, cluster) if numbers else ()
        for port in numbers:
            found = _wrong(policy, rule, port, workloads, cluster)
            if found is not None and not _allowed(found, policy, ingress, cluster):
                yield found


def _wrong(
    policy: NetworkPolicy, rule: PolicyRule, port: PolicyPort, workloads: tuple[Workload, ...], cluster: Cluster
) -> WrongPort | None:
    first: WrongPort | None = None
    for workload in workloads:
        template = workload.template
        if template.declares(int(port.port or 0), port.protocol):
            return None
        for service in cluster.selecting(workload):
            if service.headless or service.is_external_name or service.resource in cluster.refused:
                continue
            for through in service.ports:
                target = template.find_port(through.target_port, through.protocol)
                if through.protocol != port.protocol or target is None:
                    continue
                if target == port.port:
                    return None
                if through.port == port.port:
                    if any(covers(other, target, port.protocol, template) for other in rule.ports):
                        return None
                    first = first or WrongPort(policy, rule, port, through, service, workload, target)
    return first


def _allowed(found: WrongPort, policy: NetworkPolicy, ingress: bool, cluster: Cluster) -> bool:
    """Whether another rule lets the right port through, for whomever."""
    pods = cluster.pods_of(found.workload)
    others = [policy]
    if ingress and pods:
        others = list(cluster.policies.isolating(pods[0], "Ingress"))
    for other in others:
        for rule, is_ingress in rules(other):
            if is_ingress is not ingress or (rule.path == found.rule.path and other.resource is policy.resource):
                continue
            if not rule.ports or any(
                covers(p, found.target, found.port.protocol, found.workload.template) for p in rule.ports
            ):
                return True
    return False

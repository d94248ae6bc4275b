"""Which workloads use names and can't ask the cluster's DNS."""

from __future__ import annotations

from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.policy import Decision
from svclint.kube.workload import Workload
from svclint_rules.dns._mentions import Mention, found, mentions

_NAMES = ("kube-dns", "coredns", "rke2-coredns-rke2-coredns")


class CutOff(NamedTuple):
    """A workload, a name of the cluster that it uses, and why its lookups are dropped."""

    workload: Workload
    mention: Mention
    decision: Decision


def cut_off(cluster: Cluster) -> dict[int, CutOff]:
    """The workloads that policies surely keep from the cluster's DNS, by the identity of their resource."""
    if not cluster.facts.network_policies or not cluster.index.of_kind("networking.k8s.io", "NetworkPolicy"):
        return {}
    services = (cluster.service_named("kube-system", name) for name in _NAMES)
    servers = tuple(pod for service in services if service is not None for pod in cluster.selected_pods(service))
    workloads = {id(w.resource): w for w in cluster.workloads if not w.is_hook}
    asked: set[int] = set()
    out: dict[int, CutOff] = {}
    for mention in mentions(cluster):
        if "annotations" in mention.place.path:
            continue
        key = id(mention.resource)
        workload = workloads.get(key)
        if workload is None or key in asked or found(mention, cluster) is None:
            continue
        asked.add(key)
        pods = cluster.pods_of(workload)
        if not pods or workload.template.dns_policy not in ("ClusterFirst", "ClusterFirstWithHostNet"):
            continue
        decision = cluster.policies.dns(pods[0], servers)
        if decision.allowed is False and decision.direction == "egress":
            out[key] = CutOff(workload, mention, decision)
    return out

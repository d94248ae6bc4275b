"""What an object leads to, and which workload it is."""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.cluster.callers import Caller, callers
from svclint.kube.resource import Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.lsp.snapshot import Snapshot


def called_by(snapshot: Snapshot, cluster: Cluster, resource: Resource) -> tuple[tuple[Service, Caller], ...]:
    """The Services that an object leads to."""
    key = ("called", id(cluster))
    known: dict[Resource, list[tuple[Service, Caller]]] | None = snapshot.kept.get(key)
    if known is None:
        known = snapshot.kept[key] = {}
        for service in cluster.services:
            for each in callers(cluster, service):
                known.setdefault(each.resource, []).append((service, each))
    return tuple(known.get(resource, ()))


def workload_of(cluster: Cluster, resource: Resource) -> Workload | None:
    """The workload that an object is."""
    return next((w for w in cluster.workloads_named(resource.namespace, resource.name) if w.resource is resource), None)

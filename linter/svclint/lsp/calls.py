"""Call hierarchy: what sends to a Service, what a Service sends to, and so on along the traffic."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.cluster.callers import callers
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.lsp.callers import called_by, workload_of
from svclint.lsp.navigate import here
from svclint.lsp.snapshot import Snapshot
from svclint.lsp.things import OBJECT, Thing


def subjects(snapshot: Snapshot, path: str, position: types.Position) -> list[Resource]:
    """The object under the pointer: the Service that is named there, else the one that the pointer stands in."""
    try:
        cursor, found = here(snapshot, path, position)
    except LookupError:
        return []
    scope = snapshot.scope(path)
    if scope is None:
        return []
    cluster = snapshot.cluster(scope)
    for _, each in found:
        named = _service(cluster, each.things[0])
        if named is not None:
            return [named.resource]
    own = snapshot.resource(scope, cursor)
    return [own] if own is not None else []


def _service(cluster: Cluster, thing: Thing) -> Service | None:
    if thing[:3] != (OBJECT, "", "Service"):
        return None
    return next((s for s in cluster.services_named(str(thing[4])) if s.namespace == thing[3]), None)


def incoming(snapshot: Snapshot, cluster: Cluster, resource: Resource) -> Iterator[tuple[Resource, list[Place]]]:
    """Who sends to an object, and where it says so: callers of a Service, the Services before a workload."""
    grouped: dict[Resource, list[Place]] = {}
    if Service.reads(resource):
        for caller in callers(cluster, Service(resource)):
            grouped.setdefault(caller.resource, []).append(caller.place)
    elif (workload := workload_of(cluster, resource)) is not None:
        for service in cluster.selecting(workload):
            grouped[service.resource] = [service.at("spec", "selector")]
    yield from grouped.items()


def outgoing(snapshot: Snapshot, cluster: Cluster, resource: Resource) -> Iterator[tuple[Resource, list[Place]]]:
    """Whom an object sends to, and where it says so: the workloads behind a Service, the Services that others name."""
    grouped: dict[Resource, list[Place]] = {}
    if Service.reads(resource):
        service = Service(resource)
        for workload in cluster.selection(service).workloads:
            grouped[workload.resource] = [service.at("spec", "selector")]
    else:
        for named, caller in called_by(snapshot, cluster, resource):
            grouped.setdefault(named.resource, []).append(caller.place)
    yield from grouped.items()

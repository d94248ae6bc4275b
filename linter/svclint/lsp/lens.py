"""Code lenses: above each Service what it selects and who calls it, above each pod template who selects it."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from svclint.cluster import Cluster, Presence
from svclint.cluster.callers import callers
from svclint.kube.resource import Place
from svclint.kube.service import Service
from svclint.lsp.callers import workload_of
from svclint.lsp.snapshot import Snapshot
from svclint.text import counted


def lenses(snapshot: Snapshot, path: str) -> Iterator[tuple[types.Range, str, list[Place]]]:
    """Where each lens stands, what it says, and the places that it leads to."""
    scope = snapshot.scope(path)
    if scope is None:
        return
    cluster = snapshot.cluster(scope)
    for resource in snapshot.resources_of(scope, path):
        if Service.reads(resource):
            service = Service(resource)
            places: list[Place] = []
            said = [*_selects(cluster, service, places), *_called(cluster, service, places)]
            if said:
                yield snapshot.range(service.at("kind", key=True)), " · ".join(said), places
            continue
        workload = workload_of(cluster, resource)
        selecting = cluster.selecting(workload) if workload is not None else ()
        if workload is not None and selecting and workload.template.labels:
            names = ", ".join(service.name for service in selecting)
            goals = [service.at("spec", "selector", key=True) for service in selecting]
            yield snapshot.range(workload.template.at("metadata", "labels", key=True)), f"selected by {names}", goals


def _selects(cluster: Cluster, service: Service, places: list[Place]) -> Iterator[str]:
    if service.is_external_name or not service.selector:
        return
    selection = cluster.selection(service)
    places += [workload.at_labels() for workload in selection.workloads]
    if selection.workloads:
        yield f"selects {counted(len(selection.workloads), 'workload')}"
    elif selection.presence is Presence.ABSENT:
        yield "selects nothing"
    else:
        yield "selects nothing in these manifests"


def _called(cluster: Cluster, service: Service, places: list[Place]) -> Iterator[str]:
    found = callers(cluster, service)
    places += [caller.place for caller in found]
    if found:
        yield counted(len({caller.resource for caller in found}), "caller")

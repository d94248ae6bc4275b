"""Inlay hints: the number that a port's name stands for, and the namespace of an object that names none."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.kube.ingress import Ingress
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.lsp.callers import workload_of
from svclint.lsp.snapshot import Snapshot


def hints(snapshot: Snapshot, path: str, within: types.Range) -> Iterator[types.InlayHint]:
    """The hints of the lines that are asked for."""
    scope = snapshot.scope(path)
    if scope is None:
        return
    cluster = snapshot.cluster(scope)
    for resource in snapshot.resources_of(scope, path):
        for place, label, tooltip in _of(cluster, resource):
            at = snapshot.range(place).end
            if within.start.line <= at.line <= within.end.line:
                yield types.InlayHint(at, label, tooltip=tooltip, padding_left=True)


def _of(cluster: Cluster, resource: Resource) -> Iterator[tuple[Place, str, str]]:
    if resource.namespace and resource.name and not resource.metadata.get("namespace"):
        yield resource.at("metadata", "name"), f"in {resource.namespace}", "the namespace that applies"
    if Service.reads(resource):
        service = Service(resource)
        for port in service.ports:
            if isinstance(port.target_port, str) and (numbers := _numbers(cluster, service, port.target_port)):
                yield port.at("targetPort"), f"= {numbers}", "the container port of that name"
    elif Ingress.reads(resource):
        for backend in Ingress(resource).backends():
            named = cluster.service_named(resource.namespace, backend.service_name or "")
            port_name = backend.port
            if named is not None and isinstance(port_name, str) and (found := named.port_named(port_name)) is not None:
                yield backend.at("service", "port", "name"), f"= {found.port}", "the Service's port of that name"
    workload = workload_of(cluster, resource)
    if workload is not None:
        for container in workload.template.containers:
            for probe in container.probes:
                for kind in ("httpGet", "tcpSocket"):
                    name = probe.get(kind, "port")
                    number = next((p.port for p in container.ports if p.port_name == name), None)
                    if isinstance(name, str) and number is not None:
                        yield probe.at(kind, "port"), f"= {number}", "the container port of that name"


def _numbers(cluster: Cluster, service: Service, name: str) -> str:
    """The numbers of the container ports behind a named targetPort."""
    numbers: dict[int, None] = {}
    for workload in cluster.selection(service).workloads:
        for port in service.ports:
            number = workload.template.find_port(name, port.protocol) if port.target_port == name else None
            if number is not None:
                numbers[number] = None
    return ", ".join(map(str, numbers))

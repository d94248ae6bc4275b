"""Inlay hints: the number that a port's name stands for, and the namespace of an object that names none."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.kube.ingress import Ingress
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.references import Monitor
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.lsp.callers import workload_of
from svclint.lsp.navigate import links
from svclint.lsp.snapshot import Snapshot
from svclint.lsp.things import CONTAINER_PORT, SERVICE_PORT, Thing


def hints(snapshot: Snapshot, path: str, within: types.Range) -> Iterator[types.InlayHint]:
    """The hints of the lines that are asked for."""
    scope = snapshot.scope(path)
    if scope is None:
        return
    cluster = snapshot.cluster(scope)
    for resource in snapshot.resources_of(scope, path):
        for place, label, tooltip in (*_of(cluster, resource), *_named_elsewhere(snapshot, cluster, resource)):
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


def _named_elsewhere(snapshot: Snapshot, cluster: Cluster, resource: Resource) -> Iterator[tuple[Place, str, str]]:
    """The numbers of the ports that policies and monitors name."""
    if not (NetworkPolicy.reads(resource) or Monitor.reads(resource)):
        return
    for found in links(snapshot, cluster).below(resource.at()):
        numbers = dict.fromkeys(number for thing in found.things for number in _number(cluster, thing))
        if numbers:
            yield found.place, f"= {', '.join(map(str, numbers))}", "the port of that name"


def _number(cluster: Cluster, thing: Thing) -> Iterator[int]:
    word = thing[-1]
    if not isinstance(word, str) or len(thing) != 5:
        return
    if thing[0] == SERVICE_PORT:
        service = cluster.service_named(str(thing[1]), str(thing[2]))
        port = service.port_named(word) if service is not None else None
        if port is not None:
            yield port.port
    elif thing[0] == CONTAINER_PORT and isinstance(thing[1], Resource):
        for workload in cluster.workloads_named(thing[1].namespace, thing[1].name):
            if workload.resource is thing[1] and workload.template.path == thing[2]:
                yield from (each.port for each in workload.template.ports() if each.port_name == word)


def _numbers(cluster: Cluster, service: Service, name: str) -> str:
    """The numbers of the container ports behind a named targetPort."""
    numbers: dict[int, None] = {}
    for workload in cluster.selection(service).workloads:
        for port in service.ports:
            number = workload.template.find_port(name, port.protocol) if port.target_port == name else None
            if number is not None:
                numbers[number] = None
    return ", ".join(map(str, numbers))

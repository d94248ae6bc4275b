"""Who leads to a Service: Ingresses, routes of the Gateway API, and workloads that are told its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.mentions import told
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.lsp.snapshot import Snapshot


class Caller(NamedTuple):
    """Something that sends to a Service: its object, the place that names the Service, and what it says there."""

    resource: Resource
    place: Place
    says: str
    port: int | str | None = None


def callers(cluster: Cluster, service: Service) -> tuple[Caller, ...]:
    """All that leads to a Service, in the order of the sources; an object that names it twice comes twice."""
    made = [
        Caller(
            route.ingress.resource,
            route.backend.view.at("service", "name"),
            f"{route.host or '*'}{route.path or '/'}",
            route.backend.view.port,
        )
        for route in cluster.ingresses.callers(service.namespace, service.name)
    ]
    for each in cluster.gateways.callers(service.namespace, service.name):
        hosts = ", ".join(each.route.hostnames) or "every host"
        made.append(Caller(each.route.resource, each.backend.reference.at("name"), hosts, each.backend.reference.port))
    made += _told(cluster, service)
    return tuple(made)


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


def _told(cluster: Cluster, service: Service) -> Iterator[Caller]:
    """Who is told a Service's name; `default/kubernetes`, which every cluster has, is left out."""
    if (service.namespace, service.name) == ("default", "kubernetes"):
        return
    for mention in told(cluster).get((service.namespace, service.name), ()):
        says = mention.host if mention.port is None else f"{mention.host}:{mention.port}"
        yield Caller(mention.resource, mention.host_place(), says, mention.port)


def workload_of(cluster: Cluster, resource: Resource) -> Workload | None:
    """The workload that an object is."""
    return next((w for w in cluster.workloads_named(resource.namespace, resource.name) if w.resource is resource), None)

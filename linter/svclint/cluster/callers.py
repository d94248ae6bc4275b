"""Who leads to a Service: Ingresses, routes of the Gateway API, and what is told its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.builtin import is_builtin
from svclint.cluster.mentions import told
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service


class Caller(NamedTuple):
    """Something that sends to a Service: its object, the place that names the Service, and what it says there."""

    resource: Resource
    place: Place
    says: str
    port: int | str | None = None


def callers(cluster: Cluster, service: Service) -> tuple[Caller, ...]:
    """All that leads to a Service: Ingresses, routes, then what is told its name, each in the order of the sources; an
    object that names it twice comes twice. Who is told `default/kubernetes`, which every cluster has, is left out."""
    return (*routed(cluster, service), *_told(cluster, service))


def _told(cluster: Cluster, service: Service) -> Iterator[Caller]:
    if is_builtin(service):
        return
    for mention in told(cluster).get((service.namespace, service.name), ()):
        says = mention.host if mention.port is None else f"{mention.host}:{mention.port}"
        yield Caller(mention.resource, mention.host_place(), says, mention.port)


def routed(cluster: Cluster, service: Service) -> Iterator[Caller]:
    """The Ingresses and routes that send requests to a Service."""
    if cluster.index.holds((("networking.k8s.io", "Ingress"),)):
        for route in cluster.ingresses.callers(service.namespace, service.name):
            url = f"{route.host or '*'}{route.path or '/'}"
            view = route.backend.view
            yield Caller(route.ingress.resource, view.at("service", "name"), url, view.port)
    if any(group == "gateway.networking.k8s.io" for group, _ in cluster.index.kinds()):
        for each in cluster.gateways.callers(service.namespace, service.name):
            hosts = ", ".join(each.route.hostnames) or "every host"
            reference = each.backend.reference
            yield Caller(each.route.resource, reference.at("name"), hosts, reference.port)

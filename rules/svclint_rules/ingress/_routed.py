"""What leads to a Service from outside: Ingresses and routes."""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.resource import Place
from svclint.kube.service import Service


def leads_here(service: Service, cluster: Cluster) -> Iterator[tuple[str, Place]]:
    """`KIND "NAME"` and the place of the backend, for each Ingress and route that sends requests to the Service."""
    for route in cluster.ingresses.callers(service.namespace, service.name):
        yield f'Ingress "{route.ingress.name}"', route.backend.view.at("service", "name")
    for caller in cluster.gateways.callers(service.namespace, service.name):
        yield f'{caller.route.kind} "{caller.route.name}"', caller.backend.reference.at("name")

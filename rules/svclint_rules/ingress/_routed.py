"""What leads to a Service from outside: Ingresses and routes."""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.cluster.callers import routed
from svclint.kube.resource import Place
from svclint.kube.service import Service


def leads_here(service: Service, cluster: Cluster) -> Iterator[tuple[str, Place]]:
    """`KIND "NAME"` and the place of the backend, for each Ingress and route that sends requests to the Service."""
    for caller in routed(cluster, service):
        yield f'{caller.resource.kind} "{caller.resource.name}"', caller.place

"""What the rules about Gateway API objects share."""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.gateway import Route
from svclint.kube.service import Service


def says_namespace(route: Route) -> bool:
    """Whether the manifest itself tells the route's namespace: else it is applied to any."""
    return bool(route.resource.metadata.get("namespace"))


def refused(service: Service | None, cluster: Cluster) -> bool:
    """Whether the API server refuses the Service: then that is the finding."""
    return service is not None and service.resource in cluster.refused

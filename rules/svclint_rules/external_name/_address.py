"""An externalName that is an address."""

from __future__ import annotations

import re

from svclint.cluster import Cluster
from svclint.kube.service import Service

_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}\.?")


def is_address(name: str) -> bool:
    """An IPv4 address, as the API server takes it for a name (IPv6 it refuses)."""
    return _IPV4.fullmatch(name) is not None


def has_pods(service: Service, cluster: Cluster) -> bool:
    """Whether all of a Service of Pods is there, so that only the type ExternalName is wrong."""
    return bool(service.ports and cluster.selection(service).workloads)

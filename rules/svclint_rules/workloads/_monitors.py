"""What ServiceMonitors and PodMonitors select."""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.references import Monitor
from svclint.kube.service import Service
from svclint.kube.workload import Workload


def selected(monitor: Monitor, cluster: Cluster) -> tuple[Service | Workload, ...] | None:
    """The Services or workloads that a monitor takes; None where the sources may not hold them all."""
    namespaces = monitor.namespaces
    if namespaces is None:
        namespaces = tuple(sorted(cluster.namespaces))
    found: list[Service | Workload] = []
    for namespace in namespaces:
        if monitor.kind == "ServiceMonitor":
            if cluster.may_hold_more("", "Service", namespace):
                return None
            services = cluster.services_in(namespace)
            found += [s for s in services if monitor.selector.matches(s.resource.labels)]
        else:
            selection = cluster.taken(namespace, monitor.selector)
            if selection.gap or selection.possible:
                return None
            found += [w for w in selection.workloads if not w.is_hook]
    return tuple(found)

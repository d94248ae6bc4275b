"""What ServiceMonitors and PodMonitors select."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from svclint.cluster import Cluster
from svclint.cluster.index import LabelIndex
from svclint.kube.references import Monitor
from svclint.kube.service import Service
from svclint.kube.workload import Workload

_LABELLED: WeakKeyDictionary[Cluster, LabelIndex[Service]] = WeakKeyDictionary()


def _labelled(cluster: Cluster) -> LabelIndex[Service]:
    """The Services by their own labels; made once a cluster."""
    index = _LABELLED.get(cluster)
    if index is None:
        index = _LABELLED[cluster] = LabelIndex((s.namespace, s.resource.labels, (), s) for s in cluster.services)
    return index


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
            selector = monitor.selector
            services = (
                _labelled(cluster).candidates(namespace, selector.labels)
                if selector.labels
                else cluster.services_in(namespace)
            )
            found += [s for s in services if selector.matches(s.resource.labels)]
        else:
            selection = cluster.taken(namespace, monitor.selector)
            if selection.gap or selection.possible:
                return None
            found += [w for w in selection.workloads if not w.is_hook]
    return tuple(found)

"""Defaults of Deployments, StatefulSets, DaemonSets, ReplicaSets and ReplicationControllers.

Source: k8s.io/kubernetes pkg/apis/apps/v1/defaults.go, pkg/apis/core/v1/defaults.go, pkg/registry/apps/*/strategy.go.
"""

from __future__ import annotations

from typing import Any

from svclint.apiserver.context import Object, Version
from svclint.apiserver.defaults.pod import default_pod_template
from svclint.apiserver.versions import enabled


def _workload(obj: Object, version: Version) -> dict[str, Any]:
    """The spec, with the template's defaults. The status that comes along is dropped."""
    obj.pop("status", None)
    obj.setdefault("metadata", {})
    spec: dict[str, Any] = obj.setdefault("spec", {})
    default_pod_template(spec, version)
    return spec


def default_deployment(obj: Object, version: Version) -> None:
    spec = _workload(obj, version)
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def default_stateful_set(obj: Object, version: Version) -> None:
    spec = _workload(obj, version)
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if "rollingUpdate" in strategy:
        rolling = strategy["rollingUpdate"]
        if not enabled("MaxUnavailableStatefulSet", version):
            rolling.pop("maxUnavailable", None)
        elif strategy["type"] == "RollingUpdate":
            rolling.setdefault("maxUnavailable", 1)
        if strategy["type"] == "RollingUpdate":
            rolling.setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for event in ("whenDeleted", "whenScaled"):
        if not retention.get(event):
            retention[event] = "Retain"
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    for claim in spec.get("volumeClaimTemplates", ()):
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def default_daemon_set(obj: Object, version: Version) -> None:
    spec = _workload(obj, version)
    strategy = spec.setdefault("updateStrategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def default_replica_set(obj: Object, version: Version) -> None:
    _workload(obj, version).setdefault("replicas", 1)


def default_replication_controller(obj: Object, version: Version) -> None:
    """The oldest of them takes its selector and its labels from the template, if it has none."""
    obj.pop("status", None)
    metadata = obj.setdefault("metadata", {})
    spec = obj.setdefault("spec", {})
    if "template" in spec:
        template = default_pod_template(spec, version)
        labels = template.get("metadata", {}).get("labels")
        if labels is not None:
            if not spec.get("selector"):
                spec["selector"] = dict(labels)
            if not metadata.get("labels"):
                metadata["labels"] = dict(labels)
    spec.setdefault("replicas", 1)

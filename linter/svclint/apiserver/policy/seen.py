"""An object as admission sees it: as it is about to be stored, with what Go's types print in any case and what the
server's own mutating plugins have added.

Upstream: kubernetes pkg/registry/*/strategy.go (PrepareForCreate), plugin/pkg/admission/priority,
defaulttolerationseconds; pkg/registry/core/service/{ipallocator,portallocator} (dry run).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.kube.facts import Facts

# What the status of a new object holds, by kind; kinds that are not here have none.
_STATUS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "Service"): {"loadBalancer": {}},
    ("", "Namespace"): {"phase": "Active"},
    ("", "Pod"): {"phase": "Pending"},
    ("", "PersistentVolumeClaim"): {"phase": "Pending"},
    ("", "ReplicationController"): {"replicas": 0},
    ("", "ResourceQuota"): {},
    ("apps", "Deployment"): {},
    ("apps", "StatefulSet"): {"replicas": 0, "availableReplicas": 0},
    ("apps", "DaemonSet"): {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    },
    ("apps", "ReplicaSet"): {"replicas": 0},
    ("batch", "Job"): {},
    ("batch", "CronJob"): {},
    ("networking.k8s.io", "Ingress"): {"loadBalancer": {}},
    ("policy", "PodDisruptionBudget"): {
        "disruptionsAllowed": 0,
        "currentHealthy": 0,
        "desiredHealthy": 0,
        "expectedPods": 0,
    },
}
# Kinds whose strategies count generations.
_GENERATIONS = frozenset(
    {
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "ReplicaSet"),
        ("batch", "Job"),
        ("networking.k8s.io", "Ingress"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
        ("discovery.k8s.io", "EndpointSlice"),
    }
)
_FIRST_DRY_NODE_PORT = 32769
_UNREADY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def as_admission_sees(stored: Mapping[str, Any], group: str, facts: Facts) -> dict[str, Any]:
    """A copy of an accepted object, completed. `stored` is what the verdict holds."""
    kind = str(stored.get("kind", ""))
    seen: dict[str, Any] = dict(stored)
    metadata = seen.get("metadata")
    seen["metadata"] = dict(metadata) if isinstance(metadata, dict) else {}
    if (group, kind) in _GENERATIONS:
        seen["metadata"].setdefault("generation", 1)
    if (group, kind) in _STATUS and "status" not in stored:
        seen["status"] = dict(_STATUS[group, kind])
    if group == "":
        if kind == "Service":
            _service(seen, facts)
        elif kind == "Namespace":
            _namespace(seen)
        elif kind == "Pod":
            _pod(seen)
    return _explicit(seen, group, kind)


def _service(seen: dict[str, Any], facts: Facts) -> None:
    """Addresses and node ports as a dry run hands them out."""
    spec = seen.get("spec")
    if not isinstance(spec, dict):
        return
    spec = seen["spec"] = dict(spec)
    cidrs = facts.service_cidrs or ("10.96.0.0/16",)
    v4 = next((cidr.partition("/")[0] for cidr in cidrs if ":" not in cidr), "10.96.0.0")
    v6 = next((cidr.partition("/")[0] for cidr in cidrs if ":" in cidr), "fd00:10:96::")
    families = spec.get("ipFamilies") or ["IPv4"]
    addresses = [v6 if family == "IPv6" else v4 for family in families]
    ips = spec.get("clusterIPs")
    if isinstance(ips, list):
        spec["clusterIPs"] = [
            addresses[i] if ip == "<allocated>" and i < len(addresses) else ip for i, ip in enumerate(ips)
        ]
    if spec.get("clusterIP") == "<allocated>":
        spec["clusterIP"] = addresses[0]
    ports = spec.get("ports")
    following = _FIRST_DRY_NODE_PORT
    if isinstance(ports, list):
        made = []
        for port in ports:
            if isinstance(port, dict) and port.get("nodePort") == "<allocated>":
                port = {**port, "nodePort": following}
                following += 1
            made.append(port)
        spec["ports"] = made
    if spec.get("healthCheckNodePort") == "<allocated>":
        spec["healthCheckNodePort"] = following


def _namespace(seen: dict[str, Any]) -> None:
    metadata = seen["metadata"]
    labels = metadata.get("labels")
    metadata["labels"] = {
        **(labels if isinstance(labels, dict) else {}),
        "kubernetes.io/metadata.name": metadata.get("name", ""),
    }
    spec = seen.get("spec")
    spec = dict(spec) if isinstance(spec, dict) else {}
    spec["finalizers"] = spec.get("finalizers") or ["kubernetes"]
    seen["spec"] = spec


def _quality(spec: Mapping[str, Any]) -> str:
    """The pod's quality of service class."""
    containers = [c for key in ("containers", "initContainers") for c in spec.get(key) or () if isinstance(c, dict)]
    guaranteed = bool(containers)
    best_effort = True
    for container in containers:
        resources = container.get("resources")
        resources = resources if isinstance(resources, dict) else {}
        limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
        for name in ("cpu", "memory"):
            limit, request = limits.get(name), requests.get(name)
            if limit or request:
                best_effort = False
            if not limit or (request is not None and request != limit):
                guaranteed = False
    return "BestEffort" if best_effort else "Guaranteed" if guaranteed else "Burstable"


def _pod(seen: dict[str, Any]) -> None:
    spec = seen.get("spec")
    spec = seen["spec"] = dict(spec) if isinstance(spec, dict) else {}
    tolerations = [t for t in spec.get("tolerations") or () if isinstance(t, dict)]
    for key in _UNREADY:
        tolerated = any(
            t.get("key") in (key, None, "") and t.get("effect") in ("NoExecute", None, "") for t in tolerations
        )
        if not tolerated:
            tolerations = [
                *tolerations,
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            ]
    spec["tolerations"] = tolerations
    spec.setdefault("priority", 0)
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    if isinstance(seen.get("status"), dict):
        seen["status"] = {**seen["status"], "qosClass": _quality(spec)}


_TEMPLATES = {
    ("", "Pod"): ("spec",),
    ("", "ReplicationController"): ("spec", "template", "spec"),
    ("apps", "Deployment"): ("spec", "template", "spec"),
    ("apps", "StatefulSet"): ("spec", "template", "spec"),
    ("apps", "DaemonSet"): ("spec", "template", "spec"),
    ("apps", "ReplicaSet"): ("spec", "template", "spec"),
    ("batch", "Job"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}


def _explicit(seen: dict[str, Any], group: str, kind: str) -> dict[str, Any]:
    """Fills in the empty structs that Go prints in any case: `resources: {}` of containers."""
    path = _TEMPLATES.get((group, kind))
    node: Any = seen
    for key in path or ():
        inner = node.get(key)
        if not isinstance(inner, dict):
            return seen
        copy = dict(inner)
        node[key] = copy
        node = copy
    if path is None:
        return seen
    for name in ("containers", "initContainers"):
        containers = node.get(name)
        if isinstance(containers, list):
            node[name] = [{"resources": {}, **c} if isinstance(c, dict) else c for c in containers]
    return seen

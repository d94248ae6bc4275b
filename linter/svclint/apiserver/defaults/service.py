"""Defaults of a Service.

Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go (SetDefaults_Service), pkg/registry/core/service/strategy.go and
storage/storage.go (normalizeClusterIPs).
"""

from __future__ import annotations

from typing import Any

from svclint.apiserver.context import Object, Version
from svclint.apiserver.defaults import drop_zero
from svclint.apiserver.versions import enabled

# Fields whose Go type is a pointer: there an empty value is not the same as none.
POINTERS = frozenset(
    (
        "sessionAffinityConfig",
        "ipFamilyPolicy",
        "loadBalancerClass",
        "internalTrafficPolicy",
        "allocateLoadBalancerNodePorts",
        "trafficDistribution",
    )
)
PORT_POINTERS = frozenset(("appProtocol", "port", "targetPort"))
CLIENT_IP_TIMEOUT = 10800


def default_service(obj: Object, version: Version) -> None:
    obj.pop("status", None)  # a creation has none
    spec = obj.setdefault("spec", {})
    drop_zero(spec, POINTERS)
    if not enabled("ServiceTrafficDistribution", version):
        spec.pop("trafficDistribution", None)
    _session_affinity(spec)
    kind = spec.setdefault("type", "ClusterIP")
    for port in spec.get("ports", ()):
        drop_zero(port, PORT_POINTERS)
        port.setdefault("port", 0)
        port.setdefault("protocol", "TCP")
        if not port.get("targetPort"):
            port["targetPort"] = port["port"]
    if externally_accessible(spec):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind in ("ClusterIP", "NodePort", "LoadBalancer"):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if "clusterIP" in spec and "clusterIPs" not in spec:
        spec["clusterIPs"] = [spec["clusterIP"]]


def _session_affinity(spec: dict[str, Any]) -> None:
    affinity = spec.setdefault("sessionAffinity", "None")
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP":
        config = spec.get("sessionAffinityConfig", {})
        if config.get("clientIP", {}).get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": CLIENT_IP_TIMEOUT}}


def externally_accessible(spec: dict[str, Any]) -> bool:
    """pkg/api/v1/service ExternallyAccessible."""
    kind = spec.get("type")
    return kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))

"""Defaults of Endpoints and EndpointSlices.

Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go, pkg/apis/discovery/v1/defaults.go.
"""

from __future__ import annotations

from svclint.apiserver.context import Object, Version


def default_endpoints(obj: Object, version: Version) -> None:
    for subset in obj.get("subsets", ()):
        for port in subset.get("ports", ()):
            port["protocol"] = port.get("protocol") or "TCP"


def default_endpoint_slice(obj: Object, version: Version) -> None:
    for port in obj.get("ports", ()):
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")

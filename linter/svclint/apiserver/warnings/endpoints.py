"""Warnings about Endpoints and EndpointSlices.

Source: k8s.io/kubernetes pkg/registry/core/endpoint/strategy.go, pkg/registry/discovery/endpointslice/strategy.go;
k8s.io/apiserver pkg/endpoints/deprecation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver.addresses import warnings_ip
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path

ROOT = Path()


def warnings_endpoints(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    out = []
    if context.enabled("endpoints-deprecated"):
        message = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
        out.append(Warning(message, ("apiVersion",)))
    for i, subset in enumerate(obj.get("subsets", ())):
        for name in ("addresses", "notReadyAddresses"):
            for j, address in enumerate(subset.get(name, ())):
                at = ROOT["subsets"][i].child(name)[j]["ip"]
                out += [Warning(message, at.place) for message in warnings_ip(at, address.get("ip", ""))]
    return out


def warnings_endpoint_slice(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    out = []
    if obj.get("addressType") == "FQDN":
        # Upstream puts the field below a spec that an EndpointSlice doesn't have.
        out.append(Warning("spec.addressType: FQDN endpoints are deprecated", ("addressType",)))
        return out
    for i, endpoint in enumerate(obj.get("endpoints", ())):
        for j, address in enumerate(endpoint.get("addresses", ())):
            at = ROOT["endpoints"][i]["addresses"][j]
            out += [Warning(message, at.place) for message in warnings_ip(at, address)]
    return out

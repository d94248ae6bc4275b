"""Warnings about a Service.

Source: k8s.io/kubernetes pkg/api/service/warnings.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver.allocate import ALLOCATED
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path
from svclint.apiserver.validation.service import TOPOLOGY_AWARE_HINTS, TOPOLOGY_MODE

SPEC = Path()["spec"]
# All fields that the second half looks at.
OPTIONAL = frozenset(
    ("externalIPs", "loadBalancerIP", "loadBalancerSourceRanges", "externalName", "trafficDistribution")
)


def warnings_service(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    spec = obj["spec"]
    external_ips = spec.get("externalIPs", ())
    headless = spec["type"] == "ClusterIP" and spec.get("clusterIP") == "None"
    out = []
    if TOPOLOGY_AWARE_HINTS in obj["metadata"].get("annotations", ()):
        message = f"annotation {TOPOLOGY_AWARE_HINTS} is deprecated, please use {TOPOLOGY_MODE} instead"
        out.append(Warning(message, ("metadata", "annotations", TOPOLOGY_AWARE_HINTS)))
    if spec.get("clusterIP") != "None":
        out += _ips("clusterIPs", spec.get("clusterIPs", ()))
    if headless and context.enabled("headless-ignored-fields"):
        if spec.get("loadBalancerIP"):
            out.append(_about("loadBalancerIP", "spec.loadBalancerIP is ignored for headless services"))
        if external_ips:
            out.append(_about("externalIPs", "spec.externalIPs is ignored for headless services"))
        if spec["sessionAffinity"] != "None":
            out.append(_about("sessionAffinity", "spec.SessionAffinity is ignored for headless services"))
    if OPTIONAL.isdisjoint(spec):
        return out
    out += _ips("externalIPs", external_ips)
    if external_ips and not headless and spec["type"] != "ExternalName" and context.enabled("external-ips-deprecated"):
        message = "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
        out.append(_about("externalIPs", message))
    if ip := spec.get("loadBalancerIP"):
        from svclint.apiserver.addresses import warnings_ip

        at = SPEC["loadBalancerIP"]
        out += [Warning(message, at.place) for message in warnings_ip(at, ip)]
    for i, cidr in enumerate(spec.get("loadBalancerSourceRanges", ())):
        from svclint.apiserver.addresses import warnings_cidr

        at = SPEC["loadBalancerSourceRanges"][i]
        out += [Warning(message, at.place) for message in warnings_cidr(at, cidr)]
    if spec["type"] == "ExternalName":
        if external_ips:
            out.append(_about("externalIPs", 'spec.externalIPs is ignored when spec.type is "ExternalName"'))
    elif spec.get("externalName"):
        out.append(_about("externalName", 'spec.externalName is ignored when spec.type is not "ExternalName"'))
    if spec.get("trafficDistribution") == "PreferClose" and context.enabled("prefer-close-deprecated"):
        message = 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'
        out.append(_about("trafficDistribution", message))
    return out


def _about(name: str, message: str) -> Warning:
    return Warning(message, ("spec", name))


def _ips(name: str, ips: list[str] | tuple[str, ...]) -> list[Warning]:
    """What the allocators choose is written as it should be."""
    out = []
    for i, ip in enumerate(ips):
        if ip != ALLOCATED:
            from svclint.apiserver.addresses import warnings_ip

            at = SPEC.child(name)[i]
            out += [Warning(message, at.place) for message in warnings_ip(at, ip)]
    return out

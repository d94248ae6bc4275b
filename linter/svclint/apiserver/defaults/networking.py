"""Defaults of the networking kinds.

Source: k8s.io/kubernetes pkg/apis/networking/v1/defaults.go.
"""

from __future__ import annotations

from svclint.apiserver.context import Object, Version


def default_network_policy(obj: Object, version: Version) -> None:
    spec = obj.setdefault("spec", {})
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction, ()):
            for port in rule.get("ports", ()):
                port.setdefault("protocol", "TCP")
    if not spec.get("policyTypes"):
        # An empty list of egress rules alone isolates nothing.
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def default_ingress_class(obj: Object, version: Version) -> None:
    parameters = obj.get("spec", {}).get("parameters")
    if parameters is not None:
        parameters.setdefault("scope", "Cluster")

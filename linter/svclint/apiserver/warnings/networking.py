"""Warnings about the networking kinds.

Source: k8s.io/kubernetes pkg/registry/networking/ingress/strategy.go, networkpolicy/strategy.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver.addresses import warnings_cidr
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path
from svclint.apiserver.validation.ingress import CLASS_ANNOTATION

SPEC = Path()["spec"]


def warnings_ingress(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    annotated = CLASS_ANNOTATION in obj.get("metadata", {}).get("annotations", {})
    if not annotated or "ingressClassName" in obj.get("spec", {}):
        return []
    message = f"annotation \"{CLASS_ANNOTATION}\" is deprecated, please use 'spec.ingressClassName' instead"
    return [Warning(message, ("metadata", "annotations", CLASS_ANNOTATION))]


def warnings_network_policy(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    out = []
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for i, rule in enumerate(obj["spec"].get(direction, ())):
            for j, peer in enumerate(rule.get(peers, ())):
                block = peer.get("ipBlock")
                if block is None:
                    continue
                path = SPEC.child(direction)[i].child(peers)[j]["ipBlock"]
                ranges = [(path["cidr"], block.get("cidr", ""))]
                ranges += [(path["except"][k], text) for k, text in enumerate(block.get("except", ()))]
                out += [Warning(message, at.place) for at, text in ranges for message in warnings_cidr(at, text)]
    return out

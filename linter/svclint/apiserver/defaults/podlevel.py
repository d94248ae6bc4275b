"""Defaults of a pod's own requests and limits (`spec.resources`), from those of its containers.

Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go (defaultHugePagePodLimits, defaultPodRequests).
"""

from __future__ import annotations

from typing import Any

from svclint.apiserver.validation.podresources import HUGE_PAGES, aggregate_requests
from svclint.kube import quantities
from svclint.kube.quantities import Quantity


def _supported(name: str) -> bool:
    return name in ("cpu", "memory") or name.startswith(HUGE_PAGES)


def default_pod_level_resources(spec: dict[str, Any]) -> None:
    resources = spec["resources"]
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    if not limits and not requests:
        return
    huge: dict[str, Quantity] = {}
    for container in spec.get("containers", ()):
        for name, quantity in container.get("resources", {}).get("limits", {}).items():
            if name.startswith(HUGE_PAGES) and name not in requests and name not in limits:
                amount = quantities.parse(quantity)
                huge[name] = Quantity(huge.get(name, quantities.ZERO).nanos + amount.nanos, amount.notation)
    limits = {**limits, **{name: str(quantity) for name, quantity in huge.items()}}
    if limits:
        resources["limits"] = limits
        requests = dict(requests)
        for name, needed in aggregate_requests(spec).items():
            if _supported(name) and not name.startswith(HUGE_PAGES):
                requests.setdefault(name, str(needed))
        for name, limit in limits.items():
            if _supported(name):
                requests.setdefault(name, limit)
        resources["requests"] = requests

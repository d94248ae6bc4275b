"""Validation of a PodDisruptionBudget.

Source: k8s.io/kubernetes pkg/apis/policy/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_selector, validate_object_meta
from svclint.apiserver.validation.workloads_rollout import validate_positive_int_or_percent

METADATA = Path()["metadata"]
SPEC = Path()["spec"]
EVICTION_POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def validate_pod_disruption_budget(obj: Mapping[str, Any], context: Context) -> list[Error]:
    # The kind's own validation says nothing of metadata: a name need only do as a part of a URL.
    errors = []
    spec = obj.get("spec", {})
    if "minAvailable" in spec and "maxUnavailable" in spec:
        shown = context.shown(spec, "policy.PodDisruptionBudgetSpec")
        errors.append(field.invalid(SPEC, shown, "minAvailable and maxUnavailable cannot be both set"))
    for name in ("minAvailable", "maxUnavailable"):
        if name in spec:
            errors += validate_positive_int_or_percent(spec[name], SPEC.child(name), context)
    errors += validate_label_selector(spec.get("selector"), SPEC["selector"], context)
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in EVICTION_POLICIES:
        errors.append(field.not_supported(SPEC["unhealthyPodEvictionPolicy"], policy, EVICTION_POLICIES))
    return errors or validate_object_meta(
        obj.get("metadata", {}), METADATA, names.is_valid_path_segment_name, True, context
    )

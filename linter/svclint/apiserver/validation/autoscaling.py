"""Validation of a HorizontalPodAutoscaler: replicas and target; metrics are judged by their types alone.

Source: k8s.io/kubernetes pkg/apis/autoscaling/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_object_meta

METADATA = Path()["metadata"]
SPEC = Path()["spec"]


def validate_horizontal_pod_autoscaler(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, True, context)
    spec = obj.get("spec", {})
    low, high = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    if low < 1:
        errors.append(field.invalid(SPEC["minReplicas"], low, "must be greater than or equal to 1"))
    if high < 1:
        errors.append(field.invalid(SPEC["maxReplicas"], high, "must be greater than 0"))
    if high < low:
        detail = "must be greater than or equal to `minReplicas`"
        errors.append(field.invalid(SPEC["maxReplicas"], high, detail))
    target = spec.get("scaleTargetRef", {})
    for name in ("kind", "name"):
        at = SPEC.child("scaleTargetRef", name)
        value = target.get(name, "")
        if not value:
            errors.append(field.required(at))
        errors += [field.invalid(at, value, message) for message in names.is_valid_path_segment_name(value)]
    return errors

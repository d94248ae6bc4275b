"""Validation of a Pod.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidatePodCreate).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_object_meta
from svclint.apiserver.validation.containers import validate_container_only_for_pod
from svclint.apiserver.validation.podfields import options
from svclint.apiserver.validation.podspec import validate_pod_spec

METADATA = Path()["metadata"]
SPEC = Path()["spec"]


def validate_pod(obj: Mapping[str, Any], context: Context) -> list[Error]:
    metadata, spec = obj["metadata"], obj["spec"]
    opts = options(context, metadata.get("labels", {}))
    annotations = metadata.get("annotations", {})
    errors = validate_object_meta(metadata, METADATA, names.is_dns1123_subdomain, True, context)
    if annotations:
        from svclint.apiserver.validation.podannotations import validate_pod_annotations

        errors += validate_pod_annotations(annotations, spec, METADATA["annotations"], opts)
    errors += validate_pod_spec(spec, metadata.get("name", ""), SPEC, opts)
    if not spec.get("serviceAccountName"):
        errors += [
            field.forbidden(
                SPEC["volumes"][i].child("projected", "sources")[j]["serviceAccountToken"],
                "must not be specified when serviceAccountName is not set",
            )
            for i, volume in enumerate(spec.get("volumes", ()))
            for j, source in enumerate(volume.get("projected", {}).get("sources", ()))
            if "serviceAccountToken" in source
        ]
    for kind in ("containers", "initContainers"):
        for i, container in enumerate(spec.get(kind, ())):
            errors += validate_container_only_for_pod(container, SPEC[kind][i])
    if spec.get("ephemeralContainers"):
        errors.append(field.forbidden(SPEC["ephemeralContainers"], "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        errors.append(field.forbidden(SPEC["nodeName"], detail))
    if annotations:
        from svclint.apiserver.validation.podannotations import validate_annotations_match_fields

        errors += validate_annotations_match_fields(annotations, spec, SPEC)
    return errors

"""Validation of a Namespace.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateNamespace).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import STANDARD_FINALIZERS, validate_label_name, validate_object_meta

METADATA = Path()["metadata"]
SPEC = Path()["spec"]


def validate_namespace(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_label, False, context)
    for finalizer in obj.get("spec", {}).get("finalizers", ()):
        # Upstream names the list and not the item.
        at = SPEC["finalizers"]
        errors += validate_label_name(finalizer, at, context)
        if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(field.invalid(at, finalizer, detail))
    return errors

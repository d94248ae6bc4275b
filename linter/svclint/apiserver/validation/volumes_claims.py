"""Validation of claims for storage: templates of ephemeral volumes and of StatefulSets.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidatePersistentVolumeClaimTemplate,
ValidatePersistentVolumeClaimSpec).
"""

from __future__ import annotations

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_annotations, validate_label_selector, validate_labels
from svclint.apiserver.validation.podfields import NOT_POSITIVE, Fields, required_fields, validate_one_of
from svclint.kube import quantities

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
TEMPLATE_METADATA = frozenset(("annotations", "labels"))
# Metadata in the order of ObjectMeta's fields.
METADATA_FIELDS = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "managedFields",
)  # fmt: skip
# Go's names with the first letter in lower case.
_GO_NAMES = {"uid": "uID"}


def validate_claim_template(template: Fields, path: Path, context: Context) -> list[Error]:
    metadata = template.get("metadata", {})
    at = path["metadata"]
    errors = validate_annotations(metadata.get("annotations", {}), at["annotations"], context)
    errors += validate_labels(metadata.get("labels", {}), at["labels"], context)
    errors += [
        field.forbidden(at.child(_GO_NAMES.get(name, name), place=(name,)), "cannot be set")
        for name in METADATA_FIELDS
        if name not in TEMPLATE_METADATA and metadata.get(name)
    ]
    return errors + validate_claim_spec(template.get("spec", {}), path["spec"], context)


def validate_claim_spec(spec: Fields, path: Path, context: Context) -> list[Error]:
    errors = []
    modes = spec.get("accessModes", ())
    if not modes:
        errors.append(field.required(path["accessModes"], "at least 1 access mode is required"))
    if "selector" in spec:
        errors += validate_label_selector(spec["selector"], path["selector"], context)
    errors += [
        field.not_supported(path["accessModes"], mode, ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES
    ]
    if "ReadWriteOncePod" in modes and any(m in ACCESS_MODES and m != "ReadWriteOncePod" for m in modes):
        detail = "may not use ReadWriteOncePod with other access modes"
        errors.append(field.forbidden(path["accessModes"], detail))
    storage = spec.get("resources", {}).get("requests", {}).get("storage")
    # Upstream leaves `requests` out of the path.
    at = path["resources"].key("storage")
    if storage is None:
        errors.append(field.required(at))
    elif (size := quantities.parse(storage)).nanos <= 0:
        errors.append(field.invalid(at, str(size), NOT_POSITIVE))
    if class_name := spec.get("storageClassName"):
        at = path["storageClassName"]
        errors += [field.invalid(at, class_name, message) for message in names.is_dns1123_subdomain(class_name)]
    errors += validate_one_of(spec, path, "volumeMode", VOLUME_MODES)
    errors += _data_sources(spec, path)
    attributes = spec.get("volumeAttributesClassName")
    if attributes and context.enabled("VolumeAttributesClass"):
        at = path["volumeAttributesClassName"]
        errors += [field.invalid(at, attributes, message) for message in names.is_dns1123_subdomain(attributes)]
    return errors


def _data_sources(spec: Fields, path: Path) -> list[Error]:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    errors = []
    if source is not None:
        errors += _data_source(source, path["dataSource"])
    if reference is None:
        return errors
    at = path["dataSourceRef"]
    errors += _data_source(reference, at)
    namespace = reference.get("namespace")
    if namespace:
        errors += [field.invalid(at["namespace"], namespace, message) for message in names.is_dns1123_label(namespace)]
    if source is None:
        return errors
    # The bad value that upstream prints is a path, which has no fields to show.
    if namespace:
        errors.append(
            field.invalid(path, field.GoSyntax("{}"), "may not be specified when dataSourceRef.namespace is specified")
        )
    elif any(source.get(name) != reference.get(name) for name in ("apiGroup", "kind", "name")):
        errors.append(field.invalid(path, field.GoSyntax("{}"), "must match dataSourceRef"))
    return errors


def _data_source(source: Fields, path: Path) -> list[Error]:
    errors = required_fields(source, path, "name", "kind")
    group, kind = source.get("apiGroup", ""), source.get("kind", "")
    if not group and kind != "PersistentVolumeClaim":
        detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(field.invalid(path, kind, detail))
    if group:
        errors += [field.invalid(path["apiGroup"], group, message) for message in names.is_dns1123_subdomain(group)]
    return errors

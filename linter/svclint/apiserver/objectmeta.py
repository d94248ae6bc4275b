"""Validation of metadata and of label selectors, shared by all kinds.

Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation/validation.go;
k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateObjectMeta).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path

ANNOTATIONS_LIMIT = 256 * 1024
STANDARD_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))


def validate_object_meta(
    meta: Mapping[str, Any],
    path: Path,
    name_fn: names.NameValidator,
    namespaced: bool,
    context: Context,
    built_in: bool = True,
) -> list[Error]:
    """Everything about `metadata`, in the server's order; `name_fn`: what the kind's strategy says of names."""
    errors = []
    generate_name = meta.get("generateName", "")
    if generate_name:
        at = path["generateName"]
        errors += [field.invalid(at, generate_name, message) for message in names.prefix_of(name_fn)(generate_name)]
    name = meta.get("name", "")
    if not name:
        errors.append(field.required(path["name"], "name or generateName is required"))
    elif wrong := name_fn(name):
        errors += [field.invalid(path["name"], name, message) for message in wrong]
    namespace = meta.get("namespace", "")
    if namespaced:
        if not namespace:
            errors.append(field.required(path["namespace"]))
        elif wrong := names.is_dns1123_label(namespace):
            errors += [field.invalid(path["namespace"], namespace, message) for message in wrong]
    elif namespace:
        errors.append(field.forbidden(path["namespace"], "not allowed on this type"))
    if meta.get("generation", 0) < 0:
        errors.append(field.invalid(path["generation"], meta["generation"], "must be greater than or equal to 0"))
    if labels := meta.get("labels"):
        errors += validate_labels(labels, path["labels"], context)
    if annotations := meta.get("annotations"):
        errors += validate_annotations(annotations, path["annotations"], context)
    if references := meta.get("ownerReferences"):
        errors += validate_owner_references(references, path["ownerReferences"])
    if finalizers := meta.get("finalizers"):
        errors += validate_finalizers(finalizers, path["finalizers"], context, built_in)
    return errors


def validate_label_name(key: str, path: Path, context: Context) -> list[Error]:
    wrong = names.is_qualified_name(key, context.gates["label-length-in-bytes"])
    return [field.invalid(path, key, message) for message in wrong] if wrong else []


def validate_label_value(value: str, path: Path, context: Context) -> list[Error]:
    wrong = names.is_valid_label_value(value, context.gates["label-length-in-bytes"])
    return [field.invalid(path, value, message) for message in wrong] if wrong else []


def validate_labels(labels: Mapping[str, str], path: Path, context: Context) -> list[Error]:
    """The server reports keys and values at the map itself, in random order; here in the order of the file."""
    if names.are_valid_labels(labels):
        return []
    errors = []
    for key, value in labels.items():
        at = Path(path.text, (*path.place, key))
        errors += validate_label_name(key, at, context)
        errors += validate_label_value(value, at, context)
    return errors


def validate_annotations(annotations: Mapping[str, str], path: Path, context: Context) -> list[Error]:
    """Keys are compared in lower case; values may hold anything, 256 KiB in all."""
    errors = []
    in_bytes = context.gates["label-length-in-bytes"]
    for key in annotations:
        if wrong := names.is_qualified_name(key.lower(), in_bytes):
            at = Path(path.text, (*path.place, key))
            errors += [field.invalid(at, key, message) for message in wrong]
    texts = [*annotations, *annotations.values()]
    # No character has more than four bytes.
    if sum(map(len, texts)) * 4 > ANNOTATIONS_LIMIT and sum(map(names.byte_length, texts)) > ANNOTATIONS_LIMIT:
        errors.append(field.too_long(path, "", ANNOTATIONS_LIMIT))
    return errors


def validate_owner_references(references: Sequence[Mapping[str, Any]], path: Path) -> list[Error]:
    errors = []
    controller = ""
    for i, reference in enumerate(references):
        # Upstream names the list, not the item.
        def at(name: str, i: int = i) -> Path:
            return path.child(name, place=(i, name))

        api_version = reference.get("apiVersion", "")
        group, _, version = api_version.rpartition("/")
        if not version or "/" in group:
            errors.append(field.invalid(at("apiVersion"), api_version, "version must not be empty"))
        errors += [
            field.invalid(at(name), "", "must not be empty")
            for name in ("kind", "name", "uid")
            if not reference.get(name)
        ]
        if api_version == "v1" and reference.get("kind") == "Event":
            errors.append(field.invalid(path, reference, "/v1, Kind=Event is disallowed from being an owner"))
        if reference.get("controller"):
            name = reference.get("name", "")
            if controller:
                errors.append(
                    field.invalid(
                        path,
                        list(references),
                        'Only one reference can have Controller set to true. Found "true" in references for '
                        f"{controller} and {name}",
                    )
                )
            else:
                controller = name
    return errors


def validate_finalizers(finalizers: Sequence[str], path: Path, context: Context, built_in: bool = True) -> list[Error]:
    """Only built-in kinds insist on a qualified name."""
    errors = []
    for i, finalizer in enumerate(finalizers):
        errors += validate_label_name(finalizer, path[i], context)
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        detail = "finalizer orphan and foregroundDeletion cannot be both set"
        errors.append(field.invalid(path, list(finalizers), detail))
    for i, finalizer in enumerate(finalizers):
        if built_in and "/" not in finalizer and finalizer not in STANDARD_FINALIZERS:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(field.invalid(path[i], finalizer, detail))
    return errors


def validate_label_selector(
    selector: Mapping[str, Any] | None, path: Path, context: Context, allow_invalid_values: bool = False
) -> list[Error]:
    """A `metav1.LabelSelector`; `None` is valid, an empty one matches everything."""
    if not selector:
        return []
    errors = []
    if labels := selector.get("matchLabels"):
        errors += validate_labels(labels, path["matchLabels"], context)
    if expressions := selector.get("matchExpressions"):
        at = path["matchExpressions"]
        for i, requirement in enumerate(expressions):
            errors += validate_label_selector_requirement(requirement, at[i], context, allow_invalid_values)
    return errors


def validate_label_selector_requirement(
    requirement: Mapping[str, Any], path: Path, context: Context, allow_invalid_values: bool = False
) -> list[Error]:
    errors = []
    operator = requirement.get("operator", "")
    values = requirement.get("values", ())
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(field.required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            errors.append(
                field.forbidden(path["values"], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            )
    else:
        errors.append(field.invalid(path["operator"], operator, "not a valid selector operator"))
    errors += validate_label_name(requirement.get("key", ""), path["key"], context)
    if not allow_invalid_values:
        for i, value in enumerate(values):
            errors += validate_label_value(value, path["values"][i], context)
    return errors

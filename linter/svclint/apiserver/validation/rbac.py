"""Validation of roles and their bindings.

Source: k8s.io/kubernetes pkg/apis/rbac/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.defaults.rbac import GROUP
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_selector, validate_object_meta

ROOT = Path()
METADATA, RULES, ROLE_REF, SUBJECTS = ROOT["metadata"], ROOT["rules"], ROOT["roleRef"], ROOT["subjects"]
SUBJECT_KINDS = ("ServiceAccount", "User", "Group")


def validate_role(obj: Mapping[str, Any], context: Context) -> list[Error]:
    return _metadata(obj, True, context) + _rules(obj, True, context)


def validate_cluster_role(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = _metadata(obj, False, context) + _rules(obj, False, context)
    aggregation = obj.get("aggregationRule")
    if aggregation is not None:
        at = Path().child("aggregationRule", "clusterRoleSelectors")
        selectors = aggregation.get("clusterRoleSelectors", ())
        if not selectors:
            errors.append(field.required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil"))
        for i, selector in enumerate(selectors):
            errors += validate_label_selector(selector, at[i], context)
    return errors


def validate_role_binding(obj: Mapping[str, Any], context: Context) -> list[Error]:
    return _metadata(obj, True, context) + _binding(obj, True)


def validate_cluster_role_binding(obj: Mapping[str, Any], context: Context) -> list[Error]:
    return _metadata(obj, False, context) + _binding(obj, False)


def _metadata(obj: Mapping[str, Any], namespaced: bool, context: Context) -> list[Error]:
    # A role's name need only do as a part of a URL: `system:node`.
    return validate_object_meta(
        obj.get("metadata", {}), METADATA, names.is_valid_path_segment_name, namespaced, context
    )


def _rules(obj: Mapping[str, Any], namespaced: bool, context: Context) -> list[Error]:
    errors = []
    for i, rule in enumerate(obj.get("rules", ())):
        errors += _rule(rule, namespaced, RULES[i], context)
    return errors


def _rule(rule: Mapping[str, Any], namespaced: bool, path: Path, context: Context) -> list[Error]:
    errors = []
    urls = rule.get("nonResourceURLs")
    if not rule.get("verbs"):
        errors.append(field.required(path["verbs"], "verbs must contain at least one value"))
    if urls:
        at = path["nonResourceURLs"]
        shown = context.shown(urls, "[]string")
        if namespaced:
            errors.append(field.invalid(at, shown, "namespaced rules cannot apply to non-resource URLs"))
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            errors.append(field.invalid(at, shown, detail))
        return errors
    if not rule.get("apiGroups"):
        errors.append(field.required(path["apiGroups"], "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        errors.append(field.required(path["resources"], "resource rules must supply at least one resource"))
    return errors


def _binding(obj: Mapping[str, Any], namespaced: bool) -> list[Error]:
    reference = obj["roleRef"]
    at = ROLE_REF
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    errors = []
    if reference["apiGroup"] != GROUP:
        errors.append(field.not_supported(at["apiGroup"], reference["apiGroup"], (GROUP,)))
    if reference.get("kind", "") not in kinds:
        errors.append(field.not_supported(at["kind"], reference.get("kind", ""), kinds))
    name = reference.get("name", "")
    if not name:
        errors.append(field.required(at["name"]))
    errors += [field.invalid(at["name"], name, message) for message in names.is_valid_path_segment_name(name)]
    for i, subject in enumerate(obj.get("subjects", ())):
        errors += _subject(subject, namespaced, SUBJECTS[i])
    return errors


def _subject(subject: Mapping[str, Any], namespaced: bool, path: Path) -> list[Error]:
    name, group, kind = subject.get("name", ""), subject.get("apiGroup", ""), subject.get("kind", "")
    at = path["name"]
    errors = []
    if not name:
        errors.append(field.required(at))
    match kind:
        case "ServiceAccount":
            if name:
                errors += [field.invalid(at, name, message) for message in names.is_dns1123_subdomain(name)]
            if group:
                errors.append(field.not_supported(path["apiGroup"], group, ("",)))
            if not namespaced and not subject.get("namespace"):
                errors.append(field.required(path["namespace"]))
        case "User" | "Group":
            if not name:
                errors.append(field.invalid(at, name, f"{kind.lower()} name cannot be empty"))
            if group != GROUP:
                errors.append(field.not_supported(path["apiGroup"], group, (GROUP,)))
        case _:
            errors.append(field.not_supported(path["kind"], kind, SUBJECT_KINDS))
    return errors

"""Validation of the annotations that a pod's security once was written in.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidatePodSpecificAnnotations,
validateSeccompAnnotationsAndFields, validateAppArmorAnnotationsAndFieldsMatchOnCreate).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import Fields, Options, containers_with_path, validate_local_descending_path

MIRROR = "kubernetes.io/config.mirror"
TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
RUNTIME_DEFAULT = "runtime/default"
UNCONFINED = "unconfined"
LOCALHOST = "localhost/"
DELETION_COSTS = r"0|-?[1-9][0-9]{0,9}"


def validate_pod_annotations(annotations: Mapping[str, str], spec: Fields, path: Path, opts: Options) -> list[Error]:
    errors = []
    if MIRROR in annotations and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(field.invalid(path.key(MIRROR), annotations[MIRROR], detail))
    if annotations.get(TOLERATIONS):
        errors += _tolerations(annotations[TOLERATIONS], path, opts)
    cost = annotations.get(DELETION_COST)
    if cost is not None and not (re.fullmatch(DELETION_COSTS, cost) and -(1 << 31) <= int(cost) < 1 << 31):
        errors.append(field.invalid(path.key(DELETION_COST), cost, "must be a 32bit integer"))
    if SECCOMP_POD in annotations:
        errors += _seccomp(annotations[SECCOMP_POD], _below(path, SECCOMP_POD))
    for key, profile in annotations.items():
        if key.startswith(SECCOMP_CONTAINER):
            errors += _seccomp(profile, _below(path, key))
    for key, profile in annotations.items():
        if key.startswith(APP_ARMOR):
            errors += _app_armor(key, profile, spec, path.key(key))
    return errors


def _below(path: Path, key: str) -> Path:
    return path.child(key)


def _tolerations(text: str, path: Path, opts: Options) -> list[Error]:
    from svclint.apiserver.validation.podscheduling import validate_tolerations

    try:
        tolerations: Any = json.loads(text)
    except (ValueError, RecursionError):
        tolerations = None
    known = isinstance(tolerations, list) and all(isinstance(item, dict) for item in tolerations)
    if not known:
        return [field.invalid(path, TOLERATIONS, "invalid character in JSON")] if tolerations is not None else []
    texts = ("key", "operator", "value", "effect")
    readable = [
        {name: value for name, value in item.items() if name not in texts or isinstance(value, str)}
        for item in tolerations
    ]
    return validate_tolerations(readable, path.child(TOLERATIONS), opts.context)


def _seccomp(profile: str, path: Path) -> list[Error]:
    if profile in (RUNTIME_DEFAULT, "docker/default", UNCONFINED):
        return []
    if profile.startswith(LOCALHOST):
        return validate_local_descending_path(profile.removeprefix(LOCALHOST), path)
    return [field.invalid(path, profile, "must be a valid seccomp profile")]


def _app_armor(key: str, profile: str, spec: Fields, path: Path) -> list[Error]:
    errors = []
    name = key.removeprefix(APP_ARMOR)
    if all(container.get("name", "") != name for container, _ in containers_with_path(spec, path)):
        errors.append(field.invalid(path, name, "container not found"))
    if profile not in ("", RUNTIME_DEFAULT, UNCONFINED) and not profile.startswith(LOCALHOST):
        errors.append(field.invalid(path, profile, f"invalid AppArmor profile name: {field.quote(profile)}"))
    return errors


def validate_annotations_match_fields(annotations: Mapping[str, str], spec: Fields, path: Path) -> list[Error]:
    """An old annotation beside the field must say the same. `path` is the spec's."""
    if not any(key.startswith((SECCOMP_POD, SECCOMP_CONTAINER, APP_ARMOR)) for key in annotations):
        return []
    errors = []
    pod = spec["securityContext"]
    if SECCOMP_POD in annotations and "seccompProfile" in pod:
        at = path.child("securityContext", "seccompProfile")
        errors += _match(annotations[SECCOMP_POD], pod["seccompProfile"], at, "seccomp", ("docker/default",))
    for container, at in containers_with_path(spec, path):
        annotation = annotations.get(SECCOMP_CONTAINER + container.get("name", ""))
        profile = container.get("securityContext", {}).get("seccompProfile")
        if annotation is not None and profile is not None:
            errors += _match(
                annotation, profile, at.child("securityContext", "seccompProfile"), "seccomp", ("docker/default",)
            )
    if spec.get("os", {}).get("name") == "windows":
        return errors
    for container, at in containers_with_path(spec, path):
        annotation = annotations.get(APP_ARMOR + container.get("name", ""))
        profile = container.get("securityContext", {}).get("appArmorProfile", pod.get("appArmorProfile"))
        if annotation is not None and profile is not None:
            errors += _match(annotation, profile, at.child("securityContext", "appArmorProfile"), "apparmor", ())
    return errors


def _match(annotation: str, profile: Fields, path: Path, what: str, defaults: tuple[str, ...]) -> list[Error]:
    kind = profile.get("type")
    same = {
        "Unconfined": annotation == UNCONFINED,
        "RuntimeDefault": annotation == RUNTIME_DEFAULT or annotation in defaults,
        "Localhost": annotation.startswith(LOCALHOST),
    }
    if not same.get(kind or "", True):
        return [field.forbidden(path["type"], f"{what} type in annotation and field must match")]
    if kind == "Localhost" and annotation.removeprefix(LOCALHOST) != profile.get("localhostProfile"):
        detail = f"{what} profile in annotation and field must match"
        return [field.forbidden(path["localhostProfile"], detail)]
    return []

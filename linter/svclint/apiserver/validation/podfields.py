"""Small validators of pods and workloads: what upstream writes out again and again.

Each takes the value and the path of the field, and returns the errors. Paths of items are only built for what is wrong.
Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go; k8s.io/apimachinery pkg/api/validation/generic.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path

Fields = Mapping[str, Any]

NEGATIVE = "must be greater than or equal to 0"
NOT_POSITIVE = "must be greater than zero"
NOT_INTEGER = "must be an integer"
FILE_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
PROCESS_NAMESPACES = "ShareProcessNamespace and HostPID cannot both be enabled"
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
ONE_VOLUME_TYPE = "may not specify more than 1 volume type"


class Options(NamedTuple):
    """PodValidationOptions of a creation: what the version's gates allow, and what the pod spec stands in.

    `pod_labels`: the pod's own, of which a template has none.
    """

    context: Context
    resource_is_pod: bool
    pod_labels: Mapping[str, str]
    relaxed_env: bool
    relaxed_dns: bool
    sleep_zero: bool
    pod_level_resources: bool
    restart_rules: bool
    env_files: bool


def options(context: Context, pod_labels: Mapping[str, str] | None = None) -> Options:
    """`pod_labels`: of a Pod; None for what holds a template."""
    of_template = _of_template(context)
    if pod_labels is None:
        return of_template
    return of_template._replace(resource_is_pod=True, pod_labels=pod_labels)


@lru_cache(maxsize=8)
def _of_template(context: Context) -> Options:
    on = context.enabled
    return Options(
        context,
        False,
        {},
        on("RelaxedEnvironmentVariableValidation"),
        on("RelaxedDNSSearchValidation"),
        on("PodLifecycleSleepActionAllowZero"),
        on("PodLevelResources"),
        on("ContainerRestartRules"),
        on("EnvFiles"),
    )


def uses_host_users(spec: Fields) -> bool:
    return bool(spec.get("hostUsers", True))


def shares_process_namespace_twice(spec: Fields) -> bool:
    return bool(spec.get("shareProcessNamespace") and spec.get("hostPID"))


def invalids(path: Path, value: object, details: Iterable[str]) -> list[Error]:
    """One error for each thing that is wrong with a value."""
    return [field.invalid(path, value, detail) for detail in details]


def validate_dns1123_label(value: str, path: Path, *child: str) -> list[Error]:
    """`child`: the field below `path`, so that a path is built only when something is wrong."""
    wrong = names.is_dns1123_label(value)
    return invalids(path.child(*child) if child else path, value, wrong) if wrong else []


def validate_dns1123_subdomain(value: str, path: Path, *child: str) -> list[Error]:
    wrong = names.is_dns1123_subdomain(value)
    return invalids(path.child(*child) if child else path, value, wrong) if wrong else []


def required_fields(source: Fields, path: Path, *fields: str) -> list[Error]:
    """Fields that may not be empty."""
    if all(map(source.get, fields)):
        return []
    return [field.required(path.child(name)) for name in fields if not source.get(name)]


def validate_nonnegative(source: Fields, path: Path, *fields: str) -> list[Error]:
    """Numbers that may not be below 0."""
    errors = []
    for name in fields:
        value = source.get(name)
        if value is not None and value < 0:
            errors.append(field.invalid(path.child(name), value, NEGATIVE))
    return errors


def validate_mode(source: Fields, path: Path, name: str) -> list[Error]:
    """A file mode."""
    mode = source.get(name)
    if mode is None or 0 <= mode <= 0o777:
        return []
    return [field.invalid(path.child(name), mode, FILE_MODE)]


def validate_one_of(source: Fields, path: Path, name: str, supported: tuple[str, ...]) -> list[Error]:
    """A pointer field: absent or one of the values."""
    value = source.get(name)
    if value is None or value in supported:
        return []
    return [field.not_supported(path.child(name), value, supported)]


def validate_enum(source: Fields, path: Path, name: str, supported: tuple[str, ...]) -> list[Error]:
    """A field that must be there and be one of the values."""
    value = source.get(name)
    if value in supported:
        return []
    at = path.child(name)
    return [field.not_supported(at, value, supported)] if value else [field.required(at)]


def validate_path_no_backsteps(value: str, path: Path) -> list[Error]:
    return [field.invalid(path, value, "must not contain '..'")] if ".." in value.split("/") else []


def validate_local_descending_path(value: str, path: Path) -> list[Error]:
    errors = [field.invalid(path, value, "must be a relative path")] if value.startswith("/") else []
    return errors + validate_path_no_backsteps(value, path)


def validate_local_non_reserved_path(value: str, path: Path) -> list[Error]:
    errors = validate_local_descending_path(value, path)
    if value.startswith("..") and not value.startswith("../"):
        errors.append(field.invalid(path, value, "must not start with '..'"))
    return errors


def containers_with_path(spec: Fields, path: Path) -> Iterable[tuple[Fields, Path]]:
    """All containers in the order in which the server visits them (pods.VisitContainersWithPath)."""
    for name in ("initContainers", "containers", "ephemeralContainers"):
        if containers := spec.get(name):
            at = path[name]
            for i, container in enumerate(containers):
                yield container, at[i]

"""Validation of environment variables and of what they refer to.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateEnv, ValidateEnvFrom, selectors),
pkg/apis/core/pods/helpers.go (ConvertDownwardAPIFieldLabel), pkg/fieldpath.
"""

from __future__ import annotations

from collections.abc import Sequence

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_name
from svclint.apiserver.validation.podfields import (
    Fields,
    Options,
    invalids,
    required_fields,
    validate_dns1123_label,
    validate_local_non_reserved_path,
)
from svclint.kube import quantities

ENV_FIELD_PATHS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
# What the server knows of a pod's fields, though not every place allows it.
POD_FIELDS = frozenset(
    (*ENV_FIELD_PATHS, "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName",
     "status.phase")
)  # fmt: skip
RESOURCES = (
    "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
    "requests.memory",
)  # fmt: skip
HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
SIZE_DIVISORS = frozenset(("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"))
CPU_DIVISORS = frozenset(("1m", "1"))
SIZES = "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the"
DIVISORS = {
    "cpu": (CPU_DIVISORS, "only divisor's values 1m and 1 are supported with the cpu resource"),
    "memory": (SIZE_DIVISORS, f"{SIZES} memory resource"),
    "ephemeral-storage": (SIZE_DIVISORS, f"{SIZES} local ephemeral storage resource"),
}
MORE_THAN_ONE = "may not have more than one field specified at a time"


def validate_env(variables: Sequence[Fields], path: Path, opts: Options) -> list[Error]:
    errors = []
    for i, variable in enumerate(variables):
        name = variable.get("name", "")
        if not name:
            errors.append(field.required(path[i]["name"]))
        elif wrong := _env_name(name, opts):
            errors += invalids(path[i]["name"], name, wrong)
        source = variable.get("valueFrom")
        if source is not None:
            at = path[i]["valueFrom"]
            errors += _value_from(source, bool(variable.get("value")), at, opts)
    return errors


def _env_name(name: str, opts: Options) -> Sequence[str]:
    return names.is_relaxed_env_var_name(name) if opts.relaxed_env else names.is_env_var_name(name)


def _value_from(source: Fields, has_value: bool, path: Path, opts: Options) -> list[Error]:
    errors = []
    if "fieldRef" in source:
        errors += validate_field_ref(source["fieldRef"], ENV_FIELD_PATHS, path["fieldRef"], opts)
    if "resourceFieldRef" in source:
        at = path["resourceFieldRef"]
        errors += validate_resource_field_ref(source["resourceFieldRef"], at, volume=False)
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if kind in source:
            errors += _key_selector(source[kind], path[kind])
    if "fileKeyRef" in source:
        errors += _file_key_selector(source["fileKeyRef"], path["fileKeyRef"])
    if not source:
        known = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`"
        rest = ", `secretKeyRef` or `fileKeyRef`" if opts.env_files else " or `secretKeyRef`"
        errors.append(field.invalid(path, "", f"must specify one of: {known}{rest}"))
    elif has_value:
        errors.append(field.invalid(path, "", "may not be specified when `value` is not empty"))
    elif len(source) > 1:
        errors.append(field.invalid(path, "", MORE_THAN_ONE))
    return errors


def _key_selector(selector: Fields, path: Path) -> list[Error]:
    name, key = selector.get("name", ""), selector.get("key", "")
    wrong = names.is_dns1123_subdomain(name)
    errors = invalids(path["name"], name, wrong) if wrong else []
    if not key:
        errors.append(field.required(path["key"]))
    elif wrong := names.is_config_map_key(key):
        errors += invalids(path["key"], key, wrong)
    return errors


def _file_key_selector(selector: Fields, path: Path) -> list[Error]:
    errors = required_fields(selector, path, "key", "volumeName", "path")
    if key := selector.get("key"):
        errors += invalids(path["key"], key, names.is_relaxed_env_var_name(key))
    if volume := selector.get("volumeName"):
        errors += validate_dns1123_label(volume, path, "volumeName")
    if name := selector.get("path"):
        errors += validate_local_non_reserved_path(name, path["path"])
    return errors


def validate_env_from(sources: Sequence[Fields], path: Path, opts: Options) -> list[Error]:
    errors = []
    for i, source in enumerate(sources):
        at = path[i]
        if prefix := source.get("prefix"):
            errors += invalids(at["prefix"], prefix, _env_name(prefix, opts))
        found = 0
        for kind in ("configMapRef", "secretRef"):
            if kind in source:
                found += 1
                name = source[kind].get("name", "")
                if not name:
                    errors.append(field.required(at.child(kind, "name")))
                elif wrong := names.is_dns1123_subdomain(names.mask_trailing_dash(name)):
                    errors += invalids(at.child(kind, "name"), name, wrong)
        # Upstream names the list, not the item.
        here = Path(path.text, at.place)
        if not found:
            errors.append(field.invalid(here, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif found > 1:
            errors.append(field.invalid(here, "", MORE_THAN_ONE))
    return errors


def split_subscript(path: str) -> tuple[str, str | None]:
    """`metadata.labels['app']` -> the field and the key; no key where there is none (SplitMaybeSubscriptedPath)."""
    if path.endswith("']"):
        whole, opened, key = path.removesuffix("']").partition("['")
        if opened and whole:
            return whole, key
    return path, None


def validate_field_ref(ref: Fields, allowed: tuple[str, ...], path: Path, opts: Options) -> list[Error]:
    """`allowed`: the fields that may be named whole, sorted."""
    version, name = ref["apiVersion"], ref.get("fieldPath", "")
    if not name:
        return [field.required(path["fieldPath"])]
    whole, key = split_subscript(name)
    if wrong := _unknown_field(version, whole, key, name):
        return [field.invalid(path["fieldPath"], name, f"error converting fieldPath: {wrong}")]
    if key is not None:
        at = Path(path.text, (*path.place, "fieldPath"))
        key = key.lower() if whole == "metadata.annotations" else key
        return validate_label_name(key, at, opts.context)
    # An old name that the server still understands.
    name = "spec.nodeName" if name == "spec.host" else name
    return [] if name in allowed else [field.not_supported(path["fieldPath"], name, allowed)]


def _unknown_field(version: str, whole: str, key: str | None, name: str) -> str:
    if version != "v1":
        return f"unsupported pod version: {version}"
    if key is not None:
        known = whole in ("metadata.annotations", "metadata.labels")
        return "" if known else f"field label does not support subscript: {name}"
    return "" if name in POD_FIELDS or name == "spec.host" else f"field label not supported: {name}"


def validate_resource_field_ref(ref: Fields, path: Path, volume: bool) -> list[Error]:
    """A file of a volume has to name the container."""
    resource = ref.get("resource", "")
    errors = []
    if volume and not ref.get("containerName"):
        errors.append(field.required(path["containerName"]))
    elif not resource:
        errors.append(field.required(path["resource"]))
    elif resource not in RESOURCES and not resource.startswith(HUGE_PAGES):
        errors.append(field.not_supported(path["resource"], resource, RESOURCES))
    return errors + _divisor(resource, ref.get("divisor", "0"), path)


def _divisor(resource: str, divisor: str | int | float, path: Path) -> list[Error]:
    amount = quantities.parse(divisor)
    if not amount.nanos:
        return []
    if resource.startswith(HUGE_PAGES):
        allowed, detail = SIZE_DIVISORS, f"{SIZES} hugepages resource"
    elif resource in RESOURCES:
        allowed, detail = DIVISORS[resource.partition(".")[2]]
    else:
        return []
    return [] if str(amount) in allowed else [field.invalid(path["divisor"], resource, detail)]

"""Validation of security contexts.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validatePodSpecSecurityContext,
ValidateSecurityContext, validateSysctls, validateHostUsers); k8s.io/component-helpers node/util/sysctl.
"""

from __future__ import annotations

import re

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import (
    PROCESS_NAMESPACES,
    Fields,
    Options,
    shares_process_namespace_twice,
    validate_local_descending_path,
    validate_one_of,
)

MAX_ID = (1 << 31) - 1
SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
SYSCTL = f"({SYSCTL_SEGMENT}[\\./])*{SYSCTL_SEGMENT}"
SYSCTL_MAX = 253

OTHER_PROFILES = frozenset(("windowsOptions", "appArmorProfile"))
PROFILE_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
FS_GROUP_CHANGE_POLICIES = ("Always", "OnRootMismatch")
SUPPLEMENTAL_GROUPS_POLICIES = ("Merge", "Strict")
PROC_MOUNTS = ("Default", "Unmasked")
PROFILE_PATH_MAX = 4095
IPC_SYSCTLS = frozenset(("kernel.sem", "kernel.shm_rmid_forced"))
IPC_PREFIXES = ("kernel.shm", "kernel.msg", "fs.mqueue.")


def validate_pod_security_context(spec: Fields, path: Path, opts: Options) -> list[Error]:
    """Of a context that isn't empty. `path` is the spec's: much of the context is written beside it."""
    context = spec["securityContext"]
    at = path["securityContext"]
    errors = _ids(context, at, "fsGroup", "runAsUser", "runAsGroup")
    for i, group in enumerate(context.get("supplementalGroups", ())):
        if wrong := names.is_in_range(group, 0, MAX_ID):
            errors += [field.invalid(at["supplementalGroups"][i], group, message) for message in wrong]
    if shares_process_namespace_twice(spec):
        here = Path(at["shareProcessNamespace"].text, (*path.place, "shareProcessNamespace"))
        errors.append(field.invalid(here, True, PROCESS_NAMESPACES))
    if "sysctls" in context:
        errors += _sysctls(spec, at)
    errors += validate_one_of(context, at, "fsGroupChangePolicy", FS_GROUP_CHANGE_POLICIES)
    errors += _profiles(context, at, opts)
    errors += validate_one_of(context, at, "supplementalGroupsPolicy", SUPPLEMENTAL_GROUPS_POLICIES)
    return errors + validate_one_of(context, at, "seLinuxChangePolicy", ("Recursive",))


def _ids(context: Fields, path: Path, *fields: str) -> list[Error]:
    errors = []
    for name in fields:
        if name in context and (wrong := names.is_in_range(context[name], 0, MAX_ID)):
            errors += [field.invalid(path.child(name), context[name], message) for message in wrong]
    return errors


def _profiles(context: Fields, path: Path, opts: Options) -> list[Error]:
    errors = _seccomp(context, path["seccompProfile"], opts) if "seccompProfile" in context else []
    return errors if OTHER_PROFILES.isdisjoint(context) else errors + _other_profiles(context, path)


def _other_profiles(context: Fields, path: Path) -> list[Error]:
    """Those of `OTHER_PROFILES`."""
    errors = []
    if "windowsOptions" in context:
        from svclint.apiserver.validation.security_windows import validate_windows_options

        errors += validate_windows_options(context["windowsOptions"], path["windowsOptions"])
    if "appArmorProfile" in context:
        errors += _app_armor(context["appArmorProfile"], path["appArmorProfile"])
    return errors


def validate_security_context(context: Fields, host_users: bool, path: Path, opts: Options) -> list[Error]:
    """A container's. The recorded clusters, like nearly all, allow privileged containers."""
    errors = _ids(context, path, "runAsUser", "runAsGroup")
    mount = context.get("procMount")
    if mount is not None:
        errors += validate_one_of(context, path, "procMount", PROC_MOUNTS)
        if host_users and mount == "Unmasked":
            detail = "`hostUsers` must be false to use `Unmasked`"
            errors.append(field.invalid(path["procMount"], mount, detail))
    if "seccompProfile" in context:
        errors += _seccomp(context, path["seccompProfile"], opts)
    if context.get("allowPrivilegeEscalation") is False:
        errors += _escalation(context, path, opts)
    return errors if OTHER_PROFILES.isdisjoint(context) else errors + _other_profiles(context, path)


def _escalation(context: Fields, path: Path, opts: Options) -> list[Error]:
    details = []
    if context.get("privileged"):
        details.append("cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
    if capabilities := context.get("capabilities"):
        details += [
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            for capability in capabilities.get("add", ())
            if capability == "CAP_SYS_ADMIN"
        ]
    if not details:
        return []
    shown = opts.context.shown(context, "core.SecurityContext")
    return [field.invalid(path, shown, detail) for detail in details]


def _seccomp(context: Fields, path: Path, opts: Options) -> list[Error]:
    profile = context["seccompProfile"]
    errors = _profile_type(profile, path, "type is required when seccompProfile is set")
    local = path["localhostProfile"]
    if profile.get("type") == "Localhost":
        if "localhostProfile" not in profile:
            errors.append(field.required(local, "must be set when seccomp type is Localhost"))
        else:
            errors += validate_local_descending_path(profile["localhostProfile"], local)
    elif "localhostProfile" in profile:
        shown = opts.context.shown(profile, "core.SeccompProfile")
        errors.append(field.invalid(local, shown, "can only be set when seccomp type is Localhost"))
    return errors


def _profile_type(profile: Fields, path: Path, missing: str) -> list[Error]:
    kind = profile.get("type", "")
    if kind in PROFILE_TYPES:
        return []
    at = path["type"]
    return [field.not_supported(at, kind, PROFILE_TYPES) if kind else field.required(at, missing)]


def _app_armor(profile: Fields, path: Path) -> list[Error]:
    kind, name = profile.get("type", ""), profile.get("localhostProfile")
    local = path["localhostProfile"]
    if kind != "Localhost":
        if kind in PROFILE_TYPES and name is not None:
            return [field.invalid(local, name, "can only be set when AppArmor type is Localhost")]
        return _profile_type(profile, path, "type is required when appArmorProfile is set")
    if name is None:
        return [field.required(local, "must be set when AppArmor type is Localhost")]
    errors = []
    if name.strip() != name:
        errors.append(field.invalid(local, name, "must not be padded with whitespace"))
    elif not name:
        errors.append(field.required(local, "must be set when AppArmor type is Localhost"))
    if names.byte_length(name) > PROFILE_PATH_MAX:
        errors.append(field.too_long(local, "", PROFILE_PATH_MAX))
    return errors


def _sysctls(spec: Fields, path: Path) -> list[Error]:
    errors = []
    taken: set[str] = set()
    for i, item in enumerate(spec["securityContext"].get("sysctls", ())):
        name = item.get("name", "")
        at = path["sysctls"][i]["name"]
        if not name:
            errors.append(field.required(at))
        elif len(name) > SYSCTL_MAX or not re.fullmatch(SYSCTL, name):
            detail = f"must have at most {SYSCTL_MAX} characters and match regex ^{SYSCTL}$"
            errors.append(field.invalid(at, name, detail))
        elif name in taken:
            errors.append(field.duplicate(at, name))
        dotted = _dotted(name)
        if spec.get("hostNetwork") and dotted.startswith("net."):
            errors.append(field.invalid(at, name, "may not be specified when 'hostNetwork' is true"))
        elif spec.get("hostIPC") and (dotted in IPC_SYSCTLS or dotted.startswith(IPC_PREFIXES)):
            errors.append(field.invalid(at, name, "may not be specified when 'hostIPC' is true"))
        taken.add(name)
    return errors


def _dotted(name: str) -> str:
    """A sysctl's name with dots: whichever of `.` and `/` comes first separates."""
    separator = re.search(r"[./]", name)
    if separator is None or separator[0] == ".":
        return name
    return name.translate(str.maketrans("./", "/."))


def validate_own_users(spec: Fields, path: Path) -> list[Error]:
    """A user namespace of its own (`hostUsers: false`) excludes the host's other namespaces."""
    # The server writes two of the three with a capital.
    return [
        field.forbidden(path.child(text, place=(name,)), "when `pod.Spec.HostUsers` is false")
        for name, text in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC"))
        if spec.get(name)
    ]

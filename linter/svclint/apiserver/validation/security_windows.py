"""Validation of what only Windows pods or only Linux pods may set.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateWindowsSecurityContextOptions,
validateWindowsHostProcessPod, validateLinux, validateWindows).
"""

from __future__ import annotations

import re

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import Fields, containers_with_path

MAX_SPEC_KIB = 64
MAX_DOMAIN = 256
MAX_USER = 104
OPERATING_SYSTEMS = ("linux", "windows")

CONTROL = r"[\x00-\x1f\x7f]"
NET_BIOS = r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}'
DNS_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
DNS_DOMAIN = rf"{DNS_LABEL}(?:\.{DNS_LABEL})*"
BAD_CHARACTERS = r'["/\\:;|=,+*?<>@\[\]]'
DOTS_AND_SPACES = r"[. ]+"


def validate_windows_options(options: Fields, path: Path) -> list[Error]:
    errors = []
    if "gmsaCredentialSpecName" in options:
        name = options["gmsaCredentialSpecName"]
        at = path["gmsaCredentialSpecName"]
        errors += [field.invalid(at, name, message) for message in names.is_dns1123_subdomain(name)]
    if "gmsaCredentialSpec" in options:
        spec = options["gmsaCredentialSpec"]
        at = path["gmsaCredentialSpec"]
        if not spec:
            errors.append(field.invalid(at, spec, "gmsaCredentialSpec cannot be an empty string"))
        elif names.byte_length(spec) > MAX_SPEC_KIB * 1024:
            errors.append(field.invalid(at, spec, f"gmsaCredentialSpec size must be under {MAX_SPEC_KIB} KiB"))
    if "runAsUserName" in options:
        name = options["runAsUserName"]
        at = path["runAsUserName"]
        errors += [field.invalid(at, name, detail) for detail in _user_name(name)]
    return errors


def _user_name(name: str) -> list[str]:
    if not name:
        return ["runAsUserName cannot be an empty string"]
    if re.search(CONTROL, name):
        return ["runAsUserName cannot contain control characters"]
    parts = name.split("\\")
    if len(parts) > 2:
        return ["runAsUserName cannot contain more than one backslash"]
    domain, user = ("", name) if len(parts) == 1 else parts
    details = []
    if names.byte_length(domain) >= MAX_DOMAIN:
        details.append(f"runAsUserName's Domain length must be under {MAX_DOMAIN} characters")
    if len(parts) == 2 and not (re.fullmatch(NET_BIOS, domain) or re.fullmatch(DNS_DOMAIN, domain)):
        details.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    if not user:
        details.append("runAsUserName's User cannot be empty")
    elif names.byte_length(user) > MAX_USER:
        details.append(f"runAsUserName's User length must not be longer than {MAX_USER} characters")
    if re.fullmatch(DOTS_AND_SPACES, user):
        details.append("runAsUserName's User cannot contain only periods or spaces")
    if re.search(BAD_CHARACTERS, user):
        details.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return details


def validate_host_process_pod(spec: Fields, path: Path) -> list[Error]:
    """Host-process containers come all or none, and with the host's network."""
    pod = spec["securityContext"].get("windowsOptions", {}).get("hostProcess")
    errors = []
    count = host_processes = 0
    for container, at in containers_with_path(spec, path):
        count += 1
        own = container.get("securityContext", {}).get("windowsOptions", {}).get("hostProcess")
        if pod is not None and own is not None and pod != own:
            detail = f"pod hostProcess value must be identical if both are specified, was {str(pod).lower()}"
            errors.append(field.invalid(at.child("securityContext", "windowsOptions", "hostProcess"), own, detail))
        host_processes += bool(pod if own is None else own)
    if not host_processes:
        return errors
    if host_processes != count:
        detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        errors.append(field.invalid(path, "", detail))
    if not spec.get("hostNetwork"):
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        errors.append(field.invalid(path["hostNetwork"], False, detail))
    return errors


def validate_os(spec: Fields, path: Path) -> list[Error]:
    """`spec.os`, and what its choice excludes."""
    name = spec["os"].get("name", "")
    if not name:
        return [field.required(path.child("os", "name"), "cannot be empty")]
    if name not in OPERATING_SYSTEMS:
        return [field.not_supported(path.child("os", place=("os", "name")), name, OPERATING_SYSTEMS)]
    return _linux(spec, path) if name == "linux" else _windows(spec, path)


def _linux(spec: Fields, path: Path) -> list[Error]:
    detail = "windows options cannot be set for a linux pod"
    contexts = [(spec["securityContext"], path["securityContext"])]
    contexts += [
        (container.get("securityContext", {}), at["securityContext"])
        for container, at in containers_with_path(spec, path)
    ]
    return [field.forbidden(at["windowsOptions"], detail) for context, at in contexts if "windowsOptions" in context]


# In upstream's order; a name before the dot stands in the pod's security context.
WINDOWS_POD = (
    "securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID", "hostIPC",
    "securityContext.seccompProfile", "securityContext.fsGroup", "securityContext.fsGroupChangePolicy",
    "securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser", "securityContext.runAsGroup",
    "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy",
    "securityContext.seLinuxChangePolicy",
)  # fmt: skip
WINDOWS_CONTAINER = (
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
)  # fmt: skip
# Fields that are no pointers: set is what is not empty.
_VALUES = frozenset(("hostPID", "hostIPC", "sysctls"))


def _windows(spec: Fields, path: Path) -> list[Error]:
    detail = "cannot be set for a windows pod"
    errors = []
    for name in WINDOWS_POD:
        outer, dot, inner = name.rpartition(".")
        holder = spec[outer] if dot else spec
        if inner in holder and (inner not in _VALUES or holder[inner]):
            errors.append(field.forbidden(path.child(*name.split(".")), detail))
    for container, at in containers_with_path(spec, path):
        context = container.get("securityContext", {})
        errors += [
            field.forbidden(at.child("securityContext", name), detail) for name in WINDOWS_CONTAINER if name in context
        ]
    return errors

"""Validation of containers, init containers, sidecars and ephemeral containers.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateContainers, validateInitContainers,
validateEphemeralContainers, validateContainerCommon).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache
from typing import NamedTuple

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import (
    PULL_POLICIES,
    Fields,
    Options,
    validate_dns1123_label,
    validate_enum,
)
from svclint.apiserver.validation.ports import PROTOCOLS

TERMINATION_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
RESIZE_RESOURCES = ("cpu", "memory")
RESIZE_POLICIES = ("NotRequired", "RestartContainer")
RESTART_POLICIES = ("Always", "Never", "OnFailure")
EXIT_CODE_OPERATORS = ("In", "NotIn")
MAX_RESTART_RULES = 20
MAX_EXIT_CODES = 255
HOOKS_AND_PROBES = frozenset(("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"))
NOT_SIDECAR = "may not be set for init containers without restartPolicy=Always"
NOT_EPHEMERAL = "cannot be set for an Ephemeral Container"
# What an ephemeral container may not set, in the order of the fields of core.EphemeralContainerCommon.
EPHEMERAL_FORBIDDEN = (
    "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe",
    "startupProbe", "lifecycle",
)  # fmt: skip


class Surroundings(NamedTuple):
    """What containers have to agree with."""

    volumes: Mapping[str, Fields]
    claims: Set[str]
    grace_period: int | None
    restart_policy: str
    host_users: bool
    opts: Options


def validate_containers(containers: Sequence[Fields], path: Path, around: Surroundings) -> list[Error]:
    if not containers:
        return [field.required(path)]
    errors = []
    taken: set[str] = set()
    for i, container in enumerate(containers):
        at = path[i]
        errors += validate_container_common(container, at, around)
        name = container.get("name", "")
        if name in taken:
            errors.append(field.duplicate(at["name"], name))
        taken.add(name)
        if not HOOKS_AND_PROBES.isdisjoint(container):
            errors += _hooks_and_probes(container, at, around)
        if around.opts.restart_rules:
            errors += _restart_policy(container, at)
        elif "restartPolicy" in container:
            errors.append(field.forbidden(at["restartPolicy"], "may not be set for non-init containers"))
    return errors + host_port_conflicts(enumerate(containers), path)


def _hooks_and_probes(container: Fields, path: Path, around: Surroundings) -> list[Error]:
    """Those of `HOOKS_AND_PROBES`."""
    return _probes_rule()(container, around.grace_period, path, around.opts)


def validate_init_containers(
    containers: Sequence[Fields], regular: Sequence[Fields], path: Path, around: Surroundings
) -> list[Error]:
    errors = []
    taken = {container.get("name", "") for container in regular}
    for i, container in enumerate(containers):
        at = path[i]
        errors += validate_container_common(container, at, around)
        policy = container.get("restartPolicy")
        if around.opts.restart_rules:
            errors += _restart_policy(container, at)
        elif policy is not None and policy != "Always":
            errors.append(field.not_supported(at["restartPolicy"], policy, ("Always",)))
        name = container.get("name", "")
        if name in taken:
            errors.append(field.duplicate(at["name"], name))
        elif name:
            taken.add(name)
        # Init containers run one by one; the server counts each as the first of its list.
        errors += host_port_conflicts([(0, container)], path, i)
        if policy == "Always":
            errors += _hooks_and_probes(container, at, around)
        else:
            errors += [
                field.forbidden(at.child(name), NOT_SIDECAR)
                for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
                if name in container
            ]
    return errors


def validate_ephemeral_containers(spec: Fields, path: Path, around: Surroundings) -> list[Error]:
    errors = []
    others = {c.get("name", "") for kind in ("containers", "initContainers") for c in spec.get(kind, ())}
    taken = set(others)
    for i, container in enumerate(spec["ephemeralContainers"]):
        at = path[i]
        errors += validate_container_common(container, at, around)
        errors += validate_container_only_for_pod(container, at)
        name = container.get("name", "")
        if name in taken:
            errors.append(field.duplicate(at["name"], name))
        taken.add(name)
        target = container.get("targetContainerName")
        if target and target not in others:
            errors.append(field.not_found(at["targetContainerName"], target))
        errors += [
            field.forbidden(at.child(f), NOT_EPHEMERAL)
            for f in EPHEMERAL_FORBIDDEN
            if f in container and (container[f] or f != "resources")
        ]
        for j, mount in enumerate(container.get("volumeMounts", ())):
            errors += [
                field.forbidden(at["volumeMounts"][j].child(name), NOT_EPHEMERAL)
                for name in ("subPath", "subPathExpr")
                if mount.get(name)
            ]
    return errors


def validate_container_common(container: Fields, path: Path, around: Surroundings) -> list[Error]:
    opts = around.opts
    name = container.get("name", "")
    errors = validate_dns1123_label(name, path, "name") if name else [field.required(path["name"])]
    if not container.get("image"):
        errors.append(field.required(path["image"]))
    if container["terminationMessagePolicy"] not in TERMINATION_MESSAGE_POLICIES:
        policy = container["terminationMessagePolicy"]
        errors.append(field.not_supported(path["terminationMessagePolicy"], policy, TERMINATION_MESSAGE_POLICIES))
    if ports := container.get("ports"):
        errors += validate_container_ports(ports, path["ports"])
    if env := container.get("env"):
        errors += _env_rule()(env, path["env"], opts)
    if env_from := container.get("envFrom"):
        from svclint.apiserver.validation.containers_env import validate_env_from

        errors += validate_env_from(env_from, path["envFrom"], opts)
    if container.get("volumeMounts"):
        errors += _mounts_rule()(container, around.volumes, path["volumeMounts"])
    if container.get("volumeDevices"):
        from svclint.apiserver.validation.containers_mounts import validate_volume_devices

        errors += validate_volume_devices(container, around.volumes, path["volumeDevices"])
    errors += validate_enum(container, path, "imagePullPolicy", PULL_POLICIES)
    if resources := container.get("resources"):
        errors += _resources_rule()(resources, around.claims, path["resources"], opts)
    if resize := container.get("resizePolicy"):
        errors += _resize_policy(resize, around.restart_policy, path["resizePolicy"])
    if context := container.get("securityContext"):
        errors += _security_rule()(context, around.host_users, path["securityContext"], opts)
    return errors


# What many containers need and many don't is loaded with the first that does. An import statement would be asked again
# for each, and is dearer than what it is for.
@cache
def _probes_rule() -> Callable[[Fields, int | None, Path, Options], list[Error]]:
    from svclint.apiserver.validation.probes import validate_hooks_and_probes

    return validate_hooks_and_probes


@cache
def _env_rule() -> Callable[[Sequence[Fields], Path, Options], list[Error]]:
    from svclint.apiserver.validation.containers_env import validate_env

    return validate_env


@cache
def _mounts_rule() -> Callable[[Fields, Mapping[str, Fields], Path], list[Error]]:
    from svclint.apiserver.validation.containers_mounts import validate_volume_mounts

    return validate_volume_mounts


@cache
def _resources_rule() -> Callable[[Fields, Set[str], Path, Options], list[Error]]:
    from svclint.apiserver.validation.podresources import validate_container_resources

    return validate_container_resources


@cache
def _security_rule() -> Callable[[Fields, bool, Path, Options], list[Error]]:
    from svclint.apiserver.validation.security import validate_security_context

    return validate_security_context


def validate_container_only_for_pod(container: Fields, path: Path) -> list[Error]:
    image = container.get("image", "")
    if image == image.strip():
        return []
    return [field.invalid(path["image"], image, "must not have leading or trailing whitespace")]


def validate_container_ports(ports: Sequence[Fields], path: Path) -> list[Error]:
    errors = []
    taken: set[str] = set()
    for i, port in enumerate(ports):
        at = path[i]
        if name := port.get("name"):
            if wrong := names.is_valid_port_name(name):
                # Upstream's loop over the messages runs over the index of the port; the path was built before.
                errors += [field.invalid(at["name"], name, message) for message in wrong]
            elif name in taken:
                errors.append(field.duplicate(at["name"], name))
            else:
                taken.add(name)
        number = port.get("containerPort", 0)
        if not number:
            errors.append(field.required(at["containerPort"]))
        elif wrong := names.is_valid_port_num(number):
            errors += [field.invalid(at["containerPort"], number, message) for message in wrong]
        host = port.get("hostPort", 0)
        if host and (wrong := names.is_valid_port_num(host)):
            errors += [field.invalid(at["hostPort"], host, message) for message in wrong]
        if port["protocol"] not in PROTOCOLS:
            errors.append(field.not_supported(at["protocol"], port["protocol"], PROTOCOLS))
    return errors


def host_port_conflicts(containers: Iterable[tuple[int, Fields]], path: Path, really: int | None = None) -> list[Error]:
    """`containers` with the index that the server prints; `really` is the true one where that differs."""
    errors = []
    taken: set[str] = set()
    for i, container in containers:
        for j, port in enumerate(container.get("ports", ())):
            if number := port.get("hostPort"):
                key = f"{port['protocol']}/{port.get('hostIP', '')}/{number}"
                if key in taken:
                    text = path[i]["ports"][j]["hostPort"].text
                    place = (*path.place, i if really is None else really, "ports", j, "hostPort")
                    errors.append(field.duplicate(Path(text, place), key))
                taken.add(key)
    return errors


def _restart_policy(container: Fields, path: Path) -> list[Error]:
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules", ())
    errors = []
    if policy is None:
        if rules:
            detail = "must specify restartPolicy when restart rules are used"
            errors.append(field.required(path["restartPolicy"], detail))
    elif policy not in RESTART_POLICIES:
        errors.append(field.not_supported(path["restartPolicy"], policy, RESTART_POLICIES))
    if len(rules) > MAX_RESTART_RULES:
        errors.append(field.too_many(path["restartPolicyRules"], len(rules), MAX_RESTART_RULES))
    for i, rule in enumerate(rules):
        at = path["restartPolicyRules"][i]
        errors += validate_enum(rule, at, "action", ("Restart",))
        codes = rule.get("exitCodes")
        if codes is None:
            errors.append(field.required(at["exitCodes"], "must be specified"))
            continue
        below = at["exitCodes"]
        errors += validate_enum(codes, below, "operator", EXIT_CODE_OPERATORS)
        values = codes.get("values", ())
        if len(values) > MAX_EXIT_CODES:
            errors.append(field.too_many(below["values"], len(values), MAX_EXIT_CODES))
    return errors


def _resize_policy(policies: Sequence[Fields], pod_restart_policy: str, path: Path) -> list[Error]:
    errors = []
    taken: set[str] = set()
    for i, policy in enumerate(policies):
        resource, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if resource in taken:
            errors.append(field.duplicate(path[i], resource))
        taken.add(resource)
        # Upstream names the list, not the item.
        here = Path(path.text, (*path.place, i))
        for value, supported in ((resource, RESIZE_RESOURCES), (restart, RESIZE_POLICIES)):
            if value not in supported:
                errors.append(field.not_supported(here, value, supported) if value else field.required(here))
        if pod_restart_policy == "Never" and restart != "NotRequired":
            detail = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            errors.append(field.invalid(here, restart, detail))
    return errors

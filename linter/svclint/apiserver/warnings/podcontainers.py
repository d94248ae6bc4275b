"""Warnings about containers: doubtful variables, ports and amounts.

Source: k8s.io/kubernetes pkg/api/pod/warnings.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from svclint.apiserver import field
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path
from svclint.apiserver.validation.podfields import Fields, containers_with_path
from svclint.kube import quantities

BYTES = ("memory", "ephemeral-storage")
NOTHING: Fields = MappingProxyType({})
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _at(path: Path, message: str) -> Warning:
    return Warning(f"{path}: {message}", path.place)


def warnings_containers(spec: Fields, annotations: Mapping[str, str], path: Path, context: Context) -> list[Warning]:
    """`path` is where the pod or the template stands."""
    out: list[Warning] = []
    ports: list[tuple[Fields, Path]] = []
    for container, here in containers_with_path(spec, path["spec"]):
        if annotations:
            out += _annotations(spec, container, annotations, path, context)
        if resources := container.get("resources"):
            out += _fractional(resources, here)
        env = container.get("env", ())
        if len(env) > 1:
            out += _env(env, here)
        if own := container.get("ports"):
            at = here["ports"]
            for i, port in enumerate(own):
                ports.append((port, at[i]))
    # One port is in nobody's way.
    return out + _ports(ports) + (_port_names(ports) if len(ports) > 1 else [])


def _annotations(
    spec: Fields, container: Fields, annotations: Mapping[str, str], path: Path, context: Context
) -> list[Warning]:
    security = container.get("securityContext", {})
    at = path.child("metadata", "annotations")
    out = []
    key = SECCOMP_CONTAINER + container.get("name", "")
    if key in annotations and "seccompProfile" not in security:
        out.append(_at(at.key(key), 'non-functional in v1.27+; use the "seccompProfile" field instead'))
    key = APP_ARMOR + container.get("name", "")
    # Of a pod's own annotations another part of the server speaks.
    has_field = "appArmorProfile" in security or "appArmorProfile" in spec["securityContext"]
    if key in annotations and path.text and not has_field and context.enabled("AppArmorFields"):
        out.append(_at(at.key(key), 'deprecated since v1.30; use the "appArmorProfile" field instead'))
    return out


@lru_cache(maxsize=256, typed=True)
def fractional(value: str | int | float) -> str:
    """What is said of an amount of bytes with a fraction; "" of any other."""
    amount = quantities.parse(value).rounded_to_milli()
    if amount.milli % 1000 == 0:
        return ""
    return f"fractional byte value {field.quote(str(amount))} is invalid, must be an integer"


def _fractional(resources: Fields, path: Path) -> list[Warning]:
    """`path` is the container's."""
    out = []
    limits, requests = resources.get("limits", NOTHING), resources.get("requests", NOTHING)
    for name in BYTES:
        for kind, amounts in (("limits", limits), ("requests", requests)):
            if name in amounts and (message := fractional(amounts[name])):
                out.append(_at(path.child("resources", kind).key(name), message))
    return out


def _env(variables: Sequence[Fields], path: Path) -> list[Warning]:
    """A later definition that does not build on the earlier one hides it."""
    out = []
    taken: set[str] = set()
    for i, variable in enumerate(variables):
        name = variable.get("name", "")
        if name in taken:
            reference = f"$({name})"
            value = variable.get("value", "")
            if "valueFrom" in variable or value == reference or reference not in value:
                message = f"hides previous definition of {field.quote(name)}, which may be dropped when using apply"
                out.append(_at(path["env"][i], message))
        taken.add(name)
    return out


def _ports(ports: Sequence[tuple[Fields, Path]]) -> list[Warning]:
    out = []
    known: dict[tuple[int, str], list[tuple[str, int, Path]]] = {}
    for port, path in ports:
        number, protocol = port.get("containerPort", 0), port["protocol"]
        host_ip, host_port = port.get("hostIP", ""), port.get("hostPort", 0)
        if host_ip and not host_port:
            name = port.get("name", "")
            shown = f"Name:{name} HostPort:0 ContainerPort:{number} Protocol:{protocol} HostIP:{host_ip}"
            out.append(_at(path, f"hostIP set without hostPort: {{{shown}}}"))
        others = known.setdefault((number, protocol), [])
        for other_ip, other_port, other in others:
            if host_ip == other_ip and host_port == other_port:
                out.append(_at(path, f"duplicate port definition with {other}"))
            elif not host_port or not other_port:
                out.append(_at(path, f"overlapping port definition with {other}"))
            elif host_port == other_port and bool(host_ip) != bool(other_ip):
                out.append(_at(path, f"dangerously ambiguous port definition with {other}"))
        others.append((host_ip, host_port, path))
    return out


def _port_names(ports: Sequence[tuple[Fields, Path]]) -> list[Warning]:
    out = []
    known: dict[str, Path] = {}
    for port, path in ports:
        if name := port.get("name"):
            first = known.setdefault(name, path)
            if first is not path:
                message = (
                    f"duplicate port name {field.quote(name)} with {first}, services and probes that select ports by "
                    f"name will use {first}"
                )
                out.append(_at(path, message))
    return out

"""Warnings about pods and about the workloads that make them.

Source: k8s.io/kubernetes pkg/api/pod/warnings.go, pkg/api/job/warnings.go, pkg/api/persistentvolumeclaim/util.go,
WarningsOnCreate of pkg/registry/{core,apps,batch}/*/strategy.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path
from svclint.apiserver.validation.podfields import Fields, containers_with_path
from svclint.apiserver.warnings.podcontainers import BYTES, fractional, warnings_containers

ROOT = Path()
SPEC = ROOT["spec"]
TEMPLATE = SPEC["template"]
POD_NAME = "metadata.name: this is used in the Pod's hostname"
CONTROLLER_NAME = "metadata.name: this is used in Pod names and hostnames"
SURPRISING = "which can result in surprising behavior; a DNS label is recommended"
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
DEPRECATED_ANNOTATIONS = (
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        'non-functional in v1.16+; use the "priorityClassName" field instead',
    ),
    ("security.alpha.kubernetes.io/sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'),
    ("security.alpha.kubernetes.io/unsafe-sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'),
)
ADDRESSES = frozenset(("dnsConfig", "hostAliases"))
PLACEMENT = frozenset(("nodeSelector", "affinity", "topologySpreadConstraints"))
NEGATIVE_GRACE = "must be >= 0; negative values are invalid and will be treated as 1"
MANY_COMPLETIONS = 100_000
MANY_PARALLEL = 10_000


def warnings_pod(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    metadata, spec = obj["metadata"], obj["spec"]
    annotations = metadata.get("annotations", {})
    out = _app_armor(annotations, spec, ROOT, context) if annotations else []
    out += _name(metadata, POD_NAME)
    return out + warnings_pod_spec(metadata, spec, ROOT, context)


def warnings_pod_template(template: Fields, path: Path, context: Context) -> list[Warning]:
    return warnings_pod_spec(template.get("metadata", {}), template["spec"], path, context)


def warnings_deployment(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    out = _name(obj["metadata"], CONTROLLER_NAME)
    return out + warnings_pod_template(obj["spec"]["template"], TEMPLATE, context)


warnings_replica_set = warnings_deployment
warnings_replication_controller = warnings_deployment


def warnings_daemon_set(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    return warnings_pod_template(obj["spec"]["template"], TEMPLATE, context)


def warnings_stateful_set(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    spec = obj["spec"]
    out = warnings_pod_template(spec["template"], TEMPLATE, context)
    for i, claim in enumerate(spec.get("volumeClaimTemplates", ())):
        storage = claim["spec"].get("resources", {}).get("requests", {}).get("storage", "0")
        if message := fractional(storage):
            at = SPEC["volumeClaimTemplates"][i].child("Spec", place=("spec",))
            out.append(_at(at.child("resources", "requests").key("storage"), message))
    if spec["revisionHistoryLimit"] < 0:
        message = "a negative value retains all historical revisions; a value >= 0 is recommended"
        out.append(_at(SPEC["revisionHistoryLimit"], message))
    return out


def warnings_job(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    return _name(obj["metadata"], CONTROLLER_NAME) + _job_spec(obj["spec"], SPEC, context)


def warnings_cron_job(obj: Mapping[str, Any], context: Context) -> list[Warning]:
    out = _name(obj["metadata"], CONTROLLER_NAME)
    return out + _job_spec(obj["spec"]["jobTemplate"]["spec"], SPEC.child("jobTemplate", "spec"), context)


def _job_spec(spec: Fields, path: Path, context: Context) -> list[Warning]:
    out = []
    if (
        spec.get("completionMode") == "Indexed"
        and spec.get("completions", 0) > MANY_COMPLETIONS
        and spec.get("parallelism", 0) > MANY_PARALLEL
    ):
        message = (
            "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
            "Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
        )
        out.append(_at(path, message))
    return out + warnings_pod_template(spec["template"], path["template"], context)


def _name(metadata: Fields, what: str) -> list[Warning]:
    wrong = names.is_dns1123_label(metadata.get("name", ""))
    if not wrong:
        return []
    return [Warning(f"{what}, {SURPRISING}: [{' '.join(wrong)}]", ("metadata", "name"))]


def _at(path: Path, message: str) -> Warning:
    return Warning(f"{path}: {message}", path.place)


def warnings_pod_spec(metadata: Fields, spec: Fields, path: Path, context: Context) -> list[Warning]:
    """`path` is where `metadata` and `spec` stand: the root for a pod."""
    at = path["spec"]
    annotations = metadata.get("annotations", {})
    out = []
    if not PLACEMENT.isdisjoint(spec):
        from svclint.apiserver.warnings.podscheduling import warnings_node_placement

        out += warnings_node_placement(spec, at, context)
    if annotations:
        out += [
            _at(path.child("metadata", "annotations").key(key), message)
            for key, message in DEPRECATED_ANNOTATIONS
            if key in annotations
        ]
    if volumes := spec.get("volumes"):
        from svclint.apiserver.warnings.podvolumes import warnings_volumes

        out += warnings_volumes(volumes, at["volumes"], context)
    if aliases := spec.get("hostAliases"):
        out += _host_aliases(aliases, at)
    if secrets := spec.get("imagePullSecrets"):
        out += _image_pull_secrets(secrets, at)
    if overhead := spec.get("overhead"):
        for name in BYTES:
            if (value := overhead.get(name)) is not None and (message := fractional(value)):
                out.append(_at(at["overhead"].key(name), message))
    if SECCOMP_POD in annotations and "seccompProfile" not in spec["securityContext"]:
        message = 'non-functional in v1.27+; use the "seccompProfile" field instead'
        out.append(_at(path.child("metadata", "annotations").key(SECCOMP_POD), message))
    out += warnings_containers(spec, annotations, path, context)
    if spec["terminationGracePeriodSeconds"] < 0:
        out.append(_at(at["terminationGracePeriodSeconds"], NEGATIVE_GRACE))
    if affinity := spec.get("affinity"):
        from svclint.apiserver.warnings.podscheduling import warnings_affinity

        out += warnings_affinity(affinity, at["affinity"])
    return out if ADDRESSES.isdisjoint(spec) else out + _addresses(spec, at)


def _host_aliases(aliases: Sequence[Fields], path: Path) -> list[Warning]:
    out = []
    taken: set[str] = set()
    for i, alias in enumerate(aliases):
        ip = alias.get("ip", "")
        if ip in taken:
            out.append(_at(path["hostAliases"][i]["ip"], f"duplicate ip {field.quote(ip)}"))
        taken.add(ip)
    return out


def _image_pull_secrets(secrets: Sequence[Fields], path: Path) -> list[Warning]:
    out = []
    taken: set[str] = set()
    for i, secret in enumerate(secrets):
        name = secret.get("name", "")
        if name in taken:
            message = f"duplicate name {field.quote(name)}"
            out.append(_at(path["imagePullSecrets"][i]["name"], message))
        taken.add(name)
    return out + [
        _at(path["imagePullSecrets"][i]["name"], 'invalid empty name ""')
        for i, secret in enumerate(secrets)
        if not secret.get("name")
    ]


def _addresses(spec: Fields, path: Path) -> list[Warning]:
    """IP addresses (`ADDRESSES`) that are written in a way that not every program understands alike."""
    found = [
        (path.child("dnsConfig", "nameservers")[i], address)
        for i, address in enumerate(spec.get("dnsConfig", {}).get("nameservers", ()))
    ]
    found += [
        (path["hostAliases"][i]["ip"], alias.get("ip", "")) for i, alias in enumerate(spec.get("hostAliases", ()))
    ]
    from svclint.apiserver.addresses import warnings_ip

    return [Warning(message, at.place) for at, address in found for message in warnings_ip(at, address)]


def _app_armor(annotations: Mapping[str, str], spec: Fields, path: Path, context: Context) -> list[Warning]:
    """A pod's annotations are translated into fields, with a word about each."""
    if not context.enabled("AppArmorFields") or "appArmorProfile" in spec["securityContext"]:
        return []
    return [
        _at(
            path.child("metadata", "annotations").key(APP_ARMOR + container.get("name", "")),
            'deprecated since v1.30; use the "appArmorProfile" field instead',
        )
        for container, _ in containers_with_path(spec, path)
        if APP_ARMOR + container.get("name", "") in annotations
        and "appArmorProfile" not in container.get("securityContext", {})
    ]

"""Defaults of pods, pod specs and pod templates, and the fields that a version without their gate drops.

Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go, pkg/apis/core/v1/conversion.go, pkg/api/pod/util.go
(DropDisabledPodFields); github.com/distribution/reference for image names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from svclint.apiserver.context import Object, Version
from svclint.apiserver.versions import enabled

DEFAULT_MODE = 0o644
GRACE_PERIOD = 30
TOKEN_SECONDS = 3600
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# Volume sources that write files, and so have a mode.
MODES = ("secret", "configMap", "downwardAPI", "projected")

# Where -> (gate, field): what exists only with a gate. Fields of features that no version has on are dropped from all.
GATES: dict[str, tuple[tuple[str, str], ...]] = {
    "spec": (
        ("HostnameOverride", "hostnameOverride"),
        ("DynamicResourceAllocation", "resourceClaims"),
        ("PodLevelResources", "resources"),
        ("UserNamespacesSupport", "hostUsers"),
    ),
    "container": (("ContainerRestartRules", "restartPolicyRules"), ("InPlacePodVerticalScaling", "resizePolicy")),
    "resources": (("DynamicResourceAllocation", "claims"),),
    "securityContext": (
        ("AppArmorFields", "appArmorProfile"),
        ("SupplementalGroupsPolicy", "supplementalGroupsPolicy"),
        ("SELinuxChangePolicy", "seLinuxChangePolicy"),
        ("ProcMountType", "procMount"),
    ),
    "volumeMount": (("RecursiveReadOnlyMounts", "recursiveReadOnly"),),
    "lifecycleHandler": (("PodLifecycleSleepAction", "sleep"),),
    "podAffinityTerm": (
        ("MatchLabelKeysInPodAffinity", "matchLabelKeys"),
        ("MatchLabelKeysInPodAffinity", "mismatchLabelKeys"),
    ),
    "valueFrom": (("EnvFiles", "fileKeyRef"),),
}
ALPHA_SPEC_FIELDS = ("workloadRef", "schedulingGroup")


def default_pod(obj: Object, version: Version) -> None:
    obj.pop("status", None)  # a creation has none
    obj.setdefault("metadata", {})
    spec = obj.setdefault("spec", {})
    default_pod_spec(spec, version)
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    for kind in ("containers", "initContainers"):
        for container in spec.get(kind, ()):
            _requests_from_limits(container)
            if spec.get("hostNetwork"):
                for port in container.get("ports", ()):
                    if not port.get("hostPort"):
                        port["hostPort"] = port.get("containerPort", 0)
    spec.setdefault("enableServiceLinks", True)
    if "resources" in spec:
        from svclint.apiserver.defaults.podlevel import default_pod_level_resources

        default_pod_level_resources(spec)


def _requests_from_limits(container: dict[str, Any]) -> None:
    """What has a limit and no request requests its limit (in pods; templates stay as they are)."""
    resources = container.get("resources")
    if resources and "limits" in resources:
        requests = resources.setdefault("requests", {})
        for name, quantity in resources["limits"].items():
            requests.setdefault(name, quantity)


def default_pod_template(owner: dict[str, Any], version: Version) -> dict[str, Any]:
    """`owner.template`, with its defaults."""
    template: dict[str, Any] = owner.setdefault("template", {})
    default_pod_spec(template.setdefault("spec", {}), version)
    return template


def default_pod_spec(spec: dict[str, Any], version: Version) -> None:
    if not spec.get("dnsPolicy"):
        spec["dnsPolicy"] = "ClusterFirst"
    if not spec.get("restartPolicy"):
        spec["restartPolicy"] = "Always"
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", GRACE_PERIOD)
    if not spec.get("schedulerName"):
        spec["schedulerName"] = "default-scheduler"
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        # The old name is kept beside the new one.
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for volume in spec.get("volumes", ()):
        _volume(volume, version)
    for container in spec.get("containers", ()):
        _container(container)
    for container in spec.get("initContainers", ()):
        _container(container)
    for container in spec.get("ephemeralContainers", ()):
        _container(container)
    for name in ALPHA_SPEC_FIELDS:
        spec.pop(name, None)
    if disabled := _disabled(version):
        _drop_disabled(spec, disabled)


def _volume(volume: dict[str, Any], version: Version) -> None:
    if not any(key != "name" for key in volume):
        volume["emptyDir"] = {}
        return
    for kind in MODES:
        if kind in volume:
            volume[kind].setdefault("defaultMode", DEFAULT_MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    elif "downwardAPI" in volume:
        _field_refs(volume["downwardAPI"])
    elif "projected" in volume:
        for source in volume["projected"].get("sources", ()):
            if "serviceAccountToken" in source:
                source["serviceAccountToken"].setdefault("expirationSeconds", TOKEN_SECONDS)
            if "downwardAPI" in source:
                _field_refs(source["downwardAPI"])
            source.pop("podCertificate", None)
    elif "ephemeral" in volume:
        template = volume["ephemeral"].get("volumeClaimTemplate")
        if template is not None:
            template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    elif "iscsi" in volume:
        if not volume["iscsi"].get("iscsiInterface"):
            volume["iscsi"]["iscsiInterface"] = "default"
    elif "azureDisk" in volume:
        disk = volume["azureDisk"]
        disk.setdefault("cachingMode", "ReadWrite")
        disk.setdefault("kind", "Shared")
    elif "image" in volume:
        if not enabled("ImageVolume", version):
            del volume["image"]
        elif not volume["image"].get("pullPolicy"):
            volume["image"]["pullPolicy"] = pull_policy(volume["image"].get("reference", ""))


def _field_refs(source: dict[str, Any]) -> None:
    for item in source.get("items", ()):
        if "fieldRef" in item and not item["fieldRef"].get("apiVersion"):
            item["fieldRef"]["apiVersion"] = "v1"


@lru_cache(maxsize=256)
def pull_policy(image: str) -> str:
    """Always for `latest`, said or implied."""
    name, digest, _ = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2] or ("" if digest or not name else "latest")
    return "Always" if tag == "latest" else "IfNotPresent"


def _container(container: dict[str, Any]) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = pull_policy(container.get("image", ""))
    if not container.get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not container.get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    for port in container.get("ports", ()):
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for probe in PROBES:
        if probe in container:
            _probe(container[probe])
    if "lifecycle" in container:
        for hook in container["lifecycle"].values():
            if hook.__class__ is dict and "httpGet" in hook:
                _http_get(hook["httpGet"])
    for variable in container.get("env", ()):
        source = variable.get("valueFrom")
        if source and "fieldRef" in source and not source["fieldRef"].get("apiVersion"):
            source["fieldRef"]["apiVersion"] = "v1"


def _probe(probe: dict[str, Any]) -> None:
    for name, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        if not probe.get(name):
            probe[name] = value
    if "httpGet" in probe:
        _http_get(probe["httpGet"])
    elif "grpc" in probe:
        probe["grpc"].setdefault("service", "")


def _http_get(action: dict[str, Any]) -> None:
    if not action.get("path"):
        action["path"] = "/"
    if not action.get("scheme"):
        action["scheme"] = "HTTP"


@cache
def _disabled(version: Version) -> Mapping[str, tuple[str, ...]]:
    """Where -> the fields that the version drops; nothing for a version that has them all."""
    found = {where: tuple(name for gate, name in gates if not enabled(gate, version)) for where, gates in GATES.items()}
    return {where: names for where, names in found.items() if names}


def _drop_disabled(spec: dict[str, Any], disabled: Mapping[str, tuple[str, ...]]) -> None:
    def drop(fields: dict[str, Any] | None, where: str) -> None:
        for name in disabled.get(where, ()):
            if fields:
                fields.pop(name, None)

    drop(spec, "spec")
    drop(spec["securityContext"], "securityContext")
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(kind, ()):
            drop(container, "container")
            drop(container.get("resources"), "resources")
            drop(container.get("securityContext"), "securityContext")
            for mount in container.get("volumeMounts", ()):
                drop(mount, "volumeMount")
            for hook in ("postStart", "preStop"):
                drop(container.get("lifecycle", {}).get(hook), "lifecycleHandler")
            for variable in container.get("env", ()):
                drop(variable.get("valueFrom"), "valueFrom")
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = spec.get("affinity", {}).get(kind, {})
        for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", ()):
            drop(term, "podAffinityTerm")
        for weighted in affinity.get("preferredDuringSchedulingIgnoredDuringExecution", ()):
            drop(weighted.get("podAffinityTerm"), "podAffinityTerm")

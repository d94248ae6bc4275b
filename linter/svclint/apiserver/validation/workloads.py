"""Validation of Deployments, StatefulSets, DaemonSets, ReplicaSets and ReplicationControllers.

Source: k8s.io/kubernetes pkg/apis/apps/validation/validation.go, pkg/apis/core/validation/validation.go
(ValidateReplicationController).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import (
    validate_annotations,
    validate_label_selector,
    validate_labels,
    validate_object_meta,
)
from svclint.apiserver.validation.podfields import (
    Fields,
    Options,
    options,
    validate_dns1123_label,
    validate_nonnegative,
)
from svclint.apiserver.validation.podspec import validate_pod_template
from svclint.apiserver.validation.workloads_rollout import (
    validate_daemon_set_update_strategy,
    validate_deployment_strategy,
    validate_stateful_set_update_strategy,
)
from svclint.kube import labels

ROOT = Path()
METADATA = ROOT["metadata"]
SPEC = ROOT["spec"]
TEMPLATE = SPEC["template"]
# Upstream leaves `metadata` out of this path.
LABELS_OF_TEMPLATE = TEMPLATE.child("labels", place=("metadata", "labels"))
MANAGEMENT_POLICIES = ("OrderedReady", "Parallel")
RETENTION_POLICIES = ("Retain", "Delete")
MISMATCH = "`selector` does not match template `labels`"


def validate_deployment(obj: Mapping[str, Any], context: Context) -> list[Error]:
    spec, opts = obj["spec"], options(context)
    errors = validate_object_meta(obj["metadata"], METADATA, names.is_dns1123_subdomain, True, context)
    errors += validate_nonnegative(spec, SPEC, "replicas")
    errors += _replica_set_template(spec, "deployment", opts)
    errors += validate_deployment_strategy(spec["strategy"], SPEC["strategy"], context)
    errors += validate_nonnegative(spec, SPEC, "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    deadline = spec["progressDeadlineSeconds"]
    if deadline <= spec.get("minReadySeconds", 0):
        at = SPEC["progressDeadlineSeconds"]
        errors.append(field.invalid(at, deadline, "must be greater than minReadySeconds"))
    return errors


def validate_replica_set(obj: Mapping[str, Any], context: Context) -> list[Error]:
    spec, opts = obj["spec"], options(context)
    errors = validate_object_meta(obj["metadata"], METADATA, names.is_dns1123_subdomain, True, context)
    errors += validate_nonnegative(spec, SPEC, "replicas", "minReadySeconds")
    # The server says "deployment" here, too.
    return errors + _replica_set_template(spec, "deployment", opts)


def _replica_set_template(spec: Fields, kind: str, opts: Options) -> list[Error]:
    selector = spec.get("selector")
    errors = _required_selector(selector, kind, opts.context)
    # Nothing said of it means that it can be used.
    if errors and not is_convertible(selector, opts.context):
        shown = opts.context.shown(spec["selector"], "v1.LabelSelector")
        return [*errors, field.invalid(SPEC["selector"], shown, "invalid label selector")]
    errors += _labels_match(selector, spec["template"], opts.context)
    errors += validate_pod_template(spec["template"], TEMPLATE, opts)
    return errors + _always_running(spec["template"]["spec"], "ReplicaSet")


def _required_selector(selector: Fields | None, kind: str, context: Context) -> list[Error]:
    at = SPEC["selector"]
    if selector is None:
        return [field.required(at)]
    return validate_label_selector(selector, at, context) + _not_empty(selector, kind, context)


def _not_empty(selector: Fields, kind: str, context: Context) -> list[Error]:
    if selector.get("matchLabels") or selector.get("matchExpressions"):
        return []
    shown = context.shown(selector, "v1.LabelSelector")
    return [field.invalid(SPEC["selector"], shown, f"empty selector is invalid for {kind}")]


def is_convertible(selector: Fields | None, context: Context) -> bool:
    """Whether a selector can be used at all (metav1.LabelSelectorAsSelector)."""
    return not validate_label_selector(selector, SPEC, context)


def selects(selector: Fields | None, template_labels: Mapping[str, str]) -> bool:
    """No selector takes nothing, an empty one everything."""
    if selector is None or not labels.matches(selector.get("matchLabels", {}), template_labels):
        return False
    # There is nothing else in most.
    return "matchExpressions" not in selector or labels.LabelSelector.read(selector).matches(template_labels)


def _labels_match(selector: Fields | None, template: Fields, context: Context) -> list[Error]:
    template_labels = template.get("metadata", {}).get("labels")
    if selects(selector, template_labels or {}):
        return []
    shown = context.shown(template_labels, "map[string]string")
    return [field.invalid(TEMPLATE.child("metadata", "labels"), shown, MISMATCH)]


def _always_running(pod: Fields, kind: str) -> list[Error]:
    """What a controller that keeps pods running demands of their spec."""
    errors = []
    at = TEMPLATE["spec"]
    if pod["restartPolicy"] != "Always":
        errors.append(field.not_supported(at["restartPolicy"], pod["restartPolicy"], ("Always",)))
    if "activeDeadlineSeconds" in pod:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(field.forbidden(at["activeDeadlineSeconds"], detail))
    return errors


def validate_replication_controller(obj: Mapping[str, Any], context: Context) -> list[Error]:
    spec, opts = obj["spec"], options(context)
    errors = validate_object_meta(obj["metadata"], METADATA, names.is_dns1123_subdomain, True, context)
    errors += validate_nonnegative(spec, SPEC, "minReadySeconds")
    selector = spec.get("selector")
    if not selector:
        errors.append(field.required(SPEC["selector"]))
    errors += validate_nonnegative(spec, SPEC, "replicas")
    if "template" not in spec:
        return [*errors, field.required(TEMPLATE)]
    template_labels = spec["template"].get("metadata", {}).get("labels")
    if selector and not labels.matches(selector, template_labels or {}):
        shown = context.shown(template_labels, "map[string]string")
        errors.append(field.invalid(TEMPLATE.child("metadata", "labels"), shown, MISMATCH))
    errors += validate_pod_template(spec["template"], TEMPLATE, opts)
    return errors + _always_running(spec["template"]["spec"], "ReplicationController")


def validate_daemon_set(obj: Mapping[str, Any], context: Context) -> list[Error]:
    spec, opts = obj["spec"], options(context)
    errors = validate_object_meta(obj["metadata"], METADATA, names.is_dns1123_subdomain, True, context)
    selector = spec.get("selector")
    wrong = validate_label_selector(selector, SPEC["selector"], context)
    errors += wrong or _labels_match(selector, spec["template"], context)
    if selector is not None:
        errors += _not_empty(selector, "daemonset", context)
    errors += validate_pod_template(spec["template"], TEMPLATE, opts)
    errors += _always_running(spec["template"]["spec"], "DaemonSet")
    errors += validate_nonnegative(spec, SPEC, "minReadySeconds")
    errors += validate_daemon_set_update_strategy(spec["updateStrategy"], SPEC["updateStrategy"], context)
    return errors + validate_nonnegative(spec, SPEC, "revisionHistoryLimit")


def validate_stateful_set(obj: Mapping[str, Any], context: Context) -> list[Error]:
    spec, opts = obj["spec"], options(context)
    errors = validate_object_meta(obj["metadata"], METADATA, names.is_dns1123_label, True, context)
    policy = spec["podManagementPolicy"]
    if policy not in MANAGEMENT_POLICIES:
        detail = "must be 'OrderedReady' or 'Parallel'"
        errors.append(field.invalid(SPEC["podManagementPolicy"], policy, detail))
    errors += validate_stateful_set_update_strategy(spec["updateStrategy"], SPEC["updateStrategy"], context)
    retention = spec["persistentVolumeClaimRetentionPolicy"]
    for event in ("whenDeleted", "whenScaled"):
        if retention[event] not in RETENTION_POLICIES:
            at = SPEC.child("persistentVolumeClaimRetentionPolicy", event)
            errors.append(field.not_supported(at, retention[event], RETENTION_POLICIES))
    errors += validate_nonnegative(spec, SPEC, "replicas", "minReadySeconds")
    if ordinals := spec.get("ordinals"):
        errors += validate_nonnegative(ordinals, SPEC["ordinals"], "start")
    if (name := spec.get("serviceName")) and context.enabled("stateful-set-service-name"):
        errors += validate_dns1123_label(name, SPEC, "serviceName")
    selector = spec.get("selector")
    wrong = _required_selector(selector, "statefulset", context)
    errors += wrong
    if not wrong or is_convertible(selector, context):
        errors += _labels_match(selector, spec["template"], context)
        errors += _stateful_set_template(spec, opts)
    else:
        shown = context.shown(spec["selector"], "v1.LabelSelector")
        errors.append(field.invalid(SPEC["selector"], shown, ""))
    errors += _always_running(spec["template"]["spec"], "StatefulSet")
    if context.enabled("stateful-set-template"):
        from svclint.apiserver.validation.volumes_claims import validate_claim_spec

        for i, claim in enumerate(spec.get("volumeClaimTemplates", ())):
            at = SPEC["volumeClaimTemplates"][i]["spec"]
            errors += validate_claim_spec(claim["spec"], at, context)
    return errors


def _stateful_set_template(spec: Fields, opts: Options) -> list[Error]:
    """Metadata has always been judged; since the whole template is, twice."""
    template = spec["template"]
    metadata = template.get("metadata", {})
    annotations = metadata.get("annotations", {})
    errors = validate_labels(metadata.get("labels", {}), LABELS_OF_TEMPLATE, opts.context)
    if annotations:
        at = TEMPLATE.child("annotations", place=("metadata", "annotations"))
        errors += validate_annotations(annotations, at, opts.context)
        from svclint.apiserver.validation.podannotations import validate_pod_annotations

        errors += validate_pod_annotations(annotations, template["spec"], at, opts)
    if opts.context.enabled("stateful-set-template"):
        claims = spec.get("volumeClaimTemplates", ())
        errors += validate_pod_template(_as_its_pods_get_it(template, claims), TEMPLATE, opts)
    return errors


def _as_its_pods_get_it(template: Fields, claims: Sequence[Fields]) -> Fields:
    """The template as the controller uses it: with a volume for each claim, and without a hostname and a subdomain,
    which it sets itself."""
    pod = {name: value for name, value in template["spec"].items() if name not in ("hostname", "subdomain")}
    if claims:
        names_of_claims = {claim.get("metadata", {}).get("name", "") for claim in claims}
        pod["volumes"] = [volume for volume in pod.get("volumes", ()) if volume.get("name") not in names_of_claims] + [
            {"name": name, "persistentVolumeClaim": {"claimName": name}}
            for name in sorted(names_of_claims)
            if name and not names.is_dns1123_label(name)
        ]
    return {**template, "spec": pod}

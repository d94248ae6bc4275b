"""Validation of Jobs and CronJobs.

Source: k8s.io/kubernetes pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.defaults.batch import CONTROLLER_UID, JOB_NAME, LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME, UID
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_selector, validate_object_meta
from svclint.apiserver.validation.batch_policies import (
    validate_pod_failure_policy,
    validate_success_policy,
)
from svclint.apiserver.validation.podfields import (
    Fields,
    Options,
    options,
    validate_enum,
    validate_nonnegative,
    validate_one_of,
)
from svclint.apiserver.validation.podspec import validate_pod_template
from svclint.apiserver.validation.workloads import MISMATCH, is_convertible, selects

METADATA = Path()["metadata"]
SPEC = Path()["spec"]
COMPLETION_MODES = ("NonIndexed", "Indexed")
REPLACEMENT_POLICIES = ("Failed", "TerminatingOrFailed")
CONCURRENCY_POLICIES = ("Allow", "Forbid", "Replace")
MAX_PARALLELISM = 100_000
MAX_FAILED_INDEXES = 100_000
MANY_COMPLETIONS = 100_000
LIMIT_WITH_MANY = 10_000
MAX_MANAGED_BY = 63
# The controller adds "-" and ten digits to a CronJob's name; a Job's is a label value.
MAX_CRON_JOB_NAME = 52


def validate_job(obj: Mapping[str, Any], context: Context) -> list[Error]:
    metadata, spec, opts = obj["metadata"], obj["spec"], options(context)
    errors = validate_object_meta(metadata, METADATA, names.is_dns1123_subdomain, True, context)
    errors += _generated_selector(metadata, spec, context)
    errors += validate_job_spec(spec, SPEC, opts)
    selector = spec.get("selector")
    at = SPEC["selector"]
    errors += [field.required(at)] if selector is None else validate_label_selector(selector, at, context)
    labels = spec["template"].get("metadata", {}).get("labels")
    if is_convertible(selector, context) and not selects(selector, labels or {}):
        shown = context.shown(labels, "map[string]string")
        errors.append(field.invalid(SPEC.child("template", "metadata", "labels"), shown, MISMATCH))
    completions = spec.get("completions", 0)
    if spec["completionMode"] == "Indexed" and completions > 0:
        name = metadata.get("name", "")
        hostname = f"{name}-{completions - 1}"
        if names.is_dns1123_label(hostname):
            detail = f"will not able to create pod with invalid DNS label: {hostname}"
            errors.append(field.invalid(METADATA["name"], name, detail))
    return errors


def _generated_selector(metadata: Fields, spec: Fields, context: Context) -> list[Error]:
    if spec.get("manualSelector"):
        return []
    name = metadata.get("name", "")
    labels = spec["template"]["metadata"]["labels"]
    expected = {LEGACY_CONTROLLER_UID: UID, LEGACY_JOB_NAME: name, CONTROLLER_UID: UID, JOB_NAME: name}
    at = SPEC.child("template", "metadata", "labels")
    errors = [
        field.invalid(at.key(key), context.shown(labels, "map[string]string"), f"must be '{value}'")
        for key, value in expected.items()
        if labels[key] != value
    ]
    selector = spec["selector"]
    if is_convertible(selector, context) and not selects(selector, expected):
        shown = context.shown(selector, "v1.LabelSelector")
        errors.append(field.invalid(SPEC["selector"], shown, "`selector` not auto-generated"))
    return errors


def validate_job_spec(spec: Fields, path: Path, opts: Options) -> list[Error]:
    """What a Job and the Jobs of a CronJob have in common."""
    errors = validate_nonnegative(
        spec, path, "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
        "backoffLimitPerIndex", "maxFailedIndexes",
    )  # fmt: skip
    if "maxFailedIndexes" in spec and "backoffLimitPerIndex" not in spec:
        errors.append(field.required(path["backoffLimitPerIndex"], "when maxFailedIndexes is specified"))
    if "managedBy" in spec:
        errors += _managed_by(spec["managedBy"], path["managedBy"])
    mode = spec.get("completionMode")
    errors += validate_one_of(spec, path, "completionMode", COMPLETION_MODES)
    if mode == "Indexed":
        errors += _indexed(spec, path)
    if mode in (None, "NonIndexed"):
        errors += [
            field.invalid(path.child(name), spec[name], "requires indexed completion mode")
            for name in ("backoffLimitPerIndex", "maxFailedIndexes")
            if name in spec
        ]
    if "podFailurePolicy" in spec:
        errors += validate_pod_failure_policy(spec, path["podFailurePolicy"], opts.context)
    if "successPolicy" in spec:
        at = path["successPolicy"]
        if mode == "Indexed":
            errors += validate_success_policy(spec, at)
        else:
            shown = opts.context.shown(spec["successPolicy"], "batch.SuccessPolicy")
            errors.append(field.invalid(at, shown, "requires indexed completion mode"))
    allowed = ("Failed",) if "podFailurePolicy" in spec else REPLACEMENT_POLICIES
    errors += validate_one_of(spec, path, "podReplacementPolicy", allowed)
    errors += validate_pod_template(spec["template"], path["template"], opts)
    return errors + _restart_policy(spec, path.child("template", "spec", "restartPolicy"))


def _indexed(spec: Fields, path: Path) -> list[Error]:
    completions, parallelism = spec.get("completions"), spec.get("parallelism", 0)
    failed = spec.get("maxFailedIndexes")
    errors = []
    if completions is None:
        errors.append(field.required(path["completions"], "when completion mode is Indexed"))
    if parallelism > MAX_PARALLELISM:
        detail = f"must be less than or equal to {MAX_PARALLELISM} when completion mode is Indexed"
        errors.append(field.invalid(path["parallelism"], parallelism, detail))
    at = path["maxFailedIndexes"]
    if failed is not None:
        if completions is not None and failed > completions:
            errors.append(field.invalid(at, failed, "must be less than or equal to completions"))
        if failed > MAX_FAILED_INDEXES:
            errors.append(field.invalid(at, failed, f"must be less than or equal to {MAX_FAILED_INDEXES}"))
    if completions is None or completions <= MANY_COMPLETIONS or "backoffLimitPerIndex" not in spec:
        return errors
    detail = (
        f"must be less than or equal to {LIMIT_WITH_MANY} when completions are above {MANY_COMPLETIONS} and used with "
        "backoff limit per index"
    )
    if failed is None:
        errors.append(field.required(at, f"must be specified when completions is above {MANY_COMPLETIONS}"))
    if parallelism > LIMIT_WITH_MANY:
        errors.append(field.invalid(path["parallelism"], parallelism, detail))
    if failed is not None and failed > LIMIT_WITH_MANY:
        errors.append(field.invalid(at, failed, detail))
    return errors


def _managed_by(value: str, path: Path) -> list[Error]:
    from svclint.apiserver.validation.ingress import is_domain_prefixed_path

    errors = is_domain_prefixed_path(value, path)
    if names.byte_length(value) > MAX_MANAGED_BY:
        errors.append(field.too_long(path, "", MAX_MANAGED_BY))
    return errors


def _restart_policy(spec: Fields, path: Path) -> list[Error]:
    policy = spec["template"]["spec"]["restartPolicy"]
    if policy == "Always":
        return [field.required(path, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [field.not_supported(path, policy, ("OnFailure", "Never"))]
    if policy != "Never" and "podFailurePolicy" in spec:
        return [field.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    return []


def validate_cron_job(obj: Mapping[str, Any], context: Context) -> list[Error]:
    from svclint.apiserver.validation.batch_cron import validate_schedule, validate_time_zone

    metadata, spec, opts = obj["metadata"], obj["spec"], options(context)
    errors = validate_object_meta(metadata, METADATA, names.is_dns1123_subdomain, True, context)
    if schedule := spec.get("schedule"):
        errors += validate_schedule(schedule, SPEC["schedule"])
    else:
        errors.append(field.required(SPEC["schedule"]))
    errors += validate_nonnegative(spec, SPEC, "startingDeadlineSeconds")
    if "timeZone" in spec:
        errors += validate_time_zone(spec["timeZone"], SPEC["timeZone"])
    errors += validate_enum(spec, SPEC, "concurrencyPolicy", CONCURRENCY_POLICIES)
    job = spec["jobTemplate"]["spec"]
    at = SPEC.child("jobTemplate", "spec")
    errors += validate_job_spec(job, at, opts)
    if "selector" in job:
        shown = context.shown(job["selector"], "v1.LabelSelector")
        errors.append(field.invalid(at["selector"], shown, "`selector` will be auto-generated"))
    if job.get("manualSelector"):
        errors.append(field.not_supported(at["manualSelector"], True, ("nil", "false")))
    errors += validate_nonnegative(spec, SPEC, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    name = metadata.get("name", "")
    if names.byte_length(name) > MAX_CRON_JOB_NAME:
        detail = f"must be no more than {MAX_CRON_JOB_NAME} characters"
        errors.append(field.invalid(METADATA["name"], name, detail))
    return errors

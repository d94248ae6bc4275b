"""Defaults of Jobs and CronJobs, and the selector that a Job is given.

Source: k8s.io/kubernetes pkg/apis/batch/v1/defaults.go, pkg/registry/batch/job/strategy.go (generateSelector).
"""

from __future__ import annotations

from typing import Any

from svclint.apiserver.context import Object, Version
from svclint.apiserver.defaults.pod import default_pod_template
from svclint.apiserver.versions import enabled

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
JOB_NAME = "batch.kubernetes.io/job-name"
LEGACY_CONTROLLER_UID = "controller-uid"
LEGACY_JOB_NAME = "job-name"
# The server draws one for every object.
UID = "00000000-0000-0000-0000-000000000000"
BACKOFF_LIMIT = 6
UNLIMITED = (1 << 31) - 1

GATES = (
    ("JobBackoffLimitPerIndex", "backoffLimitPerIndex"),
    ("JobBackoffLimitPerIndex", "maxFailedIndexes"),
    ("JobPodReplacementPolicy", "podReplacementPolicy"),
    ("JobSuccessPolicy", "successPolicy"),
    ("JobManagedBy", "managedBy"),
)


def default_job(obj: Object, version: Version) -> None:
    obj.pop("status", None)
    metadata = obj.setdefault("metadata", {})
    spec = obj.setdefault("spec", {})
    template = _job_spec(spec, version)
    labels = template.get("metadata", {}).get("labels")
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = spec["parallelism"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", UNLIMITED if "backoffLimitPerIndex" in spec else BACKOFF_LIMIT)
    if labels is not None and not metadata.get("labels"):
        # The same map, not a copy: the labels that are generated below become the Job's own, too.
        metadata["labels"] = labels
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    if enabled("JobPodReplacementPolicy", version):
        spec.setdefault("podReplacementPolicy", "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed")
    if not spec.get("manualSelector"):
        _generate_selector(spec, metadata.get("name", ""))


def _job_spec(spec: dict[str, Any], version: Version) -> dict[str, Any]:
    """The defaults that a CronJob's template has, too. Returns the pod template."""
    for gate, name in GATES:
        if name in spec and not enabled(gate, version):
            del spec[name]
    for rule in spec.get("podFailurePolicy", {}).get("rules", ()):
        for pattern in rule.get("onPodConditions", ()):
            if not pattern.get("status"):
                pattern["status"] = "True"
    return default_pod_template(spec, version)


def _generate_selector(spec: dict[str, Any], name: str) -> None:
    """Labels and a selector of the Job's own; what the user has set stays, and will be refused."""
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    for key, value in (
        (LEGACY_JOB_NAME, name),
        (JOB_NAME, name),
        (LEGACY_CONTROLLER_UID, UID),
        (CONTROLLER_UID, UID),
    ):
        labels.setdefault(key, value)
    spec.setdefault("selector", {}).setdefault("matchLabels", {}).setdefault(CONTROLLER_UID, UID)


def default_cron_job(obj: Object, version: Version) -> None:
    obj.pop("status", None)
    obj.setdefault("metadata", {})
    spec = obj.setdefault("spec", {})
    _job_spec(spec.setdefault("jobTemplate", {}).setdefault("spec", {}), version)
    if not spec.get("concurrencyPolicy"):
        spec["concurrencyPolicy"] = "Allow"
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)

"""What the server says of the objects that make pods."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.admit import Verdict, admit_one
from svclint.apiserver.validation.batch_cron import parse_schedule, wrong_duration
from svclint.kube.facts import Facts
from svclint.yaml import parse

GROUPS = {"ReplicationController": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}
TEMPLATE = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "a", "image": "x:1"}]}}
MISMATCH = 'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'


def fields(text: str) -> dict[str, Any]:
    value: Any = parse(text, "fields.yaml").documents[0].value if text else {}
    assert isinstance(value, dict)
    return value


def admit(kind: str, spec: str, name: str = "web", version: tuple[int, int] = (1, 36)) -> Verdict:
    workload = {
        "apiVersion": GROUPS.get(kind, "apps/v1"),
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"template": TEMPLATE, "selector": {"matchLabels": {"app": "a"}}, **fields(spec)},
    }
    return admit_one(workload, Facts(kubernetes_version=version))


def job(spec: str, pod: str = "restartPolicy: Never", kind: str = "Job", **more: Any) -> Verdict:
    template = {"spec": {"containers": [{"name": "a", "image": "x:1"}], **fields(pod)}}
    inner = {"template": template, **fields(spec)}
    value = {
        "apiVersion": "batch/v1",
        "kind": kind,
        "metadata": {"name": "j"},
        "spec": inner if kind == "Job" else {"jobTemplate": {"spec": inner}, **more},
    }
    return admit_one(value, Facts())


def said(verdict: Verdict) -> list[str]:
    return [f"{cause.field}: {cause.body}" for cause in verdict.causes]


def stored(verdict: Verdict) -> dict[str, Any]:
    assert verdict.stored is not None, verdict.message
    spec: dict[str, Any] = verdict.stored["spec"]
    return spec


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
def test_ordinary_ones_are_accepted(kind: str) -> None:
    assert admit(kind, "").accepted


def test_defaults() -> None:
    deployment = stored(admit("Deployment", ""))
    assert deployment["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
    }
    assert (deployment["replicas"], deployment["progressDeadlineSeconds"]) == (1, 600)
    assert stored(admit("DaemonSet", ""))["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}
    assert stored(admit("StatefulSet", ""))["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }
    assert stored(job(""))["completions"] == 1
    assert stored(job("parallelism: 2")).get("completions") is None
    assert stored(job("", kind="CronJob", schedule="@daily"))["concurrencyPolicy"] == "Allow"


@pytest.mark.parametrize(
    ("kind", "spec", "causes"),
    [
        # Selectors
        ("Deployment", "selector: {matchLabels: {app: b}}", [MISMATCH]),
        ("Deployment", "selector: ", ["spec.selector: Required value", MISMATCH]),
        ("DaemonSet", "selector: ", [MISMATCH]),
        ("ReplicaSet", "selector: {}", ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"]),
        ("StatefulSet", "selector: {matchExpressions: [{key: app, operator: In}]}",
         ["spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
          "'NotIn'", 'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"In"}]}']),
        ("Deployment", "selector: {matchExpressions: [{key: app, operator: x, values: []}]}",
         ['spec.selector.matchExpressions[0].operator: Invalid value: "x": not a valid selector operator',
          'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"x"}]}: invalid label selector']),
        ("Deployment", "selector: {matchExpressions: [{key: app, operator: NotIn, values: [b]}]}", []),
        # Replacing pods
        ("Deployment", "strategy: {type: Recreate, rollingUpdate: {}}",
         ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"]),
        ("Deployment", "strategy: {type: x}",
         ['spec.strategy: Unsupported value: {"Type":"x","RollingUpdate":null}: supported values: "Recreate", '
          '"RollingUpdate"']),
        ("Deployment", "strategy: {rollingUpdate: {maxSurge: 0%, maxUnavailable: 0}}",
         ["spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"]),
        ("Deployment", "strategy: {rollingUpdate: {maxUnavailable: 101%}}",
         ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%']),
        ("Deployment", "minReadySeconds: 5\nprogressDeadlineSeconds: 5",
         ["spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"]),
        ("DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 0}}",
         ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"]),
        ("DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 10%}}",
         ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is '
          "non-zero"]),
        ("StatefulSet", "updateStrategy: {rollingUpdate: {partition: -1, maxUnavailable: 0}}",
         ["spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
          "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0"]),
        ("StatefulSet", "updateStrategy: {type: OnDelete, rollingUpdate: {}}",
         ['spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":0,"MaxUnavailable":null}: only allowed for '
          "updateStrategy 'RollingUpdate'"]),
        # StatefulSets
        ("StatefulSet", "podManagementPolicy: parallel\nordinals: {start: -1}\nserviceName: a.b",
         ["spec.podManagementPolicy: Invalid value: \"parallel\": must be 'OrderedReady' or 'Parallel'",
          "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
          'spec.serviceName: Invalid value: "a.b": must not contain dots']),
        ("StatefulSet", "persistentVolumeClaimRetentionPolicy: {whenScaled: x}",
         ['spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "x": supported values: "Retain", '
          '"Delete"']),
        # Pods that end
        ("ReplicationController", "selector: {app: a}\ntemplate: {metadata: {labels: {app: a}}, spec: {restartPolicy: "
         "Never, activeDeadlineSeconds: 5, containers: [{name: a, image: x}]}}",
         ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
          "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not "
          "Supported"]),
        ("ReplicationController", "selector: {app: b}", [MISMATCH]),
        ("ReplicationController", "selector: ", []),
        ("ReplicationController", "selector: \ntemplate: ",
         ["spec.selector: Required value", "spec.template: Required value"]),
    ],
)  # fmt: skip
def test_what_is_refused(kind: str, spec: str, causes: list[str]) -> None:
    verdict = admit(kind, spec)
    assert said(verdict) == causes
    assert verdict.accepted == (not causes)


def test_a_stateful_set_names_its_pods_itself() -> None:
    template = "template: {metadata: {labels: {app: a}}, spec: {%s, containers: [{name: a, image: x}]}}"
    assert admit("StatefulSet", template % "hostname: a.b, subdomain: c.d").accepted
    assert not admit("Deployment", template % "hostname: a.b").accepted


def test_containers_mount_the_claims_of_a_stateful_set() -> None:
    spec = (
        "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: x, volumeMounts: [{name: data, "
        "mountPath: /d}]}]}}\nvolumeClaimTemplates: [{metadata: {name: %s}, spec: {accessModes: [ReadWriteOnce], "
        "resources: {requests: {storage: 1Gi}}}}]"
    )
    assert admit("StatefulSet", spec % "data").accepted
    assert said(admit("StatefulSet", spec % "other")) == [
        'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'
    ]
    assert admit("StatefulSet", spec % "other", version=(1, 33)).accepted


@pytest.mark.parametrize(
    ("spec", "pod", "causes"),
    [
        ("", "{}", ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']),
        ("backoffLimitPerIndex: 1", "restartPolicy: Never",
         ["spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"]),
        ("completionMode: Indexed\nparallelism: 100001", "restartPolicy: Never",
         ["spec.completions: Required value: when completion mode is Indexed",
          "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is "
          "Indexed"]),
        ("podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: In, values: [2, 0, 2], containerName: "
         "b}}]}", "restartPolicy: OnFailure",
         ['spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be '
          'set', 'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "b": must be one of the '
          "container or initContainer names in the pod template",
          "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
          "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2",
          "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered",
          'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when '
          "podFailurePolicy is specified"]),
        ("podFailurePolicy: {rules: [{action: Ignore}]}", "restartPolicy: Never",
         ["spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"
          ]),
        ("completionMode: Indexed\ncompletions: 5\nsuccessPolicy: {rules: [{succeededIndexes: '1,3-4', succeededCount: "
         "4}, {succeededIndexes: 3-2}, {}]}", "restartPolicy: Never",
         ["spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of "
          "indexes in the specified succeededIndexes field)",
          'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "3-2": error parsing succeededIndexes: '
          "non-increasing order, previous: 3, current: 2",
          "spec.successPolicy.rules[2]: Required value: at least one of succeededCount or succeededIndexes must be "
          "specified"]),
        ("podReplacementPolicy: x\nmanagedBy: a", "restartPolicy: Never",
         ['spec.managedBy: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")',
          'spec.podReplacementPolicy: Unsupported value: "x": supported values: "Failed", "TerminatingOrFailed"']),
    ],
)  # fmt: skip
def test_what_is_refused_of_a_job(spec: str, pod: str, causes: list[str]) -> None:
    assert said(job(spec, pod)) == causes


def test_a_job_selects_its_pods_itself() -> None:
    spec = stored(job(""))
    assert list(spec["selector"]["matchLabels"]) == ["batch.kubernetes.io/controller-uid"]
    assert spec["template"]["metadata"]["labels"]["job-name"] == "j"
    [cause, _] = job("selector: {matchLabels: {app: a}}").causes
    assert cause.field == "spec.selector" and cause.body.endswith("`selector` not auto-generated")


@pytest.mark.parametrize(
    ("settings", "causes"),
    [
        ({}, ["spec.schedule: Required value"]),
        ({"schedule": "TZ=UTC * * * * *"},
         ['spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field '
          "instead"]),
        ({"schedule": "@daily", "timeZone": "Mars/Base"},
         ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base']),
        ({"schedule": "@daily", "timeZone": ""},
         ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']),
        ({"schedule": "@daily", "timeZone": "Europe/London"}, []),
        ({"schedule": "@daily", "successfulJobsHistoryLimit": -1, "concurrencyPolicy": "x"},
         ['spec.concurrencyPolicy: Unsupported value: "x": supported values: "Allow", "Forbid", "Replace"',
          "spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0"]),
    ],
)  # fmt: skip
def test_what_is_refused_of_a_cron_job(settings: dict[str, Any], causes: list[str]) -> None:
    assert said(job("", kind="CronJob", **settings)) == causes


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        ("*/5 0-12/2 1,15 jan-DEC sun", ""),
        ("@every 1h30m", ""),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("@often", "unrecognized descriptor: @often"),
        ("@every x", 'failed to parse duration @every x: time: invalid duration "x"'),
    ],
)
def test_schedules(schedule: str, wrong: str) -> None:
    assert parse_schedule(schedule) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1.5h", ""),
        ("-1m", ""),
        ("0", ""),
        ("", 'time: invalid duration ""'),
        ("1", 'time: missing unit in duration "1"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        (".s", 'time: invalid duration ".s"'),
    ],
)
def test_durations(text: str, wrong: str) -> None:
    assert wrong_duration(text) == wrong


def test_names() -> None:
    dotted = admit("Deployment", "", name="a.b")
    assert [warning.message for warning in dotted.warnings] == [
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label "
        "is recommended: [must not contain dots]"
    ]
    assert said(admit("StatefulSet", "", name="a.b")) == ['metadata.name: Invalid value: "a.b": must not contain dots']


def test_numbers_without_end() -> None:
    huge = "9" * 5000
    rolling = f"strategy: {{rollingUpdate: {{maxSurge: '{huge}', maxUnavailable: '{huge}%'}}}}"
    assert said(admit("Deployment", rolling))[-1].endswith("must not be greater than 100%")
    indexes = f"completionMode: Indexed\ncompletions: 3\nsuccessPolicy: {{rules: [{{succeededIndexes: '{huge}'}}]}}"
    assert "cannot convert string to integer" in said(job(indexes))[0]
    assert parse_schedule(f"{huge} * * * *").endswith("value out of range")


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ("completionMode: Indexed\ncompletions: 100001\nparallelism: 10001\nbackoffLimitPerIndex: 1",
         ["spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
          "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 "
          "and used with backoff limit per index"]),
        ("completionMode: Indexed\ncompletions: 2\nmaxFailedIndexes: 3",
         ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
          "spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions"]),
        ("completionMode: x", ['spec.completionMode: Unsupported value: "x": supported values: "NonIndexed", "Indexed"']),
        ("successPolicy: {rules: [{succeededCount: 1}]}",
         ['spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed '
          "completion mode"]),
        ("completionMode: Indexed\ncompletions: 2\nsuccessPolicy: {rules: []}",
         ["spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is "
          "specified"]),
        ("podFailurePolicy: {rules: [{onPodConditions: [{type: Ready, status: x}]}, {action: Count, onExitCodes: {}}]}",
         ['spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
          'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "x": supported values: "False", '
          '"True", "Unknown"',
          'spec.podFailurePolicy.rules[1].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
          "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: null: at least one value is required"]),
        ("podFailurePolicy: {rules: []}\npodReplacementPolicy: TerminatingOrFailed",
         ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"']),
    ],
)  # fmt: skip
def test_what_is_refused_of_jobs_with_many_parts(spec: str, causes: list[str]) -> None:
    assert said(job(spec)) == causes


def test_the_template_of_a_cron_job() -> None:
    verdict = job("selector: {matchLabels: {a: b}}\nmanualSelector: true", kind="CronJob", schedule="@hourly")
    assert said(verdict) == [
        'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ]


def test_annotations_of_templates() -> None:
    template = (
        "template: {metadata: {labels: {app: a}, annotations: {container.apparmor.security.beta.kubernetes.io/a: "
        "localhost/p, scheduler.alpha.kubernetes.io/critical-pod: ''}}, spec: {%s containers: [{name: a, image: x:1}]}}"
    )
    assert [warning.message for warning in admit("Deployment", template % "").warnings] == [
        "spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use "
        'the "priorityClassName" field instead',
        "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: deprecated since v1.30; "
        'use the "appArmorProfile" field instead',
    ]
    other = "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: q}},"
    assert said(admit("DaemonSet", template % other)) == [
        "spec.template.spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile "
        "in annotation and field must match"
    ]


def test_warnings_of_workloads() -> None:
    claims = (
        "revisionHistoryLimit: -1\nvolumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], "
        "resources: {requests: {storage: 1.5}}}}]"
    )
    assert [warning.message for warning in admit("StatefulSet", claims).warnings] == [
        'spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must '
        "be an integer",
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
    ]
    many = job("completionMode: Indexed\ncompletions: 100001\nparallelism: 10001")
    assert many.warnings[0].message.startswith("spec: In Indexed Jobs with a number of completions higher than 10^5")

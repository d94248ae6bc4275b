"""What workloads create (pkg/controller/{replicaset,statefulset,daemon,job})."""

from __future__ import annotations

import pytest

from svclint.cluster import Cluster, Pod
from svclint.kube.facts import Facts, Node
from svclint.kube.resource import resources
from svclint.yaml import parse


def pods(text: str, facts: Facts | None = None) -> tuple[Pod, ...]:
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    return Cluster(found, facts or Facts()).pods


def shown(text: str, facts: Facts | None = None) -> list[tuple[str, str | None, int, bool]]:
    return [(pod.workload.display_name, pod.name, pod.count, pod.ready) for pod in pods(text, facts)]


def workload(kind: str, name: str = "web", spec: str = "", labels: str = "{app: web}", api: str = "apps/v1") -> str:
    return f"""
---
apiVersion: {api}
kind: {kind}
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {labels}}}
  template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: c}}]}}}}
  {spec}
"""


def bare(name: str, labels: str = "{app: web}", rest: str = "") -> str:
    return f"\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {labels}{rest}}}\nspec: {{}}\n"


def test_a_deployment_alternates_between_the_nodes() -> None:
    found = pods(workload("Deployment", spec="replicas: 5"))
    assert [(pod.node.name if pod.node else None, pod.count) for pod in found] == [("node-a", 3), ("node-b", 2)]


def test_replicas_beyond_any_cluster_are_not_made() -> None:
    assert sum(pod.count for pod in pods(workload("Deployment", spec="replicas: 2147483647"))) == 150_000


def test_a_daemon_set_makes_one_a_node() -> None:
    facts = Facts(nodes=tuple(Node(name) for name in "abc"))
    assert [pod.node.name for pod in pods(workload("DaemonSet"), facts) if pod.node] == ["a", "b", "c"]


def test_a_node_selector_by_host_name_narrows() -> None:
    text = workload("DaemonSet").replace("{containers:", "{nodeSelector: {kubernetes.io/hostname: node-b}, containers:")
    assert [pod.node.name for pod in pods(text) if pod.node] == ["node-b"]


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("replicas: 2", ["web-0", "web-1"]),
        ("replicas: 2\n  ordinals: {start: 5}", ["web-5", "web-6"]),
    ],
)
def test_a_stateful_set_names_its_pods(spec: str, names: list[str]) -> None:
    text = workload("StatefulSet", spec=spec)
    found = pods(text)
    assert [pod.name for pod in found] == names
    assert [pod.hostname for pod in found] == names
    assert found[0].labels.matches({"statefulset.kubernetes.io/pod-name": names[0]}) is True
    assert found[0].labels.matches({"statefulset.kubernetes.io/pod-name": names[1]}) is False


@pytest.mark.parametrize(
    ("policy", "not_ready", "expected"),
    [
        ("OrderedReady", "StatefulSet/web", [("web-0", False)]),
        ("Parallel", "StatefulSet/web", [("web-0", False), ("web-1", False), ("web-2", False)]),
        ("OrderedReady", "Pod/web-1", [("web-0", True), ("web-1", False)]),
        ("OrderedReady", "default/StatefulSet/web", [("web-0", False)]),
        ("OrderedReady", "other/StatefulSet/web", [("web-0", True), ("web-1", True), ("web-2", True)]),
    ],
)
def test_ordered_ready_waits(policy: str, not_ready: str, expected: list[tuple[str, bool]]) -> None:
    text = workload("StatefulSet", spec=f"replicas: 3\n  podManagementPolicy: {policy}")
    found = pods(text, Facts(not_ready=frozenset({not_ready})))
    assert [(pod.name, pod.ready) for pod in found] == expected


def test_a_foreign_pod_with_its_name_stops_a_stateful_set() -> None:
    text = workload("StatefulSet", spec="replicas: 3") + bare("web-1", "{other: x}")
    assert shown(text) == [("Pod/web-1", "web-1", 1, True), ("StatefulSet/web", "web-0", 1, True)]


def test_a_stateful_set_adopts_a_matching_pod_with_its_name() -> None:
    found = shown(workload("StatefulSet", spec="replicas: 2") + bare("web-1"))
    assert found == [("StatefulSet/web", "web-0", 1, True), ("StatefulSet/web", "web-1", 1, True)]


def test_a_replica_set_adopts_and_counts_bare_pods() -> None:
    found = pods(workload("ReplicaSet", spec="replicas: 3") + bare("x", "{app: web, more: z}"))
    assert sum(pod.count for pod in found) == 3
    assert {pod.workload.display_name for pod in found} == {"ReplicaSet/web"}
    assert [pod.labels.labels for pod in found if "more" in pod.labels.labels] == [{"app": "web", "more": "z"}]


def test_a_replica_set_of_none_deletes_what_it_adopts() -> None:
    assert shown(workload("ReplicaSet", spec="replicas: 0") + bare("x")) == []


def test_a_replica_set_deletes_unready_surplus_first() -> None:
    text = workload("ReplicaSet", spec="replicas: 1") + bare("a") + bare("b")
    found = pods(text, Facts(not_ready=frozenset({"Pod/a"})))
    assert [pod.template.resource.name for pod in found] == ["b"]


def test_an_owned_pod_is_not_adopted() -> None:
    owned = bare("x", rest=", ownerReferences: [{kind: Other, name: o, controller: true}]")
    found = shown(workload("ReplicaSet", spec="replicas: 1") + owned)
    assert found == [("Pod/x", "x", 1, True), ("ReplicaSet/web", None, 1, True)]


def test_a_deployment_that_is_paused_from_the_start_makes_none() -> None:
    assert pods(workload("Deployment", spec="paused: true")) == ()


def test_jobs() -> None:
    job = workload("Job", api="batch/v1", spec="parallelism: 3\n  completions: 2")
    assert sum(pod.count for pod in pods(job)) == 2
    assert pods(job, Facts(succeeded=frozenset({"Job/web"}))) == ()
    assert pods(workload("Job", api="batch/v1", spec="suspend: true")) == ()
    cron = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {template: {}}}}}"
    assert pods(cron) == ()


def test_pods_of_an_indexed_job_have_hostnames() -> None:
    found = pods(workload("Job", api="batch/v1", spec="completionMode: Indexed\n  completions: 3\n  parallelism: 2"))
    assert [(pod.name, pod.hostname) for pod in found] == [(None, "web-0"), (None, "web-1")]
    assert found[1].labels.matches({"batch.kubernetes.io/job-completion-index": "1"}) is True


def test_a_deployment_takes_over_a_replica_set_with_its_labels() -> None:
    replica_set = workload("ReplicaSet", "old").replace("{name: old}", "{name: old, labels: {app: web}}")
    assert shown(workload("Deployment") + replica_set) == [("Deployment/web", None, 1, True)]
    assert len(shown(workload("Deployment", labels="{app: other}") + replica_set)) == 2
    assert len(shown(workload("Deployment") + workload("ReplicaSet", "own"))) == 2


def test_families() -> None:
    assert pods(bare("a"))[0].families == ("IPv4",)
    assert pods(bare("a"), Facts(dual_stack=True))[0].families == ("IPv4", "IPv6")
    assert pods(bare("a"), Facts(service_cidrs=("fd00::/112",)))[0].families == ("IPv6",)
    with_status = bare("a").replace("spec: {}", "spec: {}\nstatus: {podIP: 'fd00::7'}")
    assert (pods(with_status)[0].families, pods(with_status)[0].addresses) == (("IPv6",), ("fd00::7",))


def test_the_order_of_objects_makes_no_difference() -> None:
    parts = [workload("ReplicaSet", spec="replicas: 2"), bare("x"), bare("y"), workload("Deployment", "d")]

    def seen(text: str) -> list[tuple[str, str | None, int, str]]:
        return sorted((pod.id, pod.name, pod.count, pod.node.name if pod.node else "") for pod in pods(text))

    assert seen("".join(parts)) == seen("".join(reversed(parts)))

"""Why a Service's selector takes no Pod: one cause, so that one fault gives one finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from svclint.cluster import Cluster, Presence
from svclint.cluster.index import LabelIndex
from svclint.kube.labels import written
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.rule import Fix, distance, remove, set_value

# Labels that programs put on their own Pods while they run: a selector that asks for one can't be judged.
RUN_TIME_LABELS = frozenset(
    {
        "vault-active", "vault-initialized", "vault-sealed", "vault-perf-standby",  # HashiCorp Vault
        "spilo-role", "role", "master", "redis-role", "mysql.oracle.com/cluster-role",  # Patroni and other elections
        "cnpg.io/instanceRole", "postgres-operator.crunchydata.com/role", "leader", "active",
        "statefulset.kubernetes.io/pod-name",
    }
)  # fmt: skip

Cause = Literal["typo", "workload-labels", "other-namespace", "no-match"]


class Diagnosis(NamedTuple):
    """The cause, the workload that was nearest, and the one selector key that differs where it is only one."""

    cause: Cause
    nearest: Workload
    key: str | None = None


# With how many workloads of a namespace a selector is compared before those that share a label or the name must do.
MOST = 400


class _Known:
    """What is worked out once for all Services of a cluster: workloads by their own labels, by their Pods' labels, and
    the diagnoses."""

    def __init__(self, cluster: Cluster) -> None:
        self.own = LabelIndex((w.namespace, w.resource.labels, (), w) for w in cluster.workloads)
        self.pods = LabelIndex((w.namespace, w.pod_labels.labels, (), w) for w in cluster.workloads)
        self.diagnoses: dict[Service, Diagnosis | None] = {}


_KNOWN: WeakKeyDictionary[Cluster, _Known] = WeakKeyDictionary()


def diagnose(service: Service, cluster: Cluster) -> Diagnosis | None:
    """Why the selector takes no Pod; None if it takes one, or if nobody can tell (see `_diagnose`)."""
    if not service.selector or service.is_external_name or cluster.selected(service):
        return None
    known = _KNOWN.get(cluster)
    if known is None:
        known = _KNOWN[cluster] = _Known(cluster)
    if service not in known.diagnoses:
        known.diagnoses[service] = _diagnose(service, cluster, known)
    return known.diagnoses[service]


def _diagnose(service: Service, cluster: Cluster, known: _Known) -> Diagnosis | None:
    """Why the selector takes no Pod; None if it takes one, or if nobody can tell.

    Nobody can tell where something unread may make Pods in the namespace, or where no workload of the namespace carries
    any of the selector's keys: then the Pods live elsewhere.
    """
    selector = service.selector
    if cluster.selection(service).presence is Presence.UNKNOWN:
        return None
    for workload in known.own.candidates(service.namespace, selector):
        if _carries(workload.resource.labels, selector):
            return Diagnosis("workload-labels", workload)
    elsewhere = cluster.selected_anywhere(selector)
    if elsewhere:
        return Diagnosis("other-namespace", elsewhere[0])
    best = _nearest(service, _near(service, cluster, known))
    if best is None:
        return None
    wrong = [key for key, value in selector.items() if best.pod_labels.labels.get(key) != value]
    if len(wrong) == 1:
        key = wrong[0]
        have = best.pod_labels.labels.get(key)
        if have is not None and alike(selector[key], have):
            return Diagnosis("typo", best, key)
        if have is None and any(
            distance(key.lower(), other.lower(), 2) <= 2 and value == selector[key]
            for other, value in best.pod_labels.labels.items()
        ):
            return Diagnosis("typo", best, key)
    if any(key in RUN_TIME_LABELS for key in wrong) or not _meant(service, best, wrong, cluster):
        return None
    return Diagnosis("no-match", best, wrong[0] if len(wrong) == 1 else None)


def _near(service: Service, cluster: Cluster, known: _Known) -> Sequence[Workload]:
    """The workloads that a selector is compared with: all of the namespace, unless they are too many."""
    here = cluster.workloads_in(service.namespace)
    if len(here) <= MOST:
        return here
    found = dict.fromkeys(cluster.workloads_named(service.namespace, service.name))
    for key, value in service.selector.items():
        found.update(dict.fromkeys(known.pods.candidates(service.namespace, {key: value}, MOST)))
    found.update(dict.fromkeys(here[:MOST]))
    return tuple(found)


def _meant(service: Service, workload: Workload, wrong: list[str], cluster: Cluster) -> bool:
    """Whether the Service was made for this workload: the same name, labels missing or alike, or nobody else's."""
    labels = workload.pod_labels.labels
    if service.name == workload.name:
        return True
    shared = [key for key in service.selector if key in labels]
    if len(wrong) < len(service.selector) and all(
        key not in labels or akin(service.selector[key], labels[key]) for key in wrong
    ):
        return True
    if shared and any(akin(service.selector[key], labels[key]) for key in shared):
        return True
    return bool(shared) and not cluster.selecting(workload)


def carried(service: Service, workload: Workload) -> Fix | None:
    """The fix that makes the selector one that the workload's Pods carry: other values, without the keys that no Pod
    has; where nothing of it is left, the workload's own selector."""
    labels = workload.pod_labels.labels
    wrong = [key for key, value in service.selector.items() if labels.get(key) != value]
    changed = {key: labels[key] for key in wrong if key in labels}
    left_out = [key for key in wrong if key not in labels]
    if len(left_out) == len(service.selector):
        own = workload.selector.labels if workload.selector else {}
        if not own or any(labels.get(key) != value for key, value in own.items()):
            return None
        return Fix(f"select {labels_text(own)}", (set_value(service.at("spec", "selector"), dict(own)),))
    said = [f"write {labels_text(changed)}"] if changed else []
    said += [f"leave out {', '.join(left_out)}, which the Pods don't carry"] if left_out else []
    changes = [set_value(service.at("spec", "selector", key), value) for key, value in changed.items()]
    changes += [remove(service.at("spec", "selector", key)) for key in left_out]
    return Fix("; ".join(said), tuple(changes)) if changes else None


def _nearest(service: Service, workloads: Sequence[Workload]) -> Workload | None:
    """The first workload whose Pods are nearest: by labels that agree, values akin, the same name, keys that are there
    at all."""
    name, wanted = service.name, tuple(service.selector.items())
    best: Workload | None = None
    most = (-1, 0, False, 0)
    for workload in workloads:
        labels = workload.pod_labels.labels
        same = near = there = 0
        for key, value in wanted:
            have = labels.get(key)
            if have is None:
                continue
            there += 1
            if have == value:
                same += 1
            elif akin(have, value):
                near += 1
        found = (same, near, workload.name == name, there)
        if found > most:
            best, most = workload, found
    return best


def alike(a: str, b: str) -> bool:
    """Whether one value is likely the other, mistyped: at most two edits, and no more than one letter in three."""
    limit = min(2, max(len(a), len(b)) // 3)
    return limit > 0 and distance(a.lower(), b.lower(), limit) <= limit


def akin(a: str, b: str) -> bool:
    """Alike, or one is the other with a word more."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if len(long) - len(short) <= 2 and alike(a, b):
        return True
    return len(short) > 2 and long.startswith(short) and long[len(short) : len(short) + 1] in ("-", "_")


def labels_text(labels: dict[str, str]) -> str:
    """`app=web,tier=front`."""
    return written(labels) or "(no labels)"


def _carries(labels: dict[str, str], selector: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())

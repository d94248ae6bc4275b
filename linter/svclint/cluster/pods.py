"""The pods that workloads make: how many, on which nodes, named how, ready or not.

Pods of one workload that are alike in all of this are one `Pod` with a count, so that a Deployment of 50,000 replicas
costs no more than one of two. Cites: pkg/controller/{replicaset,statefulset,daemon,job} of Kubernetes 1.36.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from svclint.cluster.families import family_of
from svclint.cluster.index import LabelIndex
from svclint.kube.facts import Facts, Node
from svclint.kube.labels import LabelSelector
from svclint.kube.pod import PodTemplate
from svclint.kube.read import find, flag, mapping, number, sequence, text
from svclint.kube.workload import PodLabels, Workload

# The largest cluster that Kubernetes is tested for has 150,000 pods; more replicas than that are not made on paper.
MOST_PODS = 150_000

_POD_NAME = "statefulset.kubernetes.io/pod-name"
_POD_INDEX = "apps.kubernetes.io/pod-index"
_JOB_INDEX = "batch.kubernetes.io/job-completion-index"
_DIGITS = 10
"""An ordinal has fewer: it is an int32."""


class Pod:
    """One pod, or `count` pods of one workload that are alike.

    `workload` owns it (for an adopted bare pod its ReplicaSet), `template` is what it was made from; `name` is known
    for pods of StatefulSets and bare pods only. `addresses` are those that a status in the manifest tells.
    """

    __slots__ = (
        "addresses",
        "count",
        "families",
        "hostname",
        "labels",
        "name",
        "node",
        "ready",
        "subdomain",
        "template",
        "workload",
    )

    def __init__(
        self,
        workload: Workload,
        *,
        node: Node | None,
        ready: bool,
        families: tuple[str, ...],
        template: PodTemplate | None = None,
        labels: PodLabels | None = None,
        name: str | None = None,
        hostname: str | None = None,
        subdomain: str | None = None,
        count: int = 1,
        addresses: tuple[str, ...] = (),
    ) -> None:
        self.workload = workload
        self.template = template or workload.template
        self.labels = labels or workload.pod_labels
        self.name = name
        self.node = node
        self.ready = ready
        self.count = count
        self.families = families
        self.addresses = addresses
        self.hostname = self.template.hostname if hostname is None else hostname
        self.subdomain = self.template.subdomain if subdomain is None else subdomain

    def __repr__(self) -> str:
        return f"<Pod {self.id} x{self.count}>"

    @property
    def namespace(self) -> str:
        return self.workload.namespace

    @property
    def id(self) -> str:
        """`NAMESPACE/KIND/NAME`, and for a StatefulSet's `/POD`."""
        name = f"/{self.name}" if self.name and self.workload.kind != "Pod" else ""
        return f"{self.namespace}/{self.workload.display_name}{name}"

    @property
    def title(self) -> str:
        """What people call it: its own name, or its workload's."""
        return f"Pod/{self.name}" if self.name else self.workload.display_name


def said_of(names: frozenset[str], namespace: str, kind: str, name: str) -> bool:
    """Whether a flag such as --not-ready names the object, as KIND/NAME or NAMESPACE/KIND/NAME."""
    return bool(names) and (f"{kind}/{name}" in names or f"{namespace}/{kind}/{name}" in names)


def pod_families(facts: Facts) -> tuple[str, ...]:
    """Of which families a pod has addresses: both, or the cluster's primary one."""
    first = "IPv6" if facts.service_cidrs and ":" in facts.service_cidrs[0] else "IPv4"
    if not facts.dual_stack:
        return (first,)
    return ("IPv4", "IPv6") if first == "IPv4" else ("IPv6", "IPv4")


class _Scheduler:
    """Puts pods on nodes in turn. A nodeName that the facts don't know is taken to be a node of that name."""

    def __init__(self, facts: Facts) -> None:
        self.nodes = facts.nodes
        self.by_name = {node.name: node for node in facts.nodes}
        self.turn = 0

    def candidates(self, template: PodTemplate) -> tuple[Node, ...]:
        """The nodes that the template's nodeName and nodeSelector (host name and zone) leave."""
        if template.node_name:
            return (self.by_name.get(template.node_name) or Node(template.node_name),)
        selector = template.node_selector
        if not selector:
            return self.nodes
        host = selector.get("kubernetes.io/hostname")
        zone = selector.get("topology.kubernetes.io/zone")
        fitting = tuple(
            node for node in self.nodes if (host is None or node.name == host) and (zone is None or node.zone == zone)
        )
        return fitting or self.nodes

    def place(self, template: PodTemplate, count: int) -> list[tuple[Node | None, int]]:
        """Spreads `count` pods over the nodes, as (node, how many)."""
        nodes = self.candidates(template)
        if not nodes:
            return [(None, count)] if count else []
        share, rest = divmod(count, len(nodes))
        start = self.turn if not template.node_name else 0
        self.turn += 0 if template.node_name else count
        spread: list[tuple[Node | None, int]] = []
        for index in range(len(nodes)):
            many = share + (1 if index < rest else 0)
            if many:
                spread.append((nodes[(start + index) % len(nodes)], many))
        return spread

    def one(self, template: PodTemplate) -> Node | None:
        spread = self.place(template, 1)
        return spread[0][0] if spread else None


def make_pods(workloads: Iterable[Workload], facts: Facts) -> tuple[Pod, ...]:
    """All pods of the cluster. The order of the workloads makes no difference."""
    ordered = sorted(workloads, key=lambda item: (item.namespace, item.kind, item.name, item.resource.group))
    factory = _Factory(ordered, facts)
    return tuple(pod for workload in ordered for pod in factory.pods(workload))


class _Factory:
    def __init__(self, ordered: list[Workload], facts: Facts) -> None:
        self.facts = facts
        self.families = pod_families(facts)
        self.scheduler = _Scheduler(facts)
        self.bare: dict[str, dict[str, Workload]] = {}
        for workload in ordered:
            if workload.kind == "Pod" and workload.built_in:
                self.bare.setdefault(workload.namespace, {})[workload.name] = workload
        self.owners: dict[tuple[str, str], Workload | None] = {}
        self.deployments: dict[tuple[str, str, str], list[LabelSelector]] = {}
        for workload in ordered:
            if workload.kind == "Deployment" and workload.built_in and (selector := workload.selector) is not None:
                for pair in selector.labels.items():
                    self.deployments.setdefault((workload.namespace, *pair), []).append(selector)
                    break
        self.adopted: dict[Workload, list[Workload]] = {}
        if self.bare:
            self.bare_by_label = LabelIndex(
                (pod.namespace, pod.template.labels, (), pod) for pods in self.bare.values() for pod in pods.values()
            )
            for workload in ordered:
                self._adopt(workload)

    def _ready(self, workload: Workload, pod_name: str | None = None) -> bool:
        names = self.facts.not_ready
        if said_of(names, workload.namespace, workload.kind, workload.name):
            return False
        return pod_name is None or not said_of(names, workload.namespace, "Pod", pod_name)

    def _succeeded(self, workload: Workload) -> bool:
        return said_of(self.facts.succeeded, workload.namespace, workload.kind, workload.name)

    def _orphans(self, workload: Workload) -> Iterator[Workload]:
        """Bare pods of the namespace that no controller owns yet and that the workload's selector matches."""
        selector = workload.selector
        if selector is None or selector.empty:
            return
        pods: Iterable[Workload] = self.bare.get(workload.namespace, {}).values()
        if selector.labels:
            pods = self.bare_by_label.candidates(workload.namespace, selector.labels)
        for pod in pods:
            if (pod.namespace, pod.name) in self.owners or self._succeeded(pod) or _is_owned(pod):
                continue
            if selector.matches(pod.template.labels):
                yield pod

    def _adopt(self, workload: Workload) -> None:
        """A ReplicaSet or ReplicationController adopts matching bare pods and deletes the surplus, unready ones first
        (controller_utils.go ActivePodsWithRanks); a StatefulSet those that have one of its pods' names."""
        if not workload.built_in:
            return
        if workload.kind in ("ReplicaSet", "ReplicationController"):
            orphans = sorted(self._orphans(workload), key=lambda pod: (not self._ready(pod), pod.name))
            for rank, pod in enumerate(orphans):
                self.owners[pod.namespace, pod.name] = workload if rank < workload.replicas else None
            self.adopted[workload] = orphans[: workload.replicas]
        elif workload.is_stateful_set:
            for pod in list(self._orphans(workload)):
                ordinal = _ordinal(workload, pod.name)
                if ordinal is not None and 0 <= ordinal - workload.first_ordinal < workload.replicas:
                    self.owners[pod.namespace, pod.name] = workload

    def pods(self, workload: Workload) -> Iterator[Pod]:
        if workload.kind == "CronJob" or self._succeeded(workload) or self._taken_over(workload):
            return
        if workload.kind == "Pod" and workload.built_in:
            if (workload.namespace, workload.name) not in self.owners:
                yield self._bare_pod(workload, workload, workload.name)
        elif workload.is_stateful_set:
            yield from self._stateful(workload)
        elif workload.kind == "Job" and text(workload.get("spec", "completionMode")) == "Indexed":
            yield from self._indexed(workload)
        elif workload.per_node:
            for node in self.scheduler.candidates(workload.template):
                yield Pod(workload, node=node, ready=self._ready(workload), families=self.families)
        else:
            adopted = self.adopted.get(workload, ())
            for pod in adopted:
                yield self._bare_pod(pod, workload, None)
            count = _wanted(workload)
            ready = self._ready(workload)
            for spread, many in self.scheduler.place(workload.template, min(count, MOST_PODS) - len(adopted)):
                yield Pod(workload, node=spread, ready=ready, families=self.families, count=many)

    def _taken_over(self, workload: Workload) -> bool:
        """Whether a Deployment adopts this ReplicaSet by its own labels: then it is the Deployment's, or scaled down as
        an old one (deployment_controller.go getReplicaSetsForDeployment)."""
        if workload.kind != "ReplicaSet" or not self.deployments:
            return False
        labels = workload.resource.labels
        return any(
            selector.matches(labels)
            for pair in labels.items()
            for selector in self.deployments.get((workload.namespace, *pair), ())
        )

    def _indexed(self, job: Workload) -> Iterator[Pod]:
        """The pods of an Indexed Job: their names are random, their hostnames are not (job_controller.go)."""
        known = job.pod_labels
        ready = self._ready(job)
        for index in range(min(_job_pods(job), MOST_PODS)):
            labels = PodLabels({**known.labels, _JOB_INDEX: str(index)}, known.added - {_JOB_INDEX}, known.complete)
            hostname = f"{job.name}-{index}"
            node = self.scheduler.one(job.template)
            yield Pod(job, node=node, ready=ready, families=self.families, labels=labels, hostname=hostname)

    def _bare_pod(self, pod: Workload, owner: Workload, name: str | None) -> Pod:
        addresses = status_addresses(pod)
        return Pod(
            owner,
            template=pod.template,
            labels=pod.pod_labels,
            name=name,
            node=self.scheduler.one(pod.template),
            ready=self._ready(pod, pod.name) and self._ready(owner),
            families=tuple(dict.fromkeys(map(family_of, addresses))) or self.families,
            addresses=addresses,
        )

    def _stateful(self, workload: Workload) -> Iterator[Pod]:
        """Pods one after the other; with OrderedReady none after one that isn't ready. The hostname is the pod's name
        and the subdomain spec.serviceName (stateful_set_utils.go initIdentity)."""
        taken = self.bare.get(workload.namespace, {})
        known = workload.pod_labels
        for ordinal in range(workload.first_ordinal, workload.first_ordinal + min(workload.replicas, MOST_PODS)):
            name = f"{workload.pods_name}-{ordinal}"
            adopted = None
            if name in taken:
                if self.owners.get((workload.namespace, name)) is not workload:
                    if workload.ordered_ready:
                        return
                    continue
                adopted = taken[name]
            ready = self._ready(workload, name)
            template = adopted.template if adopted else workload.template
            labels = PodLabels(
                {**(template.labels if adopted else known.labels), _POD_NAME: name, _POD_INDEX: str(ordinal)},
                known.added - {_POD_NAME, _POD_INDEX},
                known.complete,
            )
            yield Pod(
                workload,
                template=template,
                labels=labels,
                name=name,
                hostname=template.hostname if adopted else name,
                subdomain=template.subdomain if adopted else workload.service_name,
                node=self.scheduler.one(template),
                ready=ready,
                families=self.families,
            )
            if not ready and workload.ordered_ready:
                return


def status_addresses(pod: Workload) -> tuple[str, ...]:
    """The addresses that a Pod's status tells."""
    status = mapping(pod.get("status"))
    addresses = [ip for item in sequence(status.get("podIPs")) if (ip := text(mapping(item).get("ip")))]
    single = text(status.get("podIP"))
    return tuple(addresses) or ((single,) if single else ())


def _wanted(workload: Workload) -> int:
    """How many pods a workload makes. A Deployment that is paused from its creation has no ReplicaSet yet
    (deployment/sync.go)."""
    if workload.kind == "Job":
        return _job_pods(workload)
    if workload.kind == "Deployment" and flag(workload.get("spec", "paused")) is True:
        return 0
    return workload.replicas


def _job_pods(job: Workload) -> int:
    """spec.parallelism, no more than spec.completions; none while suspended (job_controller.go manageJob)."""
    if flag(job.get("spec", "suspend")) is True:
        return 0
    parallelism = number(job.get("spec", "parallelism"))
    completions = number(job.get("spec", "completions"))
    wanted = 1 if parallelism is None else max(parallelism, 0)
    return wanted if completions is None else min(wanted, max(completions, 0))


def _is_owned(pod: Workload) -> bool:
    return any(
        mapping(item).get("controller") is True for item in sequence(find(pod.value, "metadata", "ownerReferences"))
    )


def _ordinal(workload: Workload, name: str) -> int | None:
    prefix, _, ordinal = name.rpartition("-")
    known = prefix == workload.name and ordinal.isascii() and ordinal.isdigit() and len(ordinal) < _DIGITS
    return int(ordinal) if known else None

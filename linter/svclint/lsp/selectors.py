"""Label selectors over pods: which ones an object has, in which namespaces each looks, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.index import LabelIndex
from svclint.cluster.selection import NamespaceLabels, selects
from svclint.kube.labels import LabelSelector
from svclint.kube.network_policy import NetworkPolicy, Peer
from svclint.kube.read import mapping, sequence, strings, text
from svclint.kube.references import Monitor, PodDisruptionBudget
from svclint.kube.resource import Path, Place, Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload

Namespaces = tuple[str, ...] | None
"""The namespaces that something speaks of; None for all of them."""


class Selector(NamedTuple):
    """A label selector over pods: where it stands in an object, what it says, and where it looks."""

    resource: Resource
    path: Path
    says: LabelSelector
    namespaces: Namespaces


class Value(NamedTuple):
    """One value in matchExpressions."""

    place: Place
    key: str
    operator: str
    word: str


def values(resource: Resource, path: Path) -> Iterator[Value]:
    """The values in the matchExpressions of a selector at a path of an object."""
    for index, item in enumerate(sequence(resource.get(*path, "matchExpressions"))):
        key, operator = text(mapping(item).get("key")), text(mapping(item).get("operator"))
        for number, word in enumerate(sequence(mapping(item).get("values"))):
            if key and operator in ("In", "NotIn") and isinstance(word, str):
                yield Value(resource.at(*path, "matchExpressions", index, "values", number), key, operator, word)


class Selectors:
    """The selectors of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._namespace_labels = NamespaceLabels(cluster.index.of_kind("", "Namespace"))
        self._namespaces: dict[str, Namespaces] = {}
        self._labelled: LabelIndex[Service] | None = None

    def of(self, resource: Resource) -> Iterator[Selector]:
        """The selectors over pods that an object has, beside a workload's own and a Service's."""
        if NetworkPolicy.reads(resource):
            yield from self.of_policy(resource.as_(NetworkPolicy))
        elif PodDisruptionBudget.reads(resource):
            yield from _read(resource, ("spec", "selector"), (resource.namespace,))
        elif Monitor.reads(resource) and resource.kind == "PodMonitor":
            yield from _read(resource, ("spec", "selector"), Monitor(resource).namespaces)
        for workload in self.cluster.workloads_named(resource.namespace, resource.name):
            if workload.resource is resource:
                yield from self._constraints(workload)

    def of_policy(self, policy: NetworkPolicy) -> Iterator[Selector]:
        """Whom a policy isolates, and the peers of its rules."""
        yield from _read(policy.resource, ("spec", "podSelector"), (policy.namespace,))
        for rule in (*policy.ingress, *policy.egress):
            for peer in rule.peers:
                yield from _read(policy.resource, (*peer.path, "podSelector"), self.of_peer(policy, peer))

    def of_peer(self, policy: NetworkPolicy, peer: Peer) -> Namespaces:
        """The namespaces that a peer speaks of."""
        chosen = peer.namespace_selector
        return (policy.namespace,) if chosen is None else self._matching(chosen)

    def _constraints(self, workload: Workload) -> Iterator[Selector]:
        """Affinity terms and topology spread constraints."""
        template = workload.template
        own = (workload.namespace,)
        for index in range(len(sequence(template.spec.get("topologySpreadConstraints")))):
            path: Path = (*template.path, "spec", "topologySpreadConstraints", index, "labelSelector")
            yield from _read(workload.resource, path, own)
        affinity = mapping(template.spec.get("affinity"))
        for kind in ("podAffinity", "podAntiAffinity"):
            for field in ("required", "preferred"):
                key = f"{field}DuringSchedulingIgnoredDuringExecution"
                for index, item in enumerate(sequence(mapping(affinity.get(kind)).get(key))):
                    path = (*template.path, "spec", "affinity", kind, key, index)
                    term = mapping(item)
                    if field == "preferred":
                        term, path = mapping(term.get("podAffinityTerm")), (*path, "podAffinityTerm")
                    namespaces: Namespaces = strings(term.get("namespaces")) or own
                    if isinstance(term.get("namespaceSelector"), dict):
                        namespaces = self._matching(LabelSelector.read(term["namespaceSelector"]))
                    yield from _read(workload.resource, (*path, "labelSelector"), namespaces)

    def _matching(self, selector: LabelSelector) -> Namespaces:
        """The namespaces that a namespaceSelector may take."""
        if selector.empty:
            return None
        known = str(selector)
        if known not in self._namespaces:
            self._namespaces[known] = tuple(
                name
                for name in sorted(self.cluster.namespaces)
                if selects(selector, self._namespace_labels.of(name)) is not False
            )
        return self._namespaces[known]

    def taken(self, namespaces: Namespaces, selector: LabelSelector) -> Iterator[Workload]:
        """The workloads whose pods a selector surely takes; none for one that no label narrows."""
        for each in _narrowed(selector):
            if namespaces is None:
                found: Iterable[Workload] = self.cluster.selected_anywhere(each.labels)
                yield from (workload for workload in found if selects(each, workload.pod_labels))
            else:
                for namespace in namespaces:
                    yield from self.cluster.taken(namespace, each).workloads

    def services(self, monitor: Monitor) -> Iterator[Service]:
        """The Services whose own labels a ServiceMonitor takes; none for a selector that no label narrows."""
        if self._labelled is None:
            self._labelled = LabelIndex(
                (namespace, service.resource.labels, (), service)
                for service in self.cluster.services
                for namespace in ("", service.namespace)
            )
        for each in _narrowed(monitor.selector):
            for namespace in ("",) if monitor.namespaces is None else monitor.namespaces:
                for service in self._labelled.candidates(namespace, each.labels):
                    if each.matches(service.resource.labels):
                        yield service


def _read(resource: Resource, path: Path, namespaces: Namespaces) -> Iterator[Selector]:
    value = resource.get(*path)
    if isinstance(value, dict):
        yield Selector(resource, path, LabelSelector.read(value), namespaces)


def _narrowed(selector: LabelSelector) -> Iterator[LabelSelector]:
    """Selectors that take together what this one takes, each with a label to look for; none where there is none."""
    if selector.labels:
        yield selector
        return
    for chosen in selector.requirements:
        if chosen.operator == "In":
            for value in dict.fromkeys(chosen.values):
                yield LabelSelector({chosen.key: value}, selector.requirements)
            return

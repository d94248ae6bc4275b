"""What leads where: every place of a cluster that means something that is said elsewhere too.

A thing is an object, the label of some pods, or a port. Labels and port names are one thing where they must be the same
word: a selector and the templates that it takes, a targetPort and the container ports that it finds. They are joined
(`_Union`) by what the paper cluster selects, so two workloads that only happen to share a label are two things.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.mentions import Mention, mentions, target
from svclint.kube.endpoints import SERVICE_NAME_LABEL, Endpoints, EndpointSlice
from svclint.kube.gateway import Route
from svclint.kube.ingress import Ingress
from svclint.kube.labels import LabelSelector
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.read import mapping, sequence, text
from svclint.kube.references import (
    HorizontalPodAutoscaler,
    Monitor,
    PodDisruptionBudget,
    pod_references,
    service_references,
)
from svclint.kube.resource import Path, Place, Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload

Thing = tuple[Hashable, ...]
OBJECT, LABEL, CONTAINER_PORT, SERVICE_PORT = "object", "label", "container port", "service port"


class Occurrence(NamedTuple):
    """A place that speaks of a thing: where it is defined, or where it is used. `word` is what stands there."""

    place: Place
    thing: Thing
    defines: bool
    word: str


class Links:
    """All occurrences of one cluster, by document and by thing."""

    def __init__(self, cluster: Cluster) -> None:
        self._union = _Union()
        self._by_document: dict[int, list[Occurrence]] = {}
        self._by_thing: dict[Thing, list[Occurrence]] = {}
        self._leads: dict[Thing, list[Thing]] = {}
        collector = _Collector(cluster, self._union, self._leads)
        for found in collector.all():
            self._by_document.setdefault(id(found.place.document), []).append(found)
        for group in self._by_document.values():
            for found in group:
                self._by_thing.setdefault(self._union.root(found.thing), []).append(found)

    def at(self, place: Place, offset: int) -> list[Occurrence]:
        """What stands at a path: of slices of a string only the one that holds the offset; below a key, what the
        whole value says."""
        here = self._by_document.get(id(place.document), ())
        exact = [found for found in here if found.place.path == place.path]
        sliced = [found for found in exact if found.place.slice is not None]
        if sliced:
            return [found for found in sliced if _holds(found.place, offset)]
        if exact or place.part != "key":
            return exact
        depth = len(place.path)
        return [found for found in here if found.place.path[:depth] == place.path]

    def same(self, thing: Thing) -> list[Occurrence]:
        """All occurrences of a thing."""
        return self._by_thing.get(self._union.root(thing), [])

    def leads(self, thing: Thing) -> list[Occurrence]:
        """The definitions of what a thing leads to: of a Service's port, the container ports behind it."""
        roots = {self._union.root(each) for each in self._leads.get(thing, ())}
        return [found for root in roots for found in self._by_thing.get(root, ()) if found.defines]


def _holds(place: Place, offset: int) -> bool:
    assert place.slice is not None
    start, end = place.document.slice_span(place.path, *place.slice)
    return start <= offset <= end


class _Union:
    """Things that are one and the same."""

    __slots__ = ("_above",)

    def __init__(self) -> None:
        self._above: dict[Thing, Thing] = {}

    def root(self, thing: Thing) -> Thing:
        above = self._above
        while (next_one := above.get(thing, thing)) != thing:
            above[thing] = above.get(next_one, next_one)
            thing = next_one
        return thing

    def join(self, one: Thing, other: Thing) -> None:
        self._above[self.root(one)] = self.root(other)


class _Collector:
    """The work of finding all occurrences; linear in the number of objects."""

    def __init__(self, cluster: Cluster, union: _Union, leads: dict[Thing, list[Thing]]) -> None:
        self.cluster = cluster
        self.union = union
        self.lead = leads

    def all(self) -> Iterator[Occurrence]:
        for resource in self.cluster.resources:
            yield from _own_name(resource)
            for reference, _, _ in service_references(resource):
                yield _use(reference.place, _object("", "Service", reference.namespace, reference.name))
        for workload in self.cluster.workloads:
            yield from self._workload(workload)
        for service in self.cluster.services:
            yield from self._service(service)
        for ingress in self.cluster.of(Ingress):
            yield from self._ingress(ingress)
        for route in self.cluster.of(Route):
            yield from self._route(route)
        for policy in self.cluster.of(NetworkPolicy):
            yield from self._policy(policy)
        for budget in self.cluster.of(PodDisruptionBudget):
            if budget.selector is not None:
                yield from self._selector(budget.resource, ("spec", "selector"), budget.selector, budget.namespace)
        for scaler in self.cluster.of(HorizontalPodAutoscaler):
            if (goal := scaler.target) is not None:
                yield _use(goal.place, _object(goal.group, goal.kind, goal.namespace, goal.name))
        for monitor in self.cluster.of(Monitor):
            if monitor.kind == "PodMonitor":
                yield from self._selector(
                    monitor.resource, ("spec", "selector"), monitor.selector, *(monitor.namespaces or ())
                )
        yield from self._endpoints()
        for mention in mentions(self.cluster):
            yield from self._mention(mention)

    # Selectors and the labels of pods.

    def _workload(self, workload: Workload) -> Iterator[Occurrence]:
        template = workload.template
        for key, value in template.labels.items():
            yield Occurrence(workload.at_labels(key), _label(workload, key, value), True, value)
        selector, source = workload.selector, workload.source
        path: Path | None = getattr(source, "selector", None)
        if selector is not None and path is not None:
            plain = isinstance(workload.get(*path), dict) and workload.get(*path, "matchLabels") is None
            yield from self._pairs(
                workload.resource, path if plain else (*path, "matchLabels"), selector.labels, (workload,)
            )
        for reference in pod_references(template):
            yield _use(reference.place, _object(reference.group, reference.kind, reference.namespace, reference.name))
        if workload.service_name and workload.get("spec", "serviceName"):
            goal = _object("", "Service", workload.namespace, workload.service_name)
            yield _use(workload.at("spec", "serviceName"), goal)
        yield from self._constraints(workload)
        for container in template.containers:
            for port in container.ports:
                if port.port_name:
                    yield Occurrence(port.at("name"), _port(workload, port.port_name), True, port.port_name)
                yield Occurrence(port.at("containerPort"), _port(workload, port.port), True, str(port.port))
            for probe in container.probes:
                for kind in ("httpGet", "tcpSocket"):
                    named = probe.get(kind, "port")
                    if isinstance(named, (int, str)) and not isinstance(named, bool):
                        yield Occurrence(probe.at(kind, "port"), _port(workload, named), False, str(named))

    def _constraints(self, workload: Workload) -> Iterator[Occurrence]:
        """Affinity terms and topology spread constraints: selectors over the pods of the workload's namespace."""
        template = workload.template
        for index, item in enumerate(sequence(template.spec.get("topologySpreadConstraints"))):
            selector = mapping(item).get("labelSelector")
            path: Path = (*template.path, "spec", "topologySpreadConstraints", index, "labelSelector")
            yield from self._selector(workload.resource, path, LabelSelector.read(selector), workload.namespace)
        affinity = mapping(template.spec.get("affinity"))
        for kind in ("podAffinity", "podAntiAffinity"):
            for field in ("required", "preferred"):
                key = f"{field}DuringSchedulingIgnoredDuringExecution"
                for index, item in enumerate(sequence(mapping(affinity.get(kind)).get(key))):
                    path = (*template.path, "spec", "affinity", kind, key, index)
                    term = mapping(item)
                    if field == "preferred":
                        term, path = mapping(term.get("podAffinityTerm")), (*path, "podAffinityTerm")
                    selector = LabelSelector.read(term.get("labelSelector"))
                    yield from self._selector(workload.resource, (*path, "labelSelector"), selector, workload.namespace)

    def _selector(
        self, resource: Resource, path: Path, selector: LabelSelector, *namespaces: str
    ) -> Iterator[Occurrence]:
        if selector.labels:
            taken = [w for namespace in namespaces for w in self.cluster.taken(namespace, selector).workloads]
            yield from self._pairs(resource, (*path, "matchLabels"), selector.labels, taken)

    def _pairs(
        self, resource: Resource, path: Path, labels: dict[str, str], taken: Iterable[Workload]
    ) -> Iterator[Occurrence]:
        for key, value in labels.items():
            thing: Thing = (LABEL, resource, path, key, value)
            for workload in taken:
                if workload.template.labels.get(key) == value:
                    self.union.join(thing, _label(workload, key, value))
            yield Occurrence(resource.at(*path, key), thing, False, value)

    def _policy(self, policy: NetworkPolicy) -> Iterator[Occurrence]:
        selector = LabelSelector.read(policy.get("spec", "podSelector"))
        yield from self._selector(policy.resource, ("spec", "podSelector"), selector, policy.namespace)
        for direction, side in (("ingress", "from"), ("egress", "to")):
            for index, rule in enumerate(sequence(policy.get("spec", direction))):
                for number, peer in enumerate(sequence(mapping(rule).get(side))):
                    pods = mapping(peer).get("podSelector")
                    path: Path = ("spec", direction, index, side, number, "podSelector")
                    if not isinstance(pods, dict):
                        continue
                    selector = LabelSelector.read(pods)
                    if mapping(peer).get("namespaceSelector") is None:
                        yield from self._selector(policy.resource, path, selector, policy.namespace)
                    elif selector.labels:
                        taken = self.cluster.selected_anywhere(selector.labels)
                        yield from self._pairs(policy.resource, (*path, "matchLabels"), selector.labels, taken)

    # Services and their ports.

    def _service(self, service: Service) -> Iterator[Occurrence]:
        taken = self.cluster.selection(service).workloads
        yield from self._pairs(service.resource, ("spec", "selector"), service.selector, taken)
        for port in service.ports:
            goal: Thing = (CONTAINER_PORT, service.resource, port.target_port)
            for workload in taken:
                self.union.join(goal, _port(workload, port.target_port))
            if port.value.get("targetPort") is not None:
                yield Occurrence(port.at("targetPort"), goal, False, str(port.target_port))
            for name, word in ((port.port_name, "name"), (port.port, "port")):
                if name:
                    thing = _service_port(service.namespace, service.name, name)
                    self.lead.setdefault(thing, []).append(goal)
                    yield Occurrence(port.at(word), thing, True, str(name))
        if service.is_external_name:
            yield from self._external_name(service)

    def _external_name(self, service: Service) -> Iterator[Occurrence]:
        name, namespace, rest = ([*service.external_name.split(".", 2), "", ""])[:3]
        if rest.rstrip(".") == f"svc.{self.cluster.facts.cluster_domain}" and name and namespace:
            place = service.at("spec", "externalName", slice=(0, len(name)))
            yield _use(place, _object("", "Service", namespace, name))

    def _ingress(self, ingress: Ingress) -> Iterator[Occurrence]:
        for backend in ingress.backends():
            name, port = backend.service_name, backend.port
            if not name:
                continue
            yield _use(backend.at("service", "name"), _object("", "Service", ingress.namespace, name))
            if port is not None:
                place = backend.at("service", "port", "name" if isinstance(port, str) else "number")
                yield Occurrence(place, _service_port(ingress.namespace, name, port), False, str(port))
        class_name = text(ingress.get("spec", "ingressClassName"))
        if class_name:
            goal = _object("networking.k8s.io", "IngressClass", "", class_name)
            yield _use(ingress.at("spec", "ingressClassName"), goal)
        for index, tls in enumerate(ingress.tls):
            if tls.secret_name:
                place = ingress.at("spec", "tls", index, "secretName")
                yield _use(place, _object("", "Secret", ingress.namespace, tls.secret_name))

    def _route(self, route: Route) -> Iterator[Occurrence]:
        for rule in route.rules:
            for backend in (*rule.backend_refs, *rule.mirror_refs):
                if not backend.ref_name:
                    continue
                goal = _object(backend.ref_group, backend.ref_kind, backend.ref_namespace, backend.ref_name)
                yield _use(backend.at("name"), goal)
                if backend.port is not None and backend.ref_kind == "Service":
                    thing = _service_port(backend.ref_namespace, backend.ref_name, backend.port)
                    yield Occurrence(backend.at("port"), thing, False, str(backend.port))
        for parent in route.parent_refs:
            if parent.ref_name:
                goal = _object(parent.ref_group, parent.ref_kind, parent.ref_namespace, parent.ref_name)
                yield _use(parent.at("name"), goal)

    def _endpoints(self) -> Iterator[Occurrence]:
        for item in self.cluster.of(EndpointSlice):
            if item.service_name:
                place = item.at("metadata", "labels", SERVICE_NAME_LABEL)
                yield _use(place, _object("", "Service", item.namespace, item.service_name))
        for each in self.cluster.of(Endpoints):
            yield _use(each.at("metadata", "name"), _object("", "Service", each.namespace, each.name))

    def _mention(self, mention: Mention) -> Iterator[Occurrence]:
        meant = target(mention, self.cluster)
        if meant is None:
            return
        start = mention.offset + (len(meant.pod) + 1 if meant.pod else 0)
        place = mention.place._replace(slice=(start, start + len(meant.name)))
        if mention.evidence == "hint" and self.cluster.service_named(meant.namespace, meant.name) is None:
            return
        yield _use(place, _object("", "Service", meant.namespace, meant.name))
        if mention.port is not None:
            thing = _service_port(meant.namespace, meant.name, mention.port)
            yield Occurrence(mention.port_place(), thing, False, str(mention.port))


def _own_name(resource: Resource) -> Iterator[Occurrence]:
    if resource.name:
        thing = _object(resource.group, resource.kind, resource.namespace, resource.name)
        yield Occurrence(resource.at("metadata", "name"), thing, True, resource.name)
    named = text(resource.metadata.get("namespace"))
    if named and resource.namespace:
        yield _use(resource.at("metadata", "namespace"), _object("", "Namespace", "", named))


def _use(place: Place, thing: Thing) -> Occurrence:
    return Occurrence(place, thing, False, str(thing[-1]))


def _object(group: str, kind: str, namespace: str, name: str) -> Thing:
    return (OBJECT, group, kind, namespace, name)


def _label(workload: Workload, key: str, value: str) -> Thing:
    return (LABEL, workload.resource, workload.template.path, key, value)


def _port(workload: Workload, port: int | str) -> Thing:
    return (CONTAINER_PORT, workload.resource, workload.template.path, port)


def _service_port(namespace: str, service: str, port: int | str) -> Thing:
    return (SERVICE_PORT, namespace, service, port)


__all__ = ["CONTAINER_PORT", "LABEL", "OBJECT", "SERVICE_PORT", "Links", "Occurrence", "Thing"]

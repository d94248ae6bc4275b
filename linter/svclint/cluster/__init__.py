"""The paper cluster of one scope: what the components would make of the objects, worked out once and on demand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from svclint.cluster.completeness import PODS, Completeness, Elsewhere, Gap, Presence
from svclint.cluster.endpoints import Endpoint, EndpointController
from svclint.cluster.families import service_families
from svclint.cluster.index import Index, LabelIndex
from svclint.cluster.pods import Pod, make_pods
from svclint.kube.custom_workloads import TemplateAt, may_make_pods
from svclint.kube.endpoints import Endpoints, EndpointSlice
from svclint.kube.facts import Facts
from svclint.kube.labels import LabelSelector, Values, keys_and_values
from svclint.kube.resource import ObjectView, Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload

if TYPE_CHECKING:
    from svclint.cluster.addresses import AddressBook
    from svclint.cluster.dns import DNS
    from svclint.cluster.gateway import GatewayTable
    from svclint.cluster.ingress import IngressTable
    from svclint.cluster.policy import PolicyIndex
    from svclint.cluster.resolver import Libc
    from svclint.cluster.trace import Trace

__all__ = ["Cluster", "Completeness", "Endpoint", "Gap", "Pod", "Presence", "Selection"]

V = TypeVar("V", bound=ObjectView)

_FACTS = Facts()


class Selection(NamedTuple):
    """Which workloads' pods a selector takes: surely, or possibly (by labels that controllers add). `serving` are the
    former without Jobs and Helm hooks, which come and go."""

    workloads: tuple[Workload, ...]
    possible: tuple[Workload, ...]
    gap: Gap | None
    serving: tuple[Workload, ...]

    @property
    def presence(self) -> Presence:
        """Whether the selector takes any pod template."""
        if self.workloads:
            return Presence.PRESENT
        return Presence.UNKNOWN if self.possible or self.gap else Presence.ABSENT


class Cluster:
    """The objects of one scope and what follows from them. `resources` are those that the API server takes; nothing
    is worked out before it is asked for."""

    def __init__(
        self,
        resources: Iterable[Resource],
        facts: Facts = _FACTS,
        completeness: Completeness | None = None,
        templates: dict[tuple[str, str], tuple[TemplateAt, ...]] | None = None,
        elsewhere: Elsewhere | None = None,
        refused: frozenset[Resource] = frozenset(),
        assumed: frozenset[Resource] = frozenset(),
    ) -> None:
        """`templates` are pod templates of custom kinds that the configuration adds, `elsewhere` the other scopes.

        `refused` are those of `resources` that the API server would refuse, where they are kept so that nobody who
        names them is blamed; `assumed` are those that stand for what lives elsewhere: so may the pods of such Services.
        """
        self.refused = refused
        self._assumed = assumed
        self.facts = facts
        self.index = Index(resources)
        self._given = completeness or Completeness()
        self._templates = templates
        self._elsewhere = elsewhere
        self._completeness: Completeness | None = None
        self._workloads: tuple[Workload, ...] | None = None
        self._pods: tuple[Pod, ...] | None = None
        self._pods_of: dict[Workload, tuple[Pod, ...]] | None = None
        self._pods_by_name: dict[tuple[str, str], tuple[Pod, ...]] | None = None
        self._pods_by_label: LabelIndex[Pod] | None = None
        self._workloads_by_label: LabelIndex[Workload] | None = None
        self._controller: EndpointController | None = None
        self._dns: DNS | None = None
        self._policies: PolicyIndex | None = None
        self._ingresses: IngressTable | None = None
        self._gateways: GatewayTable | None = None
        self._address_book: AddressBook | None = None
        self._workloads_by_name: dict[tuple[str, str], list[Workload]] | None = None
        self._selected: dict[tuple[str, ...], dict[Values, tuple[Pod, ...]]] = {}
        self._selection_of: dict[Service, Selection] = {}
        self._selections: dict[tuple[str, ...], dict[Values, Selection]] = {}
        self._families: dict[Service, tuple[str, ...]] = {}
        self._workloads_in: dict[str, tuple[Workload, ...]] | None = None
        self._selecting: dict[Workload, tuple[Service, ...]] | None = None
        self._services_in: dict[str, tuple[Service, ...]] | None = None
        self._services_by_name: dict[str, tuple[Service, ...]] | None = None
        self._workloads_anywhere: LabelIndex[Workload] | None = None
        self._given_endpoints: dict[tuple[str, str], tuple[EndpointSlice | Endpoints, ...]] | None = None

    # Objects.

    @property
    def resources(self) -> tuple[Resource, ...]:
        return self.index.resources

    @property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that exist."""
        return self.index.namespaces

    def of(self, view: type[V]) -> tuple[V, ...]:
        """The objects of a view's kinds, in the order of the sources."""
        return self.index.of(view)

    def get(self, kind: str, namespace: str, name: str, group: str | None = None) -> Resource | None:
        """The object of a kind (of any group, if none is given); `namespace` is "" for cluster-scoped kinds."""
        if group is not None:
            return self.index.get(group, kind, namespace, name)
        for one_group, one_kind in self.index.kinds():
            if one_kind == kind and (found := self.index.get(one_group, kind, namespace, name)) is not None:
                return found
        return None

    def presence(self, group: str, kind: str, namespace: str, name: str) -> Presence:
        """Whether the object exists, as far as the sources tell."""
        if self.index.get(group, kind, namespace, name) is not None:
            return Presence.PRESENT
        return Presence.UNKNOWN if self.may_hold_more(group, kind, namespace, name) else Presence.ABSENT

    @property
    def completeness(self) -> Completeness:
        """What the sources don't tell: what was given, and pods that custom resources may make."""
        if self._completeness is None:
            gaps: dict[tuple[str, str, str], Gap] = {}
            for group, kind in self.index.kinds():
                for resource in self.index.of_kind(group, kind) if may_make_pods(group, kind) else ():
                    reason = f"{kind} {resource.name} may make pods"
                    gap = Gap(reason, resource.namespace or None, PODS, resource.at("kind"))
                    gaps.setdefault((group, kind, resource.namespace), gap)
            for workload in self.workloads:
                if not workload.pod_labels.complete:
                    reason = f"{workload.display_name} gives its pods further labels"
                    key = (workload.resource.group, workload.kind, workload.namespace)
                    gaps.setdefault(key, Gap(reason, workload.namespace, PODS, workload.at("kind")))
            self._completeness = self._given + gaps.values()
        return self._completeness

    # Workloads and pods.

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """Everything that makes pods, in the order of the sources."""
        if self._workloads is None:
            self._workloads = tuple(
                workload for resource in self.resources for workload in Workload.read(resource, self._templates)
            )
        return self._workloads

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods, alike ones of one workload together."""
        if self._pods is None:
            self._pods = make_pods(self.workloads, self.facts)
        return self._pods

    def pods_named(self, namespace: str, name: str) -> tuple[Pod, ...]:
        """The pod of that name, where it is known: a StatefulSet's, or a bare pod's (adopted or not)."""
        if self._pods_by_name is None:
            named: dict[tuple[str, str], list[Pod]] = {}
            for pod in self.pods:
                bare = pod.template.resource.name if pod.template.resource.kind == "Pod" else None
                known = pod.name or bare
                if known:
                    named.setdefault((pod.namespace, known), []).append(pod)
            self._pods_by_name = {key: tuple(pods) for key, pods in named.items()}
        return self._pods_by_name.get((namespace, name), ())

    def pods_of(self, workload: Workload) -> tuple[Pod, ...]:
        """The pods that a workload owns."""
        if self._pods_of is None:
            grouped: dict[Workload, list[Pod]] = {}
            for pod in self.pods:
                grouped.setdefault(pod.workload, []).append(pod)
            self._pods_of = {owner: tuple(pods) for owner, pods in grouped.items()}
        return self._pods_of.get(workload, ())

    def workloads_named(self, namespace: str, name: str) -> tuple[Workload, ...]:
        """The workloads of that name, of whatever kind."""
        if self._workloads_by_name is None:
            self._workloads_by_name = {}
            for workload in self.workloads:
                self._workloads_by_name.setdefault((workload.namespace, workload.name), []).append(workload)
        return tuple(self._workloads_by_name.get((namespace, name), ()))

    # Services.

    @property
    def services(self) -> tuple[Service, ...]:
        """The Services, in the order of the sources."""
        return self.of(Service)

    def service_named(self, namespace: str, name: str) -> Service | None:
        """The Service of that name; `default/kubernetes` is in every cluster."""
        found = self.index.get("", "Service", namespace, name)
        if found is not None:
            return found.as_(Service)
        if (namespace, name) != ("default", "kubernetes"):
            return None
        from svclint.cluster.builtin import kubernetes_service

        return kubernetes_service()

    def families(self, service: Service) -> tuple[str, ...]:
        """The IP families of the stored Service."""
        found = self._families.get(service)
        if found is None:
            found = self._families[service] = service_families(service, self.facts)
        return found

    def selection(self, service: Service) -> Selection:
        """Which pod templates of its namespace the Service's selector takes; none without a selector."""
        found = self._selection_of.get(service)
        if found is None:
            found = self._selection_of[service] = self._select(service)
        return found

    def _select(self, service: Service) -> Selection:
        keys, values = _asking(service)
        alike = self._selections.get(keys)
        if alike is None:
            alike = self._selections[keys] = {}
        found = alike.get(values)
        if found is None:
            certain, possible = [], []
            for workload in self._labelled(service.namespace, service.selector) if service.selector else ():
                answer = workload.pod_labels.matches(service.selector)
                if answer:
                    certain.append(workload)
                elif answer is None:
                    possible.append(workload)
            gap = self.completeness.pods_gap(service.namespace) if service.selector else None
            if not (certain or gap) and self._elsewhere is not None:
                gap = self._elsewhere.selected(service.namespace, service.selector)
            found = alike[values] = _selection(certain, possible, gap)
        if not (found.workloads or found.gap) and service.selector and service.resource in self._assumed:
            reason = "its pods live where the Service is assumed to be"
            return found._replace(gap=Gap(reason, service.namespace, PODS, service.at("spec", "selector")))
        return found

    def taken(self, namespace: str, selector: LabelSelector) -> Selection:
        """Which pod templates of a namespace a label selector takes; an empty one takes all of them."""
        from svclint.cluster.selection import selects

        certain, possible = [], []
        for workload in self._labelled(namespace, selector.labels):
            answer = selects(selector, workload.pod_labels)
            if answer:
                certain.append(workload)
            elif answer is None:
                possible.append(workload)
        gap = self.completeness.pods_gap(namespace)
        if not (certain or gap) and self._elsewhere is not None and selector.labels:
            gap = self._elsewhere.selected(namespace, selector.labels)
        return _selection(certain, possible, gap)

    def _labelled(self, namespace: str, labels: dict[str, str]) -> Iterable[Workload]:
        """The workloads of a namespace that may carry the labels."""
        if not labels:
            return self.workloads_in(namespace)
        if self._workloads_by_label is None:
            self._workloads_by_label = LabelIndex(
                (item.namespace, item.pod_labels.labels, item.pod_labels.added, item) for item in self.workloads
            )
        return self._workloads_by_label.candidates(namespace, labels)

    def selected(self, service: Service) -> tuple[Workload, ...]:
        """The workloads of its namespace whose pod template the Service's selector surely takes."""
        return self.selection(service).workloads

    def selected_pods(self, service: Service) -> tuple[Pod, ...]:
        """The pods that the Service's selector takes, ready or not; the same tuple for the same selector."""
        keys, values = _asking(service)
        alike = self._selected.get(keys)
        if alike is None:
            alike = self._selected[keys] = {}
        found = alike.get(values)
        if found is None:
            if self._pods_by_label is None:
                self._pods_by_label = LabelIndex((pod.namespace, pod.labels.labels, (), pod) for pod in self.pods)
            found = alike[values] = tuple(
                pod
                for pod in self._pods_by_label.candidates(service.namespace, service.selector)
                if pod.labels.matches(service.selector)
            )
        return found

    def endpoints(self, service: Service) -> tuple[Endpoint, ...]:
        """What stands in the Service's EndpointSlices."""
        return self.endpoint_controller.endpoints(service)

    @property
    def endpoint_controller(self) -> EndpointController:
        if self._controller is None:
            self._controller = EndpointController(
                self.families, self.selected_pods, self.of(EndpointSlice), self.of(Endpoints)
            )
        return self._controller

    # What rules ask of the neighbourhood.

    @property
    def repeated(self) -> tuple[tuple[Resource, Resource], ...]:
        """Objects of one identity that the sources define more than once: the first, and a later one."""
        return self.index.repeated

    def workloads_in(self, namespace: str) -> tuple[Workload, ...]:
        """The workloads of a namespace."""
        if self._workloads_in is None:
            self._workloads_in = _by_namespace(self.workloads)
        return self._workloads_in.get(namespace, ())

    def services_in(self, namespace: str) -> tuple[Service, ...]:
        """The Services of a namespace."""
        if self._services_in is None:
            self._services_in = _by_namespace(self.services)
        return self._services_in.get(namespace, ())

    def services_named(self, name: str) -> tuple[Service, ...]:
        """The Services of that name in all namespaces."""
        if self._services_by_name is None:
            found: dict[str, list[Service]] = {}
            for service in self.services:
                found.setdefault(service.name, []).append(service)
            self._services_by_name = {name: tuple(group) for name, group in found.items()}
        return self._services_by_name.get(name, ())

    def selected_anywhere(self, selector: dict[str, str]) -> tuple[Workload, ...]:
        """The workloads of all namespaces whose pod labels an equality selector surely takes."""
        if self._workloads_anywhere is None:
            self._workloads_anywhere = LabelIndex(
                ("", item.pod_labels.labels, item.pod_labels.added, item) for item in self.workloads
            )
        found = self._workloads_anywhere.candidates("", selector)
        return tuple(item for item in found if item.pod_labels.matches(selector))

    def selecting(self, workload: Workload) -> tuple[Service, ...]:
        """The Services whose selectors surely take the workload's pods."""
        if self._selecting is None:
            found: dict[Workload, list[Service]] = {}
            for service in self.services:
                for each in self.selected(service):
                    found.setdefault(each, []).append(service)
            self._selecting = {each: tuple(group) for each, group in found.items()}
        return self._selecting.get(workload, ())

    def may_hold_more(self, group: str, kind: str, namespace: str, name: str | None = None) -> bool:
        """Whether objects of a kind (or the one of that name) may be in the namespace without being in this scope."""
        if self.completeness.gap(group, kind, namespace) is not None:
            return True
        if name is None or self._elsewhere is None:
            return False
        return self._elsewhere.named(group, kind, namespace, name) is not None

    def given_endpoints(self, service: Service) -> tuple[EndpointSlice | Endpoints, ...]:
        """The hand-written EndpointSlices and Endpoints of a Service."""
        if self._given_endpoints is None:
            found: dict[tuple[str, str], list[EndpointSlice | Endpoints]] = {}
            for item in self.of(EndpointSlice):
                if item.service_name:
                    found.setdefault((item.namespace, item.service_name), []).append(item)
            for each in self.of(Endpoints):
                found.setdefault((each.namespace, each.name), []).append(each)
            self._given_endpoints = {key: tuple(group) for key, group in found.items()}
        return self._given_endpoints.get((service.namespace, service.name), ())

    # Names, connections, policies.

    @property
    def dns(self) -> DNS:
        """The cluster's DNS server."""
        if self._dns is None:
            from svclint.cluster.dns import DNS

            self._dns = DNS(self)
        return self._dns

    @property
    def policies(self) -> PolicyIndex:
        """The NetworkPolicies."""
        if self._policies is None:
            from svclint.cluster.policy import PolicyIndex

            self._policies = PolicyIndex.of(self.index)
        return self._policies

    @property
    def ingresses(self) -> IngressTable:
        """Where Ingresses send requests, and what they send to a Service."""
        if self._ingresses is None:
            from svclint.cluster.ingress import IngressTable
            from svclint.kube.ingress import Ingress, IngressClass

            classes = self.of(IngressClass)
            default = self.facts.default_ingress_class
            if default and not any(item.is_default for item in classes):
                from svclint.cluster.builtin import default_ingress_class

                classes = (*(item for item in classes if item.name != default), default_ingress_class(default))
            ingresses = self.of(Ingress)
            self._ingresses = IngressTable(ingresses, self.services if ingresses else (), classes)
        return self._ingresses

    @property
    def gateways(self) -> GatewayTable:
        """Where Gateways send requests, and what they send to a Service."""
        if self._gateways is None:
            from svclint.cluster.gateway import GatewayTable

            self._gateways = GatewayTable.of(self.index)
        return self._gateways

    @property
    def address_book(self) -> AddressBook:
        """Who answers at which address."""
        if self._address_book is None:
            from svclint.cluster.addresses import AddressBook

            self._address_book = AddressBook(self.services, self.pods, self.facts)
        return self._address_book

    def resolve(self, target: str, where: str = "pod", libc: Libc = "glibc") -> Trace:
        """The whole path of one connection; see `cluster.trace`."""
        from svclint.cluster.trace import trace

        return trace(self, target, where, libc)


def _asking(service: Service) -> tuple[tuple[str, ...], Values]:
    """What is the same for Services that ask for the same Pods: the namespace and keys of labels, and the values."""
    keys, values = keys_and_values(service.selector)
    return (service.namespace, *keys), values


def _selection(certain: list[Workload], possible: list[Workload], gap: Gap | None) -> Selection:
    workloads = tuple(certain)
    serving = tuple(w for w in workloads if w.kind not in ("Job", "CronJob") and not w.is_hook)
    return Selection(workloads, tuple(possible), gap, workloads if len(serving) == len(workloads) else serving)


def _by_namespace(views: Iterable[V]) -> dict[str, tuple[V, ...]]:
    found: dict[str, list[V]] = {}
    for view in views:
        found.setdefault(view.namespace, []).append(view)
    return {namespace: tuple(group) for namespace, group in found.items()}

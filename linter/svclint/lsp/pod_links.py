"""Where pods are spoken of: their labels in every selector that takes them, their ports in probes and policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from svclint.cluster import Cluster
from svclint.cluster.selection import METADATA_NAME, selects
from svclint.kube.labels import LabelSelector
from svclint.kube.network_policy import NetworkPolicy, PolicyRule
from svclint.kube.pod import Container
from svclint.kube.read import mapping, text
from svclint.kube.references import HorizontalPodAutoscaler, Monitor, PodDisruptionBudget, pod_references
from svclint.kube.resource import Path, Resource, View
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.lsp.selectors import Namespaces, Selectors, values
from svclint.lsp.things import (
    LABEL,
    SERVICE_PORT,
    Occurrence,
    Thing,
    alone,
    container_port,
    object_named,
    pod_label,
    service_label,
    service_port,
    use,
)

_HANDLERS = (("httpGet", "port"), ("tcpSocket", "port"), ("grpc", "port"))
_EVERYTHING = LabelSelector({}, ())


def pairs(resource: Resource, path: Path, labels: dict[str, str], taken: Iterable[Workload]) -> Iterator[Occurrence]:
    """The entries of a map of labels at a path of an object, with the pods that it takes."""
    workloads = tuple(taken)
    for key, value in labels.items():
        things = tuple(pod_label(w, key, value) for w in workloads if w.template.labels.get(key) == value)
        yield Occurrence(resource.at(*path, key), things or (alone(LABEL, resource, (*path, key), value),), value)


class PodLinks:
    """What is said of pods in one cluster; linear in what is said."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.selectors = Selectors(cluster)
        self._declaring: dict[tuple[str | None, str, int | str], list[Workload]] | None = None

    def all(self) -> Iterator[Occurrence]:
        """Every occurrence, in the order of the sources for each kind of object."""
        for workload in self.cluster.workloads:
            yield from self._workload(workload)
        for resource in dict.fromkeys(workload.resource for workload in self.cluster.workloads):
            yield from self._selected(resource)
        for policy in self.cluster.of(NetworkPolicy):
            yield from self._policy(policy)
        for budget in self.cluster.of(PodDisruptionBudget):
            yield from self._selected(budget.resource)
        for scaler in self.cluster.of(HorizontalPodAutoscaler):
            if (goal := scaler.target) is not None:
                yield use(goal.place, object_named(goal.group, goal.kind, goal.namespace, goal.name))
        for monitor in self.cluster.of(Monitor):
            yield from (
                self._service_monitor(monitor) if monitor.kind == "ServiceMonitor" else self._pod_monitor(monitor)
            )

    def _selected(self, resource: Resource) -> Iterator[Occurrence]:
        """The label selectors of an object."""
        for _, path, says, namespaces in self.selectors.of(resource):
            taken = tuple(self.selectors.taken(namespaces, says))
            yield from pairs(resource, (*path, "matchLabels"), says.labels, taken)
            for place, key, operator, word in values(resource, path):
                # Pods that NotIn leaves out carry the value as well.
                whom: Iterable[Workload] = taken
                if operator == "NotIn":
                    whom = self.selectors.taken(namespaces, LabelSelector({key: word}, ()))
                things = tuple(pod_label(w, key, word) for w in whom if w.template.labels.get(key) == word)
                yield Occurrence(place, things or (alone(LABEL, resource, place.path, word),), word)

    # Workloads.

    def _workload(self, workload: Workload) -> Iterator[Occurrence]:
        template = workload.template
        for key, value in template.labels.items():
            yield Occurrence(workload.at_labels(key), (pod_label(workload, key, value),), value, True)
        yield from self._own_selector(workload)
        for reference in pod_references(template):
            goal = object_named(reference.group, reference.kind, reference.namespace, reference.name)
            yield use(reference.place, goal)
        if workload.service_name and workload.get("spec", "serviceName"):
            goal = object_named("", "Service", workload.namespace, workload.service_name)
            yield use(workload.at("spec", "serviceName"), goal)
        subdomain = text(template.spec.get("subdomain"))
        if subdomain:
            yield use(template.at("spec", "subdomain"), object_named("", "Service", workload.namespace, subdomain))
        for container in template.containers:
            yield from self._container(workload, container)

    def _own_selector(self, workload: Workload) -> Iterator[Occurrence]:
        path: Path | None = getattr(workload.source, "selector", None)
        written = workload.get(*path) if path is not None else None
        if path is None or workload.selector is None or not isinstance(written, dict):
            return
        plain = workload.kind in ("ReplicationController", "DeploymentConfig")
        own = (workload,)
        yield from pairs(workload.resource, path if plain else (*path, "matchLabels"), workload.selector.labels, own)
        for place, key, _, word in () if plain else values(workload.resource, path):
            if workload.template.labels.get(key) == word:
                yield Occurrence(place, (pod_label(workload, key, word),), word)

    def _container(self, workload: Workload, container: Container) -> Iterator[Occurrence]:
        for port in container.ports:
            if port.port_name:
                named = (container_port(workload, port.port_name, port.protocol),)
                yield Occurrence(port.at("name"), named, port.port_name, True)
            if port.port:
                numbered = (container_port(workload, port.port, port.protocol),)
                yield Occurrence(port.at("containerPort"), numbered, str(port.port), True)
                if workload.template.host_network and port.host_port == port.port:
                    # The server refuses other host ports in the host's network.
                    yield Occurrence(port.at("hostPort"), numbered, str(port.port))
        hooks = mapping(container.get("lifecycle"))
        called = [
            View(container.resource, hooks[name], (*container.path, "lifecycle", name))
            for name in ("postStart", "preStop")
            if isinstance(hooks.get(name), dict)
        ]
        for handler in (*container.probes, *called):
            for path in _HANDLERS:
                port_named = handler.get(*path)
                if isinstance(port_named, (int, str)) and not isinstance(port_named, bool):
                    # The kubelet speaks TCP and asks for the name alone (pkg/probe/util.go, FindPortByName).
                    thing = container_port(workload, port_named, "TCP")
                    yield Occurrence(handler.at(*path), (thing,), str(port_named))

    # Policies.

    def _policy(self, policy: NetworkPolicy) -> Iterator[Occurrence]:
        yield from self._selected(policy.resource)
        for rule in policy.ingress:
            yield from self._ports(rule, [((policy.namespace,), policy.pod_selector)])
        for rule in policy.egress:
            sides = [
                (self.selectors.of_peer(policy, peer), peer.pod_selector or _EVERYTHING)
                for peer in rule.peers
                if peer.ip_block is None
            ]
            yield from self._ports(rule, sides)
        for rule in (*policy.ingress, *policy.egress):
            for peer in rule.peers:
                name = peer.namespace_selector.labels.get(METADATA_NAME) if peer.namespace_selector else None
                if name:
                    place = peer.at("namespaceSelector", "matchLabels", METADATA_NAME)
                    yield use(place, object_named("", "Namespace", "", name))

    def _ports(self, rule: PolicyRule, servers: list[tuple[Namespaces, LabelSelector]]) -> Iterator[Occurrence]:
        """The ports of a rule, as ports of the pods that it lets somebody reach."""
        for port in rule.ports:
            if port.port is None or port.end_port is not None:
                continue
            found = [
                workload
                for namespaces, selector in servers
                for workload in self._open(namespaces, port.port, port.protocol)
                if selects(selector, workload.pod_labels)
            ]
            things = tuple(dict.fromkeys(container_port(each, port.port, port.protocol) for each in found))
            if things:
                yield Occurrence(port.at("port"), things, str(port.port))

    def _open(self, namespaces: Namespaces, port: int | str, protocol: str) -> Iterable[Workload]:
        """The workloads whose containers declare a port."""
        if self._declaring is None:
            self._declaring = {}
            for workload in self.cluster.workloads:
                ports = workload.template.ports()
                words = {(port.protocol, word) for port in ports for word in (port.port_name, port.port) if word}
                for spoken, word in words:
                    for namespace in (None, workload.namespace):
                        self._declaring.setdefault((namespace, spoken, word), []).append(workload)
        for namespace in (None,) if namespaces is None else namespaces:
            yield from self._declaring.get((namespace, protocol, port), ())

    # Monitors.

    def _pod_monitor(self, monitor: Monitor) -> Iterator[Occurrence]:
        yield from self._selected(monitor.resource)
        taken = tuple(self.selectors.taken(monitor.namespaces, monitor.selector))
        for endpoint in monitor.endpoints:
            for key, port in (("port", endpoint.port), ("targetPort", endpoint.target_port)):
                things = tuple(container_port(workload, port, "TCP") for workload in taken) if port else ()
                if things:
                    yield Occurrence(endpoint.at(key), things, str(port))

    def _service_monitor(self, monitor: Monitor) -> Iterator[Occurrence]:
        resource, path = monitor.resource, ("spec", "selector")
        taken = tuple(self.selectors.services(monitor))
        said = [(resource.at(*path, "matchLabels", key), key, value) for key, value in monitor.selector.labels.items()]
        said += [(each.place, each.key, each.word) for each in values(resource, path)]
        for place, key, word in said:
            things = tuple(service_label(s, key, word) for s in taken if s.resource.labels.get(key) == word)
            yield Occurrence(place, things or (alone(LABEL, resource, place.path, word),), word)
        for endpoint in monitor.endpoints:
            if endpoint.port:
                named = tuple(service_port(s.namespace, s.name, endpoint.port, "TCP") for s in taken)
                goal = named or (alone(SERVICE_PORT, resource, endpoint.path, endpoint.port),)
                yield Occurrence(endpoint.at("port"), goal, endpoint.port)
            goals = self._targets(taken, endpoint.target_port)
            if goals:
                yield Occurrence(endpoint.at("targetPort"), goals, str(endpoint.target_port))

    def _targets(self, services: Iterable[Service], port: int | str | None) -> tuple[Thing, ...]:
        if not port:
            return ()
        return tuple(
            dict.fromkeys(
                container_port(workload, port, "TCP")
                for service in services
                for workload in self.cluster.selection(service).workloads
            )
        )

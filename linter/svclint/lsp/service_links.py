"""Where Services are spoken of: their ports and selectors, backends, hosts in what pods are told, endpoint objects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.cluster.mentions import Mention, Target, mentions, target
from svclint.cluster.target import SCHEME_PORTS
from svclint.kube.endpoints import SERVICE_NAME_LABEL, Endpoints, EndpointSlice
from svclint.kube.gateway import Gateway, ListenerSet, Route
from svclint.kube.ingress import Ingress
from svclint.kube.read import mapping, sequence, text
from svclint.kube.references import service_references
from svclint.kube.resource import Path, Resource
from svclint.kube.service import Service, ServicePort
from svclint.lsp.hosts import name_place
from svclint.lsp.pod_links import pairs
from svclint.lsp.things import (
    CONTAINER_PORT,
    Occurrence,
    Thing,
    alone,
    container_port,
    object_named,
    service_label,
    service_port,
    use,
)

_ORDINAL = re.compile(r"(.+)-\d+")


class ServiceLinks:
    """What is said of Services in one cluster; `leads` gets what a Service's port leads to."""

    def __init__(self, cluster: Cluster, leads: dict[Thing, list[Thing]]) -> None:
        self.cluster = cluster
        self.lead = leads

    def all(self) -> Iterator[Occurrence]:
        """Every occurrence, in the order of the sources for each kind of object."""
        for resource in self.cluster.resources:
            yield from _own_name(resource)
            for reference, port, place in service_references(resource):
                yield use(reference.place, object_named("", "Service", reference.namespace, reference.name))
                if port:
                    things = self._ports(reference.namespace, reference.name, port)
                    if resource.get(*place.path[len(resource.path) :]) is None:
                        yield Occurrence(reference.place, things, str(port), absent=place)
                    else:
                        yield Occurrence(place, things, str(port))
        for service in self.cluster.services:
            yield from self._service(service)
        for ingress in self.cluster.of(Ingress):
            yield from self._ingress(ingress)
        for route in self.cluster.of(Route):
            yield from self._route(route)
        for gateway in (*self.cluster.of(Gateway), *self.cluster.of(ListenerSet)):
            for listener in gateway.listeners:
                for secret in listener.certificate_refs:
                    goal = object_named(secret.ref_group, secret.ref_kind, secret.ref_namespace, secret.ref_name)
                    yield use(secret.at("name"), goal)
        yield from self._endpoints()
        for mention in mentions(self.cluster):
            yield from self._mention(mention)

    # Services and their ports.

    def _service(self, service: Service) -> Iterator[Occurrence]:
        taken = self.cluster.selection(service).workloads
        for key, value in service.resource.labels.items():
            yield Occurrence(service.at("metadata", "labels", key), (service_label(service, key, value),), value, True)
        yield from pairs(service.resource, ("spec", "selector"), service.selector, taken)
        for port in service.ports:
            goals = tuple(container_port(workload, port.target_port, port.protocol) for workload in taken)
            yield from self._target(service, port, goals)
            for name, word in ((port.port_name, "name"), (port.port, "port")):
                if name:
                    thing = service_port(service.namespace, service.name, name, port.protocol)
                    self.lead.setdefault(thing, []).extend(goals)
                    yield Occurrence(port.at(word), (thing,), str(name), True)
        if service.is_external_name:
            yield from self._external_name(service)

    def _target(self, service: Service, port: ServicePort, goals: tuple[Thing, ...]) -> Iterator[Occurrence]:
        own = tuple(
            container_port(workload, port.port, port.protocol)
            for workload in (self.cluster.selection(service).workloads if service.headless else ())
            if workload.template.find_port(port.target_port, port.protocol) == port.port
        )
        if own:
            # Nobody maps a headless Service's ports: its number is the pods' own.
            yield Occurrence(port.at("port"), own, str(port.port))
        word = str(port.target_port)
        things = goals or (alone(CONTAINER_PORT, service.resource, port.path, port.target_port),)
        if port.value.get("targetPort"):
            yield Occurrence(port.at("targetPort"), things, word)
        elif service.selector and port.port and not own:
            yield Occurrence(port.at("port"), things, word, absent=port.at("targetPort"))

    def _external_name(self, service: Service) -> Iterator[Occurrence]:
        name, namespace, rest = ([*service.external_name.split(".", 2), "", ""])[:3]
        if rest.rstrip(".") == f"svc.{self.cluster.facts.cluster_domain}" and name and namespace:
            place = service.at("spec", "externalName", slice=(0, len(name)))
            yield use(place, object_named("", "Service", namespace, name))

    def _ports(self, namespace: str, name: str, port: int | str) -> tuple[Thing, ...]:
        """The ports of a Service that a number (of whatever protocol) or a name means."""
        if isinstance(port, int):
            service = self.cluster.service_named(namespace, name)
            spoken = [item.protocol for item in service.ports if item.port == port] if service is not None else []
            if spoken:
                return tuple(service_port(namespace, name, port, protocol) for protocol in dict.fromkeys(spoken))
        return (service_port(namespace, name, port, "TCP"),)

    # Who sends to them.

    def _ingress(self, ingress: Ingress) -> Iterator[Occurrence]:
        for backend in ingress.backends():
            name, port = backend.service_name, backend.port
            if not name:
                continue
            yield use(backend.at("service", "name"), object_named("", "Service", ingress.namespace, name))
            if port is not None:
                place = backend.at("service", "port", "name" if isinstance(port, str) else "number")
                yield Occurrence(place, self._ports(ingress.namespace, name, port), str(port))
        class_name = text(ingress.get("spec", "ingressClassName"))
        if class_name:
            goal = object_named("networking.k8s.io", "IngressClass", "", class_name)
            yield use(ingress.at("spec", "ingressClassName"), goal)
        for index, tls in enumerate(ingress.tls):
            if tls.secret_name:
                place = ingress.at("spec", "tls", index, "secretName")
                yield use(place, object_named("", "Secret", ingress.namespace, tls.secret_name))

    def _route(self, route: Route) -> Iterator[Occurrence]:
        for rule in route.rules:
            for backend in (*rule.backend_refs, *rule.mirror_refs):
                if not backend.ref_name:
                    continue
                goal = object_named(backend.ref_group, backend.ref_kind, backend.ref_namespace, backend.ref_name)
                yield use(backend.at("name"), goal)
                if backend.port is not None and (backend.ref_group, backend.ref_kind) == ("", "Service"):
                    things = self._ports(backend.ref_namespace, backend.ref_name, backend.port)
                    yield Occurrence(backend.at("port"), things, str(backend.port))
        for parent in route.parent_refs:
            if parent.ref_name:
                goal = object_named(parent.ref_group, parent.ref_kind, parent.ref_namespace, parent.ref_name)
                yield use(parent.at("name"), goal)

    def _endpoints(self) -> Iterator[Occurrence]:
        """EndpointSlices and Endpoints: their ports have the names of the Service's."""
        for item in self.cluster.of(EndpointSlice):
            if item.service_name:
                place = item.at("metadata", "labels", SERVICE_NAME_LABEL)
                yield use(place, object_named("", "Service", item.namespace, item.service_name))
                yield from _port_names(item.resource, ("ports",), item.service_name)
        for each in self.cluster.of(Endpoints):
            yield use(each.at("metadata", "name"), object_named("", "Service", each.namespace, each.name))
            for index in range(len(sequence(each.get("subsets")))):
                yield from _port_names(each.resource, ("subsets", index, "ports"), each.name)

    def _mention(self, mention: Mention) -> Iterator[Occurrence]:
        meant = target(mention, self.cluster)
        if meant is None:
            return
        service = self.cluster.service_named(meant.namespace, meant.name)
        if mention.evidence == "hint" and service is None:
            return
        place = name_place(mention, meant)
        yield use(place, object_named("", "Service", meant.namespace, meant.name))
        yield from self._named_pod(mention, meant)
        if mention.port is not None:
            things = self._dialled(service, meant, mention.port)
            yield Occurrence(mention.port_place(), things, str(mention.port))
        elif service is not None and (number := SCHEME_PORTS.get(mention.scheme)) is not None:
            end = mention.offset + len(mention.host)
            absent = mention.place._replace(slice=(end, end))
            yield Occurrence(place, self._dialled(service, meant, number), str(number), absent=absent)

    def _dialled(self, service: Service | None, meant: Target, port: int) -> tuple[Thing, ...]:
        """What a client meets at a number: a port of the Service, the pods' own where it is headless."""
        if service is not None and service.headless:
            taken = self.cluster.selection(service).workloads
            goals = tuple(container_port(w, port, "TCP") for w in taken if w.template.declares(port, "TCP"))
            if goals:
                return goals
        return self._ports(meant.namespace, meant.name, port)

    def _named_pod(self, mention: Mention, meant: Target) -> Iterator[Occurrence]:
        """A pod of a StatefulSet bears its name."""
        named = _ORDINAL.fullmatch(meant.pod) if meant.pod else None
        for workload in self.cluster.workloads_named(meant.namespace, named[1]) if named is not None else ():
            if workload.is_stateful_set and workload.built_in:
                place = mention.place._replace(slice=(mention.offset, mention.offset + len(workload.name)))
                yield use(place, object_named("apps", workload.kind, workload.namespace, workload.name))


def _own_name(resource: Resource) -> Iterator[Occurrence]:
    if resource.name:
        thing = object_named(resource.group, resource.kind, resource.namespace, resource.name)
        yield Occurrence(resource.at("metadata", "name"), (thing,), resource.name, True)
    named = text(resource.metadata.get("namespace"))
    if named and resource.namespace:
        yield use(resource.at("metadata", "namespace"), object_named("", "Namespace", "", named))


def _port_names(resource: Resource, path: Path, service: str) -> Iterator[Occurrence]:
    for index, item in enumerate(sequence(resource.get(*path))):
        name = text(mapping(item).get("name"))
        if name:
            things = (service_port(resource.namespace, service, name, "TCP"),)
            yield Occurrence(resource.at(*path, index, "name"), things, name)

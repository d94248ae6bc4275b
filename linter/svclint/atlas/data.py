"""Every Service with its ports and endpoints and what leads to it, as data: what `svclint map` prints (contract.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.endpoints import Endpoint
from svclint.cluster.pods import Pod
from svclint.kube.resource import Place
from svclint.kube.service import Service, ServicePort

Shared = dict[int, list[dict[str, Any]]]


class Entry(NamedTuple):
    """The endpoints of a Service that are alike: of one workload, or one hand-written address."""

    workload: str | None
    pod: str | None
    address: str | None
    family: str
    ready: bool | None
    hostname: str | None
    ports: tuple[tuple[str, int | None, str], ...]
    size: int

    def json(self) -> dict[str, Any]:
        """As contract.md has it."""
        shown = {**self._asdict(), "ports": [list(port) for port in self.ports]}
        shown["count"] = shown.pop("size")
        return shown


class Caller(NamedTuple):
    """Something that leads to a Service: an Ingress, a route of the Gateway API, or an ExternalName Service.

    `active` is None where it can't be known whether requests come this way; `port` is the Service port's number.
    """

    kind: str
    namespace: str
    name: str
    what: str
    port: int | None
    active: bool | None
    place: Place


def sorted_services(cluster: Cluster) -> list[Service]:
    """The Services by namespace and name."""
    return sorted(cluster.services, key=lambda service: (service.namespace, service.name))


def services_json(cluster: Cluster) -> dict[str, Any]:
    """`NAMESPACE/NAME` → what contract.md says, sorted by name."""
    aliases = aliases_of(cluster)
    shared: Shared = {}
    return {
        f"{service.namespace}/{service.name}": service_json(cluster, service, aliases, shared)
        for service in sorted_services(cluster)
    }


def service_json(
    cluster: Cluster, service: Service, aliases: dict[str, list[Service]], shared: Shared
) -> dict[str, Any]:
    """One Service. Services that have the same endpoints, which the cluster keeps alive, get the same list of them."""
    endpoints = cluster.endpoints(service)
    listed = shared.get(id(endpoints))
    if listed is None:
        listed = shared[id(endpoints)] = [entry.json() for entry in entries(cluster, service)]
    shown: dict[str, Any] = {
        "type": service.type,
        "headless": service.headless,
        "ports": [_port(port) for port in service.ports],
        "endpoints": listed,
        "dns": dns_names(cluster, service),
        "callers": [
            {**caller._asdict(), "place": place_json(caller.place)} for caller in callers(cluster, service, aliases)
        ],
        "policies": policies_of_service(cluster, service),
        "place": place_json(service.at("metadata", "name")),
    }
    if service.is_external_name:
        shown["external_name"] = service.external_name
    if service.selector:
        shown["selector"] = service.selector
        gap = cluster.selection(service).gap
        if gap is not None:
            shown["unknown"] = gap.reason
    return shown


def place_json(place: Place) -> dict[str, Any]:
    """Where a place is: the file as the project's root sees it, line and column."""
    document = place.document
    at = document.source.position(document.span(place.path, place.part).start)
    return {"file": document.source.path, "line": at.line, "column": at.column}


def _port(port: ServicePort) -> list[str | int]:
    shown: list[str | int] = [port.port_name, port.port, port.protocol, str(port.target_port)]
    return [*shown, port.node_port] if port.node_port else shown


def entries(cluster: Cluster, service: Service) -> list[Entry]:
    """The endpoints; pods of one workload with the same data are one entry with a count."""
    grouped: dict[Entry, int] = {}
    for endpoint in cluster.endpoints(service):
        alike = _entry(endpoint)
        grouped[alike] = grouped.get(alike, 0) + endpoint.size
    found = [alike._replace(size=size) for alike, size in grouped.items()]
    return sorted(found, key=lambda entry: tuple(map(str, entry)))


def _entry(endpoint: Endpoint) -> Entry:
    pod = endpoint.pod
    return Entry(
        pod.workload.display_name if pod is not None else None,
        pod.name if pod is not None else None,
        endpoint.address,
        endpoint.family,
        endpoint.ready,
        endpoint.hostname,
        tuple((port.name, port.port, port.protocol) for port in endpoint.ports),
        0,
    )


def dns_names(cluster: Cluster, service: Service) -> list[str]:
    """The names that lead to the Service: its own, and those of its endpoints that are known beforehand."""
    base = f"{service.name}.{service.namespace}.svc.{cluster.dns.zone}"
    if service.is_external_name:
        return [base]
    hostnames = {item.hostname for item in cluster.endpoints(service) if item.hostname and item.is_ready}
    return [base, *(f"{hostname}.{base}" for hostname in sorted(hostnames))]


def policies_of(cluster: Cluster, pod: Pod) -> tuple[str, ...]:
    """The NetworkPolicies that (may) isolate a pod, as `NAME (Ingress, Egress)`."""
    if not cluster.facts.network_policies:
        return ()
    found: dict[str, list[str]] = {}
    for direction in ("Ingress", "Egress"):
        for policy in cluster.policies.isolating(pod, direction):
            found.setdefault(policy.name, []).append(direction)
    return tuple(f"{name} ({', '.join(directions)})" for name, directions in found.items())


def policies_of_service(cluster: Cluster, service: Service) -> list[str]:
    """The policies of a Service's pods, each once; pods of one template have the same."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    for endpoint in cluster.endpoints(service):
        if endpoint.pod is not None and id(endpoint.pod.template) not in seen:
            seen.add(id(endpoint.pod.template))
            found.update(dict.fromkeys(policies_of(cluster, endpoint.pod)))
    return list(found)


def aliases_of(cluster: Cluster) -> dict[str, list[Service]]:
    """`NAMESPACE/NAME` → the ExternalName Services that point at it."""
    found: dict[str, list[Service]] = {}
    suffix = f".svc.{cluster.dns.zone}"
    for service in sorted_services(cluster):
        name = service.external_name.rstrip(".").lower()
        if service.is_external_name and name.endswith(suffix):
            parts = name.removesuffix(suffix).split(".")
            if len(parts) == 2:
                found.setdefault(f"{parts[1]}/{parts[0]}", []).append(service)
    return found


def callers(cluster: Cluster, service: Service, aliases: dict[str, list[Service]]) -> Iterator[Caller]:
    """What leads to a Service."""
    for route in cluster.ingresses.callers(service.namespace, service.name):
        ingress = route.ingress
        where = f"{route.host or '*'}{route.path or '/'}"
        port = route.backend.port
        yield Caller(
            "Ingress",
            ingress.namespace,
            ingress.name,
            where,
            port.port if port is not None else None,
            port is not None,
            route.backend.view.at(),
        )
    for caller in cluster.gateways.callers(service.namespace, service.name):
        gateways = {item.gateway for item in caller.attachments if item.gateway is not None}
        names = ", ".join(sorted(f"{item.namespace}/{item.name}" for item in gateways))
        hosts = ", ".join(caller.route.hostnames) or "*"
        yield Caller(
            caller.route.kind,
            caller.route.namespace,
            caller.route.name,
            f"{hosts}{f' by {names}' if names else ''}",
            caller.backend.port.port if caller.backend.port is not None else None,
            caller.active,
            caller.backend.place,
        )
    for alias in aliases.get(f"{service.namespace}/{service.name}", ()):
        place = alias.at("spec", "externalName")
        yield Caller("Service", alias.namespace, alias.name, "ExternalName", None, True, place)

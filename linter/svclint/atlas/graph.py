"""The map as a graph: what comes in, Services, pods; what an edge means and whether it works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from svclint.atlas.data import Entry, aliases_of, callers, entries, place_json, policies_of, sorted_services
from svclint.cluster import Cluster
from svclint.cluster.pods import Pod
from svclint.kube.labels import written
from svclint.kube.resource import Place
from svclint.kube.service import Service

Column = Literal["entrance", "service", "pods"]
State = Literal["ok", "off", "unknown"]


class Node(NamedTuple):
    """Something with a name: `ports` are its rows, as (key, text)."""

    id: str
    column: Column
    kind: str
    namespace: str
    name: str
    detail: str
    ports: tuple[tuple[str, str], ...]
    place: Mapping[str, Any] | None
    findings: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


class Edge(NamedTuple):
    """From one node's row ("" for the node itself) to another's."""

    source: str
    source_port: str
    target: str
    target_port: str
    label: str
    state: State


class Graph(NamedTuple):
    """All nodes and edges, in a stable order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


Findings = Mapping[tuple[str, str, str], Iterable[str]]
"""Messages by the (kind, namespace, name) of the object that they speak of."""


def graph(cluster: Cluster, findings: Findings | None = None) -> Graph:
    """The graph of a cluster, with the findings about its objects if given."""
    builder = _Builder(cluster, findings or {})
    for service in sorted_services(cluster):
        builder.add(service)
    builder.add_broken()
    return Graph(tuple(builder.nodes.values()), tuple(builder.edges))


class _Builder:
    def __init__(self, cluster: Cluster, findings: Findings) -> None:
        self.cluster = cluster
        self.findings = findings
        self.aliases = aliases_of(cluster)
        self.nodes: dict[str, Node] = {}
        self.edges: dict[Edge, None] = {}
        self.pods: dict[tuple[str, str], Pod] = {}

    def add(self, service: Service) -> None:
        """A Service with what leads to it and what stands behind it."""
        cluster = self.cluster
        identity = f"Service/{service.namespace}/{service.name}"
        for caller in callers(cluster, service, self.aliases):
            source = f"{caller.kind}/{caller.namespace}/{caller.name}"
            if caller.kind != "Service":
                self.node(source, "entrance", caller.kind, caller.namespace, caller.name, "", (), caller.place)
            target = "" if caller.port is None else _row(caller.port, "TCP")
            state: State = "ok" if caller.active else ("unknown" if caller.active is None else "off")
            self.edge(Edge(source, "", identity, target, caller.what, state))
        rows = tuple((_row(port.port, port.protocol), f"{port} → {port.target_port}") for port in service.ports)
        kind = "headless" if service.headless else service.type
        detail = f"{kind}: {service.external_name}" if service.is_external_name else kind
        place = service.at("metadata", "name")
        self.node(identity, "service", "Service", service.namespace, service.name, detail, rows, place)
        if service.has_node_ports or service.external_ips:
            outside = f"outside/{service.namespace}/{service.name}"
            what = ", ".join([*(f"node port {port.node_port or '?'}" for port in service.ports), *service.external_ips])
            self.node(outside, "entrance", service.type, service.namespace, service.name, what, (), place)
            self.edge(Edge(outside, "", identity, "", "", "ok"))
        for endpoint in cluster.endpoints(service):
            if endpoint.pod is not None:
                self.pods[service.namespace, endpoint.pod.workload.display_name] = endpoint.pod
        found = entries(cluster, service)
        for entry in found:
            self.endpoint(service, identity, entry)
        if not found and service.selector:
            missing = f"none/{service.namespace}/{written(service.selector)}"
            gap = cluster.selection(service).gap
            text = f"unknown: {gap.reason}" if gap is not None else "no pod has these labels"
            where = service.at("spec", "selector")
            self.node(missing, "pods", "no pods", service.namespace, written(service.selector), text, (), where)
            self.edge(Edge(identity, "", missing, "", "", "off" if gap is None else "unknown"))

    def endpoint(self, service: Service, identity: str, entry: Entry) -> None:
        """Edges from a Service's ports to the ports of one kind of endpoint."""
        if entry.workload is None:
            target = f"address/{entry.address}"
            self.node(target, "pods", "address", service.namespace, entry.address or "", "written by hand", (), None)
        else:
            target = f"{service.namespace}/{entry.workload}"
            if target not in self.nodes:
                self.workload(target, service.namespace, entry.workload)
        state: State = "off" if entry.ready is False else "ok"
        if not entry.ports:
            self.edge(Edge(identity, "", target, "", "no port resolves" if service.ports else "", state))
        for name, number, protocol in entry.ports:
            own = next(
                (item for item in service.ports if item.port_name == name and item.protocol == protocol),
                None,
            )
            start = _row(own.port, own.protocol) if own is not None else ""
            row = _row(number or 0, protocol)
            declared = any(key == row for key, _ in self.nodes[target].ports)
            label = "not ready" if entry.ready is False else ("" if declared else str(number))
            self.edge(Edge(identity, start, target, row if declared else "", label, state))

    def workload(self, identity: str, namespace: str, display_name: str) -> None:
        """The pods of a workload, with the ports that they declare."""
        pod = self.pods[namespace, display_name]
        kind, _, name = display_name.partition("/")
        rows = {_row(port.port, port.protocol): port.port_name for port in pod.template.ports()}
        count = sum(item.count for item in self.cluster.pods_of(pod.workload))
        self.node(
            identity,
            "pods",
            kind,
            namespace,
            f"{name} ×{count}" if count > 1 else name,
            written(pod.template.labels),
            tuple((key, f"{port_name} {key}".strip()) for key, port_name in rows.items()),
            pod.template.at_labels(),
            name,
            policies_of(self.cluster, pod),
        )

    def add_broken(self) -> None:
        """What leads to Services that aren't there."""
        for line in self.cluster.ingresses.routes:
            name = line.backend.view.service_name
            if line.backend.problem == "service-missing" and name is not None:
                ingress = line.ingress
                self.broken(
                    ("Ingress", ingress.namespace, ingress.name),
                    ingress.namespace,
                    name,
                    f"{line.host or '*'}{line.path or '/'}",
                    line.backend.view.at(),
                )
        for route in self.cluster.gateways.routes:
            for rule in self.cluster.gateways.backends(route):
                for backend in rule.backends:
                    if backend.fault == "missing":
                        reference = backend.reference
                        self.broken(
                            (route.kind, route.namespace, route.name),
                            reference.ref_namespace,
                            reference.ref_name,
                            ", ".join(route.hostnames) or "*",
                            backend.place,
                        )

    def broken(self, owner: tuple[str, str, str], namespace: str, name: str, what: str, place: Place) -> None:
        """An edge to a Service that doesn't exist, as far as the sources tell."""
        source, target = "/".join(owner), f"Service/{namespace}/{name}"
        unknown = self.cluster.completeness.gap("", "Service", namespace) is not None
        self.node(source, "entrance", *owner, "", (), place)
        detail = "may exist elsewhere" if unknown else "does not exist"
        self.node(target, "service", "Service", namespace, name, detail, (), None)
        self.edge(Edge(source, "", target, "", what, "unknown" if unknown else "off"))

    def node(
        self,
        identity: str,
        column: Column,
        kind: str,
        namespace: str,
        name: str,
        detail: str,
        ports: tuple[tuple[str, str], ...],
        place: Any,
        object_name: str | None = None,
        policies: tuple[str, ...] = (),
    ) -> None:
        if identity not in self.nodes:
            said = tuple(self.findings.get((kind, namespace, object_name or name), ()))
            where = place_json(place) if place is not None else None
            self.nodes[identity] = Node(identity, column, kind, namespace, name, detail, ports, where, said, policies)

    def edge(self, edge: Edge) -> None:
        self.edges[edge] = None


def _row(port: int, protocol: str) -> str:
    return f"{port}/{protocol}"

"""Gateway API: which routes are attached to which listeners, where a request goes, and what leads to a Service.

How to ask (build the table once a cluster, from the objects that the API server takes)::

    table = GatewayTable(routes=…, gateways=…, listener_sets=…, grants=…, services=…, namespaces=…)
    table.attachments(route)                      # one Attachment a parentRef: accepted, reason, listeners
    table.backends(route)                         # one RuleBackends a rule, each backendRef resolved or not, and why
    table.route("shop.example", "/cart", method="GET", headers={}, port=443)    # RouteHit | None
    table.hits("shop.example", "/cart")           # one RouteHit for each Gateway and port that has one
    table.stream(5432, "TCP")                     # TCPRoute, UDPRoute; with host= (SNI) TLSRoute
    table.callers("default", "web")               # what leads to a Service: Caller(route, rule, backend, attachments)
    table.conflicts(gateway)                      # ports whose listeners' protocols exclude each other
    table.mesh_routes("default", "web")           # routes whose parent is the Service (GAMMA)
    table.listener_sets                           # every ListenerSet with its status
    table.grants.allows(gateway, "", "Secret", namespace, name)                 # for certificateRefs

`GatewayTable.of(index)` reads all of them from the cluster's index. Semantics: the API documentation in gateway-api
apis/v1; the expected answers are those of its conformance tests. Of listeners on one port the one with the most
specific hostname takes a request ("Listener Isolation", gateway_types.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from svclint.cluster.gateway_attach import Attacher, Attachment, ListenerAnswer, ListenerSetStatus
from svclint.cluster.gateway_backend import BackendResolver, BackendStatus, RuleBackends
from svclint.cluster.gateway_hosts import covers, patterns, specificity
from svclint.cluster.gateway_match import Rank, Request, claim
from svclint.cluster.index import Index
from svclint.cluster.paths import plain_host
from svclint.cluster.selection import NamespaceLabels
from svclint.kube.gateway import Gateway, Listener, ListenerSet, ReferenceGrant, Route, RouteRule
from svclint.kube.resource import Resource
from svclint.kube.service import Service

__all__ = [
    "Attachment",
    "BackendStatus",
    "Caller",
    "GatewayTable",
    "ListenerAnswer",
    "ListenerSetStatus",
    "RouteHit",
    "RuleBackends",
]


class RouteHit(NamedTuple):
    """Where a request goes: the rule that wins at a Gateway, and its backends. `certain` is False where implementations
    read an expression in their own ways, or where the attachment itself can't be known."""

    gateway: Gateway
    listener: Listener
    route: Route
    rule: RouteRule
    hostname: str
    backends: RuleBackends
    certain: bool
    reason: str


class Caller(NamedTuple):
    """A route that names a Service as a backend (`backend.mirror`: as the target of a copy)."""

    route: Route
    rule: RouteRule
    backend: BackendStatus
    attachments: tuple[Attachment, ...]

    @property
    def active(self) -> bool | None:
        """Whether requests come this way: some parent takes the route and the reference is good."""
        if self.backend.resolved is False or (self.backend.share == 0 and not self.backend.mirror):
            return False
        accepted = [item.accepted for item in self.attachments]
        if any(accepted) and self.backend.resolved:
            return True
        return False if all(item is False for item in accepted) else None


class _Entry(NamedTuple):
    """A route that is attached to a listener with a hostname."""

    route: Route
    answer: ListenerAnswer
    hostname: str
    certain: bool


_EXCLUDED = {"HTTP": {"HTTPS", "TLS", "TCP"}, "TCP": {"HTTP", "HTTPS", "TLS"}}


class _Port:
    """The listeners of one Gateway on one port, with the routes attached to each."""

    __slots__ = ("entries", "gateway", "listeners")

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.listeners: dict[tuple[str, str], Listener] = {}
        self.entries: dict[tuple[str, str], dict[str, list[_Entry]]] = {}

    @property
    def conflict(self) -> bool:
        """Whether protocols exclude each other: of conflicting listeners none is served, or one by an implementation
        that tolerates it (gateway_types.go, "Handling indistinct Listeners", ListenerReasonProtocolConflict)."""
        protocols = {protocol for protocol, _ in self.listeners}
        return any(one in protocols and protocols & others for one, others in _EXCLUDED.items())


class GatewayTable:
    """All Gateways and routes of a cluster."""

    def __init__(
        self,
        *,
        routes: Iterable[Route] = (),
        gateways: Iterable[Gateway] = (),
        listener_sets: Iterable[ListenerSet] = (),
        grants: Iterable[ReferenceGrant] = (),
        services: Iterable[Service] = (),
        namespaces: Iterable[Resource] = (),
    ) -> None:
        services = tuple(services)
        gateways = sorted(gateways, key=_order)
        self.routes = tuple(sorted(routes, key=lambda item: (*_order(item), item.kind)))
        self._attacher = Attacher(gateways, sorted(listener_sets, key=_order), services, NamespaceLabels(namespaces))
        self._resolver = BackendResolver(services, grants)
        self.grants = self._resolver.grants
        self.listener_sets = self._attacher.listener_sets
        self._attachments: dict[tuple[str, str, str], tuple[Attachment, ...]] = {}
        self._backends: dict[tuple[str, str, str], tuple[RuleBackends, ...]] = {}
        self._callers: dict[tuple[str, str], list[Caller]] = {}
        self._mesh: dict[tuple[str, str], list[Attachment]] = {}
        self._ports: dict[tuple[str, str, int], _Port] = {}
        for gateway in gateways:
            self._listen(gateway, gateway.listeners)
        for status in self.listener_sets:
            if status.gateway is not None and status.accepted is not False:
                self._listen(status.gateway, status.view.listeners)
        for route in self.routes:
            self._add(route)

    @classmethod
    def of(cls, index: Index) -> GatewayTable:
        """The table of a cluster's objects."""
        routes = index.of(Route)
        return cls(
            routes=routes,
            gateways=index.of(Gateway),
            listener_sets=index.of(ListenerSet),
            grants=index.of(ReferenceGrant),
            services=index.of(Service) if routes else (),
            namespaces=index.of_kind("", "Namespace"),
        )

    def attachments(self, route: Route) -> tuple[Attachment, ...]:
        """What each parentRef of a route comes to."""
        found = self._attachments.get(_key(route))
        return self._attacher.attach(route) if found is None else found

    def backends(self, route: Route) -> tuple[RuleBackends, ...]:
        """What the backends of each rule of a route come to."""
        found = self._backends.get(_key(route))
        return tuple(self._resolver.rule(route, rule) for rule in route.rules) if found is None else found

    def conflicts(self, gateway: Gateway) -> tuple[int, ...]:
        """The ports on which the listeners of a Gateway (and of its ListenerSets) have conflicting protocols."""
        identity = (gateway.namespace, gateway.name)
        return tuple(sorted(key[2] for key, port in self._ports.items() if key[:2] == identity and port.conflict))

    def callers(self, namespace: str, name: str) -> tuple[Caller, ...]:
        """The routes that name the Service as a backend, whether it exists or not."""
        return tuple(self._callers.get((namespace, name), ()))

    def mesh_routes(self, namespace: str, name: str) -> tuple[Attachment, ...]:
        """The routes whose parent is the Service: a mesh sends its connections where they say."""
        return tuple(self._mesh.get((namespace, name), ()))

    def route(
        self,
        host: str,
        path: str = "/",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        port: int | None = None,
        gateway: tuple[str, str] | None = None,
    ) -> RouteHit | None:
        """The first of `hits`; None when no listener and rule takes the request (404)."""
        return next(self._hits(host, path, method, headers, port, gateway), None)

    def hits(
        self,
        host: str,
        path: str = "/",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        port: int | None = None,
        gateway: tuple[str, str] | None = None,
    ) -> tuple[RouteHit, ...]:
        """Where an HTTP or gRPC request goes, for each Gateway and port that takes it: `port` and `gateway` (namespace,
        name) narrow that. A gRPC request is one whose content-type says so; a GRPCRoute answers for others only where
        no HTTPRoute does."""
        return tuple(self._hits(host, path, method, headers, port, gateway))

    def _hits(
        self,
        host: str,
        path: str,
        method: str,
        headers: Mapping[str, str] | None,
        port: int | None,
        gateway: tuple[str, str] | None,
    ) -> Iterator[RouteHit]:
        plain, _, query = path.partition("?")
        request = Request(
            plain_host(host),
            plain or "/",
            method.upper(),
            {name.lower(): value for name, value in (headers or {}).items()},
            dict(reversed([(key, value) for key, _, value in (part.partition("=") for part in query.split("&"))])),
        )
        kinds = ("GRPCRoute",) if request.grpc else ("HTTPRoute", "GRPCRoute")
        for listening in self._selected(port, gateway):
            tiers = _isolated(listening, request.host, ("HTTP", "HTTPS"))
            for kind in kinds:
                hit = self._best(listening, tiers, (kind,), request)
                if hit is not None:
                    yield hit
                    break

    def stream(
        self, port: int, protocol: str = "TCP", host: str = "", gateway: tuple[str, str] | None = None
    ) -> RouteHit | None:
        """Where a connection to a listener's port goes by TCPRoutes and UDPRoutes, and with `host` (the name that TLS
        asks for) by TLSRoutes."""
        protocols = ("UDP",) if protocol == "UDP" else ("TLS", "TCP")
        request = Request(plain_host(host), "/", "", {}, {})
        for listening in self._selected(port, gateway):
            tiers = _isolated(listening, request.host, protocols)
            hit = self._best(listening, tiers, ("TLSRoute", "TCPRoute", "UDPRoute"), request)
            if hit is not None:
                return hit
        return None

    def _selected(self, port: int | None, gateway: tuple[str, str] | None) -> Iterator[_Port]:
        for key in sorted(self._ports):
            if port in (None, key[2]) and gateway in (None, key[:2]):
                yield self._ports[key]

    def _best(
        self, listening: _Port, tiers: Iterable[list[_Entry]], kinds: tuple[str, ...], request: Request
    ) -> RouteHit | None:
        """Hostname first, then the match; then the route by namespace and name (their ages aren't known), then the
        rule's place in the list: the order in which they come."""
        for tier in tiers:
            best: tuple[Rank, _Entry, RouteRule, int, bool] | None = None
            for entry in tier:
                if entry.route.kind not in kinds:
                    continue
                for index, rule in enumerate(entry.route.rules):
                    found = claim(entry.route, rule, request)
                    if found is not None and (best is None or found.rank > best[0]):
                        best = found.rank, entry, rule, index, found.certain and entry.certain
            if best is not None:
                return self._hit(listening, best[1], best[2], best[3], best[4])
        return None

    def _hit(self, listening: _Port, entry: _Entry, rule: RouteRule, index: int, certain: bool) -> RouteHit:
        reason = f'{entry.route.kind} "{entry.route.namespace}/{entry.route.name}" rule {index}'
        reason += f", host {entry.hostname}" if entry.hostname else ", every host"
        if listening.conflict:
            reason += f"; the protocols of the listeners on port {entry.answer.listener.port} conflict"
            certain = False
        backends = self._backends[_key(entry.route)][index]
        listener = entry.answer.listener
        return RouteHit(listening.gateway, listener, entry.route, rule, entry.hostname, backends, certain, reason)

    def _listen(self, gateway: Gateway, listeners: Iterable[Listener]) -> None:
        """Merges listeners: a Gateway's own come first, of later ones with the same port, protocol and hostname none
        is served (listenerset_types.go, ListenerSetSpec.Listeners)."""
        for listener in listeners:
            key = (gateway.namespace, gateway.name, listener.port)
            listening = self._ports.setdefault(key, _Port(gateway))
            listening.listeners.setdefault((listener.protocol, listener.hostname.lower()), listener)

    def _add(self, route: Route) -> None:
        key = _key(route)
        attachments = self._attachments[key] = self._attacher.attach(route)
        rules = self._backends[key] = tuple(self._resolver.rule(route, rule) for rule in route.rules)
        for item in rules:
            for backend in item.backends:
                if (backend.reference.ref_group, backend.reference.ref_kind) == ("", "Service"):
                    named = (backend.reference.ref_namespace, backend.reference.ref_name)
                    self._callers.setdefault(named, []).append(Caller(route, item.rule, backend, attachments))
        for attachment in attachments:
            parent = attachment.parent
            if isinstance(parent, Service):
                self._mesh.setdefault((parent.namespace, parent.name), []).append(attachment)
            elif attachment.gateway is not None and attachment.accepted is not False:
                self._attach(route, attachment, attachment.gateway)

    def _attach(self, route: Route, attachment: Attachment, gateway: Gateway) -> None:
        for answer in attachment.listeners:
            listener = answer.listener
            listening = self._ports.get((gateway.namespace, gateway.name, listener.port))
            identity = (listener.protocol, listener.hostname.lower())
            taken = None if listening is None else listening.listeners.get(identity)
            if listening is None or taken is None or taken.resource is not listener.resource:
                continue
            certain = attachment.accepted is True and answer.accepted is True
            entries = listening.entries.setdefault(identity, {})
            for hostname in answer.hostnames:
                entries.setdefault(hostname, []).append(_Entry(route, answer, hostname, certain))


def _order(item: Gateway | Route) -> tuple[str, str]:
    return (item.namespace, item.name)


def _key(route: Route) -> tuple[str, str, str]:
    return (route.kind, route.namespace, route.name)


def _isolated(listening: _Port, host: str, protocols: tuple[str, ...]) -> list[list[_Entry]]:
    """The routes of the listeners that take a name (of each protocol the one with the most specific hostname), those
    with the most specific hostname first."""
    tables = []
    for protocol in protocols:
        fitting = [
            identity
            for identity in listening.listeners
            if identity[0] == protocol and (protocol in ("TCP", "UDP") or covers(identity[1], host))
        ]
        if fitting:
            tables.append(listening.entries.get(max(fitting, key=lambda item: specificity(item[1])), {}))
    return [found for pattern in patterns(host) for table in tables if (found := table.get(pattern))]

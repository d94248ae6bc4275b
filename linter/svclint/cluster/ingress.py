"""Ingress: which Service a request to a host and path goes to, and what leads to a Service.

How to ask (build the table once a cluster, from the objects that the API server takes)::

    table = IngressTable(ingresses, services, classes)    # Ingress, Service and IngressClass views
    table.route("shop.example", "/cart")                  # Match | None; of several classes the first that matches
    table.matches("shop.example", "/cart")                # one Match for each class that has one
    table.callers("default", "web")                       # the IngressRoutes whose backend is that Service
    table.routes                                          # all of them
    table.class_of(ingress)                               # ClassChoice

Semantics: kubernetes.io/docs/concepts/services-networking/ingress (path types, multiple matches, hostname wildcards,
default backend, ingress class) and k8s.io/api/networking/v1 types.go. What controllers do differently is noted in
`reason`; what they are free to do (ImplementationSpecific paths, the winner of two equal routes) is `certain=False`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from svclint.cluster.paths import elements, has_prefix, is_expression, literal_start, plain_host
from svclint.kube.ingress import Ingress, IngressBackend, IngressClass, IngressPath
from svclint.kube.resource import Place
from svclint.kube.service import Service, ServicePort

BackendProblem = Literal["", "service-missing", "port-missing", "protocol", "resource"]
ClassSource = Literal["spec", "annotation", "default", "none", "unknown"]


class ClassChoice(NamedTuple):
    """The class of an Ingress and where it comes from.

    `default`: the admission plugin DefaultIngressClass writes it; `none`: there are classes but none is the default, so
    controllers leave the Ingress alone; `unknown`: no IngressClass is known. `view` is None where it isn't known.
    """

    name: str
    source: ClassSource
    view: IngressClass | None


class Backend(NamedTuple):
    """A backend with the Service and port it means. `problem` says why `port` is None; `lenient`: ingress-nginx would
    take the number although it is a targetPort and no port of the Service (controller.go, serviceEndpoints)."""

    view: IngressBackend
    service: Service | None
    port: ServicePort | None
    problem: BackendProblem
    reason: str
    lenient: bool = False


class IngressRoute(NamedTuple):
    """One line of an Ingress. `host` "" is every host; `path_type` "Default" is a default backend."""

    ingress: Ingress
    class_name: str
    host: str
    path: str
    path_type: str
    backend: Backend
    place: Place


class Match(NamedTuple):
    """Where a request goes. `equals` are other routes with the same claim: which one wins isn't specified."""

    route: IngressRoute
    certain: bool
    reason: str
    equals: tuple[IngressRoute, ...] = ()

    @property
    def ingress(self) -> Ingress:
        return self.route.ingress

    @property
    def place(self) -> Place:
        return self.route.place

    @property
    def service(self) -> Service | None:
        return self.route.backend.service

    @property
    def port(self) -> ServicePort | None:
        return self.route.backend.port


class _Hosts:
    """The routes of one class by host."""

    __slots__ = ("by_host", "defaults")

    def __init__(self) -> None:
        self.by_host: dict[str, list[IngressRoute]] = {}
        self.defaults: list[IngressRoute] = []

    def of(self, host: str) -> tuple[str, list[IngressRoute]]:
        """The most specific host that takes the request, and its routes: a precise name, a wildcard of one label,
        then rules without a host."""
        for candidate in (host, "*" + host[host.find(".") :] if "." in host else "", ""):
            if routes := self.by_host.get(candidate):
                return candidate, routes
        return "", []


class IngressTable:
    """All Ingresses of a cluster."""

    def __init__(
        self, ingresses: Iterable[Ingress], services: Iterable[Service], classes: Iterable[IngressClass] = ()
    ) -> None:
        self._services = {(item.namespace, item.name): item for item in services}
        self._classes = {item.name: item for item in sorted(classes, key=lambda item: item.name)}
        # Of several default classes the newest is taken, of equally old ones the first by name (plugin/pkg/admission/
        # network/defaultingressclass); manifests that are created together are equally old.
        self._default = next((item for item in self._classes.values() if item.is_default), None)
        self._tables: dict[str, _Hosts] = {}
        self._callers: dict[tuple[str, str], list[IngressRoute]] = {}
        found: list[IngressRoute] = []
        for ingress in sorted(ingresses, key=lambda item: (item.namespace, item.name)):
            found.extend(self._read(ingress))
        self.routes = tuple(found)

    def class_of(self, ingress: Ingress) -> ClassChoice:
        """The class that the Ingress has once it is stored."""
        name = ingress.class_name
        if name:
            source: ClassSource = "spec" if ingress.get("spec", "ingressClassName") else "annotation"
            return ClassChoice(name, source, self._classes.get(name))
        if self._default is not None:
            return ClassChoice(self._default.name, "default", self._default)
        return ClassChoice("", "none" if self._classes else "unknown", None)

    def backend(self, view: IngressBackend) -> Backend:
        """The Service and port that a backend of an Ingress means."""
        name = view.service_name
        if name is None:
            return Backend(view, None, None, "resource", "the backend is not a Service")
        service = self._services.get((view.namespace, name))
        where = f'Service "{name}" in namespace "{view.namespace}"'
        if service is None:
            return Backend(view, None, None, "service-missing", f"there is no {where}")
        asked = view.port
        named = isinstance(asked, str)
        ports = [port for port in service.ports if (port.port_name if named else port.port) == asked]
        for port in ports:
            if port.protocol == "TCP":
                return Backend(view, service, port, "", "")
        if ports:
            reason = f"port {asked} of {where} is {ports[0].protocol}, requests come by TCP"
            return Backend(view, service, None, "protocol", reason)
        what = f'named "{asked}"' if named else str(asked)
        targets = [port for port in service.ports if not named and port.target_port == asked]
        reason = f"{where} has no port {what}"
        if targets:
            reason += f" ({asked} is the targetPort of its port {targets[0].port}, which only ingress-nginx takes too)"
        return Backend(view, service, None, "port-missing", reason, bool(targets))

    def callers(self, namespace: str, name: str) -> tuple[IngressRoute, ...]:
        """The routes whose backend names that Service, whether it exists or not."""
        return tuple(self._callers.get((namespace, name), ()))

    def matches(self, host: str, path: str = "/") -> tuple[Match, ...]:
        """Where a request goes by the Ingresses of each class, by the class's name."""
        found = (self.route(host, path, name) for name in sorted(self._tables))
        return tuple(match for match in found if match is not None)

    def route(self, host: str, path: str = "/", class_name: str | None = None) -> Match | None:
        """Where a request goes by the Ingresses of a class, or by the first class that takes it; None when no rule and
        no default backend does (the controller answers 404)."""
        if class_name is not None:
            table = self._tables.get(class_name)
            match = None if table is None else self._match(table, plain_host(host), path.partition("?")[0])
            if match is not None and not class_name and self._classes:
                # Controllers leave an Ingress without a class alone, unless they are told otherwise.
                return match._replace(certain=False, reason=f"{match.reason}; no class, and there is no default class")
            return match
        return next(iter(self.matches(host, path)), None)

    def _read(self, ingress: Ingress) -> list[IngressRoute]:
        class_name = self.class_of(ingress).name
        table = self._tables.setdefault(class_name, _Hosts())
        found = []
        default = ingress.default_backend
        if default is not None:
            route = IngressRoute(ingress, class_name, "", "", "Default", self.backend(default), default.at())
            table.defaults.append(route)
            found.append(route)
        for rule in ingress.rules:
            host = rule.host.lower()
            if not rule.paths and default is not None:
                # A rule without http sends everything of its host to the default backend (types.go, IngressRuleValue).
                route = IngressRoute(ingress, class_name, host, "/", "Prefix", self.backend(default), rule.at())
                table.by_host.setdefault(host, []).append(route)
                found.append(route)
            for item in rule.paths:
                route = _route(ingress, class_name, host, item, self.backend(item.backend))
                table.by_host.setdefault(host, []).append(route)
                found.append(route)
        for route in found:
            name = route.backend.view.service_name
            if name is not None:
                self._callers.setdefault((ingress.namespace, name), []).append(route)
        return found

    def _match(self, table: _Hosts, host: str, path: str) -> Match | None:
        claimed, routes = table.of(host)
        ranked = [(rank, route) for route in routes if (rank := _rank(route, path)) is not None]
        if ranked:
            best = max(rank for rank, _ in ranked)
            first, *equals = (route for rank, route in ranked if rank == best)
            written = f"{first.path_type} {first.path or '/'}"
            host_text = f"host {claimed}" if claimed else "every host"
            agreed = all(_goal(item) == _goal(first) for item in equals)
            certain = first.path_type != "ImplementationSpecific" and agreed
            return Match(first, certain, f"{host_text}, path {written}", tuple(equals))
        # What no rule takes goes to a default backend: of an Ingress that has the host, before others'.
        owners = {id(route.ingress.resource) for route in routes} if claimed else set()
        own = [item for item in table.defaults if id(item.ingress.resource) in owners]
        candidates = own or table.defaults
        if not candidates:
            return None
        return Match(candidates[0], len(candidates) == 1, "no rule matches: default backend", tuple(candidates[1:]))


def _route(ingress: Ingress, class_name: str, host: str, item: IngressPath, backend: Backend) -> IngressRoute:
    return IngressRoute(ingress, class_name, host, item.path_text, item.path_type, backend, item.at())


def _goal(route: IngressRoute) -> tuple[str, dict[str, object]]:
    """What the route leads to, to be compared."""
    return route.ingress.namespace, route.backend.view.value


def _rank(route: IngressRoute, path: str) -> tuple[int, int] | None:
    """How strong the claim of a route to a path is, None when it has none: an Exact path before the longest Prefix,
    compared element by element. What ImplementationSpecific means is the controller's affair: most take a prefix, and
    of a pattern the part before its first special character is compared."""
    if route.path_type == "Exact":
        return (1, 0) if route.path == path else None
    if route.path_type == "ImplementationSpecific" and is_expression(route.path):
        literal = literal_start(route.path)
        return (0, len(elements(literal))) if path.startswith(literal) else None
    return (0, len(elements(route.path))) if has_prefix(path, route.path) else None

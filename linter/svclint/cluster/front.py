"""From outside by name: what Gateways and Ingresses make of a host, a port and a path.

Controllers differ in what manifests don't say; what is here is what the Ingress documentation and the Gateway API
specify. They connect to the endpoints themselves: neither cluster IPs nor kube-proxy take part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from svclint.cluster.gateway import RouteHit
from svclint.cluster.ingress import Match
from svclint.cluster.target import Target
from svclint.kube.resource import Place
from svclint.kube.service import Service, ServicePort

if TYPE_CHECKING:
    from svclint.cluster import Cluster

HTTP_SCHEMES = ("http", "https", "grpc", "grpcs", "ws", "wss")


class Backend(NamedTuple):
    """A Service port that a part of the requests goes to."""

    service: Service
    port: ServicePort
    share: float


class Entrance(NamedTuple):
    """How a request comes in: what takes it, in words and places, and where it goes. Without backends, `problem` says
    what the client gets."""

    topic: Literal["gateway", "ingress"]
    steps: tuple[tuple[str, Place | None], ...]
    backends: tuple[Backend, ...]
    problem: str = ""


def entrance(cluster: Cluster, target: Target) -> Entrance | None:
    """What takes a request to the target's host, port and path: a Gateway's listener of that port, else an Ingress on
    the ports of HTTP; None when nothing does."""
    hit = None
    if target.protocol == "TCP" and target.scheme in (None, *HTTP_SCHEMES):
        hit = cluster.gateways.route(target.host, target.path, port=target.port)
    hit = hit or cluster.gateways.stream(target.port, target.protocol, target.host)
    if hit is not None:
        return _by_gateway(hit)
    if target.protocol == "TCP" and target.port in (80, 443):
        match = cluster.ingresses.route(target.host, target.path)
        if match is not None:
            return _by_ingress(match)
    return None


def _by_gateway(hit: RouteHit) -> Entrance:
    listener = hit.listener
    name = f"{hit.gateway.kind} {hit.gateway.namespace}/{hit.gateway.name}"
    steps: list[tuple[str, Place | None]] = [
        (f"{name} listens on {listener.port} ({listener.listener_name})", listener.at("port")),
        (f"{hit.route.kind} {hit.route.namespace}/{hit.route.name}: {hit.reason}", hit.rule.at()),
    ]
    backends = []
    for item in hit.backends.backends:
        if item.mirror:
            continue
        if item.resolved is not False and item.service is not None and item.port is not None:
            if item.share:
                backends.append(Backend(item.service, item.port, item.share))
        else:
            steps.append((item.message, item.place))
    return Entrance("gateway", tuple(steps), tuple(backends), hit.backends.answer)


def _by_ingress(match: Match) -> Entrance:
    route = match.route
    name = f"Ingress {route.ingress.namespace}/{route.ingress.name}"
    of_class = f" (class {route.class_name})" if route.class_name else ""
    steps: list[tuple[str, Place | None]] = [(f"{name}{of_class}: {match.reason}", route.place)]
    if not match.certain and match.equals:
        others = ", ".join(sorted({f"{item.ingress.namespace}/{item.ingress.name}" for item in match.equals}))
        steps.append((f"which of the equal rules wins is not specified: also {others}", match.equals[0].place))
    backend = route.backend
    if backend.service is None or backend.port is None:
        steps.append((backend.reason, backend.view.at()))
        return Entrance("ingress", tuple(steps), (), backend.reason)
    return Entrance("ingress", tuple(steps), (Backend(backend.service, backend.port, 1.0),))

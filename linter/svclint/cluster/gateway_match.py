"""How strong the claim of a route's rule to a request is.

Precedence: gateway-api apis/v1, HTTPRouteRule.Matches (httproute_types.go) and GRPCRouteRule.Matches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from svclint.cluster.paths import has_prefix, literal_start
from svclint.kube.gateway import Route, RouteMatch, RouteRule
from svclint.kube.read import mapping, text

Rank = tuple[int, ...]


class Request(NamedTuple):
    """A request as a listener sees it; header names in lower case."""

    host: str
    path: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def grpc(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/grpc")


class Claim(NamedTuple):
    """The rank of a match (the larger the stronger), and whether it rests on an expression that implementations read
    in their own ways."""

    rank: Rank
    certain: bool


def claim(route: Route, rule: RouteRule, request: Request) -> Claim | None:
    """The strongest claim of a rule to the request, None when it doesn't match. No matches means every request."""
    read = _grpc if route.kind == "GRPCRoute" else _http
    claims = [found for match in rule.matches if (found := read(match, request)) is not None]
    if not rule.matches:
        return Claim((0, 0, 0, 0, 0), True)
    return max(claims, key=lambda item: item.rank, default=None)


def _path(kind: str, written: str, path: str) -> tuple[int, int, bool] | None:
    """(exact, characters, certain)."""
    if kind == "Exact":
        return (1, len(written), True) if written == path else None
    if kind == "PathPrefix":
        return (0, len(written.rstrip("/")), True) if has_prefix(path, written) else None
    return (0, len(written), False) if path.startswith(literal_start(written)) else None


def _http(match: RouteMatch, request: Request) -> Claim | None:
    path = _path(match.path_type, match.path_value, request.path)
    method = match.http_method
    if path is None or (method is not None and method != request.method):
        return None
    headers = _pairs(match, "headers", request.headers, lower=True)
    query = _pairs(match, "queryParams", request.query, lower=False)
    if headers is None or query is None:
        return None
    rank = (path[0], path[1], 0 if method is None else 1, headers[0], query[0])
    return Claim(rank, path[2] and headers[1] and query[1])


def _grpc(match: RouteMatch, request: Request) -> Claim | None:
    """`/SERVICE/METHOD`: the characters of the service count before those of the method."""
    method = mapping(match.get("method"))
    service, name = text(method.get("service")) or "", text(method.get("method")) or ""
    asked_service, _, asked_name = request.path.removeprefix("/").partition("/")
    certain = True
    if text(method.get("type")) == "RegularExpression":
        certain = False
        if not asked_service.startswith(literal_start(service)) or not asked_name.startswith(literal_start(name)):
            return None
    elif (service and service != asked_service) or (name and name != asked_name):
        return None
    headers = _pairs(match, "headers", request.headers, lower=True)
    if headers is None:
        return None
    return Claim((len(service), len(name), headers[0], 0, 0), certain and headers[1])


def _pairs(match: RouteMatch, key: str, given: Mapping[str, str], *, lower: bool) -> tuple[int, bool] | None:
    """How many names and values are asked for, all of them given; None otherwise. Of equal names the first counts."""
    seen: set[str] = set()
    certain = True
    for view in match.headers if key == "headers" else match.query_params:
        name = text(view.get("name")) or ""
        name = name.lower() if lower else name
        if name in seen:
            continue
        seen.add(name)
        value = text(view.get("value")) or ""
        if name not in given:
            return None
        if text(view.get("type")) == "RegularExpression":
            certain = False
            if not given[name].startswith(literal_start(value)):
                return None
        elif given[name] != value:
            return None
    return len(seen), certain

"""What a Gateway API route's backendRefs come to: the Service and port, or why there is none.

Cites gateway-api apis/v1: object_reference_types.go (BackendObjectReference), shared_types.go (BackendRef,
RouteConditionReason), referencegrant_types.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from svclint.kube.gateway import ObjectReference, ReferenceGrant, Route, RouteRule
from svclint.kube.read import text
from svclint.kube.resource import Place, View
from svclint.kube.service import Service, ServicePort

Fault = Literal["", "kind", "grant", "missing", "port", "protocol", "external-name"]

RESOLVED = "ResolvedRefs"
INVALID_KIND = "InvalidKind"
REF_NOT_PERMITTED = "RefNotPermitted"
BACKEND_NOT_FOUND = "BackendNotFound"
UNSUPPORTED_PROTOCOL = "UnsupportedProtocol"

# Kinds of Kubernetes itself, which nothing can forward to. Other groups' kinds are the implementation's own affair.
_BUILT_IN_GROUPS = frozenset({"", "core", "v1", "apps", "batch", "networking.k8s.io", "discovery.k8s.io"})


class BackendStatus(NamedTuple):
    """What one backendRef comes to.

    `resolved` False means that its share of the requests fails, None that it can't be known; `reason` is the
    ResolvedRefs condition's; `fault` says more exactly what is wrong and `place` where it stands. `share` is its part
    of the rule's requests, 0 for mirrors.
    """

    reference: ObjectReference
    service: Service | None
    port: ServicePort | None
    resolved: bool | None
    reason: str
    fault: Fault
    message: str
    place: Place
    share: float = 0.0
    mirror: bool = False


class RuleBackends(NamedTuple):
    """A rule of a route with its backends. `answer` is what the client gets where no backend is asked ("" when one
    is): the status that the specification names."""

    route: Route
    rule: RouteRule
    backends: tuple[BackendStatus, ...]
    answer: str


class Grants:
    """Who may refer across namespaces."""

    __slots__ = ("_by_source",)

    def __init__(self, grants: Iterable[ReferenceGrant]) -> None:
        self._by_source: dict[tuple[str, str, str, str], list[ReferenceGrant]] = {}
        for grant in grants:
            for source in dict.fromkeys(grant.sources):
                self._by_source.setdefault((grant.namespace, *source), []).append(grant)

    def allows(self, source: View, group: str, kind: str, namespace: str, name: str) -> bool:
        """Whether the object may refer to (group, kind, name) in another namespace; always in its own."""
        resource = source.resource
        if namespace == resource.namespace:
            return True
        key = (resource.group, resource.kind, resource.namespace)
        return any(grant.allows(*key, group, kind, name) for grant in self._by_source.get((namespace, *key), ()))


class BackendResolver:
    """Resolves the backends of routes."""

    def __init__(self, services: Iterable[Service], grants: Iterable[ReferenceGrant]) -> None:
        self._services = {(item.namespace, item.name): item for item in services}
        self.grants = Grants(grants)

    def rule(self, route: Route, rule: RouteRule) -> RuleBackends:
        """A rule's backends with their shares, and its mirrors."""
        references = rule.backend_refs
        total = sum(max(item.weight, 0) for item in references)
        backends = [
            self.resolve(route, item)._replace(share=max(item.weight, 0) / total if total else 0.0)
            for item in references
        ]
        mirrors = [self.resolve(route, item)._replace(mirror=True) for item in rule.mirror_refs]
        return RuleBackends(route, rule, (*backends, *mirrors), _answer(route, rule, total))

    def resolve(self, route: Route, reference: ObjectReference) -> BackendStatus:
        """What a reference of a route comes to. Permission is asked before existence: who may not refer isn't told."""
        group, kind = reference.ref_group, reference.ref_kind
        namespace, name = reference.ref_namespace, reference.ref_name
        what = f'{kind} "{name}" in namespace "{namespace}"'
        known = BackendStatus(
            reference, None, None, False, BACKEND_NOT_FOUND, "missing", f"there is no {what}", reference.at("name")
        )
        if (group, kind) != ("", "Service") and group in _BUILT_IN_GROUPS:
            message = f"{group + '/' if group else ''}{kind} is not a backend, only a Service is"
            place = reference.at("group" if reference.get("group") else "kind")
            return known._replace(reason=INVALID_KIND, fault="kind", message=message, place=place)
        if not self.grants.allows(route, group, kind, namespace, name):
            message = (
                f'no ReferenceGrant in namespace "{namespace}" allows {route.kind} of namespace "{route.namespace}" '
                f"to refer to {what}"
            )
            place = reference.at("namespace")
            return known._replace(reason=REF_NOT_PERMITTED, fault="grant", message=message, place=place)
        if (group, kind) != ("", "Service"):
            message = f"{what} is a backend that only some implementations know"
            return known._replace(resolved=None, reason=RESOLVED, fault="", message=message)
        service = self._services.get((namespace, name))
        if service is None:
            return known
        known = known._replace(service=service)
        if service.is_external_name:
            message = f"{what} is an ExternalName, which implementations should not support"
            return known._replace(resolved=None, reason=RESOLVED, fault="external-name", message=message)
        if reference.port is None:
            return known._replace(fault="port", message=f"a reference to {what} must name a port", place=reference.at())
        known = known._replace(place=reference.at("port"))
        protocol = "UDP" if route.kind == "UDPRoute" else "TCP"
        ports = [port for port in service.ports if port.port == reference.port]
        for port in ports:
            if port.protocol == protocol:
                return known._replace(port=port, resolved=True, reason=RESOLVED, fault="", message="")
        if ports:
            message = f"port {reference.port} of {what} is {ports[0].protocol}, a {route.kind} needs {protocol}"
            return known._replace(reason=UNSUPPORTED_PROTOCOL, fault="protocol", message=message)
        message = f"{what} has no port {reference.port}"
        target = next((port for port in service.ports if port.target_port == reference.port), None)
        if target is not None:
            message += f" ({reference.port} is the targetPort of its port {target.port})"
        return known._replace(fault="port", message=message)


def _answer(route: Route, rule: RouteRule, total: int) -> str:
    """What a request gets that reaches no backend (HTTPRouteRule.BackendRefs, GRPCRouteRule.BackendRefs)."""
    if total:
        return ""
    kinds = {text(item.get("type")) for item in rule.filters}
    if "RequestRedirect" in kinds:
        return "redirect"
    if kinds & {"ExtensionRef", "CORS"}:
        return "filter"
    if route.kind == "HTTPRoute":
        return "500"
    return "UNAVAILABLE" if route.kind == "GRPCRoute" else "rejected"

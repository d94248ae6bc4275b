"""Which listeners a Gateway API route is attached to, and why not to the others.

Cites gateway-api apis/v1: shared_types.go (ParentReference, RouteConditionReason), gateway_types.go (AllowedRoutes,
AllowedListeners), listenerset_types.go. The reasons are those that its conformance tests expect.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from svclint.cluster.gateway_hosts import intersection
from svclint.cluster.selection import NamespaceLabels, any_of, selects
from svclint.kube.gateway import GROUP, Gateway, Listener, ListenerSet, ObjectReference, Route
from svclint.kube.labels import LabelSelector
from svclint.kube.read import text
from svclint.kube.resource import Place
from svclint.kube.service import Service

ACCEPTED = "Accepted"
NO_MATCHING_PARENT = "NoMatchingParent"
NOT_ALLOWED_BY_LISTENERS = "NotAllowedByListeners"
NO_MATCHING_LISTENER_HOSTNAME = "NoMatchingListenerHostname"
PARENT_NOT_FOUND = "ParentNotFound"
LISTENER_SET_NOT_ALLOWED = "ListenerSetNotAllowed"
UNSUPPORTED_PARENT = "UnsupportedParent"

_HTTP = ("HTTPRoute", "GRPCRoute")
_KINDS: dict[str, tuple[str, ...]] = {
    "HTTP": _HTTP,
    "HTTPS": _HTTP,
    "TLS": ("TLSRoute",),
    "TCP": ("TCPRoute",),
    "UDP": ("UDPRoute",),
}
_WITH_HOSTNAMES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute"})
_LISTENER_SET_GROUPS = frozenset(ListenerSet.GROUP_KINDS)


class ListenerAnswer(NamedTuple):
    """What one listener says of a route: `hostnames` are those that both have ("" is every host)."""

    listener: Listener
    accepted: bool | None
    reason: str
    message: str
    place: Place
    hostnames: tuple[str, ...] = ()


class Attachment(NamedTuple):
    """What one parentRef of a route comes to.

    `reason` is the Accepted condition's, or our own where controllers would write none: ParentNotFound (no such
    Gateway, ListenerSet or Service), ListenerSetNotAllowed (the ListenerSet itself isn't attached to its Gateway),
    UnsupportedParent (a kind that only some implementations know). `accepted` is None where it can't be known.
    `place` is the field that decides, `gateway` the Gateway whose addresses serve the route.
    """

    route: Route
    reference: ObjectReference
    parent: Gateway | Service | None
    gateway: Gateway | None
    accepted: bool | None
    reason: str
    message: str
    place: Place
    answers: tuple[ListenerAnswer, ...] = ()

    @property
    def listeners(self) -> tuple[ListenerAnswer, ...]:
        """The listeners that take the route, or may."""
        return tuple(answer for answer in self.answers if answer.accepted is not False)


class ListenerSetStatus(NamedTuple):
    """Whether a ListenerSet is attached to its Gateway."""

    view: ListenerSet
    gateway: Gateway | None
    accepted: bool | None
    message: str
    place: Place


class Attacher:
    """Decides attachments; `find` looks up a parent by (group, kind, namespace, name)."""

    def __init__(
        self,
        gateways: Iterable[Gateway],
        sets: Iterable[ListenerSet],
        services: Iterable[Service],
        labels: NamespaceLabels,
    ) -> None:
        self._labels = labels
        self._gateways = {(item.namespace, item.name): item for item in gateways}
        self._services = {(item.namespace, item.name): item for item in services}
        self._sets = {(item.namespace, item.name): self._listener_set(item) for item in sets}

    @property
    def listener_sets(self) -> tuple[ListenerSetStatus, ...]:
        """Every ListenerSet with its status."""
        return tuple(self._sets.values())

    def _listener_set(self, view: ListenerSet) -> ListenerSetStatus:
        """AllowedListeners: a Gateway takes no ListenerSets unless it says so."""
        reference = view.parent_ref
        gateway = self._gateways.get((reference.ref_namespace, reference.ref_name))
        name = f'Gateway "{reference.ref_name}" in namespace "{reference.ref_namespace}"'
        if gateway is None:
            return ListenerSetStatus(view, None, None, f"there is no {name}", reference.at("name"))
        accepted = self._from(gateway.get("spec", "allowedListeners", "namespaces"), "None", gateway, view.namespace)
        message = "" if accepted else f'{name} allows no ListenerSets of namespace "{view.namespace}"'
        return ListenerSetStatus(view, gateway, accepted, message, gateway.at("spec", "allowedListeners"))

    def _from(self, value: Any, default: str, owner: Gateway, namespace: str) -> bool | None:
        """Whether `{from, selector}` of a Gateway takes objects of a namespace."""
        value = value if isinstance(value, dict) else {}
        source = text(value.get("from")) or default
        if source == "All":
            return True
        if source == "Same":
            return owner.namespace == namespace
        if source == "Selector":
            # An absent selector takes nothing (metav1.LabelSelectorAsSelector), an empty one everything.
            written = value.get("selector")
            if not isinstance(written, dict):
                return False
            return selects(LabelSelector.read(written), self._labels.of(namespace))
        return False

    def attach(self, route: Route) -> tuple[Attachment, ...]:
        """Every parentRef of a route with what it comes to."""
        return tuple(self._attach(route, reference) for reference in route.parent_refs)

    def _attach(self, route: Route, reference: ObjectReference) -> Attachment:
        kind = (reference.ref_group, reference.ref_kind)
        key = (reference.ref_namespace, reference.ref_name)
        what = f'{reference.ref_kind} "{reference.ref_name}" in namespace "{reference.ref_namespace}"'
        if kind == (GROUP, "Gateway"):
            gateway = self._gateways.get(key)
            if gateway is not None:
                return self._listeners(route, reference, gateway, gateway, True)
        elif kind in _LISTENER_SET_GROUPS:
            found = self._sets.get(key)
            if found is not None:
                if found.accepted is False:
                    message = f"{what} is not attached itself: {found.message}"
                    return Attachment(
                        route,
                        reference,
                        found.view,
                        found.gateway,
                        False,
                        LISTENER_SET_NOT_ALLOWED,
                        message,
                        found.place,
                    )
                return self._listeners(route, reference, found.view, found.gateway, found.accepted)
        elif kind in (("", "Service"), ("core", "Service")):
            service = self._services.get(key)
            if service is not None:
                return self._mesh(route, reference, service, what)
        else:
            message = f"{what} is a parent that only some implementations know"
            place = reference.at("kind")
            return Attachment(route, reference, None, None, None, UNSUPPORTED_PARENT, message, place)
        place = reference.at("name")
        return Attachment(route, reference, None, None, None, PARENT_NOT_FOUND, f"there is no {what}", place)

    def _mesh(self, route: Route, reference: ObjectReference, service: Service, what: str) -> Attachment:
        """GAMMA: a route whose parent is a Service tells the mesh where its connections go. A route of another
        namespace speaks for clients of that namespace only, if the mesh supports it."""
        port = reference.port
        if port is not None and all(item.port != port for item in service.ports):
            message = f"{what} has no port {port}"
            place = reference.at("port")
            return Attachment(route, reference, service, None, False, NO_MATCHING_PARENT, message, place)
        producer = route.namespace == service.namespace
        message = "" if producer else f'speaks for clients in namespace "{route.namespace}" only'
        accepted = True if producer else None
        return Attachment(route, reference, service, None, accepted, ACCEPTED, message, reference.at())

    def _listeners(
        self, route: Route, reference: ObjectReference, parent: Gateway, gateway: Gateway | None, certain: bool | None
    ) -> Attachment:
        section, port = reference.section_name or None, reference.port
        selected = [
            listener
            for listener in parent.listeners
            if section in (None, listener.listener_name) and port in (None, listener.port)
        ]
        what = f'{parent.kind} "{parent.name}" in namespace "{parent.namespace}"'
        if not selected:
            asked = " and ".join(
                part for part in (section and f'named "{section}"', port and f"on port {port}") if part
            )
            message = f"{what} has no listener {asked}".rstrip()
            place = reference.at("sectionName" if section else "port")
            return Attachment(route, reference, parent, gateway, False, NO_MATCHING_PARENT, message, place)
        answers = tuple(self._listener(route, parent, listener) for listener in selected)
        accepted = any_of(answer.accepted for answer in answers)
        if accepted is not False:
            accepted = accepted and certain
            decisive = next(answer for answer in answers if answer.accepted is not False)
            return Attachment(
                route, reference, parent, gateway, accepted, ACCEPTED, decisive.message, decisive.place, answers
            )
        # A listener that would take the route but for its hostname tells more than one that takes no such routes.
        decisive = next((item for item in answers if item.reason == NO_MATCHING_LISTENER_HOSTNAME), answers[0])
        message = decisive.message if len(answers) == 1 else f"no listener of {what} takes it: {decisive.message}"
        return Attachment(route, reference, parent, gateway, False, decisive.reason, message, decisive.place, answers)

    def _listener(self, route: Route, parent: Gateway, listener: Listener) -> ListenerAnswer:
        name = f'listener "{listener.listener_name}" of {parent.kind} "{parent.name}"'
        kinds = allowed_kinds(listener)
        if kinds is not None and route.kind not in kinds:
            message = f"{name} ({listener.protocol}) takes {' and '.join(kinds) or 'no routes'}, not {route.kind}"
            path = ("allowedRoutes", "kinds") if listener.allowed_kinds else ("protocol",)
            return ListenerAnswer(listener, False, NOT_ALLOWED_BY_LISTENERS, message, listener.at(*path))
        allowed = self._from(listener.get("allowedRoutes", "namespaces"), "Same", parent, route.namespace)
        place = listener.at("allowedRoutes", "namespaces")
        if allowed is False:
            where = "its own namespace" if listener.allowed_from == "Same" else "namespaces that its selector matches"
            message = f'{name} takes routes of {where} only, the route is in namespace "{route.namespace}"'
            return ListenerAnswer(listener, False, NOT_ALLOWED_BY_LISTENERS, message, place)
        hostnames: tuple[str, ...] = ("",)
        if route.kind in _WITH_HOSTNAMES and listener.protocol not in ("TCP", "UDP"):
            hostnames = intersection(listener.hostname, route.hostnames)
            if not hostnames:
                message = f'{name} serves "{listener.hostname}", the route {", ".join(route.hostnames)}'
                place = listener.at("hostname")
                return ListenerAnswer(listener, False, NO_MATCHING_LISTENER_HOSTNAME, message, place)
        message = ""
        if allowed is None:
            message = (
                f'whether {name} takes routes of namespace "{route.namespace}" depends on that namespace\'s labels'
            )
        accepted = None if allowed is None or kinds is None else True
        return ListenerAnswer(listener, accepted, ACCEPTED, message, listener.at(), hostnames)


def allowed_kinds(listener: Listener) -> tuple[str, ...] | None:
    """The kinds of routes that a listener takes: those that its protocol supports, of those that allowedRoutes.kinds
    names if it names any; None for a protocol that only some implementations know."""
    supported = _KINDS.get(listener.protocol)
    if supported is None:
        return None
    if listener.protocol == "TLS" and listener.tls_mode == "Terminate":
        supported = ("TLSRoute", "TCPRoute")
    named = listener.allowed_kinds
    if not named:
        return supported
    return tuple(kind for kind in supported if (GROUP, kind) in named)

"""Gateway API objects (gateway.networking.k8s.io, apis/v1), read with their CRDs' defaults."""

from __future__ import annotations

from svclint.kube.labels import LabelSelector
from svclint.kube.read import mapping, number, sequence, strings, text
from svclint.kube.resource import ObjectView, View

GROUP = "gateway.networking.k8s.io"
ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")


class ObjectReference(View):
    """A reference to an object: `default_group` and `default_kind` are what an absent field means there."""

    __slots__ = ("default_group", "default_kind")

    def __init__(self, parent: View, value: object, path: tuple[str | int, ...], group: str, kind: str) -> None:
        super().__init__(parent.resource, value, path)
        self.default_group = group
        self.default_kind = kind

    @property
    def ref_group(self) -> str:
        group = text(self.value.get("group"))
        return self.default_group if group is None else group

    @property
    def ref_kind(self) -> str:
        return text(self.value.get("kind")) or self.default_kind

    @property
    def ref_name(self) -> str:
        return text(self.value.get("name")) or ""

    @property
    def ref_namespace(self) -> str:
        """The one written, or the referring object's own."""
        return text(self.value.get("namespace")) or self.resource.namespace

    @property
    def section_name(self) -> str | None:
        return text(self.value.get("sectionName"))

    @property
    def port(self) -> int | None:
        return number(self.value.get("port"))

    @property
    def weight(self) -> int:
        weight = number(self.value.get("weight"))
        return 1 if weight is None else weight


class RouteMatch(View):
    """One item of an HTTPRoute or GRPCRoute rule's matches."""

    __slots__ = ()

    @property
    def path_type(self) -> str:
        return text(mapping(self.value.get("path")).get("type")) or "PathPrefix"

    @property
    def path_value(self) -> str:
        return text(mapping(self.value.get("path")).get("value")) or "/"

    @property
    def http_method(self) -> str | None:
        return text(self.value.get("method"))

    @property
    def headers(self) -> tuple[View, ...]:
        return self._list("headers")

    @property
    def query_params(self) -> tuple[View, ...]:
        return self._list("queryParams")

    def _list(self, key: str) -> tuple[View, ...]:
        return tuple(
            View(self.resource, item, (*self.path, key, index))
            for index, item in enumerate(sequence(self.value.get(key)))
        )


class RouteRule(View):
    """One item of a route's rules."""

    __slots__ = ()

    @property
    def backend_refs(self) -> tuple[ObjectReference, ...]:
        return tuple(
            ObjectReference(self, item, (*self.path, "backendRefs", index), "", "Service")
            for index, item in enumerate(sequence(self.value.get("backendRefs")))
        )

    @property
    def matches(self) -> tuple[RouteMatch, ...]:
        return tuple(
            RouteMatch(self.resource, item, (*self.path, "matches", index))
            for index, item in enumerate(sequence(self.value.get("matches")))
        )

    @property
    def filters(self) -> tuple[View, ...]:
        return tuple(
            View(self.resource, item, (*self.path, "filters", index))
            for index, item in enumerate(sequence(self.value.get("filters")))
        )

    @property
    def mirror_refs(self) -> tuple[ObjectReference, ...]:
        """Backends of RequestMirror filters."""
        return tuple(
            ObjectReference(self, reference, (*item.path, "requestMirror", "backendRef"), "", "Service")
            for item in self.filters
            if isinstance(reference := item.get("requestMirror", "backendRef"), dict)
        )


class Route(ObjectView):
    """An HTTPRoute, GRPCRoute, TLSRoute, TCPRoute or UDPRoute."""

    __slots__ = ()
    GROUP_KINDS = tuple((GROUP, kind) for kind in ROUTE_KINDS)

    @property
    def parent_refs(self) -> tuple[ObjectReference, ...]:
        return tuple(
            ObjectReference(self, item, ("spec", "parentRefs", index), GROUP, "Gateway")
            for index, item in enumerate(sequence(self.get("spec", "parentRefs")))
        )

    @property
    def hostnames(self) -> tuple[str, ...]:
        return strings(self.get("spec", "hostnames"))

    @property
    def rules(self) -> tuple[RouteRule, ...]:
        return tuple(
            RouteRule(self.resource, item, ("spec", "rules", index))
            for index, item in enumerate(sequence(self.get("spec", "rules")))
        )


class Listener(View):
    """One listener of a Gateway or ListenerSet."""

    __slots__ = ()

    @property
    def listener_name(self) -> str:
        return text(self.value.get("name")) or ""

    @property
    def hostname(self) -> str:
        """ "" means every host."""
        return text(self.value.get("hostname")) or ""

    @property
    def port(self) -> int:
        return number(self.value.get("port")) or 0

    @property
    def protocol(self) -> str:
        return text(self.value.get("protocol")) or ""

    @property
    def tls_mode(self) -> str:
        return text(mapping(self.value.get("tls")).get("mode")) or "Terminate"

    @property
    def certificate_refs(self) -> tuple[ObjectReference, ...]:
        return tuple(
            ObjectReference(self, item, (*self.path, "tls", "certificateRefs", index), "", "Secret")
            for index, item in enumerate(sequence(mapping(self.value.get("tls")).get("certificateRefs")))
        )

    @property
    def allowed_from(self) -> str:
        """allowedRoutes.namespaces.from: Same, All, Selector or None."""
        return text(self.get("allowedRoutes", "namespaces", "from")) or "Same"

    @property
    def allowed_selector(self) -> LabelSelector:
        return LabelSelector.read(self.get("allowedRoutes", "namespaces", "selector"))

    @property
    def allowed_kinds(self) -> tuple[tuple[str, str], ...]:
        """allowedRoutes.kinds as (group, kind); empty means what the protocol implies."""
        return tuple(
            (GROUP if (group := text(item.get("group"))) is None else group, text(item.get("kind")) or "")
            for item in sequence(self.get("allowedRoutes", "kinds"))
            if isinstance(item, dict)
        )


class Gateway(ObjectView):
    """A Gateway."""

    __slots__ = ()
    GROUP_KINDS: tuple[tuple[str, str], ...] = ((GROUP, "Gateway"),)

    @property
    def class_name(self) -> str:
        return text(self.get("spec", "gatewayClassName")) or ""

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return tuple(
            Listener(self.resource, item, ("spec", "listeners", index))
            for index, item in enumerate(sequence(self.get("spec", "listeners")))
        )


class ListenerSet(Gateway):
    """A ListenerSet: more listeners for a Gateway."""

    __slots__ = ()
    GROUP_KINDS = ((GROUP, "ListenerSet"), ("gateway.networking.x-k8s.io", "XListenerSet"))

    @property
    def parent_ref(self) -> ObjectReference:
        return ObjectReference(self, self.get("spec", "parentRef"), ("spec", "parentRef"), GROUP, "Gateway")


class GatewayClass(ObjectView):
    """A GatewayClass."""

    __slots__ = ()
    GROUP_KINDS = ((GROUP, "GatewayClass"),)

    @property
    def controller(self) -> str:
        return text(self.get("spec", "controllerName")) or ""


class ReferenceGrant(ObjectView):
    """A ReferenceGrant: who may refer to objects of its namespace."""

    __slots__ = ()
    GROUP_KINDS = ((GROUP, "ReferenceGrant"),)

    @property
    def sources(self) -> tuple[tuple[str, str, str], ...]:
        """(group, kind, namespace) of `from`."""
        return tuple(
            (text(item.get("group")) or "", text(item.get("kind")) or "", text(item.get("namespace")) or "")
            for item in sequence(self.get("spec", "from"))
            if isinstance(item, dict)
        )

    @property
    def targets(self) -> tuple[tuple[str, str, str | None], ...]:
        """(group, kind, name) of `to`; a name of None means all."""
        return tuple(
            (text(item.get("group")) or "", text(item.get("kind")) or "", text(item.get("name")) or None)
            for item in sequence(self.get("spec", "to"))
            if isinstance(item, dict)
        )

    def allows(self, group: str, kind: str, namespace: str, to_group: str, to_kind: str, to_name: str) -> bool:
        """Whether an object of that kind and namespace may refer to this one in the grant's namespace."""
        return (group, kind, namespace) in self.sources and any(
            (to_group, to_kind) == (target_group, target_kind) and name in (None, to_name)
            for target_group, target_kind, name in self.targets
        )

"""Endpoints and EndpointSlices that manifests write by hand."""

from __future__ import annotations

from typing import NamedTuple

from svclint.kube.read import flag, mapping, number, sequence, strings, text
from svclint.kube.resource import ObjectView, View

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror"
LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader"


class EndpointPort(NamedTuple):
    """A port of endpoints; `port` None means any (never proxied)."""

    name: str
    port: int | None
    protocol: str
    app_protocol: str | None = None


def _port(value: object) -> EndpointPort:
    item = mapping(value)
    return EndpointPort(
        text(item.get("name")) or "",
        number(item.get("port")),
        text(item.get("protocol")) or "TCP",
        text(item.get("appProtocol")),
    )


class EndpointAddress(View):
    """One address of Endpoints."""

    __slots__ = ()

    @property
    def ip(self) -> str:
        return text(self.value.get("ip")) or ""

    @property
    def hostname(self) -> str | None:
        return text(self.value.get("hostname")) or None

    @property
    def node_name(self) -> str | None:
        return text(self.value.get("nodeName"))

    @property
    def target(self) -> tuple[str, str] | None:
        """Kind and name of targetRef."""
        reference = mapping(self.value.get("targetRef"))
        name = text(reference.get("name"))
        return (text(reference.get("kind")) or "", name) if name else None


class EndpointSubset(View):
    """One subset of Endpoints."""

    __slots__ = ()

    def _addresses(self, key: str) -> tuple[EndpointAddress, ...]:
        return tuple(
            EndpointAddress(self.resource, item, (*self.path, key, index))
            for index, item in enumerate(sequence(self.value.get(key)))
        )

    @property
    def addresses(self) -> tuple[EndpointAddress, ...]:
        return self._addresses("addresses")

    @property
    def not_ready_addresses(self) -> tuple[EndpointAddress, ...]:
        return self._addresses("notReadyAddresses")

    @property
    def ports(self) -> tuple[EndpointPort, ...]:
        return tuple(map(_port, sequence(self.value.get("ports"))))


class Endpoints(ObjectView):
    """An Endpoints object; it belongs to the Service of its name."""

    __slots__ = ()
    GROUP_KINDS = (("", "Endpoints"),)

    @property
    def subsets(self) -> tuple[EndpointSubset, ...]:
        return tuple(
            EndpointSubset(self.resource, item, ("subsets", index))
            for index, item in enumerate(sequence(self.value.get("subsets")))
        )

    @property
    def is_mirrored(self) -> bool:
        """Not by EndpointSliceMirroring when labelled skip-mirror or used for leader election."""
        return (
            self.resource.labels.get(SKIP_MIRROR_LABEL) != "true" and LEADER_ANNOTATION not in self.resource.annotations
        )


class SliceEndpoint(View):
    """One endpoint of an EndpointSlice."""

    __slots__ = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        return strings(self.value.get("addresses"))

    @property
    def hostname(self) -> str | None:
        return text(self.value.get("hostname")) or None

    @property
    def node_name(self) -> str | None:
        return text(self.value.get("nodeName"))

    @property
    def zone(self) -> str | None:
        return text(self.value.get("zone"))

    @property
    def target(self) -> tuple[str, str] | None:
        """Kind and name of targetRef."""
        reference = mapping(self.value.get("targetRef"))
        name = text(reference.get("name"))
        return (text(reference.get("kind")) or "", name) if name else None

    @property
    def ready(self) -> bool | None:
        """As written; None counts as ready."""
        return flag(mapping(self.value.get("conditions")).get("ready"))

    @property
    def serving(self) -> bool | None:
        """As written; None means the same as ready."""
        return flag(mapping(self.value.get("conditions")).get("serving"))

    @property
    def terminating(self) -> bool:
        return flag(mapping(self.value.get("conditions")).get("terminating")) is True

    @property
    def zone_hints(self) -> tuple[str, ...]:
        return self._hints("forZones")

    @property
    def node_hints(self) -> tuple[str, ...]:
        return self._hints("forNodes")

    def _hints(self, key: str) -> tuple[str, ...]:
        items = sequence(mapping(self.value.get("hints")).get(key))
        return tuple(name for item in items if (name := text(mapping(item).get("name"))))


class EndpointSlice(ObjectView):
    """An EndpointSlice; it belongs to the Service that its label names."""

    __slots__ = ()
    GROUP_KINDS = (("discovery.k8s.io", "EndpointSlice"),)

    @property
    def service_name(self) -> str | None:
        return self.resource.labels.get(SERVICE_NAME_LABEL)

    @property
    def address_type(self) -> str:
        return text(self.value.get("addressType")) or ""

    @property
    def ports(self) -> tuple[EndpointPort, ...]:
        return tuple(map(_port, sequence(self.value.get("ports"))))

    @property
    def endpoints(self) -> tuple[SliceEndpoint, ...]:
        return tuple(
            SliceEndpoint(self.resource, item, ("endpoints", index))
            for index, item in enumerate(sequence(self.value.get("endpoints")))
        )

"""The EndpointSlice controller: which addresses stand behind a Service (k8s.io/endpointslice 1.36, semantics §C)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from svclint.cluster.families import family_of
from svclint.cluster.pods import Pod
from svclint.kube.endpoints import EndpointPort, Endpoints, EndpointSlice
from svclint.kube.resource import Place
from svclint.kube.service import Service


class Endpoint(NamedTuple):
    """One entry of a slice: `size` pods alike, or one hand-written address.

    `ready` is None where a hand-written slice doesn't say (it counts as ready). `place` is what makes it: the pod's
    template or the address in the manifest. `mirrored_by` tells hand-written ones: the slice or Endpoints object.
    """

    family: str
    ports: tuple[EndpointPort, ...]
    ready: bool | None
    serving: bool
    terminating: bool
    hostname: str | None
    node: str | None
    zone: str | None
    size: int
    pod: Pod | None
    address: str | None
    place: Place | None
    zone_hints: tuple[str, ...] | None = None
    node_hints: tuple[str, ...] | None = None
    proxied: bool = True

    @property
    def is_ready(self) -> bool:
        """As DNS and kube-proxy take it: not said is ready."""
        return self.ready is not False

    @property
    def identity(self) -> tuple[object, ...]:
        """The same for two entries that share their addresses: pods on a node's network have the node's."""
        if self.pod is None:
            return ("address", self.address)
        if self.pod.template.host_network and self.node is not None:
            return ("node", self.node, self.family)
        if self.pod.addresses:
            for address in self.pod.addresses:
                if family_of(address) == self.family:
                    return ("address", address)
        return ("pod", id(self.pod), self.family)

    @property
    def addresses(self) -> int:
        """How many different addresses the entry stands for."""
        return 1 if self.identity[0] != "pod" else self.size


def generated(service: Service, families: tuple[str, ...], pods: tuple[Pod, ...]) -> tuple[Endpoint, ...]:
    """The endpoints that the controller makes from the pods that the selector matches (reconciler.go, utils.go).

    A pod in which no port resolves is published all the same, with no port.
    """
    found: list[Endpoint] = []
    publish = service.publish_not_ready_addresses
    specs = tuple((port.port_name, port.target_port, port.protocol, port.app_protocol) for port in service.ports)
    resolved: dict[int, tuple[tuple[EndpointPort, ...], Place]] = {}
    for pod in pods:
        template = pod.template
        known = resolved.get(id(template))
        if known is None:
            found_ports = tuple(
                EndpointPort(name, number, protocol, app_protocol)
                for name, target, protocol, app_protocol in specs
                if (number := template.find_port(target, protocol)) is not None
            )
            known = resolved[id(template)] = found_ports, template.at_labels()
        ports, place = known
        hostname = pod.hostname if pod.hostname and pod.subdomain == service.name else None
        node = pod.node
        found.extend(
            Endpoint(
                family=family,
                ports=ports,
                ready=publish or pod.ready,
                serving=pod.ready,
                terminating=False,
                hostname=hostname,
                node=node.name if node else None,
                zone=node.zone if node else None,
                size=pod.count,
                pod=pod,
                address=None,
                place=place,
            )
            for family in families
            if family in pod.families
        )
    return tuple(found)


def from_slice(written: EndpointSlice) -> Iterator[Endpoint]:
    """The endpoints of a hand-written slice. kube-proxy takes only the first address of each and no FQDN; a slice
    labelled headless it doesn't read (pkg/proxy/endpointslicecache.go)."""
    ports = written.ports
    readable = written.address_type != "FQDN" and "service.kubernetes.io/headless" not in written.resource.labels
    for item in written.endpoints:
        for index, address in enumerate(item.addresses):
            yield Endpoint(
                family=written.address_type,
                ports=ports,
                ready=item.ready,
                serving=item.serving is not False,
                terminating=item.terminating,
                hostname=item.hostname,
                node=item.node_name,
                zone=item.zone,
                size=1,
                pod=None,
                address=address,
                place=item.at("addresses", index),
                zone_hints=item.zone_hints,
                node_hints=item.node_hints,
                proxied=readable and index == 0,
            )


def mirrored(written: Endpoints) -> Iterator[Endpoint]:
    """The endpoints that EndpointSliceMirroring makes of an Endpoints object: only `ready` is set
    (pkg/controller/endpointslicemirroring)."""
    for subset in written.subsets:
        ports = subset.ports
        for ready, addresses in ((True, subset.addresses), (False, subset.not_ready_addresses)):
            for item in addresses:
                if not item.ip:
                    continue
                yield Endpoint(
                    family=family_of(item.ip),
                    ports=ports,
                    ready=ready,
                    serving=ready,
                    terminating=False,
                    hostname=item.hostname,
                    node=item.node_name,
                    zone=None,
                    size=1,
                    pod=None,
                    address=item.ip,
                    place=item.at("ip"),
                )


class EndpointController:
    """The endpoints of every Service, each worked out once; Services that ask the same share the answer."""

    __slots__ = ("_families", "_of", "_pods", "_shared", "_slices", "_subdomains", "_written")

    def __init__(
        self,
        families: Callable[[Service], tuple[str, ...]],
        pods: Callable[[Service], tuple[Pod, ...]],
        slices: tuple[EndpointSlice, ...],
        written: tuple[Endpoints, ...],
    ) -> None:
        """`families` gives a Service's IP families, `pods` the pods that its selector matches: the same tuple, kept
        alive, for the same selector."""
        self._families = families
        self._pods = pods
        self._slices: dict[tuple[str, str], list[EndpointSlice]] = {}
        for item in slices:
            if item.service_name:
                self._slices.setdefault((item.namespace, item.service_name), []).append(item)
        self._written = {(item.namespace, item.name): item for item in written}
        self._of: dict[tuple[str, str], tuple[Endpoint, ...]] = {}
        self._shared: dict[tuple[object, ...], tuple[Endpoint, ...]] = {}
        self._subdomains: dict[int, frozenset[str]] = {}

    def endpoints(self, service: Service) -> tuple[Endpoint, ...]:
        """What stands in the Service's slices: generated, mirrored and hand-written ones."""
        key = (service.namespace, service.name)
        found = self._of.get(key)
        if found is None:
            found = self._of[key] = self._made(service) + tuple(
                endpoint for item in self._slices.get(key, ()) for endpoint in from_slice(item)
            )
        return found

    def slices(self, service: Service) -> tuple[EndpointSlice, ...]:
        """The hand-written slices of a Service."""
        return tuple(self._slices.get((service.namespace, service.name), ()))

    def endpoints_object(self, service: Service) -> Endpoints | None:
        """The hand-written Endpoints object of the Service's name."""
        return self._written.get((service.namespace, service.name))

    def _made(self, service: Service) -> tuple[Endpoint, ...]:
        if not service.selector:
            written = self.endpoints_object(service)
            return tuple(mirrored(written)) if written is not None and written.is_mirrored else ()
        if service.is_external_name:
            return ()
        pods = self._pods(service)
        subdomains = self._subdomains.get(id(pods))
        if subdomains is None:
            subdomains = self._subdomains[id(pods)] = frozenset(pod.subdomain for pod in pods if pod.hostname)
        families = self._families(service)
        asked = (
            id(pods),
            tuple((port.port_name, port.target_port, port.protocol, port.app_protocol) for port in service.ports),
            service.publish_not_ready_addresses,
            families,
            service.name if service.name in subdomains else None,
        )
        found = self._shared.get(asked)
        if found is None:
            found = self._shared[asked] = generated(service, families, pods)
        return found

"""Services as manifests write them, read with the API server's defaults (pkg/apis/core/v1/defaults.go)."""

from __future__ import annotations

from svclint.kube.read import flag, mapping, number, sequence, strings, text, texts
from svclint.kube.resource import ObjectView, Resource, View, below

_PORTS = ("spec", "ports")


class ServicePort(View):
    """One item of spec.ports."""

    __slots__ = ("index",)

    index: int

    @property
    def port_name(self) -> str:
        return text(self.value.get("name")) or ""

    @property
    def port(self) -> int:
        """The port number, 0 when absent."""
        return number(self.value.get("port")) or 0

    @property
    def protocol(self) -> str:
        return text(self.value.get("protocol")) or "TCP"

    @property
    def target_port(self) -> int | str:
        """A number or a container port's name; absent, 0 and "" mean `port`."""
        value = self.value.get("targetPort")
        return value if isinstance(value, (int, str)) and not isinstance(value, bool) and value else self.port

    @property
    def node_port(self) -> int:
        """The node port, 0 when absent."""
        return number(self.value.get("nodePort")) or 0

    @property
    def app_protocol(self) -> str | None:
        return text(self.value.get("appProtocol"))

    def __str__(self) -> str:
        return f"{self.port_name + ' ' if self.port_name else ''}{self.port}/{self.protocol}"


class Service(ObjectView):
    """A Service."""

    __slots__ = ("_named", "_ports", "headless", "is_external_name", "selector", "type")
    GROUP_KINDS = (("", "Service"),)

    _ports: tuple[ServicePort, ...]
    _named: dict[str | None, ServicePort]

    def __init__(self, resource: Resource) -> None:
        """`selector` is empty when absent: `{}` is stored as absent, the Service has none. `headless`: it has no
        cluster IP, DNS names its pods and kube-proxy knows nothing of it."""
        super().__init__(resource)
        spec = mapping(self.value.get("spec"))
        self.type = text(spec.get("type")) or "ClusterIP"
        self.selector = texts(spec.get("selector"))
        self.is_external_name = self.type == "ExternalName"
        self.headless = not self.is_external_name and "None" in self.cluster_ips[:1]

    @property
    def ports(self) -> tuple[ServicePort, ...]:
        try:
            return self._ports
        except AttributeError:
            found = []
            for index, item in enumerate(sequence(self.get("spec", "ports"))):
                port = ServicePort(self.resource, item, below(_PORTS, index))
                port.index = index
                found.append(port)
            self._ports = tuple(found)
            return self._ports

    @property
    def cluster_ip(self) -> str:
        """spec.clusterIP, "" when the allocator picks it."""
        return text(self.get("spec", "clusterIP")) or ""

    @property
    def cluster_ips(self) -> tuple[str, ...]:
        """spec.clusterIPs, or the one of spec.clusterIP."""
        return strings(self.get("spec", "clusterIPs")) or ((self.cluster_ip,) if self.cluster_ip else ())

    @property
    def external_name(self) -> str:
        return text(self.get("spec", "externalName")) or ""

    @property
    def external_ips(self) -> tuple[str, ...]:
        return strings(self.get("spec", "externalIPs"))

    @property
    def has_node_ports(self) -> bool:
        """NodePort, or a LoadBalancer that doesn't forgo them."""
        return self.type == "NodePort" or (
            self.type == "LoadBalancer" and self.get("spec", "allocateLoadBalancerNodePorts") is not False
        )

    @property
    def ip_families(self) -> tuple[str, ...]:
        return strings(self.get("spec", "ipFamilies"))

    @property
    def ip_family_policy(self) -> str | None:
        return text(self.get("spec", "ipFamilyPolicy"))

    @property
    def publish_not_ready_addresses(self) -> bool:
        return flag(self.get("spec", "publishNotReadyAddresses")) is True

    @property
    def session_affinity(self) -> str:
        return text(self.get("spec", "sessionAffinity")) or "None"

    @property
    def external_traffic_policy(self) -> str:
        return text(self.get("spec", "externalTrafficPolicy")) or "Cluster"

    @property
    def internal_traffic_policy(self) -> str:
        return text(self.get("spec", "internalTrafficPolicy")) or "Cluster"

    @property
    def traffic_distribution(self) -> str | None:
        return text(self.get("spec", "trafficDistribution"))

    @property
    def load_balancer_source_ranges(self) -> tuple[str, ...]:
        return strings(self.get("spec", "loadBalancerSourceRanges"))

    def port_named(self, name: str) -> ServicePort | None:
        """The port of that name."""
        try:
            return self._named.get(name)
        except AttributeError:
            self._named = {port.port_name: port for port in reversed(self.ports)}
            return self._named.get(name)

    def port_numbered(self, number: int, protocol: str | None = None) -> ServicePort | None:
        """The port of that number (and protocol)."""
        return next(
            (port for port in self.ports if port.port == number and protocol in (None, port.protocol)),
            None,
        )

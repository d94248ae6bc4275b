"""Which Service or pod answers at an address: cluster IPs, external and load balancer IPs, node ports, host ports."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from svclint.cluster.families import known_cluster_ips
from svclint.cluster.pods import Pod
from svclint.cluster.proxy import Via, is_proxied
from svclint.kube.facts import Facts
from svclint.kube.read import mapping, sequence, text
from svclint.kube.service import Service, ServicePort


class NodePort(NamedTuple):
    """The Service port that a node port leads to."""

    service: Service
    port: ServicePort


class AddressBook:
    """What is known of addresses. Of several Services with one external IP, those of the first by name win (the real
    winner isn't defined)."""

    def __init__(self, services: Iterable[Service], pods: Iterable[Pod], facts: Facts) -> None:
        self._services: dict[str, list[tuple[Service, Via]]] = {}
        self._node_ports: dict[tuple[int, str], NodePort] = {}
        self._host_ports: dict[tuple[int, str], list[Pod]] = {}
        self._pods: dict[str, list[Pod]] = {}
        self._ranges = [ipaddress.ip_network(cidr, strict=False) for cidr in facts.service_cidrs]
        self.allocates_node_ports = False
        for service in sorted(services, key=lambda item: (item.namespace, item.name)):
            self._add(service)
        for pod in pods:
            for address in pod.addresses:
                self._pods.setdefault(canonical(address), []).append(pod)
            for port in pod.template.ports():
                number = port.port if pod.template.host_network else port.host_port
                if number:
                    self._host_ports.setdefault((number, port.protocol), []).append(pod)

    def _add(self, service: Service) -> None:
        for address in known_cluster_ips(service):
            self._services.setdefault(canonical(address), []).append((service, "clusterIP"))
        if not is_proxied(service):
            return
        for address in service.external_ips:
            self._services.setdefault(canonical(address), []).append((service, "externalIP"))
        for address in load_balancer_ips(service):
            self._services.setdefault(canonical(address), []).append((service, "loadBalancer"))
        if service.has_node_ports:
            for port in service.ports:
                if port.node_port:
                    self._node_ports.setdefault((port.node_port, port.protocol), NodePort(service, port))
                else:
                    self.allocates_node_ports = True

    def at(self, address: str, port: int, protocol: str) -> tuple[Service, Via] | None:
        """The Service at an address: the one that has the port, else any."""
        found = self._services.get(canonical(address), ())
        for service, via in found:
            if service.port_numbered(port, protocol) is not None:
                return service, via
        return found[0] if found else None

    def pods_at(self, address: str) -> tuple[Pod, ...]:
        """The pods whose status tells that address."""
        return tuple(self._pods.get(canonical(address), ()))

    def node_port(self, port: int, protocol: str) -> NodePort | None:
        """The Service port behind a node port."""
        return self._node_ports.get((port, protocol))

    def host_pods(self, port: int, protocol: str) -> tuple[Pod, ...]:
        """The pods that take that port of their node (hostNetwork or hostPort)."""
        return tuple(self._host_ports.get((port, protocol), ()))

    def in_service_range(self, address: str) -> bool:
        """Whether the address lies in a known Service range."""
        ip = ipaddress.ip_address(address)
        return any(ip.version == network.version and ip in network for network in self._ranges)


def load_balancer_ips(service: Service) -> tuple[str, ...]:
    """The virtual IPs of a load balancer that manifests tell: spec.loadBalancerIP (a wish), and its status."""
    if service.type != "LoadBalancer":
        return ()
    wished = text(service.get("spec", "loadBalancerIP"))
    listed = sequence(mapping(mapping(service.value.get("status")).get("loadBalancer")).get("ingress"))
    given = (ip for item in listed if mapping(item).get("ipMode") != "Proxy" and (ip := text(mapping(item).get("ip"))))
    return tuple(dict.fromkeys([*([wished] if wished else []), *given]))


def canonical(address: str) -> str:
    """The address as Go writes it; a text that is none stays as it is."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address

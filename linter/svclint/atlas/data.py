"""Every Service with its ports and endpoints, as data: what `svclint map` prints (contract.md, "map")."""

from __future__ import annotations

from typing import Any

from svclint.cluster import Cluster
from svclint.cluster.endpoints import Endpoint
from svclint.kube.service import Service, ServicePort


def services_json(cluster: Cluster) -> dict[str, Any]:
    """`NAMESPACE/NAME` → what contract.md says, sorted by name."""
    ordered = sorted(cluster.services, key=lambda service: (service.namespace, service.name))
    return {f"{service.namespace}/{service.name}": service_json(cluster, service) for service in ordered}


def service_json(cluster: Cluster, service: Service) -> dict[str, Any]:
    """One Service."""
    return {
        "type": service.type,
        "headless": service.headless,
        "ports": [_port(port) for port in service.ports],
        "endpoints": endpoints_json(cluster, service),
        "dns": dns_names(cluster, service),
    }


def _port(port: ServicePort) -> list[str | int]:
    shown: list[str | int] = [port.port_name, port.port, port.protocol, str(port.target_port)]
    return [*shown, port.node_port] if port.node_port else shown


def endpoints_json(cluster: Cluster, service: Service) -> list[dict[str, Any]]:
    """The endpoints; pods of one workload with the same data are one entry with a count."""
    grouped: dict[tuple[Any, ...], int] = {}
    for endpoint in cluster.endpoints(service):
        key = _key(endpoint)
        grouped[key] = grouped.get(key, 0) + endpoint.size
    return [
        {
            "workload": workload,
            "pod": pod,
            "address": address,
            "family": family,
            "ready": ready,
            "hostname": hostname,
            "ports": [list(port) for port in ports],
            "count": count,
        }
        for (workload, pod, address, family, ready, hostname, ports), count in sorted(
            grouped.items(), key=lambda item: tuple(map(str, item[0]))
        )
    ]


def _key(endpoint: Endpoint) -> tuple[Any, ...]:
    pod = endpoint.pod
    return (
        pod.workload.display_name if pod is not None else None,
        pod.name if pod is not None else None,
        endpoint.address,
        endpoint.family,
        endpoint.ready,
        endpoint.hostname,
        tuple((port.name, port.port, port.protocol) for port in endpoint.ports),
    )


def dns_names(cluster: Cluster, service: Service) -> list[str]:
    """The names that lead to the Service: its own, and those of its endpoints that are known beforehand."""
    base = f"{service.name}.{service.namespace}.svc.{cluster.dns.zone}"
    if service.is_external_name:
        return [base]
    hostnames = {item.hostname for item in cluster.endpoints(service) if item.hostname and item.is_ready}
    return [base, *(f"{hostname}.{base}" for hostname in sorted(hostnames))]

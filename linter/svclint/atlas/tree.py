"""The map as a tree for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from svclint.atlas.data import dns_names, endpoints_json
from svclint.kube.labels import written
from svclint.output.printable import plain

if TYPE_CHECKING:
    from svclint.api import PaperCluster
    from svclint.cluster import Cluster
    from svclint.kube.service import Service


def tree(paper: PaperCluster, title: str | None = None) -> str:
    """The Services by namespace, each with its names, ports, callers and endpoints; then what was refused."""
    cluster = paper.cluster
    lines = [title] if title is not None else []
    namespace = None
    for service in sorted(cluster.services, key=lambda item: (item.namespace, item.name)):
        if service.namespace != namespace:
            namespace = service.namespace
            lines.append(f"namespace {namespace}")
        lines += _service(cluster, service)
    if not cluster.services:
        lines.append("no Services")
    for resource, verdict in paper.refused:
        lines.append(f"refused by the API server: {resource.id}: {verdict.message}")
    return "\n".join(plain(line) for line in lines) + "\n"


def _service(cluster: Cluster, service: Service) -> Iterator[str]:
    kind = "headless" if service.headless else service.type
    yield f"  {service.name} ({kind})" + (f" → {service.external_name}" if service.is_external_name else "")
    branches = [("dns", name) for name in dns_names(cluster, service)]
    branches += [("port", _port(port)) for port in service.ports]
    branches += [("pods", text) for text in _endpoints(cluster, service)]
    for number, (what, text) in enumerate(branches):
        yield f"    {'└' if number == len(branches) - 1 else '├'}─ {what}: {text}"


def _port(port: object) -> str:
    from svclint.kube.service import ServicePort

    assert isinstance(port, ServicePort)
    node = f", node port {port.node_port}" if port.node_port else ""
    return f"{port} → {port.target_port}{node}"


def _endpoints(cluster: Cluster, service: Service) -> Iterator[str]:
    entries = endpoints_json(cluster, service)
    for entry in entries:
        who = entry["workload"] or entry["address"]
        if entry["pod"] and entry["workload"] != f"Pod/{entry['pod']}":
            who += f" {entry['pod']}"
        count = f" ×{entry['count']}" if entry["count"] > 1 else ""
        ready = ", not ready" if entry["ready"] is False else ""
        family = ", IPv6" if entry["family"] == "IPv6" else ""
        ports = ", ".join(f"{number}/{protocol}" for _, number, protocol in entry["ports"]) or "no port resolves"
        yield f"{who}{count}: {ports}{ready}{family}"
    if not entries and not service.is_external_name:
        yield f"none labelled {written(service.selector)}" if service.selector else "none: no selector, no endpoints"

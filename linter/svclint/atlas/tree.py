"""The map as a tree for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from svclint.atlas.data import aliases_of, callers, dns_names, entries, policies_of_service, sorted_services
from svclint.cluster import Cluster
from svclint.kube.labels import written
from svclint.kube.service import Service, ServicePort
from svclint.output.printable import leading

if TYPE_CHECKING:
    from svclint.api import PaperCluster


def tree(paper: PaperCluster, title: str | None = None) -> str:
    """The Services by namespace, each with its names, callers, ports and endpoints; then what was refused."""
    cluster = paper.cluster
    lines = [title] if title is not None else []
    namespace = None
    aliases = aliases_of(cluster)
    for service in sorted_services(cluster):
        if service.namespace != namespace:
            namespace = service.namespace
            lines.append(f"namespace {namespace}")
        lines += _service(cluster, service, aliases)
    if not cluster.services:
        lines.append("no Services")
    for resource, verdict in paper.refused:
        lines.append(f"refused by the API server: {resource.id}: {verdict.message}")
    return "\n".join(map(leading, lines)) + "\n"


def _service(cluster: Cluster, service: Service, aliases: dict[str, list[Service]]) -> Iterator[str]:
    kind = "headless" if service.headless else service.type
    yield f"  {service.name} ({kind})" + (f" → {service.external_name}" if service.is_external_name else "")
    branches = [f"dns: {name}" for name in dns_names(cluster, service)]
    for caller in callers(cluster, service, aliases):
        doubt = {True: "", False: " (leads nowhere)", None: " (unknown)"}[caller.active]
        branches.append(f"from: {caller.kind} {caller.namespace}/{caller.name} {caller.what}{doubt}")
    branches += [f"port: {_port(port)}" for port in service.ports]
    branches += [f"pods: {text}" for text in _endpoints(cluster, service)]
    branches += [f"policy: {text}" for text in policies_of_service(cluster, service)]
    for number, text in enumerate(branches):
        yield f"    {'└' if number == len(branches) - 1 else '├'}─ {text}"


def _port(port: ServicePort) -> str:
    node = f", node port {port.node_port}" if port.node_port else ""
    return f"{port} → {port.target_port}{node}"


def _endpoints(cluster: Cluster, service: Service) -> Iterator[str]:
    found = entries(cluster, service)
    for entry in found:
        who = entry.workload or entry.address or ""
        if entry.pod and entry.workload != f"Pod/{entry.pod}":
            who += f" {entry.pod}"
        count = f" ×{entry.size}" if entry.size > 1 else ""
        ready = ", not ready" if entry.ready is False else ""
        family = ", IPv6" if entry.family == "IPv6" else ""
        ports = ", ".join(f"{number}/{protocol}" for _, number, protocol in entry.ports) or "no port resolves"
        yield f"{who}{count}: {ports}{ready}{family}"
    if found or service.is_external_name:
        return
    if not service.selector:
        yield "none: no selector and no endpoints"
        return
    gap = cluster.selection(service).gap
    yield (
        f"unknown: none labelled {written(service.selector)}, but {gap.reason}"
        if gap
        else (f"none labelled {written(service.selector)}")
    )

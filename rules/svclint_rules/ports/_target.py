"""What a Service port's targetPort meets in the selected Pods: one cause, so that one fault gives one finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from svclint.cluster import Cluster
from svclint.kube.pod import ContainerPort
from svclint.kube.service import Service, ServicePort
from svclint.kube.workload import Workload

Cause = Literal["found", "some", "protocol", "init", "missing"]

# Ports that are served beside the main one; that a Pod declares only these is no hint of where its main one is.
SIDE_PORTS = frozenset({15090, 15020, 15021, 8081, 9090, 9091, 9100, 9102, 9113, 9121, 9187, 9216})
SIDE_NAMES = ("metrics", "metric", "prometheus", "prom", "health", "healthz", "probe", "admin", "debug", "pprof")


class NamedTarget(NamedTuple):
    """What a name meets: the cause, the workloads where it is missing, and a port that bears on it."""

    cause: Cause
    lacking: tuple[Workload, ...]
    port: ContainerPort | None = None


def selected(service: Service, cluster: Cluster) -> tuple[Workload, ...]:
    """The workloads whose containers' ports are known; Jobs and Helm hooks are left out."""
    return cluster.selection(service).serving


def named(port: ServicePort, workloads: tuple[Workload, ...]) -> NamedTarget:
    """What a named targetPort meets."""
    target = str(port.target_port)
    lacking = tuple(w for w in workloads if w.template.find_port(target, port.protocol) is None)
    if not lacking:
        return NamedTarget("found", ())
    if len(lacking) < len(workloads):
        return NamedTarget("some", lacking)
    other = next((p for w in workloads for p in w.template.ports() if p.port_name == target), None)
    if other is not None:
        return NamedTarget("protocol", lacking, other)
    init = next(
        (
            p
            for w in workloads
            for container in w.template.containers
            if container.role == "init"
            for p in container.ports
            if p.port_name == target
        ),
        None,
    )
    return NamedTarget("missing" if init is None else "init", lacking, init)


def declared(workloads: tuple[Workload, ...]) -> Iterator[ContainerPort]:
    """Every port that a running container of the workloads declares."""
    for workload in workloads:
        yield from workload.template.ports()


def is_side_port(port: ContainerPort) -> bool:
    """Whether a port is a metrics or health port: by its name, or by its number where it has none."""
    if port.port_name:
        return any(word in port.port_name.lower().split("-") for word in SIDE_NAMES)
    return port.port in SIDE_PORTS


def named_targets(service: Service) -> Iterator[ServicePort]:
    """The ports of a Service whose targetPort is a name."""
    if service.is_external_name:
        return
    for port in service.ports:
        if isinstance(port.target_port, str):
            yield port

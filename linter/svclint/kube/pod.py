"""Pod templates: labels, containers and ports, as the controllers and the kubelet read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from svclint.kube.read import flag, mapping, number, sequence, strings, text, texts
from svclint.kube.resource import Place, View, below

ContainerRole = Literal["container", "sidecar", "init", "ephemeral"]


class ContainerPort(View):
    """One item of a container's ports."""

    __slots__ = ("container",)

    container: Container

    @property
    def port_name(self) -> str:
        return text(self.value.get("name")) or ""

    @property
    def port(self) -> int:
        """containerPort, 0 when absent."""
        return number(self.value.get("containerPort")) or 0

    @property
    def protocol(self) -> str:
        return text(self.value.get("protocol")) or "TCP"

    @property
    def host_port(self) -> int:
        """hostPort, 0 when absent."""
        return number(self.value.get("hostPort")) or 0


class Container(View):
    """A container; a sidecar is an init container with restartPolicy Always (KEP-753)."""

    __slots__ = ("_ports", "_probes", "role")

    role: ContainerRole
    _ports: tuple[ContainerPort, ...]
    _probes: tuple[View, ...]

    @property
    def container_name(self) -> str:
        return text(self.value.get("name")) or ""

    @property
    def image(self) -> str:
        return text(self.value.get("image")) or ""

    @property
    def ports(self) -> tuple[ContainerPort, ...]:
        try:
            return self._ports
        except AttributeError:
            found = []
            for index, item in enumerate(sequence(self.value.get("ports"))):
                port = ContainerPort(self.resource, item, below(self.path, "ports", index))
                port.container = self
                found.append(port)
            self._ports = tuple(found)
            return self._ports

    @property
    def env(self) -> tuple[View, ...]:
        """The items of env, each with `.get("name")` and `.get("value")`."""
        return tuple(
            View(self.resource, item, (*self.path, "env", index))
            for index, item in enumerate(sequence(self.value.get("env")))
        )

    @property
    def probes(self) -> tuple[View, ...]:
        """The probes that are there; the last step of a probe's path is its name (`readinessProbe` …)."""
        try:
            return self._probes
        except AttributeError:
            self._probes = tuple(
                View(self.resource, self.value[name], (*self.path, name))
                for name in ("startupProbe", "livenessProbe", "readinessProbe")
                if isinstance(self.value.get(name), dict)
            )
            return self._probes


class DNSConfig(NamedTuple):
    """spec.dnsConfig."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[tuple[str, str | None], ...] = ()


class PodTemplate(View):
    """What a pod is made from: `value` has `metadata` and `spec` (a Pod is its own template)."""

    __slots__ = ("_containers", "_labels", "_spec")

    _containers: tuple[Container, ...]
    _labels: dict[str, str]
    _spec: dict[str, object]

    @property
    def labels(self) -> dict[str, str]:
        """The labels as written; what controllers add is `Workload.pod_labels`."""
        try:
            return self._labels
        except AttributeError:
            self._labels = texts(mapping(self.value.get("metadata")).get("labels"))
            return self._labels

    @property
    def annotations(self) -> dict[str, str]:
        return texts(mapping(self.value.get("metadata")).get("annotations"))

    def at_labels(self, name: str | None = None, *, key: bool = False) -> Place:
        """The place of the labels, or of one of them."""
        path: tuple[str, ...] = ("metadata", "labels") if name is None else ("metadata", "labels", name)
        return self.at(*path, key=key)

    @property
    def spec(self) -> dict[str, object]:
        try:
            return self._spec
        except AttributeError:
            self._spec = mapping(self.value.get("spec"))
            return self._spec

    @property
    def containers(self) -> tuple[Container, ...]:
        """Ordinary containers in order, then init containers in order (sidecars among them), then ephemeral ones."""
        try:
            return self._containers
        except AttributeError:
            found = []
            lists: tuple[tuple[str, ContainerRole], ...] = (
                ("containers", "container"),
                ("initContainers", "init"),
                ("ephemeralContainers", "ephemeral"),
            )
            for key, role in lists:
                for index, item in enumerate(sequence(self.spec.get(key))):
                    container = Container(self.resource, item, below(self.path, "spec", key, index))
                    sidecar = role == "init" and container.value.get("restartPolicy") == "Always"
                    container.role = "sidecar" if sidecar else role
                    found.append(container)
            self._containers = tuple(found)
            return self._containers

    @property
    def serving_containers(self) -> tuple[Container, ...]:
        """Those whose named ports a Service's targetPort finds, in that order: containers, then sidecars
        (k8s.io/endpointslice utils.go findPort)."""
        return tuple(item for item in self.containers if item.role in ("container", "sidecar"))

    def ports(self) -> Iterator[ContainerPort]:
        """The ports of the containers that run with the pod."""
        for container in self.serving_containers:
            yield from container.ports

    def find_port(self, target: int | str, protocol: str) -> int | None:
        """The number that a Service's targetPort means in this pod: a number is itself, a name the first port of that
        name and protocol; None when there is none."""
        if isinstance(target, int):
            return target
        for port in self.ports():
            if port.port_name == target and port.protocol == protocol:
                return port.port
        return None

    def declares(self, port: int, protocol: str) -> bool:
        """Whether an ordinary container or a sidecar declares the port; it may listen on others too."""
        return any(item.port == port and item.protocol == protocol for item in self.ports())

    def containers_declare(self, port: int, protocol: str) -> bool:
        """Whether an ordinary container declares the port: one of spec.containers, no sidecar."""
        return any(
            item.port == port and item.protocol == protocol
            for container in self.containers
            if container.role == "container"
            for item in container.ports
        )

    @property
    def host_network(self) -> bool:
        return flag(self.spec.get("hostNetwork")) is True

    @property
    def hostname(self) -> str:
        return text(self.spec.get("hostname")) or ""

    @property
    def subdomain(self) -> str:
        return text(self.spec.get("subdomain")) or ""

    @property
    def node_name(self) -> str:
        return text(self.spec.get("nodeName")) or ""

    @property
    def node_selector(self) -> dict[str, str]:
        return texts(self.spec.get("nodeSelector"))

    @property
    def dns_policy(self) -> str:
        return text(self.spec.get("dnsPolicy")) or "ClusterFirst"

    @property
    def dns_config(self) -> DNSConfig:
        config = mapping(self.spec.get("dnsConfig"))
        return DNSConfig(
            strings(config.get("nameservers")),
            strings(config.get("searches")),
            tuple(
                (name, text(item.get("value")))
                for item in sequence(config.get("options"))
                if isinstance(item, dict) and (name := text(item.get("name")))
            ),
        )

    @property
    def host_aliases(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """IP and names of spec.hostAliases: they are in /etc/hosts, which is asked before DNS."""
        return tuple(
            (text(item.get("ip")) or "", strings(item.get("hostnames")))
            for item in sequence(self.spec.get("hostAliases"))
            if isinstance(item, dict)
        )

    @property
    def service_account(self) -> str:
        return text(self.spec.get("serviceAccountName")) or text(self.spec.get("serviceAccount")) or "default"

    @property
    def enable_service_links(self) -> bool:
        return flag(self.spec.get("enableServiceLinks")) is not False

    @property
    def readiness_gates(self) -> tuple[str, ...]:
        return tuple(
            condition
            for item in sequence(self.spec.get("readinessGates"))
            if (condition := text(mapping(item).get("conditionType")))
        )

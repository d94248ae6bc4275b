"""What can be meant in several places at once: an object, a label, a port. And a place that means it.

Things are compared by value: two places speak of one thing where they must be the same word. A label and a container
port are things of one pod template; a place that speaks of several (a selector that takes three workloads) has several.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from svclint.kube.resource import Path, Place, Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload

Thing = tuple[Hashable, ...]
OBJECT, LABEL, CONTAINER_PORT, SERVICE_PORT = "object", "label", "container port", "service port"


class Occurrence(NamedTuple):
    """A place that speaks of things of one kind: where they are defined, or where they are used.

    `word` is what is meant there. Where it only follows from something else (a targetPort that is left out, the port of
    a URL without one), `absent` is the place where it would be written and `place` the one that it follows from.
    """

    place: Place
    things: tuple[Thing, ...]
    word: str
    defines: bool = False
    absent: Place | None = None

    @property
    def kind(self) -> str:
        """Which kind of thing it is."""
        return str(self.things[0][0])


def object_named(group: str, kind: str, namespace: str, name: str) -> Thing:
    """An object, whether it is there or not."""
    return (OBJECT, group, kind, namespace, name)


def pod_label(workload: Workload, key: str, value: str) -> Thing:
    """A label of the pods of a template."""
    return (LABEL, workload.resource, workload.template.path, key, value)


def service_label(service: Service, key: str, value: str) -> Thing:
    """A label of a Service itself."""
    return (LABEL, service.resource, ("metadata",), key, value)


def container_port(workload: Workload, port: int | str, protocol: str) -> Thing:
    """A port of the containers of a template: a name is one thing whatever its protocol, a number is not."""
    spoken = "" if isinstance(port, str) else protocol
    return (CONTAINER_PORT, workload.resource, workload.template.path, spoken, port)


def service_port(namespace: str, service: str, port: int | str, protocol: str) -> Thing:
    """A port of a Service, by name or by number."""
    return (SERVICE_PORT, namespace, service, "" if isinstance(port, str) else protocol, port)


def alone(kind: str, resource: Resource, path: Path, word: Hashable) -> Thing:
    """What is said in one place only: a selector's label that no pod carries."""
    return (kind, resource, path, word)


def use(place: Place, thing: Thing) -> Occurrence:
    """A place that names an object."""
    return Occurrence(place, (thing,), str(thing[-1]))

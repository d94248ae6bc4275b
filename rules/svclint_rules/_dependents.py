"""What depends on a Service: told under the cause when it is broken, so that one fault is one finding."""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.cluster.callers import callers
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.rule import Related

SHOWN = 3


def dependents(service: Service, cluster: Cluster) -> tuple[Related, ...]:
    """The places that lead to a Service, one an object: Ingresses, routes, and what is told its name.

    At most SHOWN are shown; the first says how many there are.
    """
    found: dict[Resource, Place] = {}
    for caller in callers(cluster, service):
        found.setdefault(caller.resource, caller.place)
    count = len(found)
    said = []
    for number, (resource, place) in enumerate(found.items()):
        if number == SHOWN:
            break
        message = f'{resource.kind} "{resource.name}" depends on this'
        if number == 0 and count > 1:
            message = f"{count} things depend on this, {resource.kind} " + f'"{resource.name}" among them'
        said.append(Related(place, message))
    return tuple(said)

"""What depends on a Service: told under the cause when it is broken, so that one fault is one finding."""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.cluster.mentions import told
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.rule import Related

SHOWN = 3


def dependents(service: Service, cluster: Cluster) -> tuple[Related, ...]:
    """The places that lead to a Service, one an object: Ingresses, routes, and what is told its name.

    At most SHOWN are shown; the first says how many there are.
    """
    found: dict[Resource, Place] = {}
    for route in cluster.ingresses.callers(service.namespace, service.name):
        found.setdefault(route.ingress.resource, route.backend.view.at("service", "name"))
    for caller in cluster.gateways.callers(service.namespace, service.name):
        found.setdefault(caller.route.resource, caller.backend.reference.at("name"))
    for mention in told(cluster).get((service.namespace, service.name), ()):
        found.setdefault(mention.resource, mention.host_place())
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

"""A Service without a selector that nobody gives endpoints.

Without a selector the EndpointSlice controller makes nothing: an EndpointSlice with the label
`kubernetes.io/service-name`, or an Endpoints object of the Service's name, must come with it. Otherwise every
connection is refused.

Nothing is said where something unread (a controller, another repository) is known to write them, or where the sources
hold no other object of the namespace.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: legacy  # warning: Service "legacy" has no selector, and no EndpointSlice or Endpoints object gives it addresses: connections are refused
spec:
  ports:
    - port: 80
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: legacy
spec:
  ports:
    - port: 80
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-1
  labels:
    kubernetes.io/service-name: legacy
addressType: IPv4
ports:
  - port: 8080
endpoints:
  - addresses: [192.0.2.7]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, rule
from svclint_rules._dependents import dependents

# Controllers that write the endpoints of a Service without selector themselves, known by the Service's metadata.
_MANAGED = ("service.kubernetes.io/service-proxy-name", "kubernetes.io/service-name")


@rule("service-without-endpoints", on=Service, severity="warning")
def service_without_endpoints(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the name."""
    if service.is_external_name or service.selector or not service.ports:
        return
    if cluster.may_hold_more("discovery.k8s.io", "EndpointSlice", service.namespace) or cluster.given_endpoints(
        service
    ):
        return
    if any(key in service.resource.labels for key in _MANAGED):
        return
    yield Finding(
        service.at("metadata", "name"),
        f'Service "{service.name}" has no selector, and no EndpointSlice or Endpoints object gives it addresses: '
        "connections are refused",
        dependents(service, cluster),
        confidence="likely",
    )

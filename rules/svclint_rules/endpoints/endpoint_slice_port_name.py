"""A hand-written EndpointSlice whose port names are not those of its Service.

kube-proxy joins a Service's port and a slice's port by name and protocol, not by number. A slice whose port has another
name gives the Service port no backend.

Symptoms: connection refused

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: legacy
spec:
  ports:
    - name: http
      port: 80
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-1
  labels:
    kubernetes.io/service-name: legacy
addressType: IPv4
ports:
  - name: web  # error: no port of Service "legacy" is named "web" with protocol TCP (its ports: http 80/TCP): kube-proxy never sends there
    port: 8080
endpoints:
  - addresses: [192.0.2.7]
```
```diff fix
-  - name: web
+  - name: http
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: legacy
spec:
  ports:
    - name: http
      port: 80
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-1
  labels:
    kubernetes.io/service-name: legacy
addressType: IPv4
ports:
  - name: http
    port: 8080
endpoints:
  - addresses: [192.0.2.7]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.endpoints import EndpointPort, Endpoints, EndpointSlice
from svclint.kube.resource import View
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Place, Related, insert, rule, set_value


@rule("endpoint-slice-port-name", on=Service)
def endpoint_slice_port_name(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port of a slice (or of an Endpoints object) that no port of the Service meets."""
    every = cluster.given_endpoints(service)
    if not every or service.is_external_name or not service.ports:
        return
    wanted = {(port.port_name, port.protocol) for port in service.ports}
    shown = ", ".join(str(port) for port in service.ports)
    for given in every:
        for place, port, written in _ports(given):
            if (port.name, port.protocol) in wanted:
                continue
            only = service.ports[0] if len(service.ports) == 1 else None
            fix = None
            if only is not None and only.protocol == port.protocol:
                change = set_value(place, only.port_name) if written else insert(place, "name", only.port_name)
                fix = Fix(f"write name: {only.port_name or chr(34) * 2}", (change,))
            said = f'is named "{port.name}"' if port.name else "is without a name,"
            yield Finding(
                place,
                f'no port of Service "{service.name}" {said} with protocol {port.protocol} (its ports: {shown}): '
                "kube-proxy never sends there",
                (Related(service.at("spec", "ports", key=True), f'the ports of Service "{service.name}"'),),
                fix,
            )


def _ports(given: EndpointSlice | Endpoints) -> Iterator[tuple[Place, EndpointPort, bool]]:
    views: tuple[View, ...] = (given,) if isinstance(given, EndpointSlice) else given.subsets
    for view in views:
        for index, port in enumerate(view.ports):  # type: ignore[attr-defined]
            written = view.get("ports", index, "name") is not None
            yield view.at("ports", index, *(("name",) if written else ())), port, written

"""A named targetPort that two containers of one Pod have, with different numbers.

The EndpointSlice controller takes the first container that has a port of this name and protocol. The other one is never
reached by this Service, and the order of the containers decides.

Symptoms: wrong container answers

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: http  # warning: two containers of Deployment "web" have a port named "http": port 80 of Service "web" reaches 8080 of container "web" and never 8081 of container "admin"
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          ports:
            - name: http
              containerPort: 8080
        - name: admin
          image: registry.example.com/admin:1
          ports:
            - name: http
              containerPort: 8081
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          ports:
            - name: http
              containerPort: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules.ports._target import named_targets, selected


@rule("ambiguous-target-port-name", on=Service, severity="warning")
def ambiguous_target_port_name(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port and workload."""
    workloads = selected(service, cluster)
    for port in named_targets(service):
        for workload in workloads:
            found = [
                p for p in workload.template.ports() if p.port_name == port.target_port and p.protocol == port.protocol
            ]
            other = next((p for p in found if p.port != found[0].port), None)
            if other is None:
                continue
            first = found[0]
            yield Finding(
                port.at("targetPort"),
                f'two containers of {workload.kind} "{workload.name}" have a port named "{port.target_port}": port '
                f'{port.port} of Service "{service.name}" reaches {first.port} of container '
                f'"{first.container.container_name}" and never {other.port} of container "{other.container.container_name}"',
                (Related(first.at("name"), "this one is reached"), Related(other.at("name"), "this one is not")),
            )

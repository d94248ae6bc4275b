"""A Service whose named targetPort only an init container declares.

Init containers have ended when the Pod serves. The EndpointSlice controller looks in the containers and in sidecars
(init containers with `restartPolicy: Always`), not in plain init containers.

Symptoms: connection refused

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
      targetPort: http  # error: port "http" of Deployment "web" is declared only by init container "setup", which ends before the Pod serves: connections to port 80 of Service "web" are refused
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
      initContainers:
        - name: setup
          image: registry.example.com/setup:1
          ports:
            - name: http
              containerPort: 8080
      containers:
        - name: web
          image: registry.example.com/web:1
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
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  initContainers:
    - name: proxy
      image: registry.example.com/proxy:1
      restartPolicy: Always
      ports:
        - name: http
          containerPort: 8080
  containers:
    - name: web
      image: registry.example.com/web:1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules.ports._target import named, named_targets, selected


@rule("target-port-name-on-init-container", on=Service)
def target_port_name_on_init_container(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port."""
    workloads = selected(service, cluster)
    for port in named_targets(service):
        found = named(port, workloads)
        if found.cause != "init" or found.port is None:
            continue
        container = found.port.container
        whose = found.lacking[0]
        yield Finding(
            port.at("targetPort"),
            f'port "{port.target_port}" of {whose.kind} "{whose.name}" is declared only by init container '
            f'"{container.container_name}", which ends before the Pod serves: connections to port {port.port} of '
            f'Service "{service.name}" are refused',
            (Related(found.port.at("name"), "only here"),),
        )

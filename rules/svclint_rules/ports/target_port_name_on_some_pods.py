"""A Service whose named targetPort exists in some of the selected workloads only.

The Service reaches only the Pods that have a port of this name. The others are published without it: they get no
connection, and a rollout or a scale-down of the rest takes the Service down.

Symptoms: connection refused now and then, uneven load

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
      targetPort: http  # warning: Deployment "web-canary" has no port named "http", which Deployment "web" has: its Pods get no connection from port 80 of Service "web"
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-canary
spec:
  selector:
    matchLabels:
      app: web
      track: canary
  template:
    metadata:
      labels:
        app: web
        track: canary
    spec:
      containers:
        - name: web
          image: registry.example.com/web:2
          ports:
            - name: web
              containerPort: 8080
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
from svclint_rules.ports._target import named, named_targets, selected


@rule("target-port-name-on-some-pods", on=Service, severity="warning")
def target_port_name_on_some_pods(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port, naming the workloads that lack it."""
    workloads = () if service.headless else selected(service, cluster)
    for port in named_targets(service):
        found = named(port, workloads)
        if found.cause != "some":
            continue
        lacking_it = set(found.lacking)
        having = next(w for w in workloads if w not in lacking_it)
        lacking = ", ".join(f'{w.kind} "{w.name}"' for w in found.lacking[:3])
        yield Finding(
            port.at("targetPort"),
            f'{lacking} has no port named "{port.target_port}", which {having.kind} "{having.name}" has: its Pods get no '
            f'connection from port {port.port} of Service "{service.name}"',
            tuple(Related(w.resource.at("metadata", "name"), "selected, without this port") for w in found.lacking[:3]),
        )

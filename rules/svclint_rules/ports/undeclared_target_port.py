"""A numeric targetPort that no selected Pod declares.

Declaring a containerPort is optional and changes nothing for a number: whatever listens in the Pod is reached. Some
teams want every served port declared all the same; they select this rule.

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
      targetPort: 8888  # info: no container of Deployment "web" declares port 8888/TCP, where port 80 of Service "web" leads
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
            - containerPort: 8080
            - containerPort: 9090
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
      targetPort: 9090
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
            - containerPort: 8080
            - containerPort: 9090
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, rule
from svclint_rules.ports._target import declared, selected


@rule("undeclared-target-port", on=Service, severity="info")
def undeclared_target_port(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port."""
    workloads = () if service.is_external_name else selected(service, cluster)
    numbers = {(p.port, p.protocol) for p in declared(workloads)}
    for port in service.ports if workloads else ():
        target = port.target_port
        if isinstance(target, int) and (target, port.protocol) not in numbers:
            whose = " or ".join(f'{w.kind} "{w.name}"' for w in workloads[:3])
            yield Finding(
                port.at("targetPort" if port.get("targetPort") is not None else "port"),
                f"no container of {whose} declares port {target}/{port.protocol}, where port {port.port} of Service "
                f'"{service.name}" leads',
            )

"""A targetPort that no selected Pod declares, while all of them declare exactly one other port.

Declaring a containerPort is optional, so a number alone proves nothing. But when every selected Pod declares one port,
of the same protocol, and the Service's targetPort (or, where it is left out, its `port`) is another, the connection is
most likely refused.

Nothing is said when the Pods declare several ports or only a metrics or health port, or when another port of the
Service leads to the declared one.

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
      targetPort: 9376  # warning: the Pods of Deployment "web" declare port 8080 and nothing else, port 80 of Service "web" leads to 9376: connections are refused unless something listens there undeclared
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
```
```diff fix
-      targetPort: 9376
+      targetPort: 8080
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
      targetPort: 8080
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.ports._target import declared, is_side_port, selected


@rule("unlikely-target-port", on=Service, severity="warning")
def unlikely_target_port(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port; the fix is the declared port."""
    workloads = () if service.is_external_name else selected(service, cluster)
    if not workloads or not all(w.built_in for w in workloads):
        return
    asking = [port for port in service.ports if isinstance(port.target_port, int) and port.target_port]
    if not asking or any(next(w.template.ports(), None) is None for w in workloads):
        return
    ports = list(declared(workloads))
    for port in asking:
        target = port.target_port
        same = [p for p in ports if p.protocol == port.protocol]
        numbers = {p.port for p in same}
        if len(numbers) != 1 or target in numbers:
            continue
        if any(p.port == target for p in ports) or any(is_side_port(p) for p in same):
            continue
        (only,) = numbers
        names = {p.port_name for p in same}
        if any(
            p is not port and p.protocol == port.protocol and (p.target_port == only or p.target_port in names)
            for p in service.ports
        ):
            continue
        written = port.get("targetPort") is not None
        place = port.at("targetPort" if written else "port")
        change = set_value(place, only) if written else insert(port.at(), "targetPort", only)
        whose = " and ".join(f'{w.kind} "{w.name}"' for w in workloads[:3])
        yield Finding(
            place,
            f"the Pods of {whose} declare port {only} and nothing else, port {port.port} of Service "
            f'"{service.name}" leads to {target}: connections are refused unless something listens there undeclared',
            (Related(same[0].at("containerPort"), "the only declared port"),),
            Fix(f"write targetPort: {only}", (change,)),
            confidence="likely",
        )

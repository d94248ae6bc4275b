"""A Service whose named targetPort exists only with another protocol.

A named port is found by name *and* protocol. A UDP Service port does not find a TCP container port of that name: the
Pod is published without the port.

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
    - port: 53
      protocol: UDP
      targetPort: dns  # error: port "dns" of Deployment "web" is TCP, port 53 of Service "web" is UDP: they never meet, packets are refused
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
            - name: dns
              containerPort: 53
```
```diff fix
-      protocol: UDP
+      protocol: TCP
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
    - port: 53
      protocol: UDP
      targetPort: dns
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
            - name: dns
              protocol: UDP
              containerPort: 53
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.ports._target import named, named_targets, selected


@rule("target-port-name-protocol", on=Service)
def target_port_name_protocol(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port; the fix gives the Service port the container port's protocol."""
    workloads = selected(service, cluster)
    for port in named_targets(service):
        found = named(port, workloads)
        if found.cause != "protocol" or found.port is None:
            continue
        theirs = found.port
        whose = found.lacking[0]
        if port.get("protocol") is not None:
            change = set_value(port.at("protocol"), theirs.protocol)
        else:
            change = insert(port.at(), "protocol", theirs.protocol)
        yield Finding(
            port.at("targetPort"),
            f'port "{port.target_port}" of {whose.kind} "{whose.name}" is {theirs.protocol}, port {port.port} of Service '
            f'"{service.name}" is {port.protocol}: they never meet, packets are refused',
            (Related(theirs.at("name"), f"{theirs.protocol} here"),),
            Fix(f"write protocol: {theirs.protocol}", (change,)),
        )

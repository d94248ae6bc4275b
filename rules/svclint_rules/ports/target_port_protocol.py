"""A numeric targetPort that the selected Pods declare with another protocol only.

kube-proxy forwards UDP to UDP and TCP to TCP. A number that the containers declare as TCP, behind a UDP Service port,
is most likely a slip: nothing answers.

Nothing is said when another port of the Service covers the declared one (HTTP/3 beside HTTPS).

Symptoms: connection refused, timeout

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
      protocol: UDP
      targetPort: 8080  # warning: Deployment "web" declares port 8080 as TCP, port 80 of Service "web" is UDP: what is sent there meets no listener
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
    - name: https
      port: 443
      targetPort: 8443
    - name: http3
      protocol: UDP
      port: 443
      targetPort: 8443
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
            - containerPort: 8443
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.ports._target import declared, selected


@rule("target-port-protocol", on=Service, severity="warning")
def target_port_protocol(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port; the fix gives it the protocol that the Pods declare."""
    workloads = () if service.is_external_name else selected(service, cluster)
    ports = list(declared(workloads))
    if not ports:
        return
    covered: set[tuple[int | str, str]] | None = None
    for port in service.ports:
        target = port.target_port
        if not isinstance(target, int) or any(p.port == target and p.protocol == port.protocol for p in ports):
            continue
        theirs = next((p for p in ports if p.port == target), None)
        covered = covered or {(p.target_port, p.protocol) for p in service.ports}
        if theirs is None or (target, theirs.protocol) in covered or (theirs.port_name, theirs.protocol) in covered:
            continue
        whose = next(w for w in workloads if w.resource is theirs.resource)
        if port.get("protocol") is not None:
            change = set_value(port.at("protocol"), theirs.protocol)
        else:
            change = insert(port.at(), "protocol", theirs.protocol)
        yield Finding(
            port.at("targetPort" if port.get("targetPort") is not None else "port"),
            f'{whose.kind} "{whose.name}" declares port {target} as {theirs.protocol}, port {port.port} of Service '
            f'"{service.name}" is {port.protocol}: what is sent there meets no listener',
            (Related(theirs.at("containerPort"), f"declared as {theirs.protocol}"),),
            Fix(f"write protocol: {theirs.protocol}", (change,)),
            confidence="likely",
        )

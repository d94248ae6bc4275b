"""A headless Service whose port is not the targetPort.

Without a cluster IP there is no kube-proxy in between: DNS gives the Pods' addresses, and the client dials them. The
Service's `port` is never mapped; a client that dials it meets whatever listens there in the Pod.

Symptoms: connection refused

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
  ports:
    - port: 80  # warning: Service "db" is headless: port 80 is not mapped to 5432, clients that dial 80 are refused by the Pods
      targetPort: 5432
```
```diff fix
-    - port: 80
+    - port: 5432
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
  ports:
    - port: 5432
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, rule, set_value


@rule("headless-port-remap", on=Service, severity="warning")
def headless_port_remap(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port. Nothing is said where a Pod declares the dialled port too."""
    if not service.headless or not service.selector:
        return
    workloads = cluster.selected(service)
    for port in service.ports:
        numbers = {w.template.find_port(port.target_port, port.protocol) for w in workloads}
        if isinstance(port.target_port, int):
            numbers = {port.target_port}
        numbers.discard(None)
        if len(numbers) != 1 or port.port in numbers:
            continue
        if any(w.template.declares(port.port, port.protocol) for w in workloads):
            continue
        (number,) = numbers
        clash = any(p is not port and p.port == number and p.protocol == port.protocol for p in service.ports)
        related = [p for w in workloads for p in w.template.ports() if p.port == number]
        yield Finding(
            port.at("port"),
            f'Service "{service.name}" is headless: port {port.port} is not mapped to {number}, clients that dial '
            f"{port.port} are refused by the Pods",
            (Related(related[0].at("containerPort"), "the port that the Pods serve"),) if related else (),
            None if clash else Fix(f"write port: {number}", (set_value(port.at("port"), number),)),
        )

"""A Service that has the same port twice.

A cluster IP, a port and a protocol lead to one target. The API server refuses a second entry with the same number and
protocol, whatever its name.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - name: http
      port: 80
      targetPort: 8080
    - name: web  # error: port 80/TCP stands twice: the API server refuses Service "web"
      port: 80
      targetPort: 8080
```
```diff fix
-    - name: web
-      port: 80
-      targetPort: 8080
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
    - name: http
      port: 80
      targetPort: 8080
    - name: http3
      port: 80
      protocol: UDP
      targetPort: 8080
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, Related, refusal, remove


@refusal("duplicate-port", on=Service, fields=("spec.ports[*]",))
def duplicate_port(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at each later entry; the fix takes it away, safely where it says nothing else than the first."""
    index = cause.place[-1]
    if cause.kind != "FieldValueDuplicate" or not isinstance(index, int) or index >= len(service.ports):
        return None
    port = service.ports[index]
    first = service.port_numbered(port.port, port.protocol)
    if first is None or first.index >= index:
        return None
    same = port.target_port == first.target_port and port.node_port in (0, first.node_port)
    return Finding(
        port.at(key=True),
        f'port {port.port}/{port.protocol} stands twice: the API server refuses Service "{service.name}"',
        (Related(first.at("port"), "it stands here already"),),
        Fix("leave the second one out", (remove(port.at()),), "safe" if same else "unsafe"),
    )

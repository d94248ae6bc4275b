"""Several ports of a Service, and one has no name.

With more than one port every port needs a name: Endpoints, DNS SRV records and Ingress backends tell them apart by it.

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
    - port: 9090  # error: port 9090 has no name; with several ports each needs one: the API server refuses Service "web"
```
```diff fix
+      name: tcp-9090
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
    - name: metrics
      port: 9090
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, insert, refusal


@refusal("port-name-required", on=Service, fields=("spec.ports[*].name",))
def port_name_required(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding a nameless port; the fix names it after its protocol and number."""
    if cause.kind != "FieldValueRequired" or len(service.ports) < 2:
        return None
    index = cause.place[2]
    port = service.ports[index] if isinstance(index, int) else service.ports[0]
    name = f"{port.protocol.lower()}-{port.port}"
    if service.port_named(name) is not None:
        return None
    return Finding(
        port.at("port"),
        f"port {port.port} has no name; with several ports each needs one: the API server refuses Service "
        f'"{service.name}"',
        fix=Fix(f"write name: {name}", (insert(port.at(), "name", name),)),
    )

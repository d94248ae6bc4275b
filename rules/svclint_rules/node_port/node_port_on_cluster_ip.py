"""A nodePort on a Service of type ClusterIP.

Only the types NodePort and LoadBalancer open a port on the nodes. `ClusterIP` is the default when `type` is left out.

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
    - port: 80
      nodePort: 30080  # error: nodePort needs type NodePort or LoadBalancer, Service "web" is of type ClusterIP: the API server refuses it
```
```diff fix
+  type: NodePort
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector:
    app: web
  ports:
    - port: 80
      nodePort: 30080
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, insert, refusal, remove


@refusal("node-port-on-cluster-ip", on=Service, fields=("spec.ports[*].nodePort",))
def node_port_on_cluster_ip(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the number; where no type is written, NodePort was meant."""
    if cause.kind != "FieldValueForbidden":
        return None
    place = service.at(*cause.place)
    if service.get("spec", "type") is None and not service.headless:
        fix = Fix("write type: NodePort", (insert(service.at("spec"), "type", "NodePort"),))
    else:
        fix = Fix("leave nodePort out", (remove(place),))
    return Finding(
        place,
        f'nodePort needs type NodePort or LoadBalancer, Service "{service.name}" is of type {service.type}: the API '
        "server refuses it",
        fix=fix,
    )

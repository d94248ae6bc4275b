"""A headless Service of type NodePort or LoadBalancer.

`clusterIP: None` means that kube-proxy has no part in it; a node port or a load balancer needs kube-proxy. The API server
refuses the combination.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  clusterIP: None  # error: a Service of type NodePort can't be headless: the API server refuses Service "web"; leave clusterIP out, or make it type ClusterIP
  selector:
    app: web
  ports:
    - port: 80
```
```diff fix
-  clusterIP: None
```
```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  type: NodePort
  clusterIP: None  # error: a Service of type NodePort can't be headless: the API server refuses Service "db"; leave clusterIP out, or make it type ClusterIP
  selector:
    app: db
  ports:
    - port: 5432
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector:
    matchLabels:
      app: db
  template:
    metadata:
      labels:
        app: db
    spec:
      containers:
        - name: db
          image: registry.example.com/db:1
          ports:
            - containerPort: 5432
```
```diff fix
-  type: NodePort
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
  selector:
    app: web
  ports:
    - port: 80
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, refusal, remove


@refusal("headless-external-type", on=Service, fields=("spec.clusterIPs*",))
def headless_external_type(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at clusterIP."""
    if not service.headless or service.type not in ("NodePort", "LoadBalancer") or "'None' for" not in cause.body:
        return None
    places = [service.at("spec", key) for key in ("clusterIP", "clusterIPs") if service.get("spec", key) is not None]
    governed = any(
        w.service_name == service.name and w.is_stateful_set for w in cluster.workloads_in(service.namespace)
    )
    if governed:
        external = [service.at("spec", "type")]
        external += [port.at("nodePort") for port in service.ports if port.node_port]
        fix = Fix("leave type out: a StatefulSet needs the Service headless", tuple(map(remove, external)))
    else:
        fix = Fix("leave clusterIP out", tuple(map(remove, places)))
    return Finding(
        places[0],
        f'a Service of type {service.type} can\'t be headless: the API server refuses Service "{service.name}"; leave '
        "clusterIP out, or make it type ClusterIP",
        fix=fix,
    )

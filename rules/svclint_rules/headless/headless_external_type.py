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
    return Finding(
        places[0],
        f'a Service of type {service.type} can\'t be headless: the API server refuses Service "{service.name}"; leave '
        "clusterIP out, or make it type ClusterIP",
        fix=Fix("leave clusterIP out", tuple(remove(place) for place in places)),
    )

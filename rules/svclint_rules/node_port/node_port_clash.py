"""A nodePort that two Services ask for.

Node ports are one pool for the whole cluster: all namespaces, all protocols. The API server refuses the second Service:
`provided port is already allocated`.

Symptoms: refused by the API server

```yaml bad
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
---
apiVersion: v1
kind: Service
metadata:
  name: admin
  namespace: ops
spec:
  type: NodePort
  selector:
    app: admin
  ports:
    - port: 80
      nodePort: 30080  # error: nodePort 30080 is taken by Service "web" in namespace "default": the API server refuses Service "admin" (provided port is already allocated)
```
```diff fix
-      nodePort: 30080
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: dns
spec:
  type: NodePort
  selector:
    app: dns
  ports:
    - name: tcp
      port: 53
      nodePort: 30053
    - name: udp
      protocol: UDP
      port: 53
      nodePort: 30053
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Place, Related, remove, rule


@rule("node-port-clash", on=Cluster, kinds=Service.GROUP_KINDS)
def node_port_clash(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding at every later use of a number (within one Service the API server's own refusal speaks)."""
    taken: dict[int, tuple[Service, Place]] = {}
    for service in cluster.services:
        if service.type not in ("NodePort", "LoadBalancer"):
            continue
        wanted = [(port.node_port, port.at("nodePort")) for port in service.ports]
        health = service.get("spec", "healthCheckNodePort")
        if isinstance(health, int):
            wanted.append((health, service.at("spec", "healthCheckNodePort")))
        for number, place in wanted:
            if not number:
                continue
            first = taken.setdefault(number, (service, place))
            if (first[0].namespace, first[0].name) == (service.namespace, service.name):
                continue
            yield Finding(
                place,
                f'nodePort {number} is taken by Service "{first[0].name}" in namespace "{first[0].namespace}": the API '
                f'server refuses Service "{service.name}" (provided port is already allocated)',
                (Related(first[1], "taken here"),),
                Fix(f"leave {place.path[-1]} out: a free one is given", (remove(place),)),
            )

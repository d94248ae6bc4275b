"""A nodePort outside the cluster's range.

The API server allocates node ports from one range, 30000-32767 unless its flag `--service-node-port-range` says
otherwise (tell svclint with `node-port-range`). A port outside is refused.

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
      nodePort: 8080  # error: nodePort 8080 is not in the range 30000-32767: the API server refuses Service "web"; leave it out to be given one
```
```diff fix
-      nodePort: 8080
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
from svclint.rule import Finding, Fix, Refusal, refusal, remove


@refusal("node-port-out-of-range", on=Service, fields=("spec.ports[*].nodePort",))
def node_port_out_of_range(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the number."""
    if "not in the valid range" not in cause.body:
        return None
    low, high = cluster.facts.node_port_range
    place = service.at(*cause.place)
    return Finding(
        place,
        f"nodePort {service.get(*cause.place)} is not in the range {low}-{high}: the API server refuses Service "
        f'"{service.name}"; leave it out to be given one',
        fix=Fix("leave nodePort out", (remove(place),)),
    )

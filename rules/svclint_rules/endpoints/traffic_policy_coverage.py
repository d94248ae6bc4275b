"""A traffic policy `Local` over Pods that are not on every node.

With `externalTrafficPolicy: Local` a node sends what arrives from outside to its own Pods only, with
`internalTrafficPolicy: Local` what its own Pods connect to. On a node without such a Pod the packets are dropped. A
DaemonSet has a Pod on every node, a Deployment of two replicas on two at most. Off by default.

Symptoms: timeout from some nodes

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  internalTrafficPolicy: Local  # info: internalTrafficPolicy Local reaches Pods of the client's own node only, and Deployment "web" has 2 replicas: on other nodes connections to Service "web" are dropped
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
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
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  internalTrafficPolicy: Local
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: DaemonSet
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule

_WHERE = {
    "internalTrafficPolicy": "the client's own node only",
    "externalTrafficPolicy": "the node where the packet arrives only",
}


@rule("traffic-policy-coverage", on=Service, severity="info")
def traffic_policy_coverage(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a policy of a Service."""
    workloads = cluster.selected(service)
    if service.headless or not workloads or any(w.per_node or not w.built_in for w in workloads):
        return
    local = [
        field
        for field, value, counts in (
            ("internalTrafficPolicy", service.internal_traffic_policy, not service.is_external_name),
            ("externalTrafficPolicy", service.external_traffic_policy, service.type in ("NodePort", "LoadBalancer")),
        )
        if counts and value == "Local"
    ]
    # A load balancer asks the nodes' health check port and leaves out those without a Pod.
    if service.type == "LoadBalancer":
        local = [field for field in local if field != "externalTrafficPolicy"]
    first = workloads[0]
    count = "1 replica" if first.replicas == 1 else f"{first.replicas} replicas"
    for field in local:
        yield Finding(
            service.at("spec", field),
            f'{field} Local reaches Pods of {_WHERE[field]}, and {first.kind} "{first.name}" has {count}: on other nodes '
            f'connections to Service "{service.name}" are dropped',
            (Related(first.at("kind"), "not on every node"),),
        )

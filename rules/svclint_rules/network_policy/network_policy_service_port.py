"""A NetworkPolicy that lists a Service's port where the container's port counts.

kube-proxy has replaced the Service's address and port by those of a Pod before policies are asked. A rule for port 80 does
not let through what arrives at 8080, so that every connection through the Service is dropped.

Symptoms: timeout

```yaml bad
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
  ingress:
    - ports:
        - port: 80  # error: 80 is the port of Service "web", the Pods of Deployment "web" get its connections at 8080, which NetworkPolicy "web" doesn't let through
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
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
-        - port: 80
+        - port: 8080
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
  ingress:
    - ports:
        - port: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
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
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.network_policy import NetworkPolicy
from svclint.rule import Finding, Fix, Related, rule, set_value
from svclint_rules.network_policy._peers import wrong_ports


@rule("network-policy-service-port", on=NetworkPolicy)
def network_policy_service_port(policy: NetworkPolicy, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port of a rule."""
    for wrong in wrong_ports(policy, cluster):
        workload, target = wrong.workload, wrong.target
        place = wrong.port.at("port")
        yield Finding(
            place,
            f'{wrong.port.port} is the port of Service "{wrong.service.name}", the Pods of {workload.kind} '
            f'"{workload.name}" get its connections at {target}, which NetworkPolicy "{policy.name}" doesn\'t let through',
            (Related(wrong.through.at("port"), f"leads to {target} in the Pods"),),
            Fix(f"write port: {target}", (set_value(place, target),)),
        )

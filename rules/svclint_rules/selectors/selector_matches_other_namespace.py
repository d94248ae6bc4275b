"""A Service whose selector is carried only by Pods of another namespace.

A Service selects Pods of its own namespace. `kubectl apply` without `--namespace` puts a Service that names none into
`default`, away from workloads that name theirs.

Symptoms: connection refused, no endpoints, NXDOMAIN

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web  # error: the Pods labelled app=web are in namespace "dev" (Deployment "web"); Service "web" is in namespace "default", where none is: connections are refused
spec:
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: dev
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
```diff fix
+  namespace: dev
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: dev
spec:
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: dev
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
from svclint.kube.labels import written
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules._dependents import dependents
from svclint_rules._names import pods_of
from svclint_rules.selectors._diagnosis import diagnose


@rule("selector-matches-other-namespace", on=Service)
def selector_matches_other_namespace(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the namespace (or the name, where none is written)."""
    found = diagnose(service, cluster)
    if found is None or found.cause != "other-namespace":
        return
    workload = found.nearest
    if service.get("metadata", "namespace") is not None:
        place = service.at("metadata", "namespace")
        change = set_value(place, workload.namespace)
    else:
        place = service.at("metadata", "name")
        change = insert(service.at("metadata"), "namespace", workload.namespace)
    yield Finding(
        place,
        f'the Pods labelled {written(service.selector)} are in namespace "{workload.namespace}" ({workload.kind} '
        f'"{workload.name}"); Service "{service.name}" is in namespace "{service.namespace}", where none is: '
        "connections are refused",
        (
            Related(workload.at_labels(), pods_of(workload)),
            *dependents(service, cluster),
        ),
        Fix(f"put the Service into namespace {workload.namespace}", (change,)),
    )

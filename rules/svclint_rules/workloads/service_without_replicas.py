"""A Service all of whose workloads have no replicas.

With `replicas: 0` there is no Pod: the Service has no endpoints and refuses every connection. An autoscaler does not start
from zero either.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:  # warning: Deployment "web", all that Service "web" selects, has replicas 0: every connection is refused
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 0
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
            - containerPort: 80
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.references import HorizontalPodAutoscaler
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules._dependents import dependents


@rule("service-without-replicas", on=Service, severity="warning")
def service_without_replicas(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a Service; nothing where a KEDA ScaledObject may start the workload."""
    selection = cluster.selection(service)
    workloads = selection.workloads
    if service.is_external_name or not workloads or selection.possible or selection.gap:
        return
    if not all(
        w.built_in and w.kind in ("Deployment", "StatefulSet", "ReplicaSet") and not w.replicas for w in workloads
    ):
        return
    targets = [s.target for s in cluster.of(HorizontalPodAutoscaler) if s.resource.group == "keda.sh"]
    if any(t and (t.namespace, t.kind, t.name) == (w.namespace, w.kind, w.name) for t in targets for w in workloads):
        return
    names = " and ".join(f'{w.kind} "{w.name}"' for w in workloads[:3])
    yield Finding(
        service.at("spec", "selector", key=True),
        f'{names}, all that Service "{service.name}" selects, {"has" if len(workloads) == 1 else "have"} replicas 0: every '
        "connection is refused",
        (*(Related(w.at("spec", "replicas"), "no Pod") for w in workloads[:3]), *dependents(service, cluster)),
    )

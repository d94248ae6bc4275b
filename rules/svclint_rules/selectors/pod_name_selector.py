"""A Service for one Pod of a StatefulSet that never exists.

The label `statefulset.kubernetes.io/pod-name` selects one Pod by its name. If the StatefulSet has no such ordinal, the
Service has no endpoints.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: db-3
spec:
  selector:
    statefulset.kubernetes.io/pod-name: db-3  # warning: StatefulSet "db" makes Pods db-0 to db-2, and no db-3: Service "db-3" has no endpoints
  ports:
    - port: 5432
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  replicas: 3
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
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: db-0
spec:
  selector:
    statefulset.kubernetes.io/pod-name: db-0
  ports:
    - port: 5432
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  replicas: 3
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
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule

LABEL = "statefulset.kubernetes.io/pod-name"


@rule("pod-name-selector", on=Service, severity="warning")
def pod_name_selector(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the label. Nothing is said of a StatefulSet that isn't among the sources, or that scales itself."""
    name = service.selector.get(LABEL)
    stem, _, ordinal = (name or "").rpartition("-")
    if not name or not stem or not (ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 10):
        return
    for workload in cluster.workloads_in(service.namespace):
        if not workload.is_stateful_set or not workload.built_in or workload.pods_name != stem:
            continue
        first, count = workload.first_ordinal, workload.replicas
        if first <= int(ordinal) < first + count or not count:
            return
        last = first + count - 1
        pods = f"Pod {stem}-{first}" if count == 1 else f"Pods {stem}-{first} to {stem}-{last}"
        yield Finding(
            service.at("spec", "selector", LABEL),
            f'StatefulSet "{workload.name}" makes {pods}, and no {name}: Service "{service.name}" has no endpoints',
            (Related(workload.at("spec", "replicas"), "1 replica" if count == 1 else f"{count} replicas"),),
        )
        return

"""A Service that selects only Pods of Jobs.

The Pods of a Job end. While none runs, the Service has no endpoints and refuses every connection.

Symptoms: connection refused

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: import
spec:
  selector:  # info: Service "import" selects only Pods of Job "import", which end: then every connection is refused
    app: import
  ports:
    - port: 80
---
apiVersion: batch/v1
kind: Job
metadata:
  name: import
spec:
  template:
    metadata:
      labels:
        app: import
    spec:
      restartPolicy: Never
      containers:
        - name: import
          image: registry.example.com/import:1
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
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules._names import pods_of


@rule("selector-matches-only-jobs", on=Service, severity="info")
def selector_matches_only_jobs(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a Service."""
    workloads = cluster.selected(service)
    if not workloads or service.is_external_name or not all(w.kind in ("Job", "CronJob") for w in workloads):
        return
    first = workloads[0]
    yield Finding(
        service.at("spec", "selector", key=True),
        f'Service "{service.name}" selects only Pods of {first.kind} "{first.name}", which end: then every connection '
        "is refused",
        (Related(first.at_labels(), pods_of(first)),),
    )

"""A Service selector that fits the labels of a workload, but not those of its Pods.

A Service selects Pods. A Deployment's own labels (`metadata.labels`) are not given to its Pods; those of its template
(`spec.template.metadata.labels`) are.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:  # error: the selector app=web,team=shop fits the labels of Deployment "web" itself, not those of its Pods (app=web): connections to Service "web" are refused
    app: web
    team: shop
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
    team: shop
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
-    team: shop
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    team: shop
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
        team: shop
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
from svclint_rules._dependents import dependents
from svclint_rules._names import pods_of
from svclint_rules.selectors._diagnosis import carried, diagnose, labels_text


@rule("selector-matches-workload-labels", on=Service)
def selector_matches_workload_labels(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the selector; the fix makes it one that the Pods carry."""
    found = diagnose(service, cluster)
    if found is None or found.cause != "workload-labels":
        return
    workload = found.nearest
    labels = workload.pod_labels.labels
    yield Finding(
        service.at("spec", "selector", key=True),
        f'the selector {labels_text(service.selector)} fits the labels of {workload.kind} "{workload.name}" itself, not '
        f'those of its Pods ({labels_text(labels)}): connections to Service "{service.name}" are refused',
        (
            Related(workload.at_labels(), pods_of(workload)),
            *dependents(service, cluster),
        ),
        carried(service, workload),
    )

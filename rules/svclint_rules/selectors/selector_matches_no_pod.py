"""A Service selector that no Pod in its namespace carries.

The EndpointSlice controller finds no Pod: the name resolves, and every connection is refused. All labels of a selector
must be on the Pod, with the very values; the labels of the Pod template count, not those of the Deployment.

Nothing is said where no workload of the namespace has any of the selector's keys (the Pods live in another repository),
or where something that svclint can't read may make such Pods.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:  # warning: no Pod in namespace "default" is labelled app=web,tier=front; the nearest, of Deployment "web", are labelled app=web,tier=back: connections to Service "web" are refused
    app: web
    tier: front
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
        tier: back
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
```
```diff fix
-    tier: front
+    tier: back
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
        tier: back
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


@rule("selector-matches-no-pod", on=Service, severity="warning")
def selector_matches_no_pod(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the selector, with the nearest workload's labels beside it."""
    found = diagnose(service, cluster)
    if found is None or found.cause != "no-match":
        return
    workload = found.nearest
    labels = workload.pod_labels.labels
    compared = {key: labels[key] for key in service.selector if key in labels} or labels
    yield Finding(
        service.at("spec", "selector", key=True),
        f'no Pod in namespace "{service.namespace}" is labelled {labels_text(service.selector)}; the nearest, of '
        f'{workload.kind} "{workload.name}", are labelled {labels_text(compared)}: '
        f'connections to Service "{service.name}" are refused',
        (
            Related(workload.at_labels(), pods_of(workload)),
            *dependents(service, cluster),
        ),
        carried(service, workload),
        confidence="likely",
    )

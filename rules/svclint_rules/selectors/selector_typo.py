"""A Service selector that is one slip away from the labels of a workload's Pods.

The EndpointSlice controller compares labels letter by letter. It finds no Pod: the name resolves, and every connection
is refused.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: wbe  # error: no Pod in namespace "default" is labelled app=wbe; Deployment "web" makes Pods labelled app=web: connections to Service "web" are refused
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
```
```diff fix
-    app: wbe
+    app: web
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
apiVersion: v1
kind: Pod
metadata:
  name: web
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
from svclint.rule import Finding, Fix, Related, nearest, rename_key, rule, set_value
from svclint_rules._dependents import dependents
from svclint_rules._names import pods_of
from svclint_rules.selectors._diagnosis import diagnose, labels_text


@rule("selector-typo", on=Service)
def selector_typo(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the label that differs, with the workload's own label beside it."""
    found = diagnose(service, cluster)
    if found is None or found.cause != "typo" or found.key is None:
        return
    key, workload = found.key, found.nearest
    labels = workload.pod_labels.labels
    place = service.at("spec", "selector", key)
    if key in labels:
        right = key
        fix = Fix(f"write {key}: {labels[key]}", (set_value(place, labels[key]),))
    else:
        right = nearest(key, labels) or key
        fix = Fix(f"write {right} for {key}", (rename_key(place, right),))
        place = service.at("spec", "selector", key, key=True)
    wrong = f"{key}={service.selector[key]}"
    whose = f'{workload.kind} "{workload.name}" makes Pods labelled {labels_text({right: labels.get(right, "")})}'
    yield Finding(
        place,
        f'no Pod in namespace "{service.namespace}" is labelled {wrong}; {whose}: '
        f'connections to Service "{service.name}" are refused',
        (
            Related(workload.at_labels(right), pods_of(workload)),
            *dependents(service, cluster),
        ),
        fix,
    )

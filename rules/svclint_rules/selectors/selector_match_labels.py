"""A Service selector written like a Deployment's.

A Service's selector is a plain map of labels. `matchLabels` and `matchExpressions` belong to the selectors of workloads
and policies; under a Service the API server reads them as labels and refuses their values.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    matchLabels:  # error: the selector of a Service is a plain map of labels, matchLabels is for workloads: the API server refuses Service "web"
      app: web
  ports:
    - port: 80
```
```diff fix
-    matchLabels:
-      app: web
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
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.read import texts
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, refusal, set_value


@refusal("selector-match-labels", on=Service, fields=("spec.selector*",))
def selector_match_labels(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the key; the fix lifts the labels."""
    selector = service.get("spec", "selector")
    if not isinstance(selector, dict):
        return None
    written = next((key for key in ("matchLabels", "matchExpressions") if key in selector), None)
    if written is None or not isinstance(selector[written], (dict, list)):
        return None
    fix = None
    labels = selector.get("matchLabels")
    if isinstance(labels, dict) and "matchExpressions" not in selector and texts(labels) == labels:
        rest = {key: value for key, value in selector.items() if key != "matchLabels"}
        fix = Fix("lift the labels", (set_value(service.at("spec", "selector"), {**rest, **labels}),))
    return Finding(
        service.at("spec", "selector", written, key=True),
        f"the selector of a Service is a plain map of labels, {written} is for workloads: the API server refuses "
        f'Service "{service.name}"',
        fix=fix,
    )

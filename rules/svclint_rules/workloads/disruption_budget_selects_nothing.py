"""A PodDisruptionBudget whose selector takes no Pod of its namespace.

It protects nothing: a drain of the node evicts all Pods at once.

Said only where a workload's labels are nearly those.

Symptoms: all Pods evicted at once

```yaml bad
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:  # warning: no Pod in namespace "default" is labelled app=wbe (the nearest are those of Deployment "web"): PodDisruptionBudget "web" protects nothing
      app: wbe
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
-      app: wbe
+      app: web
```
```yaml good
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
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
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster, Presence
from svclint.kube.references import PodDisruptionBudget
from svclint.rule import Finding, Related, rule
from svclint_rules.workloads._labels import nearest_labels, service_asks_the_same


@rule("disruption-budget-selects-nothing", on=PodDisruptionBudget, severity="warning")
def disruption_budget_selects_nothing(budget: PodDisruptionBudget, cluster: Cluster) -> Iterator[Finding]:
    """One finding a budget."""
    selector = budget.selector
    if selector is None or selector.empty:
        return
    if cluster.taken(budget.namespace, selector).presence is not Presence.ABSENT:
        return
    candidates = ((w, w.pod_labels.labels) for w in cluster.workloads_in(budget.namespace))
    near = nearest_labels(selector, candidates)
    if near is None or service_asks_the_same(budget.namespace, selector, near, cluster):
        return
    place = budget.at("spec", "selector", "matchLabels")
    yield Finding(
        place._replace(part="key"),
        f'no Pod in namespace "{budget.namespace}" is labelled {selector} (the nearest are those of {near.view.kind} '
        f'"{near.view.name}"): PodDisruptionBudget "{budget.name}" protects nothing',
        (Related(near.view.at("metadata", "name"), "the nearest labels"),),
        near.fix(selector, place),
        confidence="likely",
    )

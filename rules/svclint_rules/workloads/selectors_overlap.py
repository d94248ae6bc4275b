"""Two workloads of a namespace whose selectors take each other's Pods.

A controller counts every Pod that its selector takes. Autoscalers and disruption budgets of one workload then count the
other's Pods too; ReplicaSets and ReplicationControllers even adopt them. Deployments get by, because their ReplicaSets carry
a hash: of them, and of StatefulSets, this is said only as info. The API server does not notice.

Symptoms: Pods appear and disappear, wrong replica counts

```yaml bad
apiVersion: apps/v1
kind: ReplicaSet
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
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-worker
spec:
  selector:
    matchLabels:  # warning: the selectors of ReplicaSet "web-worker" and ReplicaSet "web" are the same (app=web): each counts the other's Pods as its own
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: worker
          image: registry.example.com/worker:1
```
```yaml good
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
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector:
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
    spec:
      containers:
        - name: worker
          image: registry.example.com/worker:1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.labels import Values, keys_and_values
from svclint.kube.workload import Workload
from svclint.rule import Finding, Related, rule

_KINDS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController"})
_ADOPTING = frozenset({"ReplicaSet", "ReplicationController"})


@rule("selectors-overlap", on=Cluster, severity="warning")
def selectors_overlap(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a later workload with the very selector of an earlier one in its namespace."""
    # By namespace and keys, then by values: many thousands of selectors, all of them different, take little.
    seen: dict[tuple[str, ...], dict[Values, Workload]] = {}
    for workload in cluster.workloads:
        selector = workload.selector if workload.kind in _KINDS and workload.built_in else None
        if selector is None or selector.empty:
            continue
        keys, values = keys_and_values(selector.labels)
        if selector.requirements:
            keys, values = ("", ""), tuple(sorted(str(selector).split(",")))
        first = seen.setdefault((workload.namespace, *keys), {}).setdefault(values, workload)
        if first is workload or (first.kind, first.name) == (workload.kind, workload.name):
            continue
        where = (
            ("spec", "selector", "matchLabels")
            if workload.get("spec", "selector", "matchLabels")
            else ("spec", "selector")
        )
        yield Finding(
            workload.at(*where, key=True),
            f'the selectors of {workload.kind} "{workload.name}" and {first.kind} "{first.name}" are the same '
            f"({selector}): each counts the other's Pods as its own",
            (Related(first.at(*where, key=True), f'the selector of {first.kind} "{first.name}"'),),
            severity=None if {workload.kind, first.kind} & _ADOPTING else "info",
        )

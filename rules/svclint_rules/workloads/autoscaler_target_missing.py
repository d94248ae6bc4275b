"""An autoscaler whose scaleTargetRef meets no workload.

The controller looks up kind and name in the autoscaler's own namespace. It finds nothing (`FailedGetScale`), and the
workload that was meant keeps its number of replicas under any load.

Symptoms: FailedGetScale, no scaling

```yaml bad
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  minReplicas: 1
  maxReplicas: 5
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: wbe  # warning: there is no Deployment "wbe" in namespace "default" (the nearest is Deployment "web"): HorizontalPodAutoscaler "web" scales nothing
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
-    name: wbe
+    name: web
```
```yaml bad
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: db
spec:
  minReplicas: 1
  maxReplicas: 5
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: db  # warning: there is no Deployment "db" in namespace "default" ("db" is a StatefulSet): HorizontalPodAutoscaler "db" scales nothing
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
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
```
```diff fix
-    kind: Deployment
+    kind: StatefulSet
```
```yaml good
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  minReplicas: 1
  maxReplicas: 5
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
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

from svclint.cluster import Cluster
from svclint.kube.references import HorizontalPodAutoscaler
from svclint.rule import Finding, Fix, Related, rule, set_value
from svclint_rules._names import meant

_BUILT_IN = {
    "Deployment": "apps",
    "StatefulSet": "apps",
    "ReplicaSet": "apps",
    "DaemonSet": "apps",
    "ReplicationController": "",
}


@rule("autoscaler-target-missing", on=HorizontalPodAutoscaler, severity="warning")
def autoscaler_target_missing(scaler: HorizontalPodAutoscaler, cluster: Cluster) -> Iterator[Finding]:
    """One finding an autoscaler; nothing where the namespace holds no workload that it could have meant."""
    target = scaler.target
    if target is None or target.kind not in _BUILT_IN:
        return
    group, namespace = _BUILT_IN[target.kind], scaler.namespace
    if cluster.index.get(group, target.kind, namespace, target.name) is not None:
        return
    if cluster.may_hold_more(group, target.kind, namespace, target.name):
        return
    workloads = [w for w in cluster.workloads_in(namespace) if w.kind not in ("Pod", "Job", "CronJob")]
    same = next((w for w in workloads if w.name == target.name), None)
    place = target.place
    related: tuple[Related, ...] = ()
    fix, hint = None, ""
    if same is not None:
        hint = f' ("{same.name}" is a {same.kind})'
        related = (Related(same.at("kind"), "this one is there"),)
        if same.kind in ("Deployment", "StatefulSet") and group == "apps":
            fix = Fix(f"write kind: {same.kind}", (set_value(scaler.at("spec", "scaleTargetRef", "kind"), same.kind),))
    else:
        kin = [w for w in workloads if w.kind == target.kind]
        near = meant(target.name, (w.name for w in kin))
        if near is None and len(kin) == 1 and kin[0].name == scaler.name:
            near = kin[0].name
        if near is not None:
            hint = f' (the nearest is {target.kind} "{near}")'
            related = tuple(Related(w.at("metadata", "name"), "the nearest name") for w in kin if w.name == near)
            fix = Fix(f"write {near}", (set_value(place, near),))
        elif not kin or cluster.completeness.pods_gap(namespace) is not None:
            return
    yield Finding(
        place,
        f'there is no {target.kind} "{target.name}" in namespace "{namespace}"{hint}: {scaler.kind} "{scaler.name}" scales '
        "nothing",
        related,
        fix,
        confidence="likely",
    )

"""A StatefulSet whose serviceName names no Service.

The Pods of a StatefulSet get stable DNS names, `POD.SERVICE.NAMESPACE.svc.cluster.local`, from the Service that
`spec.serviceName` names. Without it the Pods run, and none of these names resolves.

Nothing is said where the namespace holds no Service at all among the sources.

Symptoms: NXDOMAIN

```yaml bad
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db-headles  # warning: no Service "db-headles" in namespace "default": names such as db-0.db-headles of the Pods of StatefulSet "db" don't resolve
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
  name: db-headless
spec:
  clusterIP: None
  selector:
    app: db
```
```diff fix
-  serviceName: db-headles
+  serviceName: db-headless
```
```yaml good
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
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, nearest, rule, set_value


@rule("stateful-set-service-missing", on=Workload, severity="warning")
def stateful_set_service_missing(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding at serviceName; the fix is the nearest name, or the only headless Service that selects the Pods."""
    name = workload.service_name if workload.kind == "StatefulSet" and workload.built_in else ""
    if not name:
        return
    services = cluster.services_in(workload.namespace)
    if (
        not services
        or cluster.service_named(workload.namespace, name)
        or cluster.may_hold_more("", "Service", workload.namespace, name)
    ):
        return
    mine = [s for s in services if s.headless and s.selector and workload.pod_labels.matches(s.selector)]
    near = nearest(name, (s.name for s in services)) or (mine[0].name if len(mine) == 1 else None)
    place = workload.at("spec", "serviceName")
    yield Finding(
        place,
        f'no Service "{name}" in namespace "{workload.namespace}": names such as '
        f'{workload.pods_name}-{workload.first_ordinal}.{name} of the Pods of StatefulSet "{workload.name}" don\'t resolve',
        tuple(Related(s.at("metadata", "name"), "perhaps this one") for s in services if s.name == near),
        Fix(f"write serviceName: {near}", (set_value(place, near),)) if near else None,
        confidence="likely",
    )

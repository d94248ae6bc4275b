"""The name of a StatefulSet's Pod that never exists.

A StatefulSet of three replicas has the Pods 0, 1 and 2 (counted from `spec.ordinals.start`). The name of another one does
not resolve.

Symptoms: NXDOMAIN

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: client
spec:
  containers:
    - name: client
      image: registry.example.com/client:1
      env:
        - name: DB_HOST
          value: db-3.db:5432  # warning: StatefulSet "db" makes Pods db-0 to db-2: the name db-3.db doesn't resolve
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
kind: Pod
metadata:
  name: client
spec:
  containers:
    - name: client
      image: registry.example.com/client:1
      env:
        - name: DB_HOST
          value: db-2.db:5432
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

import re
from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules.dns._mentions import mentions, target

_POD = re.compile(r"(.+)-(\d+)")


@rule("stateful-set-ordinal", on=Cluster, kinds=Service.GROUP_KINDS, severity="warning")
def stateful_set_ordinal(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a mention; only where the Service selects the StatefulSet of that name and nothing else."""
    for mention in mentions(cluster):
        meant = target(mention, cluster)
        match = _POD.fullmatch(meant.pod) if meant and meant.pod else None
        service = cluster.service_named(meant.namespace, meant.name) if meant and match else None
        if service is None or match is None:
            continue
        workloads = [w for w in cluster.selected(service) if w.is_stateful_set and w.pods_name == match[1]]
        if len(workloads) != 1 or not workloads[0].built_in or not workloads[0].replicas:
            continue
        workload = workloads[0]
        first, last = workload.first_ordinal, workload.first_ordinal + workload.replicas - 1
        if first <= int(match[2]) <= last:
            continue
        pods = f"Pods {match[1]}-{first} to {match[1]}-{last}" if first < last else f"only Pod {match[1]}-{first}"
        yield Finding(
            mention.host_place(),
            f'StatefulSet "{workload.name}" makes {pods}: the name {mention.host} doesn\'t resolve',
            (Related(workload.at("spec", "replicas"), f"{workload.replicas} replica{'s' if first < last else ''}"),),
            confidence="likely",
        )

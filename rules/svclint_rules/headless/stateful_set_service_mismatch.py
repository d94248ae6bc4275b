"""A StatefulSet whose governing Service does not select its Pods.

The Pods' DNS names come from the endpoints of the Service that `spec.serviceName` names. If its selector doesn't take
the Pods, none of the names resolves.

Symptoms: NXDOMAIN

```yaml bad
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: cache  # warning: Service "cache" (app=cache) does not select the Pods of StatefulSet "db" (app=db): names such as db-0.cache don't resolve
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
  name: cache
spec:
  clusterIP: None
  selector:
    app: cache
---
apiVersion: v1
kind: Pod
metadata:
  name: cache
  labels:
    app: cache
spec:
  containers:
    - name: cache
      image: registry.example.com/cache:1
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
from svclint.kube.labels import written
from svclint.kube.workload import Workload
from svclint.rule import Finding, Related, rule


@rule("stateful-set-service-mismatch", on=Workload, severity="warning")
def stateful_set_service_mismatch(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding at serviceName. A Service that selects nothing at all has a finding of its own."""
    if workload.kind != "StatefulSet" or not workload.built_in or not workload.service_name:
        return
    service = cluster.service_named(workload.namespace, workload.service_name)
    if service is None or not service.selector or workload.pod_labels.matches(service.selector) is not False:
        return
    if not cluster.selected(service):
        return
    yield Finding(
        workload.at("spec", "serviceName"),
        f'Service "{service.name}" ({written(service.selector)}) does not select the Pods of StatefulSet '
        f'"{workload.name}" ({written(workload.template.labels)}): names such as '
        f"{workload.pods_name}-{workload.first_ordinal}.{service.name} don't resolve",
        (Related(service.at("spec", "selector"), f'the selector of Service "{service.name}"'),),
    )

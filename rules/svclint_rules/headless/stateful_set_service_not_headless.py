"""A StatefulSet whose governing Service has a cluster IP.

Kubernetes asks for a headless Service. With a cluster IP the Pods' own names resolve all the same (CoreDNS answers
them), but the Service's name gives one virtual address: a client that expects the members gets a random one.

```yaml bad
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db  # info: Service "db", which governs StatefulSet "db", is not headless: its name gives one virtual address, not the Pods'
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
  selector:
    app: db
  ports:
    - port: 5432
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
from svclint.rule import Finding, Related, rule


@rule("stateful-set-service-not-headless", on=Workload, severity="info")
def stateful_set_service_not_headless(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding at serviceName; off by default, many charts do so on purpose."""
    if workload.kind != "StatefulSet" or not workload.built_in or not workload.service_name:
        return
    service = cluster.service_named(workload.namespace, workload.service_name)
    if service is not None and not service.headless and not service.is_external_name:
        yield Finding(
            workload.at("spec", "serviceName"),
            f'Service "{service.name}", which governs StatefulSet "{workload.name}", is not headless: its name gives one '
            "virtual address, not the Pods'",
            (Related(service.at("metadata", "name"), "this Service"),),
        )

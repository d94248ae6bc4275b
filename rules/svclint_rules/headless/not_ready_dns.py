"""Peers of a StatefulSet that look each other up while the Service names only ready Pods.

A headless Service names a Pod once it is ready. Members of a cluster that have to find each other before they can become
ready (etcd, Cassandra, Elasticsearch …) then wait for one another for ever. `publishNotReadyAddresses: true` names them from
the start. Off by default.

Symptoms: NXDOMAIN at start, cluster never forms

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: etcd
spec:
  clusterIP: None  # info: the Pods of StatefulSet "etcd" look up etcd-0.etcd before they are ready, and Service "etcd" names ready Pods only: publishNotReadyAddresses is unset
  selector:
    app: etcd
  ports:
    - port: 2380
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: etcd
spec:
  serviceName: etcd
  selector:
    matchLabels:
      app: etcd
  template:
    metadata:
      labels:
        app: etcd
    spec:
      containers:
        - name: etcd
          image: registry.example.com/etcd:1
          args:
            - --initial-cluster=etcd-0=http://etcd-0.etcd:2380
          readinessProbe:
            tcpSocket:
              port: 2379
```
```diff fix
+  publishNotReadyAddresses: true
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: etcd
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    app: etcd
  ports:
    - port: 2380
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: etcd
spec:
  serviceName: etcd
  selector:
    matchLabels:
      app: etcd
  template:
    metadata:
      labels:
        app: etcd
    spec:
      containers:
        - name: etcd
          image: registry.example.com/etcd:1
          args:
            - --initial-cluster=etcd-0=http://etcd-0.etcd:2380
          readinessProbe:
            tcpSocket:
              port: 2379
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.dns._mentions import mentions, target


@rule("not-ready-dns", on=Cluster, kinds=(("apps", "StatefulSet"),), severity="info")
def not_ready_dns(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a Service, with the first name of a Pod of its own that its Pods use."""
    stateful = {id(w.resource): w for w in cluster.workloads if w.is_stateful_set and w.built_in}
    said: set[int] = set()
    for mention in mentions(cluster) if stateful else ():
        workload = stateful.get(id(mention.resource))
        if workload is None or id(workload) in said:
            continue
        meant = target(mention, cluster)
        if meant is None or not meant.pod or meant.name != workload.service_name:
            continue
        service = cluster.service_named(meant.namespace, meant.name)
        if service is None or not service.headless or service.publish_not_ready_addresses:
            continue
        if meant.namespace != workload.namespace or workload not in cluster.selected(service):
            continue
        if not any(isinstance(c.get("readinessProbe"), dict) for c in workload.template.containers):
            continue
        said.add(id(workload))
        written = service.get("spec", "publishNotReadyAddresses") is not None
        change = (
            set_value(service.at("spec", "publishNotReadyAddresses"), True)
            if written
            else insert(service.at("spec"), "publishNotReadyAddresses", True)
        )
        yield Finding(
            service.at("spec", "clusterIP"),
            f'the Pods of StatefulSet "{workload.name}" look up {mention.host} before they are ready, and Service '
            f'"{service.name}" names ready Pods only: publishNotReadyAddresses is unset',
            (Related(mention.host_place(), "looked up here"),),
            Fix("write publishNotReadyAddresses: true", (change,)),
            confidence="likely",
        )

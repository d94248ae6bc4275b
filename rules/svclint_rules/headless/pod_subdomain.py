"""A Pod's subdomain that no headless Service has.

`hostname` and `subdomain` give a Pod the name `HOSTNAME.SUBDOMAIN.NAMESPACE.svc…` only if a Service of the subdomain's name
selects the Pod. Otherwise nothing resolves it.

Symptoms: NXDOMAIN

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: one
  labels:
    app: peers
spec:
  hostname: one
  subdomain: pears  # warning: no Service "pears" in namespace "default" (the nearest is "peers"): the name one.pears of Pod "one" doesn't resolve
  containers:
    - name: peer
      image: registry.example.com/peer:1
---
apiVersion: v1
kind: Service
metadata:
  name: peers
spec:
  clusterIP: None
  selector:
    app: peers
```
```diff fix
-  subdomain: pears
+  subdomain: peers
```
```yaml good
apiVersion: v1
kind: Pod
metadata:
  name: one
  labels:
    app: peers
spec:
  hostname: one
  subdomain: peers
  containers:
    - name: peer
      image: registry.example.com/peer:1
---
apiVersion: v1
kind: Service
metadata:
  name: peers
spec:
  clusterIP: None
  selector:
    app: peers
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, nearest, rule, set_value


@rule("pod-subdomain", on=Workload, severity="warning")
def pod_subdomain(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the subdomain; a StatefulSet's own is its serviceName."""
    subdomain, hostname = workload.template.subdomain, workload.template.hostname
    if not subdomain or not hostname or workload.is_stateful_set:
        return
    if cluster.may_hold_more("", "Service", workload.namespace):
        return
    here = cluster.services_in(workload.namespace)
    service = cluster.service_named(workload.namespace, subdomain)
    place = workload.template.at("spec", "subdomain")
    who = f'the name {hostname}.{subdomain} of {workload.kind} "{workload.name}" doesn\'t resolve'
    if service is None:
        if not here:
            return
        near = nearest(subdomain, (s.name for s in here))
        hint = f' (the nearest is "{near}")' if near else ""
        yield Finding(
            place,
            f'no Service "{subdomain}" in namespace "{workload.namespace}"{hint}: {who}',
            fix=Fix(f"write {near}", (set_value(place, near),)) if near else None,
        )
    elif service.selector and workload.pod_labels.matches(service.selector) is False:
        yield Finding(place, f'Service "{service.name}" does not select these Pods: {who}')

"""A short name whose Service is in another namespace.

A name without dots is looked up in the client's own namespace only. To reach a Service elsewhere, say its namespace:
`cart.shop`.

Symptoms: NXDOMAIN, works from one namespace only

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: front
spec:
  containers:
    - name: client
      image: registry.example.com/client:1
      env:
        - name: CART_ADDR
          value: cart:7070  # error: Service "cart" is in namespace "shop", the client in "front": the name cart doesn't resolve there
---
apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  selector:
    app: cart
  ports:
    - port: 7070
```
```diff fix
-          value: cart:7070
+          value: cart.shop:7070
```
```yaml good
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: front
spec:
  containers:
    - name: client
      image: registry.example.com/client:1
      env:
        - name: CART_ADDR
          value: cart.shop:7070
---
apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  selector:
    app: cart
  ports:
    - port: 7070
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, rule, set_slice
from svclint_rules.dns._mentions import mentions, target


@rule("dns-wrong-namespace", on=Cluster, kinds=Service.GROUP_KINDS)
def dns_wrong_namespace(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a mention of a bare name that exactly one other namespace has."""
    for mention in mentions(cluster):
        meant = target(mention, cluster)
        if (
            meant is None
            or meant.labels != 1
            or (mention.resource.kind == "ConfigMap" and mention.evidence == "host-port")
        ):
            continue
        if cluster.service_named(meant.namespace, meant.name):
            continue
        if cluster.may_hold_more("", "Service", meant.namespace, meant.name):
            continue
        elsewhere = cluster.services_named(meant.name)
        if len(elsewhere) != 1:
            continue
        service = elsewhere[0]
        right = f"{meant.name}.{service.namespace}"
        end = mention.offset + len(mention.host)
        yield Finding(
            mention.host_place(),
            f'Service "{service.name}" is in namespace "{service.namespace}", the client in "{meant.namespace}": the '
            f"name {meant.name} doesn't resolve there",
            (Related(service.at("metadata", "name"), f'in namespace "{service.namespace}"'),),
            Fix(f"write {right}", (set_slice(mention.place, mention.offset, end, right),)),
            confidence="likely",
        )

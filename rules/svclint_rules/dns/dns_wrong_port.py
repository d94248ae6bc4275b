"""A Service's name with a port that the Service does not have.

A connection to a cluster IP is forwarded only on the Service's own ports (`spec.ports[].port`). On any other it is
refused or times out, the container's port (`targetPort`) included.

Symptoms: connection refused, timeout

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
        - name: CART_ADDR
          value: cart:8070  # error: Service "cart" has no port 8070 (it has 7070, which leads to 8070 in the Pods): connections to cart:8070 fail
---
apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  selector:
    app: cart
  ports:
    - port: 7070
      targetPort: 8070
```
```diff fix
-          value: cart:8070
+          value: cart:7070
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
        - name: CART_ADDR
          value: cart:7070
---
apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  selector:
    app: cart
  ports:
    - port: 7070
      targetPort: 8070
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.rule import Finding, Fix, Related, rule, set_slice
from svclint_rules.dns._mentions import mentions, target


@rule("dns-wrong-port", on=Cluster)
def dns_wrong_port(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a mention. Headless Services are left out: their clients meet the Pods' own ports."""
    for mention in mentions(cluster):
        meant = target(mention, cluster) if mention.port else None
        service = cluster.service_named(meant.namespace, meant.name) if meant and not meant.pod else None
        if service is None or service.headless or service.is_external_name or not service.ports:
            continue
        if any(port.port == mention.port for port in service.ports):
            continue
        through = [port for port in service.ports if port.target_port == mention.port]
        right = through[0] if len(through) == 1 else service.ports[0] if len(service.ports) == 1 else None
        has = ", ".join(str(port.port) for port in service.ports)
        if through:
            has = f"{through[0].port}, which leads to {mention.port} in the Pods"
        fix = None
        if right is not None:
            where = mention.port_offset
            change = set_slice(mention.place, where, where + len(str(mention.port)), str(right.port))
            fix = Fix(f"write {mention.host}:{right.port}", (change,))
        yield Finding(
            mention.port_place(),
            f'Service "{service.name}" has no port {mention.port} (it has {has}): connections to '
            f"{mention.host}:{mention.port} fail",
            (Related((right or service.ports[0]).at("port"), f'port of Service "{service.name}"'),),
            fix,
        )

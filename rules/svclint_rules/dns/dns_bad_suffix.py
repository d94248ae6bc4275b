"""A cluster name with a wrong suffix.

The full name of a Service is `NAME.NAMESPACE.svc.cluster.local` (or your cluster's domain in place of `cluster.local`).
Without `svc`, or with a slip in the domain, it does not resolve.

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
        - name: CART_ADDR
          value: cart.default.cluster.local:7070  # warning: cart.default.cluster.local lacks "svc" before the cluster's domain: it doesn't resolve
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
```
```diff fix
-          value: cart.default.cluster.local:7070
+          value: cart.default.svc.cluster.local:7070
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
          value: cart.default.svc.cluster.local:7070
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.rule import Finding, Fix, distance, rule, set_slice
from svclint_rules.dns._mentions import mentions


@rule("dns-bad-suffix", on=Cluster, severity="warning")
def dns_bad_suffix(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a mention of a Service that is among the sources."""
    domain = cluster.facts.cluster_domain
    for mention in mentions(cluster):
        labels = mention.host.split(".")
        if len(labels) < 4 or cluster.service_named(labels[1], labels[0]) is None:
            continue
        rest = ".".join(labels[2:])
        if rest == domain:
            wrong = 'lacks "svc" before the cluster\'s domain'
        elif labels[2] == "svc" and rest != f"svc.{domain}" and distance(rest, f"svc.{domain}", 2) <= 2:
            wrong = f"ends in a slip of {domain}"
        else:
            continue
        right = f"{labels[0]}.{labels[1]}.svc.{domain}"
        change = set_slice(mention.place, mention.offset, mention.offset + len(mention.host), right)
        yield Finding(
            mention.host_place(),
            f"{mention.host} {wrong}: it doesn't resolve",
            fix=Fix(f"write {right}", (change,)),
        )

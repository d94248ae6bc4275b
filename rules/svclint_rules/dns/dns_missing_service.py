"""A name that looks like a Service of this cluster, and no Service has it.

The name does not resolve: NXDOMAIN for every connection. Short names are looked up in the client's own namespace.

Said are names with `.svc`, names one slip away from a Service, and bare names (`cart:7070`) where other names in the same
namespace do meet Services: then this one was meant to, too.

Symptoms: NXDOMAIN, no such host

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
        - name: CATALOG_ADDR
          value: catalogue:3550  # warning: no Service "catalogue" in namespace "default" (the nearest is "catalog"): the name doesn't resolve
---
apiVersion: v1
kind: Service
metadata:
  name: catalog
spec:
  selector:
    app: catalog
  ports:
    - port: 3550
```
```diff fix
-          value: catalogue:3550
+          value: catalog:3550
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
        - name: CATALOG_ADDR
          value: catalog:3550
---
apiVersion: v1
kind: Service
metadata:
  name: catalog
spec:
  selector:
    app: catalog
  ports:
    - port: 3550
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, rule, set_slice
from svclint_rules._names import services, the_nearest
from svclint_rules.dns._mentions import Mention, Target, mentions, target


@rule("dns-missing-service", on=Cluster, kinds=Service.GROUP_KINDS, severity="warning")
def dns_missing_service(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a mention; a Service of that name in another namespace is `dns-wrong-namespace`."""
    missing: list[tuple[Mention, Target]] = []
    answered: set[str] = set()
    for mention in mentions(cluster):
        meant = target(mention, cluster)
        if meant is None:
            continue
        if cluster.service_named(meant.namespace, meant.name) is not None:
            answered.add(mention.resource.namespace)
        elif not cluster.may_hold_more("", "Service", meant.namespace, meant.name):
            missing.append((mention, meant))
    for mention, meant in missing:
        here = cluster.services_in(meant.namespace)
        if not here or (meant.labels == 1 and cluster.services_named(meant.name)):
            continue
        if mention.resource.kind == "ConfigMap" and mention.port is None and mention.evidence != "fqdn":
            continue
        names = services(meant.namespace, cluster)
        near = names.nearest(meant.name) or (names.extended(meant.name) if len(meant.name) > 3 else None)
        told = mention.evidence == "fqdn" or (mention.evidence == "url" and mention.port is not None)
        told = told or (mention.evidence == "host-port" and mention.resource.kind != "ConfigMap")
        if near is None and not (told and mention.resource.namespace in answered):
            continue
        if near is None and mention.evidence == "host-port" and (mention.port or 0) < 80:
            continue
        fix = None
        if near is not None:
            start = mention.offset + mention.host.index(meant.name)
            fix = Fix(f"write {near}", (set_slice(mention.place, start, start + len(meant.name), near),))
        hint = f' (the nearest is "{near}")' if near else ""
        yield Finding(
            mention.host_place(),
            f'no Service "{meant.name}" in namespace "{meant.namespace}"{hint}: the name doesn\'t resolve',
            the_nearest(near, meant.namespace, cluster),
            fix,
            confidence="likely",
        )

"""ExternalName Services that lead back to themselves.

CoreDNS follows a CNAME of its own zone for ten hops. A loop ends in an answer without an address: the name never
resolves.

Symptoms: NXDOMAIN, no address

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: a
spec:
  type: ExternalName
  externalName: b.default.svc.cluster.local  # error: ExternalName Services lead in a circle (a.default → b.default → a.default): none of the names resolves
---
apiVersion: v1
kind: Service
metadata:
  name: b
spec:
  type: ExternalName
  externalName: a.default.svc.cluster.local
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: a
spec:
  type: ExternalName
  externalName: b.default.svc.cluster.local
---
apiVersion: v1
kind: Service
metadata:
  name: b
spec:
  clusterIP: None
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules.external_name.external_name_missing_service import target_of


@rule("external-name-loop", on=Service)
def external_name_loop(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a circle, at its first member by namespace and name."""
    chain = [service]
    while True:
        target = target_of(chain[-1], cluster)
        following = cluster.service_named(target[1], target[0]) if target else None
        if following is None:
            return
        if following is service or (following.namespace, following.name) == (service.namespace, service.name):
            break
        if any(following is member for member in chain):
            return
        chain.append(following)
    if service is not min(chain, key=lambda s: (s.namespace, s.name)):
        return
    names = " → ".join(f"{s.name}.{s.namespace}" for s in [*chain, service])
    yield Finding(
        service.at("spec", "externalName"),
        f"ExternalName Services lead in a circle ({names}): none of the names resolves",
        tuple(Related(s.at("spec", "externalName"), "leads on") for s in chain[1:]),
    )

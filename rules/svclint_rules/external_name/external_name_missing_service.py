"""An ExternalName that points to a Service in the cluster which is not there.

CoreDNS resolves a name of its own zone itself. If no Service has it, the answer is empty (NOERROR without an address):
musl clients stop there, others report a failure of name resolution.

Symptoms: NXDOMAIN, no address

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  type: ExternalName
  externalName: postgres.data.svc.cluster.local  # warning: no Service "postgres" in namespace "data": the name of Service "db" resolves to nothing
---
apiVersion: v1
kind: Service
metadata:
  name: postgresql
  namespace: data
spec:
  clusterIP: None
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  type: ExternalName
  externalName: postgresql.data.svc.cluster.local
---
apiVersion: v1
kind: Service
metadata:
  name: postgresql
  namespace: data
spec:
  clusterIP: None
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, rule, set_value
from svclint_rules._names import services, the_nearest


@rule("external-name-missing-service", on=Service, severity="warning")
def external_name_missing_service(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the name. Namespaces that hold no Service among the sources are somebody else's."""
    target = target_of(service, cluster)
    if target is None:
        return
    name, namespace = target
    if (
        not cluster.services_in(namespace)
        or cluster.service_named(namespace, name) is not None
        or cluster.may_hold_more("", "Service", namespace, name)
    ):
        return
    near = services(namespace, cluster).nearest(name)
    suffix = service.external_name.split(".", 1)[1]
    yield Finding(
        service.at("spec", "externalName"),
        f'no Service "{name}" in namespace "{namespace}": the name of Service "{service.name}" resolves to nothing',
        the_nearest(near, namespace, cluster),
        Fix(f"write {near}.{suffix}", (set_value(service.at("spec", "externalName"), f"{near}.{suffix}"),))
        if near
        else None,
        confidence="likely",
    )


def target_of(service: Service, cluster: Cluster) -> tuple[str, str] | None:
    """Name and namespace of the Service that an ExternalName means, None for a name outside the cluster."""
    if not service.is_external_name:
        return None
    labels = service.external_name.rstrip(".").lower().split(".")
    if labels[2:3] != ["svc"] or ".".join(labels[3:]) != cluster.facts.cluster_domain:
        return None
    return labels[0], labels[1]

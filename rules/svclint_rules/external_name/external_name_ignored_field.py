"""Fields that do nothing on a Service of type ExternalName, and an externalName on one of another type.

An ExternalName Service is a CNAME in DNS and nothing else: no Pods are selected, no ports are mapped. A connection goes
to the port that the client dials. On any other type `externalName` is ignored.

Symptoms: connection refused, wrong port

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  type: ExternalName
  externalName: db.example.com
  selector:  # warning: Service "database" is of type ExternalName, a CNAME in DNS: its selector selects nothing
    app: db
```
```diff fix
-  selector:
-    app: db
```
```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  clusterIP: None
  externalName: db.example.com  # warning: externalName is ignored: Service "database" is of type ClusterIP, only ExternalName makes a CNAME
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  type: ExternalName
  externalName: db.example.com
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, insert, remove, rule
from svclint_rules.external_name._address import has_pods, is_address


@rule("external-name-ignored-field", on=Service, severity="warning")
def external_name_ignored_field(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a field. Ports alone are common and harmless where each leads to itself: nothing is said of them."""
    if service.is_external_name:
        if is_address(service.external_name) and has_pods(service, cluster):
            return  # The type is what is wrong: `external-name-ip-address` says so.
        if service.selector:
            yield Finding(
                service.at("spec", "selector", key=True),
                f'Service "{service.name}" is of type ExternalName, a CNAME in DNS: its selector selects nothing',
                fix=Fix("remove the selector", (remove(service.at("spec", "selector")),)),
            )
        for port in service.ports:
            if port.target_port != port.port:
                yield Finding(
                    port.at("targetPort"),
                    f'Service "{service.name}" is of type ExternalName, a CNAME in DNS: no port is mapped, clients reach '
                    f"port {port.port} of {service.external_name}, not {port.target_port}",
                )
    elif service.external_name:
        fix = None
        if not service.selector and not service.get("spec", "type") and not service.get("spec", "clusterIP"):
            fix = Fix("write type: ExternalName", (insert(service.at("spec"), "type", "ExternalName"),))
        yield Finding(
            service.at("spec", "externalName"),
            f'externalName is ignored: Service "{service.name}" is of type {service.type}, only ExternalName makes a CNAME',
            fix=fix,
        )

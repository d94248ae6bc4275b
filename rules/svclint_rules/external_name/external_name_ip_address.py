"""An ExternalName that is an IP address.

ExternalName is a name: CoreDNS answers with a CNAME. The API server accepts an IPv4 address there, but no DNS server
resolves it as one: CoreDNS answers NXDOMAIN. For an address, use a Service without selector and an EndpointSlice.

Symptoms: NXDOMAIN

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  type: ExternalName
  externalName: 10.0.0.7  # warning: externalName 10.0.0.7 is an IP address: the DNS name of Service "database" never resolves (NXDOMAIN); use a Service without selector and an EndpointSlice with this address
```
```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  type: ExternalName
  externalName: 10.0.0.7  # warning: externalName 10.0.0.7 is an IP address: the DNS name of Service "database" never resolves…
  selector:
    app: database
  ports:
    - port: 5432
---
apiVersion: v1
kind: Pod
metadata:
  name: database
  labels:
    app: database
spec:
  containers:
    - name: database
      image: registry.example.com/database:1
      ports:
        - containerPort: 5432
```
```diff fix
-  type: ExternalName
-  externalName: 10.0.0.7
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
from svclint.rule import Finding, Fix, remove, rule
from svclint_rules.external_name._address import has_pods, is_address


@rule("external-name-ip-address", on=Service, severity="warning")
def external_name_ip_address(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding at the name (IPv6 is refused by the API server already)."""
    if service.is_external_name and is_address(service.external_name):
        fix = None
        if has_pods(service, cluster):
            changes = (remove(service.at("spec", "type")), remove(service.at("spec", "externalName")))
            fix = Fix("make it a Service of the Pods that its selector takes", changes)
        yield Finding(
            service.at("spec", "externalName"),
            f'externalName {service.external_name} is an IP address: the DNS name of Service "{service.name}" never '
            "resolves (NXDOMAIN); use a Service without selector and an EndpointSlice with this address",
            fix=fix,
        )

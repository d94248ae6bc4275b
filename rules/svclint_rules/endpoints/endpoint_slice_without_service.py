"""An EndpointSlice (or Endpoints) that belongs to no Service.

kube-proxy and CoreDNS find the slices of a Service by the label `kubernetes.io/service-name`; Endpoints by their own name.
A slice without the label, or with the name of no Service, is never used.

Symptoms: connection refused, no endpoints

```yaml bad
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-1  # warning: EndpointSlice "legacy-1" has no label kubernetes.io/service-name: no Service uses it
addressType: IPv4
ports:
  - port: 8080
endpoints:
  - addresses: [192.0.2.7]
```
```yaml bad
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-1
  labels:
    kubernetes.io/service-name: legasy  # warning: no Service "legasy" in namespace "default" (the nearest is "legacy"): nobody uses EndpointSlice "legacy-1"
addressType: IPv4
ports:
  - port: 8080
endpoints:
  - addresses: [192.0.2.7]
---
apiVersion: v1
kind: Service
metadata:
  name: legacy
spec:
  clusterIP: None
```
```diff fix
-    kubernetes.io/service-name: legasy
+    kubernetes.io/service-name: legacy
```
```yaml good
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-1
  labels:
    kubernetes.io/service-name: legacy
addressType: IPv4
ports:
  - port: 8080
endpoints:
  - addresses: [192.0.2.7]
---
apiVersion: v1
kind: Service
metadata:
  name: legacy
spec:
  ports:
    - port: 80
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.endpoints import SERVICE_NAME_LABEL, EndpointSlice
from svclint.rule import Finding, Fix, nearest, rule, set_value


@rule("endpoint-slice-without-service", on=EndpointSlice, severity="warning")
def endpoint_slice_without_service(item: EndpointSlice, cluster: Cluster) -> Iterator[Finding]:
    """One finding a slice. Nothing is said where Services of the namespace may live elsewhere."""
    name = item.service_name
    if not name:
        yield Finding(
            item.at("metadata", "name"),
            f'EndpointSlice "{item.name}" has no label {SERVICE_NAME_LABEL}: no Service uses it',
        )
        return
    here = cluster.services_in(item.namespace)
    if cluster.service_named(item.namespace, name) or not here:
        return
    if cluster.may_hold_more("", "Service", item.namespace):
        return
    near = nearest(name, (s.name for s in here))
    place = item.at("metadata", "labels", SERVICE_NAME_LABEL)
    hint = f' (the nearest is "{near}")' if near else ""
    yield Finding(
        place,
        f'no Service "{name}" in namespace "{item.namespace}"{hint}: nobody uses EndpointSlice "{item.name}"',
        fix=Fix(f"write {near}", (set_value(place, near),)) if near else None,
    )

"""Hand-written Endpoints for a Service that has a selector.

The endpoints controller owns the Endpoints object of a Service with a selector, and overwrites what was written by hand.
Leave the selector out, or the Endpoints.

Symptoms: addresses disappear

```yaml bad
apiVersion: v1
kind: Endpoints
metadata:
  name: web  # warning: Service "web" has a selector, so that the controller overwrites these Endpoints
subsets:
  - addresses:
      - ip: 192.0.2.7
    ports:
      - port: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
```
```yaml good
apiVersion: v1
kind: Endpoints
metadata:
  name: web
subsets:
  - addresses:
      - ip: 192.0.2.7
    ports:
      - port: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
    - port: 80
      targetPort: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.endpoints import Endpoints
from svclint.rule import Finding, Related, rule


@rule("shadowed-endpoints", on=Endpoints, severity="warning")
def shadowed_endpoints(endpoints: Endpoints, cluster: Cluster) -> Iterator[Finding]:
    """One finding an object."""
    service = cluster.service_named(endpoints.namespace, endpoints.name)
    if service is not None and service.selector and not service.is_external_name:
        yield Finding(
            endpoints.at("metadata", "name"),
            f'Service "{service.name}" has a selector, so that the controller overwrites these Endpoints',
            (Related(service.at("spec", "selector", key=True), "this selector"),),
        )

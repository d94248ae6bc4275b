"""A headless Service as the backend of an Ingress or route.

A headless Service has no address and no node port. Controllers that read endpoints themselves can serve it, though the
Service's `port` is then ignored in favour of the Pods'; those that send to the cluster IP or to node ports (cloud load
balancers, many meshes) have nowhere to send: 503.

Symptoms: 503

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None  # warning: Ingress "shop" sends requests to headless Service "web", which has no address: only controllers that read endpoints can serve it
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules.ingress._routed import leads_here


@rule("headless-service-routed", on=Service, severity="warning")
def headless_service_routed(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a Service."""
    if not service.headless or not service.selector:
        return
    callers = list(leads_here(service, cluster))
    if callers:
        yield Finding(
            service.at("spec", "clusterIP"),
            f'{callers[0][0]} sends requests to headless Service "{service.name}", which has no address: only controllers '
            "that read endpoints can serve it",
            tuple(Related(place, "sent from here") for _, place in callers[:3]),
        )

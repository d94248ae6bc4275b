"""An ExternalName Service as the backend of an Ingress or route.

There are no endpoints: a controller has to resolve the name itself, and sends the client's `Host` and server name to a
host that doesn't know them. Many controllers refuse it since CVE-2021-25740; the Gateway API says that implementations
should not support it.

Symptoms: 503, 404, TLS errors

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: billing
spec:
  type: ExternalName  # warning: Ingress "shop" sends requests to ExternalName Service "billing", which has no endpoints: many controllers don't serve it, the others send a Host that billing.example.com doesn't know
  externalName: billing.example.com
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  defaultBackend:
    service:
      name: billing
      port:
        number: 443
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: billing
spec:
  selector:
    app: billing-proxy
  ports:
    - port: 443
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  defaultBackend:
    service:
      name: billing
      port:
        number: 443
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Related, rule
from svclint_rules.ingress._routed import leads_here

# Annotations with which an Ingress of ingress-nginx, Traefik or HAProxy says that it knows.
_MEANT = ("upstream-vhost", "passhostheader", "backend-protocol", "set-host", "host-header")


@rule("external-name-routed", on=Service, severity="warning")
def external_name_routed(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a Service; nothing where an annotation sets the host that is sent."""
    if not service.is_external_name or service.external_name.replace(".", "").isdigit():
        return
    for route in cluster.ingresses.callers(service.namespace, service.name):
        if any(word in key for key in route.ingress.resource.annotations for word in _MEANT):
            return
    callers = list(leads_here(service, cluster))
    if callers:
        yield Finding(
            service.at("spec", "type"),
            f'{callers[0][0]} sends requests to ExternalName Service "{service.name}", which has no endpoints: many '
            f"controllers don't serve it, the others send a Host that {service.external_name} doesn't know",
            tuple(Related(place, "sent from here") for _, place in callers[:3]),
        )

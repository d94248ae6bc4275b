"""An Ingress backend that names no Service of the Ingress's namespace.

A backend is looked up in the Ingress's own namespace. The API server does not check that it exists; the controller
answers 503 (or 404) for the path.

Symptoms: 503, 404

```yaml bad
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: wbe  # error: no Service "wbe" in namespace "default" (the nearest is "web"): requests for shop.example.com/ end in 503
                port:
                  number: 80
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
```
```diff fix
-                name: wbe
+                name: web
```
```yaml good
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.ingress import Ingress
from svclint.rule import Finding, Fix, Related, rule, set_value
from svclint_rules._names import services, the_nearest
from svclint_rules.ingress._backends import backends


@rule("ingress-missing-service", on=Ingress)
def ingress_missing_service(ingress: Ingress, cluster: Cluster) -> Iterator[Finding]:
    """One finding a backend; a warning where the sources show no Service that was meant."""
    for backend, url in backends(ingress):
        name = backend.service_name
        if not name or cluster.service_named(ingress.namespace, name):
            continue
        if cluster.may_hold_more("", "Service", ingress.namespace, name):
            continue
        here = cluster.services_in(ingress.namespace)
        elsewhere = cluster.services_named(name)
        if not here and not elsewhere:
            continue
        near = services(ingress.namespace, cluster).meant(name)
        place = backend.at("service", "name")
        hint = ""
        related: tuple[Related, ...] = ()
        if elsewhere:
            hint = f' (there is one in namespace "{elsewhere[0].namespace}", out of an Ingress\'s reach)'
            related = (Related(elsewhere[0].at("metadata", "name"), "in another namespace"),)
        elif near:
            hint = f' (the nearest is "{near}")'
            related = the_nearest(near, ingress.namespace, cluster)
        yield Finding(
            place,
            f'no Service "{name}" in namespace "{ingress.namespace}"{hint}: requests for {url} end in 503',
            related,
            Fix(f"write {near}", (set_value(place, near),)) if near and not elsewhere else None,
            severity=None if near or elsewhere else "warning",
            confidence="certain" if near or elsewhere else "likely",
        )

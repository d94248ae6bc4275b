"""A route's backend that is no Service of that namespace, or nothing that a Gateway can send requests to.

`backendRefs` without a `namespace` are looked up in the route's own. Requests that fall to a missing backend get 500 (by
weight: some of them), gRPC calls `UNAVAILABLE`.

Symptoms: 500, UNAVAILABLE, BackendNotFound

```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: public
  rules:
    - backendRefs:
        - name: wbe  # error: there is no Service "wbe" in namespace "default" (the nearest is "web"): requests that HTTPRoute "shop" sends there fail
          port: 80
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
-        - name: wbe
+        - name: web
```
```yaml good
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: public
  rules:
    - backendRefs:
        - name: web
          port: 80
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
from svclint.kube.gateway import Route
from svclint.rule import Finding, Fix, Related, rule, set_value
from svclint_rules._names import services, the_nearest


@rule("route-missing-service", on=Route)
def route_missing_service(route: Route, cluster: Cluster) -> Iterator[Finding]:
    """One finding a backend; a warning where the sources show no Service that was meant."""
    for each in cluster.gateways.backends(route):
        for backend in each.backends:
            reference = backend.reference
            then = f'requests that {route.kind} "{route.name}" sends there fail'
            if backend.fault == "kind":
                yield Finding(backend.place, f"{backend.message}: {then}")
            if backend.fault != "missing" or reference.ref_kind != "Service":
                continue
            name, namespace = reference.ref_name, reference.ref_namespace
            if not name or cluster.may_hold_more("", "Service", namespace, name):
                continue
            here = cluster.services_in(namespace)
            elsewhere = cluster.services_named(name)
            if not here and not elsewhere:
                continue
            near = None if elsewhere else services(namespace, cluster).meant(name)
            hint = ""
            related: tuple[Related, ...] = ()
            if elsewhere:
                hint = f' (there is one in namespace "{elsewhere[0].namespace}")'
                related = (Related(elsewhere[0].at("metadata", "name"), "in another namespace"),)
            elif near:
                hint = f' (the nearest is "{near}")'
                related = the_nearest(near, namespace, cluster)
            yield Finding(
                backend.place,
                f"{backend.message}{hint}: {then}",
                related,
                Fix(f"write {near}", (set_value(backend.place, near),)) if near else None,
                severity=None if near or elsewhere else "warning",
                confidence="certain" if near or elsewhere else "likely",
            )

"""A route that its Gateway's listeners do not take: another namespace, or a kind they don't serve.

A listener takes routes of the Gateway's own namespace, unless `allowedRoutes.namespaces` says `All` or selects others, and
routes of the kinds that its protocol serves. A ListenerSet needs the Gateway's `allowedListeners`. What is not taken
gets no request.

Symptoms: 404, NotAllowedByListeners

```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
  namespace: shop
spec:
  parentRefs:
    - name: public  # error: listener "http" of Gateway "public" takes routes of its own namespace only, the route is in namespace "shop": no request reaches HTTPRoute "shop" this way
      namespace: infra
  rules:
    - backendRefs:
        - name: web
          port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
  namespace: infra
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 80
      protocol: HTTP
```
```yaml good
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
  namespace: shop
spec:
  parentRefs:
    - name: public
      namespace: infra
  rules:
    - backendRefs:
        - name: web
          port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
  namespace: infra
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 80
      protocol: HTTP
      allowedRoutes:
        namespaces:
          from: All
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.gateway import Route
from svclint.rule import Finding, Related, rule
from svclint_rules.gateway._parts import says_namespace

_REASONS = ("NotAllowedByListeners", "ListenerSetNotAllowed")


@rule("route-not-allowed", on=Route)
def route_not_allowed(route: Route, cluster: Cluster) -> Iterator[Finding]:
    """One finding a parentRef; a warning where the route's namespace is only assumed."""
    for attachment in cluster.gateways.attachments(route):
        if attachment.reason not in _REASONS:
            continue
        parent = attachment.gateway or attachment.parent
        sure = says_namespace(route) or (parent is not None and parent.namespace == route.namespace)
        yield Finding(
            attachment.reference.at("name"),
            f'{attachment.message}: no request reaches {route.kind} "{route.name}" this way',
            (Related(attachment.place, "what is taken here"),),
            severity=None if sure else "warning",
            confidence="certain" if sure else "likely",
        )

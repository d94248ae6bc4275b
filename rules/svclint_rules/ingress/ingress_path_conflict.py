"""Two Ingress rules of one class with the same host and path, and different backends.

Which of them takes the request isn't specified: ingress-nginx lets the older Ingress win, other controllers refuse the
second one or merge them. After a re-creation it may be the other.

Nothing is said of Ingresses whose annotations tell them apart: canaries, conditions, groups, entry points, rewrites.

Symptoms: requests reach the wrong Service

```yaml bad
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop-new
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /  # warning: Ingress "shop" (Service "web") and Ingress "shop-new" (Service "web2") both claim shop.example.com/ (Prefix) for class "nginx": which one gets the requests isn't specified
            pathType: Prefix
            backend:
              service:
                name: web2
                port:
                  number: 80
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
          - path: /api
            pathType: Prefix
            backend:
              service:
                name: api
                port:
                  number: 80
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.cluster.ingress import IngressRoute
from svclint.kube.ingress import Ingress
from svclint.rule import Finding, Related, rule

# What tells two Ingresses of the same host and path apart for some controller.
_APART = re.compile(
    r"canary|condition|group|entrypoints|match|priority|weight|rewrite|snippet|listen-ports|mergeable|"
    r"whitelist|allowlist|source-range|middlewares|acme|scheme|target-type|actions\.|static-ip|gateway"
)


@rule("ingress-path-conflict", on=Cluster, kinds=Ingress.GROUP_KINDS, severity="warning")
def ingress_path_conflict(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a rule that repeats another."""
    seen: dict[tuple[str, str, str, str], IngressRoute] = {}
    for route in cluster.ingresses.routes:
        if route.path_type in ("Default", "ImplementationSpecific") or route.ingress.resource in cluster.refused:
            continue
        path = route.path or "/"
        key = (route.class_name, route.host, path if path == "/" else path.rstrip("/"), route.path_type)
        first = seen.setdefault(key, route)
        if first is route or _goal(first) == _goal(route):
            continue
        if first.ingress.resource is not route.ingress.resource and _apart(first.ingress, route.ingress):
            continue
        name = f' for class "{route.class_name}"' if route.class_name else ""
        yield Finding(
            route.place._replace(path=(*route.place.path, "path")),
            f"{_who(first)} and {_who(route)} both claim {route.host or '*'}{path} ({route.path_type}){name}: which one "
            "gets the requests isn't specified",
            (Related(first.place, "the first"),),
            confidence="likely",
        )


def _goal(route: IngressRoute) -> tuple[str, object]:
    return route.ingress.namespace, route.backend.view.value


def _who(route: IngressRoute) -> str:
    return f'Ingress "{route.ingress.name}" (Service "{route.backend.view.service_name}")'


def _apart(one: Ingress, other: Ingress) -> bool:
    a, b = one.resource.annotations, other.resource.annotations
    return any(_APART.search(key) and a.get(key) != b.get(key) for key in {*a, *b})

"""A route whose parent, or the listener in it that the route asks for, is not there.

A route does nothing until a Gateway takes it. A `parentRefs` entry that names no Gateway of that namespace (without
`namespace` the route's own), or a `sectionName` or `port` that no listener of it has, is never taken: requests meet the
Gateway and get 404.

Gateways are often made by somebody else: nothing is said where the sources hold no Gateway that could have been meant.

Symptoms: 404, route not accepted

```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: public
      sectionName: htps  # error: Gateway "public" in namespace "default" has no listener named "htps" (it has "http", "https"): it doesn't take HTTPRoute "shop"
  rules:
    - backendRefs:
        - name: web
          port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 80
      protocol: HTTP
    - name: https
      port: 443
      protocol: HTTPS
```
```diff fix
-      sectionName: htps
+      sectionName: https
```
```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: pubic  # error: there is no Gateway "pubic" in namespace "default" (the nearest is "public"): nothing takes HTTPRoute "shop"
  rules:
    - backendRefs:
        - name: web
          port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 80
      protocol: HTTP
```
```diff fix
-    - name: pubic
+    - name: public
```
```yaml good
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: public
      sectionName: http
  rules:
    - backendRefs:
        - name: web
          port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: example
  listeners:
    - name: http
      port: 80
      protocol: HTTP
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.cluster.gateway import Attachment
from svclint.kube.gateway import Gateway, ListenerSet, Route
from svclint.rule import Finding, Fix, Related, insert, nearest, rule, set_value
from svclint_rules._names import meant


@rule("route-missing-parent", on=Route)
def route_missing_parent(route: Route, cluster: Cluster) -> Iterator[Finding]:
    """One finding a parentRef; a warning where the parent may be made elsewhere."""
    for attachment in cluster.gateways.attachments(route):
        if attachment.reason == "NoMatchingParent":
            yield _without_listener(attachment)
        elif attachment.reason == "ParentNotFound":
            yield from _missing(attachment, cluster)


def _without_listener(attachment: Attachment) -> Finding:
    reference, parent = attachment.reference, attachment.parent
    section = reference.section_name if isinstance(parent, Gateway) else None
    has = ""
    right: str | int | None = None
    related: tuple[Related, ...] = ()
    if isinstance(parent, Gateway):
        listeners = parent.listeners
        names = [item.listener_name for item in listeners]
        if section:
            has = ", ".join(f'"{name}"' for name in names[:6])
            right = nearest(section, names) or (names[0] if len(names) == 1 else None)
        else:
            has = ", ".join(str(item.port) for item in listeners[:6])
            right = listeners[0].port if len(listeners) == 1 else None
        related = (
            Related(parent.at("spec", "listeners", key=True), f'the listeners of {parent.kind} "{parent.name}"'),
        )
    route = attachment.route
    taker = "it" if isinstance(parent, Gateway) else "the mesh"
    return Finding(
        attachment.place,
        f'{attachment.message}{f" (it has {has})" if has else ""}: {taker} doesn\'t take {route.kind} "{route.name}"',
        related,
        Fix(f"write {right}", (set_value(attachment.place, right),)) if right is not None else None,
    )


def _missing(attachment: Attachment, cluster: Cluster) -> Iterator[Finding]:
    reference, route = attachment.reference, attachment.route
    kind, namespace, name = reference.ref_kind, reference.ref_namespace, reference.ref_name
    if kind == "Service" or cluster.may_hold_more(reference.ref_group, kind, namespace, name):
        return
    view = Gateway if kind == "Gateway" else ListenerSet
    every = [item for item in cluster.of(view) if item.kind == kind]
    here = [item for item in every if item.namespace == namespace]
    near = meant(name, (item.name for item in here))
    slip = near is not None and near == nearest(name, (item.name for item in here))
    others = [item for item in every if item.name == name]
    fix, hint = None, ""
    related: tuple[Related, ...] = ()
    if near is not None:
        hint = f' (the nearest is "{near}")'
        fix = Fix(f"write {near}", (set_value(reference.at("name"), near),))
        related = tuple(Related(item.at("metadata", "name"), "the nearest name") for item in here if item.name == near)
    elif len(others) == 1:
        there = others[0].namespace
        hint = f' (there is one in namespace "{there}")'
        written = reference.get("namespace") is not None
        change = set_value(reference.at("namespace"), there) if written else insert(reference.at(), "namespace", there)
        fix = Fix(f"write namespace: {there}", (change,))
        related = (Related(others[0].at("metadata", "name"), "in another namespace"),)
    else:
        return
    yield Finding(
        attachment.place,
        f'{attachment.message}{hint}: nothing takes {route.kind} "{route.name}"',
        related,
        fix,
        severity=None if slip else "warning",
        confidence="certain" if slip else "likely",
    )

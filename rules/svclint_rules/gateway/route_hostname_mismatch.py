"""A route whose hostnames no listener of its Gateway serves.

A listener with a `hostname` takes routes that share a name with it: the same one, or one that a wildcard covers
(`*.example.com` is every name below `example.com`, not `example.com` itself). Without a name in common the route is not
taken: requests for its hosts get 404.

Symptoms: 404, NoMatchingListenerHostname

```yaml bad
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: public
  hostnames:  # error: listener "http" of Gateway "public" serves "*.example.com", the route shop.exmple.com: no request for it reaches HTTPRoute "shop"
    - shop.exmple.com
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
      hostname: "*.example.com"
```
```diff fix
-    - shop.exmple.com
+    - shop.example.com
```
```yaml good
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs:
    - name: public
  hostnames:
    - shop.example.com
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
      hostname: "*.example.com"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.gateway import Listener, Route
from svclint.rule import Finding, Fix, Related, nearest, rule, set_value


@rule("route-hostname-mismatch", on=Route)
def route_hostname_mismatch(route: Route, cluster: Cluster) -> Iterator[Finding]:
    """One finding a route, where no parent at all has a name in common with it."""
    attachments = cluster.gateways.attachments(route)
    apart = [item for item in attachments if item.reason == "NoMatchingListenerHostname"]
    if not apart or any(item.accepted is not False for item in attachments):
        return
    first = apart[0]
    listeners = [a.listener for item in apart for a in item.answers if a.reason == "NoMatchingListenerHostname"]
    what = "it" if len(route.hostnames) == 1 else "them"
    yield Finding(
        route.at("spec", "hostnames", key=True),
        f'{first.message}: no request for {what} reaches {route.kind} "{route.name}"',
        tuple(Related(item.at("hostname"), "what the listener serves") for item in listeners[:3]),
        _fix(route, listeners),
    )


def _fix(route: Route, listeners: list[Listener]) -> Fix | None:
    """The one hostname mistyped: the listener's own, or the part of it that the wildcard asks for."""
    if len(route.hostnames) != 1:
        return None
    host = route.hostnames[0]
    wanted = []
    for listener in listeners:
        if listener.hostname.startswith("*."):
            suffix = listener.hostname[2:]
            labels = host.split(".")
            kept = len(labels) - len(suffix.split("."))
            if kept > 0:
                wanted.append(".".join([*labels[:kept], suffix]))
        else:
            wanted.append(listener.hostname)
    right = nearest(host, wanted)
    if right is None:
        return None
    return Fix(f"write {right}", (set_value(route.at("spec", "hostnames", 0), right),))

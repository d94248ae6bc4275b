"""A route's backend with a port that the Service does not have.

`port` is a port of the Service, never its targetPort. With another one, or with one of the wrong protocol, the backend
can't be resolved: requests get 500.

Symptoms: 500, UNAVAILABLE

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
        - name: web
          port: 8080  # error: Service "web" in namespace "default" has no port 8080 (8080 is the targetPort of its port 80): requests that HTTPRoute "shop" sends there fail
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
```diff fix
-          port: 8080
+          port: 80
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
      targetPort: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.gateway import Route
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.gateway._parts import refused


@rule("route-wrong-port", on=Route)
def route_wrong_port(route: Route, cluster: Cluster) -> Iterator[Finding]:
    """One finding a backend; the fix is the port that leads there, or the only one."""
    for each in cluster.gateways.backends(route):
        for backend in each.backends:
            service, reference = backend.service, backend.reference
            if backend.fault not in ("port", "protocol") or service is None or refused(service, cluster):
                continue
            if not service.ports:
                continue
            through = [port for port in service.ports if port.target_port == reference.port]
            right = through[0] if through else service.ports[0] if len(service.ports) == 1 else None
            fix = None
            if right is not None and backend.fault == "port":
                known = reference.port is not None
                change = set_value(backend.place, right.port) if known else insert(reference.at(), "port", right.port)
                fix = Fix(f"write port: {right.port}", (change,))
            has = "" if through or reference.port is None or backend.fault == "protocol" else _has(service.ports)
            yield Finding(
                backend.place,
                f'{backend.message}{has}: requests that {route.kind} "{route.name}" sends there fail',
                (Related(service.at("spec", "ports", key=True), f'the ports of Service "{service.name}"'),),
                fix,
            )


def _has(ports: tuple[object, ...]) -> str:
    return f" (it has {', '.join(str(getattr(port, 'port', '')) for port in ports[:6])})"

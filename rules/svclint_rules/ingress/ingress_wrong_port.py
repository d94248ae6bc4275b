"""An Ingress backend with a port that the Service does not have.

`number` is the Service's `port` (not its targetPort, not its nodePort), `name` the name of a Service port. With another
one the controller finds no endpoints and answers 503.

Symptoms: 503

```yaml bad
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 8080  # error: Service "web" has no port 8080 (it has 80, which leads to 8080 in the Pods): requests for */ end in 503
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
-                  number: 8080
+                  number: 80
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
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
      targetPort: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.ingress import Ingress
from svclint.rule import Finding, Fix, Related, nearest, rule, set_value
from svclint_rules.ingress._backends import backends


@rule("ingress-wrong-port", on=Ingress)
def ingress_wrong_port(ingress: Ingress, cluster: Cluster) -> Iterator[Finding]:
    """One finding a backend; the fix is the port that leads there, the nearest name, or the only port."""
    for backend, url in backends(ingress):
        wanted = backend.port
        service = cluster.service_named(ingress.namespace, backend.service_name or "")
        if service is None or wanted is None or not service.ports:
            continue
        by_name = isinstance(wanted, str)
        if any((port.port_name if by_name else port.port) == wanted for port in service.ports):
            continue
        place = backend.at("service", "port", "name" if by_name else "number")
        only = service.ports[0] if len(service.ports) == 1 else None
        if by_name:
            names = [port.port_name for port in service.ports if port.port_name]
            near = nearest(str(wanted), names)
            right: int | str | None = near or (only.port_name or None if only else None)
            has = ", ".join(f'"{n}"' for n in names) or "ports without a name"
            said = f'named "{wanted}" (it has {has})'
        else:
            through = [port for port in service.ports if port.target_port == wanted]
            right = through[0].port if through else only.port if only else None
            has = ", ".join(str(port.port) for port in service.ports)
            said = f"{wanted} (it has {has}{f', which leads to {wanted} in the Pods' if through and only else ''})"
        yield Finding(
            place,
            f'Service "{service.name}" has no port {said}: requests for {url} end in 503',
            (Related(service.at("spec", "ports", key=True), f'the ports of Service "{service.name}"'),),
            Fix(f"write {right}", (set_value(place, right),)) if right is not None else None,
        )

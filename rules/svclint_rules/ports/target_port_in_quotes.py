"""A targetPort that is a number in quotes.

`targetPort` takes a number or a name. In quotes a number is a name, and a name needs a letter: the API server refuses it.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: "8080"  # error: targetPort "8080" in quotes is a name, and a name needs a letter: the API server refuses Service "web"
```
```diff fix
-      targetPort: "8080"
+      targetPort: 8080
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
      targetPort: 8080
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Refusal, refusal, set_value


@refusal("target-port-in-quotes", on=Service, fields=("spec.ports[*].targetPort",))
def target_port_in_quotes(service: Service, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding a port; taking the quotes off is safe where the number is a port."""
    value = service.get(*cause.place)
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or not 0 < int(value[:6]) < 65536:
        return None
    place = service.at(*cause.place)
    return Finding(
        place,
        f'targetPort "{value}" in quotes is a name, and a name needs a letter: the API server refuses Service '
        f'"{service.name}"',
        fix=Fix(f"write {int(value)}", (set_value(place, int(value)),), "safe"),
    )

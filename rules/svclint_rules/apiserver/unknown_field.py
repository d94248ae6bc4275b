"""A field that the API does not have.

`kubectl` asks for strict validation: the API server refuses an object with a field that its type doesn't know. Without
strict validation (`--validate=ignore`, many controllers) the field is dropped silently and its default applies. Names
are compared letter by letter: `targetport` is not `targetPort`.

Symptoms: refused by the API server, setting has no effect

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
      targetport: 8080  # error: unknown field "spec.ports[0].targetport", did you mean "targetPort"? The API server refuses Service "web"
```
```diff fix
-      targetport: 8080
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
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, nearest, refusal, rename_key


@refusal("unknown-field", on=Resource, fields=("*",))
def unknown_field(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the key; the right name is offered, and safe where only the case differs."""
    if cause.kind != "unknown-field":
        return None
    written = str(cause.place[-1])
    siblings = resource.get(*cause.place[:-1])
    free = [f for f in cause.known if not isinstance(siblings, dict) or f not in siblings]
    same = [f for f in free if f.lower() == written.lower()]
    near = same[0] if same else nearest(written, free)
    place = resource.at(*cause.place, key=True)
    fix = None
    if near is not None:
        fix = Fix(f"write {near}", (rename_key(place, near),), "safe" if same else "unsafe")
    hint = f', did you mean "{near}"?' if near else "."
    name = f' "{resource.name}"' if resource.name else ""
    return Finding(place, f'unknown field "{cause.field}"{hint} The API server refuses {resource.kind}{name}', fix=fix)

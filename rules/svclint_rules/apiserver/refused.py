"""An object that the API server refuses.

`kubectl apply` ends with `… is invalid: …`: the object is not created, and nothing that depends on it works. The message
is the server's own. Many refusals have a rule of their own that says more; this one speaks for the rest.

Symptoms: refused by the API server

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  sessionAffinity: clientIP  # error: the API server refuses Service "web": spec.sessionAffinity: Unsupported value: "clientIP": supported values: "ClientIP", "None"
  ports:
    - port: 80
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  sessionAffinity: ClientIP
  ports:
    - port: 80
```
"""

from __future__ import annotations

import re

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, nearest, refusal, set_value

_SUPPORTED = re.compile(r"supported values: (.*)$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@refusal("refused", on=Resource, fields=("*",))
def refused(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding:
    """The server's own words at the exact place; a value one slip away from a supported one is offered."""
    where = f"{cause.field}: " if cause.field else ""
    place = resource.at(*cause.place)
    fix = None
    supported = _SUPPORTED.search(cause.body)
    value = resource.get(*cause.place)
    if supported and isinstance(value, str):
        values = _QUOTED.findall(supported[1])
        near = next((v for v in values if v.lower() == value.lower()), None) or nearest(value, values)
        if near:
            fix = Fix(f"write {near}", (set_value(place, near),))
    name = f' "{resource.name}"' if resource.name else ""
    return Finding(place, f"the API server refuses {resource.kind}{name}: {where}{cause.body}", fix=fix)

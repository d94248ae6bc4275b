"""Something that the API server takes with a warning.

`kubectl apply` prints `Warning: …` and goes on: the field does nothing, means something else than it says, or will go away.
The message is the server's own.

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  sessionAffinity: ClientIP  # warning: the API server takes Service "db" with a warning: spec.SessionAffinity is ignored for headless services
  selector:
    app: db
  ports:
    - port: 5432
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
  ports:
    - port: 5432
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Refusal, refusal

# Said with the reason and a fix by external-name-ignored-field.
_ELSEWHERE = "spec.externalName is ignored"


@refusal("api-server-warning", on=Resource, fields=("warning",), severity="warning")
def api_server_warning(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """The server's own words at the place; what is only deprecated and still works is info."""
    if cause.body.startswith(_ELSEWHERE):
        return None
    return Finding(
        resource.at(*cause.place) if cause.place else resource.at("kind"),
        f'the API server takes {resource.kind} "{resource.name}" with a warning: {cause.body}',
        severity="info" if "deprecated" in cause.body else None,
    )

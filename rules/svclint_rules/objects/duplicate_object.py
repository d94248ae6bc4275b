"""The same object twice.

`kubectl apply` of both leaves the one that came last, silently; `kubectl create` refuses the second. Which fields win
depends on the order of the files.

Symptoms: changes that don't show

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
---
apiVersion: v1
kind: Service
metadata:
  name: web  # error: Service "web" in namespace "default" is defined twice: only the one that is applied last counts
spec:
  selector:
    app: web
  ports:
    - port: 8080
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
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: other
spec:
  selector:
    app: web
  ports:
    - port: 80
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.rule import Finding, Related, rule


@rule("duplicate-object", on=Cluster)
def duplicate_object(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding at the name of every later definition in the scope; identical ones are said as a warning."""
    for first, resource in cluster.repeated:
        if first in cluster.refused or resource in cluster.refused:
            continue
        if first.document is resource.document and first.path == resource.path:
            continue
        where = f' in namespace "{resource.namespace}"' if resource.namespace else ""
        same = first.value == resource.value
        if same and resource.kind == "Namespace":
            continue  # Said beside everything that lives in it, by habit and without harm.
        yield Finding(
            resource.at("metadata", "name"),
            f'{resource.kind} "{resource.name}"{where} is defined twice: '
            + ("both are the same, one is enough" if same else "only the one that is applied last counts"),
            (Related(first.at("metadata", "name"), "the first definition"),),
            severity="warning" if same else None,
        )

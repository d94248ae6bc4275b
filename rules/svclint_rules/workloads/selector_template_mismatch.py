"""A workload whose selector does not match the labels of its own template.

The controller would never find the Pods that it makes. The API server refuses the object.

Symptoms: refused by the API server

```yaml bad
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: wbe  # error: the template's label app=wbe is not what the selector of Deployment "web" asks for (app=web): the API server refuses it
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
```
```diff fix
-        app: wbe
+        app: web
```
```yaml good
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
```
"""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.kube.read import mapping, texts
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, Related, insert, refusal, set_value


@refusal("selector-template-mismatch", on=Resource, fields=("spec.template.metadata.labels",))
def selector_template_mismatch(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the first label that differs; the fix writes what the selector asks for."""
    if "does not match template" not in cause.body:
        return None
    selector = resource.get("spec", "selector")
    wanted = texts(mapping(selector).get("matchLabels") if resource.kind != "ReplicationController" else selector)
    labels = texts(resource.get("spec", "template", "metadata", "labels"))
    wrong = [key for key, value in wanted.items() if labels.get(key) != value]
    if not wrong:
        return None
    key = wrong[0]
    path = ("spec", "template", "metadata", "labels")
    where = ("spec", "selector") if resource.kind == "ReplicationController" else ("spec", "selector", "matchLabels")
    changes = []
    if isinstance(resource.get(*path), dict):
        for each in wrong:
            if each in labels:
                changes.append(set_value(resource.at(*path, each), wanted[each]))
            else:
                changes.append(insert(resource.at(*path), each, wanted[each]))
    have = f"the template's label {key}={labels[key]}" if key in labels else f"the template has no label {key}; that"
    return Finding(
        resource.at(*path, key) if key in labels else resource.at(*path, key=True),
        f"{have} is not what the selector of {resource.kind} "
        f'"{resource.name}" asks for ({key}={wanted[key]}): the API server refuses it',
        (Related(resource.at(*where, key), "the selector"),),
        Fix("give the template the selector's labels", tuple(changes)) if changes else None,
    )

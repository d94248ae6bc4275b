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
```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector:
    app: api
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  selector:
    matchLabels:
      app: backend
  template:
    metadata:
      labels:
        app: api  # error: the template's label app=api is not what the selector of Deployment "api" asks for (app=backend): the API server refuses it
    spec:
      containers:
        - name: api
          image: registry.example.com/api:1
```
```diff fix
-      app: backend
+      app: api
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
from svclint.kube.labels import matches
from svclint.kube.read import mapping, texts
from svclint.kube.resource import Resource
from svclint.rule import Finding, Fix, Refusal, Related, insert, refusal, set_value


@refusal("selector-template-mismatch", on=Resource, fields=("spec.template.metadata.labels",))
def selector_template_mismatch(resource: Resource, cause: Refusal, cluster: Cluster) -> Finding | None:
    """One finding at the first label that differs."""
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
    have = f"the template's label {key}={labels[key]}" if key in labels else f"the template has no label {key}; that"
    return Finding(
        resource.at(*path, key) if key in labels else resource.at(*path, key=True),
        f"{have} is not what the selector of {resource.kind} "
        f'"{resource.name}" asks for ({key}={wanted[key]}): the API server refuses it',
        (Related(resource.at(*where, key), "the selector"),),
        _fix(resource, where, wanted, labels, cluster),
    )


def _fix(
    resource: Resource, where: tuple[str, ...], wanted: dict[str, str], labels: dict[str, str], cluster: Cluster
) -> Fix | None:
    """The template gets the selector's labels; where Services select the template as it is, the selector follows."""
    path = ("spec", "template", "metadata", "labels")
    if not isinstance(resource.get(*path), dict):
        return None
    wrong = [key for key, value in wanted.items() if labels.get(key) != value]
    differ = [key for key in wrong if key in labels]
    services = cluster.services_in(resource.namespace)
    if any(s.selector and matches(s.selector, labels) and not s.selector.keys().isdisjoint(differ) for s in services):
        changes = [set_value(resource.at(*where, key), labels[key]) for key in differ]
        told = "make the selector fit the template, which Services select"
    else:
        changes = [set_value(resource.at(*path, key), wanted[key]) for key in differ]
        told = "give the template the selector's labels"
    changes += [insert(resource.at(*path), key, wanted[key]) for key in wrong if key not in labels]
    return Fix(told, tuple(changes))

"""An object that doesn't say which team owns it.

Whoever is called at night looks for this label.

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web  # warning: Service "web" has no label team: nobody knows whom to call
spec:
  type: ExternalName
  externalName: shop.example.com
```
```yaml good
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    team: shop
spec:
  type: ExternalName
  externalName: shop.example.com
```
"""

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.resource import Resource
from svclint.rule import Finding, Option, rule

OPTIONS = {
    "label": Option("team", "the label's name"),
    "kinds": Option(("Service", "Deployment"), "of these kinds"),
}


@rule("owner-label", on=Resource, severity="warning", since="1.0", options=OPTIONS)
def owner_label(resource: Resource, cluster: Cluster, label: str, kinds: tuple[str, ...]) -> Iterator[Finding]:
    if resource.kind in kinds and label not in resource.labels:
        message = f'{resource.kind} "{resource.name}" has no label {label}: nobody knows whom to call'
        yield Finding(resource.at("metadata", "name"), message)

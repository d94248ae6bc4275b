"""A Service that stands on one Pod.

While this Pod is replaced, nobody answers. Run two, or say in a suppression why one is enough.

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:  # warning: one Pod stands behind Service "web", of Deployment "web": while it is replaced, nobody answers
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
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
```diff fix
-  replicas: 1
+  replicas: 2
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
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

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, Related, rule, set_value


@rule("lonely-service", on=Service, severity="warning", since="1.0")
def lonely_service(service: Service, cluster: Cluster) -> Iterator[Finding]:
    workloads = cluster.selection(service).workloads if service.selector else ()
    if len(workloads) != 1 or workloads[0].kind != "Deployment" or workloads[0].replicas != 1:
        return
    (workload,) = workloads
    replicas = workload.resource.at("spec", "replicas")
    written = workload.resource.get("spec", "replicas") is not None
    yield Finding(
        service.at("spec", "selector", key=True),
        f'one Pod stands behind Service "{service.name}", of Deployment "{workload.name}": '
        "while it is replaced, nobody answers",
        (Related(replicas, "here"),),
        Fix("write replicas: 2", (set_value(replicas, 2),)) if written else None,
    )

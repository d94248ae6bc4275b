"""A Service that selects several workloads, of which some do not serve its port.

kube-proxy spreads connections over all selected Pods. Pods that declare ports, but not the Service's target, refuse their
share: the Service works now and then.

Nothing is said where a workload declares no port at all.

Symptoms: connection refused now and then

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:  # warning: Service "web" selects Deployment "web", which serves port 8080, and Deployment "worker", which declares only 9000: a part of the connections is refused
    team: shop
  ports:
    - port: 80
      targetPort: 8080
---
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
        team: shop
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          ports:
            - containerPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector:
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
        team: shop
    spec:
      containers:
        - name: worker
          image: registry.example.com/worker:1
          ports:
            - containerPort: 9000
```
```diff fix
+    app: web
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
---
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
          ports:
            - containerPort: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, insert, rule
from svclint_rules._names import pods_of
from svclint_rules.ports._target import selected


@rule("overbroad-selector", on=Service, severity="warning")
def overbroad_selector(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a Service; the fix is a label that only the serving workloads carry."""
    if service.headless or service.is_external_name:
        return
    workloads = selected(service, cluster)
    for port in service.ports if len(workloads) > 1 else ():
        target, protocol = port.target_port, port.protocol
        if not isinstance(target, int):
            continue
        serving: list[Workload] = []
        others: list[Workload] = []
        for workload in workloads:
            if workload.template.declares(target, protocol):
                serving.append(workload)
            elif any(p.protocol == protocol for p in workload.template.ports()):
                others.append(workload)
        if not serving or not others or not all(w.built_in for w in workloads):
            continue
        declares = ", ".join(str(p.port) for p in others[0].template.ports())
        yield Finding(
            service.at("spec", "selector", key=True),
            f'Service "{service.name}" selects {serving[0].kind} "{serving[0].name}", which serves port {target}, and '
            f'{others[0].kind} "{others[0].name}", which declares only {declares}: a part of the connections is refused',
            tuple(Related(w.at_labels(), pods_of(w)) for w in (serving[0], others[0])),
            _narrower(service, serving, others),
            confidence="likely",
        )
        return


def _narrower(service: Service, serving: list[Workload], others: list[Workload]) -> Fix | None:
    """A label that all serving workloads share and none of the others has."""
    for key, value in serving[0].template.labels.items():
        if key in service.selector or any(w.template.labels.get(key) != value for w in serving):
            continue
        if all(w.template.labels.get(key) != value for w in others):
            return Fix(f"ask for {key}: {value} too", (insert(service.at("spec", "selector"), key, value),))
    return None

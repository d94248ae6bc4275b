"""Pods behind a Service without a readiness probe.

Without one a Pod is ready as soon as its containers run: it gets connections while the program still starts, and after it
has hung. Off by default.

Symptoms: connection refused during a rollout

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
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:  # info: no container of Pod "web" has a readiness probe: Service "web" sends connections as soon as the containers run
    - name: web
      image: registry.example.com/web:1
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
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      readinessProbe:
        tcpSocket:
          port: 80
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.workload import Workload
from svclint.rule import Finding, Related, rule


@rule("missing-readiness-probe", on=Workload, severity="info")
def missing_readiness_probe(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding a workload that a Service selects."""
    if not workload.built_in or workload.is_hook or workload.kind in ("Job", "CronJob"):
        return
    template = workload.template
    if template.readiness_gates or not template.serving_containers:
        return
    if any(isinstance(c.get("readinessProbe"), dict) for c in template.serving_containers):
        return
    services = [s for s in cluster.selecting(workload) if s.ports and not s.publish_not_ready_addresses]
    if services:
        yield Finding(
            template.at("spec", "containers", key=True),
            f'no container of {workload.kind} "{workload.name}" has a readiness probe: Service "{services[0].name}" sends '
            "connections as soon as the containers run",
            (Related(services[0].at("spec", "selector", key=True), "selects these Pods"),),
        )

"""A ServiceMonitor or PodMonitor endpoint that names a port which nothing selected has.

`port` of a ServiceMonitor is the *name* of a Service port, `port` of a PodMonitor the name of a container port. With
another name Prometheus drops every target of the endpoint without a word.

Symptoms: no targets, missing metrics

```yaml bad
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  endpoints:
    - port: metric  # warning: Service "web" has no port named "metric" (it has "http", "metrics"): ServiceMonitor "web" finds no target there
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    app: web
spec:
  selector:
    app: web
  ports:
    - name: http
      port: 80
    - name: metrics
      port: 9090
```
```diff fix
-    - port: metric
+    - port: metrics
```
```yaml good
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  endpoints:
    - port: metrics
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    app: web
spec:
  selector:
    app: web
  ports:
    - name: http
      port: 80
    - name: metrics
      port: 9090
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.references import Monitor
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, nearest, rule, set_value
from svclint_rules.workloads._monitors import selected


@rule("monitor-port", on=Monitor, severity="warning")
def monitor_port(monitor: Monitor, cluster: Cluster) -> Iterator[Finding]:
    """One finding an endpoint."""
    taken = selected(monitor, cluster) or ()
    if not taken or any(item.resource in cluster.refused for item in taken):
        return
    names = list(dict.fromkeys(name for item in taken for name in _names(item)))
    if any(isinstance(item, Workload) and not item.built_in for item in taken):
        return
    for endpoint in monitor.endpoints:
        port = endpoint.port
        if port is None or port in names:
            continue
        right = nearest(port, names) or (names[0] if len(names) == 1 else None)
        whose = " and ".join(f'{item.kind} "{item.name}"' for item in taken[:3])
        quoted = ", ".join(f'"{name}"' for name in names[:6])
        has = f" ({'it has' if len(taken) == 1 else 'they have'} {quoted})" if names else ""
        verb = "has" if len(taken) == 1 else "have"
        numbers = [str(p.port) for item in taken if isinstance(item, Service) for p in item.ports]
        if port in numbers:
            has += "; a number is no name"
        yield Finding(
            endpoint.at("port"),
            f'{whose} {verb} no port named "{port}"{has}: {monitor.kind} "{monitor.name}" finds no target there',
            tuple(Related(item.at("metadata", "name"), "is selected") for item in taken[:3]),
            Fix(f"write {right}", (set_value(endpoint.at("port"), right),)) if right else None,
            confidence="likely",
        )


def _names(item: Service | Workload) -> Iterator[str]:
    if isinstance(item, Service):
        yield from (port.port_name for port in item.ports if port.port_name)
        return
    for container in item.template.containers:
        yield from (port.port_name for port in container.ports if port.port_name)

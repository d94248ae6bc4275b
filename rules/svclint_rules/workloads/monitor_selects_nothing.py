"""A ServiceMonitor that takes no Service, or a PodMonitor that takes no Pod.

A ServiceMonitor selects by the labels of Services (`metadata.labels`, not their selectors), in its own namespace unless
`namespaceSelector` says otherwise. Without a match Prometheus has no target, and no alert says so.

Said only where labels are nearly those.

Symptoms: no targets, missing metrics

```yaml bad
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: web
spec:
  selector:
    matchLabels:  # warning: no Service in namespace "default" is labelled app=wbe (the nearest is Service "web"): ServiceMonitor "web" finds no target
      app: wbe
  endpoints:
    - port: http
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
```
```diff fix
-      app: wbe
+      app: web
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
    - port: http
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
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from svclint.cluster import Cluster
from svclint.kube.references import Monitor
from svclint.kube.resource import View
from svclint.rule import Finding, Related, rule
from svclint_rules.workloads._labels import nearest_labels
from svclint_rules.workloads._monitors import selected


@rule("monitor-selects-nothing", on=Monitor, severity="warning")
def monitor_selects_nothing(monitor: Monitor, cluster: Cluster) -> Iterator[Finding]:
    """One finding a monitor."""
    selector, namespaces = monitor.selector, monitor.namespaces
    if selector.empty or namespaces is None or selected(monitor, cluster) != ():
        return
    near = nearest_labels(selector, _candidates(monitor, namespaces, cluster))
    if near is None:
        return
    what = "Service" if monitor.kind == "ServiceMonitor" else "Pod"
    where = " or ".join(f'"{name}"' for name in namespaces)
    hint = f'the nearest is {near.view.kind} "{near.view.name}"'
    place = monitor.at("spec", "selector", "matchLabels")
    yield Finding(
        place._replace(part="key"),
        f'no {what} in namespace {where} is labelled {selector} ({hint}): {monitor.kind} "{monitor.name}" finds no target',
        (Related(near.view.at("metadata", "name"), "the nearest labels"),),
        near.fix(selector, place),
        confidence="likely",
    )


def _candidates(
    monitor: Monitor, namespaces: tuple[str, ...], cluster: Cluster
) -> Iterator[tuple[View, Mapping[str, str]]]:
    for namespace in namespaces:
        if monitor.kind == "ServiceMonitor":
            yield from ((s, s.resource.labels) for s in cluster.services_in(namespace))
        else:
            yield from ((w, w.pod_labels.labels) for w in cluster.workloads_in(namespace))

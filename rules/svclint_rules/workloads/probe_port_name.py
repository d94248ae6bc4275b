"""A probe that names a port its container does not have.

The kubelet looks for the name in the same container only. Without it the probe fails: a readiness probe keeps the Pod out
of every Service, a liveness probe restarts it.

Symptoms: connection refused, Pod never ready, restarts

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      ports:
        - name: http
          containerPort: 8080
      readinessProbe:
        httpGet:
          path: /
          port: htpt  # error: container "web" of Pod "web" has no port named "htpt" (it has "http"): the readiness probe always fails, the Pod never gets traffic
```
```diff fix
-          port: htpt
+          port: http
```
```yaml good
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      ports:
        - name: http
          containerPort: 8080
      readinessProbe:
        httpGet:
          path: /
          port: http
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, nearest, rule, set_value

_THEN = {
    "readinessProbe": "the readiness probe always fails, the Pod never gets traffic",
    "livenessProbe": "the liveness probe always fails, the container is restarted again and again",
    "startupProbe": "the startup probe always fails, the container is restarted again and again",
}


@rule("probe-port-name", on=Workload)
def probe_port_name(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding a probe."""
    for container in workload.template.containers:
        names = [port.port_name for port in container.ports if port.port_name]
        for probe in container.probes:
            for action in ("httpGet", "tcpSocket"):
                port = probe.get(action, "port")
                if not isinstance(port, str) or port.isdigit() or port in names:
                    continue
                near = nearest(port, names) or (names[0] if len(names) == 1 else None)
                place = probe.at(action, "port")
                quoted = ", ".join(f'"{n}"' for n in names)
                has = f" (it has {quoted})" if names else ""
                yield Finding(
                    place,
                    f'container "{container.container_name}" of {workload.kind} "{workload.name}" has no port named '
                    f'"{port}"{has}: {_THEN[str(probe.path[-1])]}',
                    tuple(Related(p.at("name"), "this one is there") for p in container.ports if p.port_name == near)[
                        :1
                    ],
                    Fix(f"write {near}", (set_value(place, near),)) if near else None,
                )

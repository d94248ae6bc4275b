"""A probe at a port that the Pod does not declare, one slip away from the only port that it does.

A container may listen on ports that it doesn't declare, and often has one for its health. But where the Pod declares
exactly one port and the probe's number is that one with two digits swapped, a digit too many or one too few, it is a slip: the
probe never succeeds.

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
        - containerPort: 8080
      readinessProbe:
        httpGet:
          path: /
          port: 8008  # warning: Pod "web" declares port 8080 and nothing else, the readiness probe of container "web" asks port 8008: it fails unless something listens there undeclared
```
```diff fix
-          port: 8008
+          port: 8080
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
        - containerPort: 8080
      readinessProbe:
        httpGet:
          path: /
          port: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.pod import Container
from svclint.kube.read import sequence
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, rule, set_value

_NAMES = {"readinessProbe": "readiness", "livenessProbe": "liveness", "startupProbe": "startup"}


@rule("unlikely-probe-port", on=Workload, severity="warning")
def unlikely_probe_port(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding a probe; nothing where the number stands elsewhere in the container, too."""
    if not workload.built_in:
        return
    ports = [p for p in workload.template.ports() if p.protocol == "TCP"]
    if len({p.port for p in ports}) != 1:
        return
    only = ports[0]
    for container in workload.template.containers:
        for probe in container.probes:
            for action in ("httpGet", "tcpSocket"):
                port = probe.get(action, "port")
                if not isinstance(port, int) or isinstance(port, bool) or not _slip(str(port), str(only.port)):
                    continue
                if probe.get(action, "host") is not None or _told(container, str(port)):
                    continue
                if _asked_twice(container, port):
                    continue
                place = probe.at(action, "port")
                yield Finding(
                    place,
                    f'{workload.kind} "{workload.name}" declares port {only.port} and nothing else, the '
                    f'{_NAMES[str(probe.path[-1])]} probe of container "{container.container_name}" asks port {port}: it '
                    "fails unless something listens there undeclared",
                    (Related(only.at("containerPort"), "the only declared port"),),
                    Fix(f"write port: {only.port}", (set_value(place, only.port),)),
                    confidence="likely",
                )


def _slip(wrong: str, right: str) -> bool:
    """Two neighbouring digits swapped, one too many or one too few."""
    if len(wrong) == len(right):
        differing = [i for i in range(len(right)) if wrong[i] != right[i]]
        return (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and wrong[differing[0]] == right[differing[1]]
            and wrong[differing[1]] == right[differing[0]]
        )
    long, short = (wrong, right) if len(wrong) > len(right) else (right, wrong)
    return (
        len(long) == len(short) + 1
        and len(short) > 2
        and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    )


def _told(container: Container, port: str) -> bool:
    """Whether the container's arguments or environment speak of the port."""
    texts = [*sequence(container.get("args")), *sequence(container.get("command"))]
    texts += [env.get("value") for env in container.env]
    return any(isinstance(text, str) and port in text for text in texts)


def _asked_twice(container: Container, port: int) -> bool:
    """Whether several probes agree on the port."""
    asked = [probe.get(action, "port") for probe in container.probes for action in ("httpGet", "tcpSocket")]
    return asked.count(port) > 1

"""A Service that leads to a port at which a well-known image does not listen.

A plain `nginx` listens at 80, whatever the Service says. The Pod declares no port, so nothing in the manifests tells; but
the image is an official one, run with its own command, arguments and configuration: then its documented port is the
evidence.

Nothing is said as soon as the Pod has a second container, a command, arguments, a mounted volume or an environment that
speaks of a port: each may move it.

Symptoms: connection refused

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
      targetPort: 8080  # warning: port 80 of Service "web" leads to 8080, and the image nginx:1.13 of Deployment "web" listens at 80: connections are refused
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
          image: nginx:1.13
```
```diff fix
-      targetPort: 8080
+      targetPort: 80
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
          image: nginx:1.13
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.read import sequence
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, insert, rule, set_value

# Official images (docker.io/library) and the ports of their default configuration, as their Dockerfiles expose them.
_PORTS: dict[str, tuple[int, ...]] = {
    "nginx": (80,),
    "httpd": (80,),
    "caddy": (80, 443, 2019),
    "tomcat": (8080,),
    "wordpress": (80,),
    "ghost": (2368,),
    "drupal": (80,),
    "redis": (6379,),
    "memcached": (11211,),
    "mysql": (3306, 33060),
    "mariadb": (3306,),
    "postgres": (5432,),
    "mongo": (27017,),
    "rabbitmq": (4369, 5671, 5672, 15671, 15672, 15691, 15692, 25672),
    "registry": (5000,),
    "nats": (4222, 6222, 8222),
}


@rule("well-known-image-port", on=Service, severity="warning")
def well_known_image_port(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port."""
    selection = cluster.selection(service)
    if service.is_external_name or not selection.workloads or selection.possible or selection.gap:
        return
    known = [_listens(w) for w in selection.workloads]
    if any(ports is None for ports in known):
        return
    listening = {port for ports in known for port in ports or ()}
    first = selection.workloads[0]
    image = first.template.containers[0]
    for port in service.ports:
        target = port.port if service.headless else port.target_port
        if not isinstance(target, int) or port.protocol != "TCP" or target in listening or not target:
            continue
        where = " or ".join(str(number) for number in sorted(listening)[:4])
        written = port.get("targetPort") is not None
        fix = None
        if len(listening) == 1 and not service.headless:
            (only,) = listening
            change = set_value(port.at("targetPort"), only) if written else insert(port.at(), "targetPort", only)
            fix = Fix(f"write targetPort: {only}", (change,))
        yield Finding(
            port.at("targetPort" if written else "port"),
            f'port {port.port} of Service "{service.name}" leads to {target}, and the image {image.image} of '
            f'{first.kind} "{first.name}" listens at {where}: connections are refused',
            (Related(image.at("image"), "the image"),),
            fix,
            confidence="likely",
        )


def _listens(workload: Workload) -> tuple[int, ...] | None:
    """The ports of a Pod that is one official image as it comes; None where anything may move them."""
    containers = workload.template.containers
    if not workload.built_in or len(containers) != 1:
        return None
    container = containers[0]
    name = container.image.partition("@")[0].rpartition(":")[0] or container.image
    for prefix in ("docker.io/library/", "index.docker.io/library/", "docker.io/", "library/"):
        name = name.removeprefix(prefix)
    if name not in _PORTS:
        return None
    if any(container.get(field) for field in ("command", "args", "ports", "envFrom", "volumeMounts", "lifecycle")):
        return None
    for env in container.env:
        texts = (env.get("name"), env.get("value"))
        if any(isinstance(text, str) and ("port" in text.lower() or "listen" in text.lower()) for text in texts):
            return None
    for probe in container.probes:
        if any(isinstance(probe.get(action, "port"), int) for action in ("httpGet", "tcpSocket", "grpc")):
            return None
    return None if sequence(workload.template.spec.get("volumes")) else _PORTS[name]

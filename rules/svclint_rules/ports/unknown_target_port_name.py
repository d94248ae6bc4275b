"""A Service whose targetPort names a port that no selected Pod's container has.

A named targetPort is looked up in each Pod, by name and protocol. The EndpointSlice controller publishes a Pod in which
the name is not found without that port; kube-proxy has nowhere to send the packet.

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
      targetPort: htttp  # error: no container of Deployment "web" has a port named "htttp" (it has "http"): connections to port 80 of Service "web" are refused
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
            - name: http
              containerPort: 8080
```
```diff fix
-      targetPort: htttp
+      targetPort: http
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
      targetPort: http
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
            - name: http
              containerPort: 8080
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.pod import ContainerPort
from svclint.kube.service import Service, ServicePort
from svclint.rule import Finding, Fix, Related, nearest, rule, set_value
from svclint_rules.ports._target import declared, is_side_port, named, named_targets, selected


@rule("unknown-target-port-name", on=Service)
def unknown_target_port_name(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a port; the fix is the container port that is left for it."""
    workloads = selected(service, cluster)
    if not workloads or cluster.selection(service).possible or cluster.selection(service).gap:
        return
    for port in named_targets(service):
        found = named(port, workloads)
        if found.cause != "missing":
            continue
        target = str(port.target_port)
        ports = [p for p in declared(workloads) if p.protocol == port.protocol]
        names = list(dict.fromkeys(p.port_name for p in ports if p.port_name))
        numbers = list(dict.fromkeys(p.port for p in ports))
        right = _meant(port, service, ports)
        place = port.at("targetPort")
        fix = Fix(f"write targetPort: {right}", (set_value(place, right),)) if right is not None else None
        if service.headless:
            # Clients dial the Pods' own ports: only the SRV record is missing. Said where a slip is likely.
            if nearest(target, names) or port.port in numbers:
                yield Finding(
                    place,
                    f'no container of the Pods of headless Service "{service.name}" has a port named "{target}": DNS has '
                    f"no SRV record for port {port.port}",
                    fix=fix,
                    severity="warning",
                )
            continue
        whose = " and ".join(f'{w.kind} "{w.name}"' for w in workloads[:3])
        has = "it has " + ", ".join(f'"{n}"' for n in names) if names else "none of its ports has a name"
        if len(workloads) > 1:
            has = has.replace("it has", "they have").replace("its", "their")
        yield Finding(
            place,
            f'no container of {whose} has a port named "{target}" ({has}): connections to port {port.port} of Service '
            f'"{service.name}" are refused',
            tuple(
                Related(p.at("name") if p.port_name else p.at("containerPort"), "declared here")
                for p in ports
                if right in (p.port_name, p.port)
            )[:1],
            fix,
        )


def _meant(port: ServicePort, service: Service, ports: list[ContainerPort]) -> str | int | None:
    """The container port that must be meant: of those that no other port of the Service leads to, the one with the
    nearest name, else the one with the Service port's number, else the only one (that is no port for metrics)."""
    taken = {other.target_port for other in service.ports if other.index != port.index}
    free = [p for p in ports if p.port_name not in taken and p.port not in taken]
    near = nearest(str(port.target_port), dict.fromkeys(p.port_name for p in free if p.port_name))
    if near is not None:
        return near
    main = [p for p in free if not is_side_port(p)]
    for group in ([p for p in free if p.port == port.port], free, main):
        numbers = {p.port for p in group}
        if len(numbers) == 1:
            names = {p.port_name for p in group}
            return group[0].port_name if len(names) == 1 and group[0].port_name else group[0].port
    return None

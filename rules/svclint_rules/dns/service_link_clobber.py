"""A variable that the container reads as a port number and the kubelet fills with `tcp://…`.

Of every Service `NAME` of its namespace a Pod gets `NAME_PORT=tcp://10.96.0.7:6379`, as Docker's links had it. A program
that reads `NAME_PORT` with a default of its own gets that text where it wants a number. `enableServiceLinks: false`, another
name for the Service, or setting the variable helps.

Said only where the container's own command, arguments or environment read the variable and don't set it.

Symptoms: invalid port, could not parse tcp://, crash at start

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      command:
        - sh
        - -c
        - exec web --redis redis:${REDIS_PORT:-6379}  # warning: Service "redis" sets REDIS_PORT=tcp://… in every Pod of namespace "default", but a port number is read here
---
apiVersion: v1
kind: Service
metadata:
  name: redis
spec:
  selector:
    app: redis
  ports:
    - port: 6379
```
```diff fix
+  enableServiceLinks: false
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
      command:
        - sh
        - -c
        - exec web --redis redis:${REDIS_PORT}
      env:
        - name: REDIS_PORT
          value: "6379"
---
apiVersion: v1
kind: Service
metadata:
  name: redis
spec:
  selector:
    app: redis
  ports:
    - port: 6379
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.read import sequence
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.dns._links import has_address, names, service_name, texts

# A port is read: after a host and a colon, after `-p ` or `port=`.
_READ = re.compile(
    r"(?:(?<=[A-Za-z0-9)}\]]:)|(?<=[Pp]ort[= ])|(?<=PORT[= ])|(?<=-p ))"
    r"(?<!\$)\$(?:([A-Z][A-Z0-9_]*)_PORT(?![A-Z0-9_])|\{([A-Z][A-Z0-9_]*)_PORT(?::?-[^}]*)?\}|\(([A-Z][A-Z0-9_]*)_PORT\))"
)


@rule("service-link-clobber", on=Workload, severity="warning")
def service_link_clobber(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding a container and variable."""
    template = workload.template
    if not template.enable_service_links:
        return
    for container in template.containers:
        if sequence(container.get("envFrom")):
            continue
        own: set[str] | None = None
        said: set[str] = set()
        for text, place in texts(container, "_PORT"):
            for match in _READ.finditer(text):
                start = match[1] or match[2] or match[3]
                variable = f"{start}_PORT"
                own = own or names(container)
                if variable in own or variable in said or f"{variable}=" in text:
                    continue
                service = cluster.service_named(workload.namespace, service_name(start))
                if service is None or not has_address(service) or not service.ports or start.endswith("_SERVICE"):
                    continue
                said.add(variable)
                written = template.spec.get("enableServiceLinks") is not None
                change = (
                    set_value(template.at("spec", "enableServiceLinks"), False)
                    if written
                    else insert(template.at("spec"), "enableServiceLinks", False)
                )
                yield Finding(
                    place._replace(slice=match.span()),
                    f'Service "{service.name}" sets {variable}=tcp://… in every Pod of namespace "{workload.namespace}", '
                    "but a port number is read here",
                    (Related(service.at("metadata", "name"), f"makes {variable}"),),
                    Fix("write enableServiceLinks: false", (change,)),
                    confidence="likely",
                )

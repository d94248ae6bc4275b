"""A `$(NAME_SERVICE_HOST)` for which the namespace has no such Service.

The kubelet makes `NAME_SERVICE_HOST` and `NAME_SERVICE_PORT` of every Service of the Pod's own namespace that has a cluster
IP. Of a headless or ExternalName Service, or of one in another namespace, it makes none, and `$(…)` stays in the text as it
is written.

Symptoms: no such host, literal $(…) in configuration

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      env:
        - name: DB_URL
          value: postgres://$(DB_SERVICE_HOST):5432  # warning: $(DB_SERVICE_HOST) stays as it is written: Service "db" is headless, the kubelet makes no variables of it
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  clusterIP: None
  selector:
    app: db
  ports:
    - port: 5432
```
```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      args:
        - --cache=$(CACH_SERVICE_HOST)  # warning: $(CACH_SERVICE_HOST) stays as it is written: no Service of namespace "default" gives that variable (the nearest is Service "cache")
---
apiVersion: v1
kind: Service
metadata:
  name: cache
spec:
  selector:
    app: cache
  ports:
    - port: 6379
```
```diff fix
-        - --cache=$(CACH_SERVICE_HOST)
+        - --cache=$(CACHE_SERVICE_HOST)
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
      env:
        - name: CACHE
          value: $(CACHE_SERVICE_HOST):$(CACHE_SERVICE_PORT)
---
apiVersion: v1
kind: Service
metadata:
  name: cache
spec:
  selector:
    app: cache
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
from svclint.rule import Finding, Fix, Related, nearest, rule, set_slice
from svclint_rules.dns._links import has_address, names, service_name, texts, variable_name

_VARIABLE = re.compile(r"(?<!\$)\$\((([A-Z][A-Z0-9_]*?)_SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?)\)")


@rule("service-link-variable-missing", on=Workload, severity="warning")
def service_link_variable_missing(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding a variable; nothing where the container gets variables that the manifests don't tell."""
    namespace = workload.namespace
    for container in workload.template.containers:
        if sequence(container.get("envFrom")):
            continue
        own: set[str] | None = None
        for text, place in texts(container, "_SERVICE_"):
            for match in _VARIABLE.finditer(text):
                variable, start = match[1], match[2]
                own = own or names(container)
                if variable in own or (start == "KUBERNETES" and not variable.endswith("_PORT_HTTP")):
                    continue
                name = service_name(start)
                service = cluster.service_named(namespace, name)
                if service is not None and has_address(service) and workload.template.enable_service_links:
                    continue
                if cluster.may_hold_more("", "Service", namespace, name):
                    continue
                at = place._replace(slice=match.span(1))
                fix = None
                related: tuple[Related, ...] = ()
                if service is None:
                    near = nearest(name, (s.name for s in cluster.services_in(namespace) if has_address(s)))
                    there = cluster.service_named(namespace, near) if near is not None else None
                    if near is None or there is None:
                        continue
                    why = f'no Service of namespace "{namespace}" gives that variable (the nearest is Service "{there.name}")'
                    related = (Related(there.at("metadata", "name"), "the nearest name"),)
                    fix = Fix(f"write {variable_name(near)}", (set_slice(place, *match.span(2), variable_name(near)),))
                elif not has_address(service):
                    what = "headless" if service.headless else "an ExternalName"
                    why = f'Service "{service.name}" is {what}, the kubelet makes no variables of it'
                    related = (Related(service.at("metadata", "name"), "this Service"),)
                else:
                    why = "enableServiceLinks is false"
                    related = (Related(workload.template.at("spec", "enableServiceLinks"), "set here"),)
                yield Finding(at, f"$({variable}) stays as it is written: {why}", related, fix, confidence="likely")

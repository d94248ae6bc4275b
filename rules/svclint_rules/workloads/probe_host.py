"""A probe with a `host` that only the cluster's DNS knows.

The kubelet runs probes from the node and resolves `host` with the node's resolver, which doesn't know the names of
Services. Besides, such a probe asks another Pod than its own. Leave `host` out: the Pod's own address is the default.

Symptoms: no such host, Pod never ready, restarts

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      readinessProbe:
        httpGet:
          host: db  # warning: the kubelet resolves db with the node's resolver, which knows no Service: the readiness probe of container "web" fails
          path: /
          port: 5432
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  selector:
    app: db
  ports:
    - port: 5432
```
```diff fix
-          host: db
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
      readinessProbe:
        httpGet:
          path: /
          port: 5432
---
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  selector:
    app: db
  ports:
    - port: 5432
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.workload import Workload
from svclint.rule import Finding, Fix, Related, remove, rule
from svclint_rules.dns._mentions import Mention, found

_NAMES = {"readinessProbe": "readiness", "livenessProbe": "liveness", "startupProbe": "startup"}


@rule("probe-host", on=Workload, severity="warning")
def probe_host(workload: Workload, cluster: Cluster) -> Iterator[Finding]:
    """One finding a probe."""
    for container in workload.template.containers:
        for probe in container.probes:
            for action in ("httpGet", "tcpSocket"):
                host = probe.get(action, "host")
                if not isinstance(host, str) or host in ("", "localhost") or host.replace(".", "").isdigit():
                    continue
                place = probe.at(action, "host")
                mention = Mention(workload.resource, place.path, 0, host.rstrip("."), None, 0, "", "hint")
                service = found(mention, cluster)
                if service is None and not host.rstrip(".").endswith((".svc", "." + cluster.facts.cluster_domain)):
                    continue
                yield Finding(
                    place,
                    f"the kubelet resolves {host} with the node's resolver, which knows no Service: the "
                    f'{_NAMES[str(probe.path[-1])]} probe of container "{container.container_name}" fails',
                    (Related(service.at("metadata", "name"), "this Service"),) if service is not None else (),
                    Fix("leave host out", (remove(place),)),
                )

"""A Service selector with a label that changes at every release.

`helm.sh/chart`, `app.kubernetes.io/version` and the hashes that controllers add are new at each upgrade. During the rollout
the Service selects only the old or only the new Pods, and after a rollback none.

Symptoms: connection refused during a rollout

```yaml bad
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
    helm.sh/chart: web-1.2.3  # warning: the label helm.sh/chart changes at every release: while one rolls out, Service "web" selects only a part of the Pods, or none
  ports:
    - port: 80
```
```diff fix
-    helm.sh/chart: web-1.2.3
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.service import Service
from svclint.rule import Finding, Fix, remove, rule

VOLATILE = frozenset(
    {
        "app.kubernetes.io/version",
        "chart",
        "controller-revision-hash",
        "helm.sh/chart",
        "pod-template-generation",
        "pod-template-hash",
        "rollouts-pod-template-hash",
    }
)


@rule("volatile-selector-label", on=Service, severity="warning")
def volatile_selector_label(service: Service, cluster: Cluster) -> Iterator[Finding]:
    """One finding a label; it can be left out where another one stays."""
    if service.is_external_name:
        return
    for key in service.selector:
        if key in VOLATILE:
            place = service.at("spec", "selector", key)
            stays = len(service.selector) > 1
            yield Finding(
                service.at("spec", "selector", key, key=True),
                f"the label {key} changes at every release: while one rolls out, Service "
                f'"{service.name}" selects only a part of the Pods, or none',
                fix=Fix(f"leave {key} out", (remove(place),)) if stays else None,
            )

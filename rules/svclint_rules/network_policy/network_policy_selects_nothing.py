"""A NetworkPolicy whose podSelector takes no Pod of its namespace.

A policy isolates the Pods of its own namespace that carry the labels. When none does, it protects nobody, and the Pods that
were meant stay open to everyone.

Said only where a workload's labels are nearly those, or where the Pods are in another namespace: policies may stand ready
for Pods that others make.

Symptoms: policy has no effect

```yaml bad
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: database
spec:
  podSelector:
    matchLabels:  # warning: no Pod in namespace "default" is labelled app=databse (the Pods of Deployment "database" are labelled app=database): NetworkPolicy "database" isolates nothing
      app: databse
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: database
spec:
  selector:
    matchLabels:
      app: database
  template:
    metadata:
      labels:
        app: database
    spec:
      containers:
        - name: database
          image: registry.example.com/database:1
```
```diff fix
-      app: databse
+      app: database
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: database
spec:
  podSelector:
    matchLabels:
      app: database
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: web
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: database
spec:
  selector:
    matchLabels:
      app: database
  template:
    metadata:
      labels:
        app: database
    spec:
      containers:
        - name: database
          image: registry.example.com/database:1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.network_policy import NetworkPolicy
from svclint.rule import Finding, Related, rule
from svclint_rules._names import pods_of
from svclint_rules.network_policy._peers import nobody
from svclint_rules.selectors._diagnosis import labels_text


@rule("network-policy-selects-nothing", on=NetworkPolicy, severity="warning")
def network_policy_selects_nothing(policy: NetworkPolicy, cluster: Cluster) -> Iterator[Finding]:
    """One finding a policy."""
    selector = policy.pod_selector
    found = nobody(policy.namespace, selector, cluster)
    if found is None:
        return
    place = policy.at("spec", "podSelector", "matchLabels")
    hint = ""
    related: tuple[Related, ...] = ()
    fix = None
    if found.near is not None:
        view = found.near.view
        has = {key: value for key, value in found.near.labels.items() if key in selector.labels}
        if found.near.right_key:
            has[found.near.right_key] = found.near.labels[found.near.right_key]
        hint = f" ({pods_of(view)} {'is' if view.kind == 'Pod' else 'are'} labelled {labels_text(has)})"
        related = (Related(view.at("metadata", "name"), "the nearest labels"),)
        fix = found.near.fix(selector, place)
    elif found.elsewhere is not None:
        there = found.elsewhere
        hint = f' ({there.kind} "{there.name}" in namespace "{there.namespace}" makes such Pods)'
        related = (Related(there.at("metadata", "name"), f'in namespace "{there.namespace}"'),)
    yield Finding(
        place._replace(part="key"),
        f'no Pod in namespace "{policy.namespace}" is labelled {selector}{hint}: NetworkPolicy "{policy.name}" isolates '
        "nothing",
        related,
        fix,
        confidence="likely",
    )

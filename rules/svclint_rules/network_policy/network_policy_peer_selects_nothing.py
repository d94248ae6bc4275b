"""A peer of a NetworkPolicy that no Pod is.

A `podSelector` alone takes Pods of the policy's own namespace; beside a `namespaceSelector`, in the same item, Pods of
those namespaces. A peer that takes none allows nobody: whoever was meant is kept out.

Said only where a workload's labels are nearly those, or where the Pods are in another namespace.

Symptoms: timeout

```yaml bad
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {}
  ingress:
    - from:
        - podSelector:
            matchLabels:  # warning: no Pod in namespace "default" is labelled app=wbe (the Pods of Deployment "web" are labelled app=web): this peer of NetworkPolicy "db" allows nobody
              app: wbe
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
```
```diff fix
-              app: wbe
+              app: web
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {}
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: web
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.kube.network_policy import NetworkPolicy
from svclint.rule import Finding, Related, rule
from svclint_rules._names import pods_of
from svclint_rules.network_policy._peers import nobody, peer_namespace, rules
from svclint_rules.selectors._diagnosis import labels_text


@rule("network-policy-peer-selects-nothing", on=NetworkPolicy, severity="warning")
def network_policy_peer_selects_nothing(policy: NetworkPolicy, cluster: Cluster) -> Iterator[Finding]:
    """One finding a peer."""
    for each, _ in rules(policy):
        for peer in each.peers:
            selector, namespace = peer.pod_selector, peer_namespace(peer, policy)
            if selector is None or namespace is None:
                continue
            found = nobody(namespace, selector, cluster)
            if found is None:
                continue
            place = peer.at("podSelector", "matchLabels")
            if found.near is not None:
                view = found.near.view
                has = {key: value for key, value in found.near.labels.items() if key in selector.labels}
                if found.near.right_key:
                    has[found.near.right_key] = found.near.labels[found.near.right_key]
                hint = f"{pods_of(view)} {'is' if view.kind == 'Pod' else 'are'} labelled {labels_text(has)}"
                related = Related(view.at("metadata", "name"), "the nearest labels")
                fix = found.near.fix(selector, place)
            else:
                there = found.elsewhere
                assert there is not None
                hint = f'{there.kind} "{there.name}" in namespace "{there.namespace}" makes such Pods'
                if peer.namespace_selector is None:
                    hint += ", which needs a namespaceSelector in the same item"
                related = Related(there.at("metadata", "name"), f'in namespace "{there.namespace}"')
                fix = None
            yield Finding(
                place._replace(part="key"),
                f'no Pod in namespace "{namespace}" is labelled {selector} ({hint}): this peer of NetworkPolicy '
                f'"{policy.name}" allows nobody',
                (related,),
                fix,
                confidence="likely",
            )

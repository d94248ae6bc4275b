"""A namespaceSelector and a podSelector as two items of a list where one item looks meant.

Two items mean *or*: every Pod of those namespaces, and besides the Pods of the policy's own namespace with those labels.
One item with both means the Pods with those labels in those namespaces. The difference is one hyphen.

Said where no Pod of the policy's own namespace carries the labels: then the second item allows nobody by itself. Off by
default.

Symptoms: policy allows too much

```yaml bad
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {}
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              team: shop
        - podSelector:  # info: these two items let in every Pod of namespaces labelled team=shop, and Pods of namespace "default" labelled app=web (there are none): Pods labelled app=web in those namespaces would be one item
            matchLabels:
              app: web
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  labels:
    app: db
spec:
  containers:
    - name: db
      image: registry.example.com/db:1
```
```diff fix
-        - podSelector:
+          podSelector:
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
        - namespaceSelector:
            matchLabels:
              team: shop
          podSelector:
            matchLabels:
              app: web
---
apiVersion: v1
kind: Pod
metadata:
  name: db
  labels:
    app: db
spec:
  containers:
    - name: db
      image: registry.example.com/db:1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster, Presence
from svclint.kube.network_policy import NetworkPolicy
from svclint.rule import Finding, Fix, insert, remove, rule
from svclint_rules.network_policy._peers import rules


@rule("network-policy-and-or", on=NetworkPolicy, severity="info")
def network_policy_and_or(policy: NetworkPolicy, cluster: Cluster) -> Iterator[Finding]:
    """One finding a pair of neighbouring items."""
    for each, _ in rules(policy):
        for first, second in zip(each.peers, each.peers[1:], strict=False):
            namespaces, pods = first.namespace_selector, second.pod_selector
            if namespaces is None or first.pod_selector is not None or pods is None or pods.empty:
                continue
            if second.namespace_selector is not None:
                continue
            if cluster.taken(policy.namespace, pods).presence is not Presence.ABSENT:
                continue
            where = f"namespaces labelled {namespaces}" if not namespaces.empty else "every namespace"
            yield Finding(
                second.at("podSelector", key=True),
                f'these two items let in every Pod of {where}, and Pods of namespace "{policy.namespace}" labelled {pods} '
                f"(there are none): Pods labelled {pods} in those namespaces would be one item",
                fix=Fix(
                    "make it one item",
                    (insert(first.at(), "podSelector", second.get("podSelector")), remove(second.at())),
                ),
                confidence="likely",
            )

"""Pods that NetworkPolicies isolate for Egress without a way to the cluster's DNS, and that use names.

Once a policy with `policyTypes: [Egress]` takes a Pod, everything that no rule lists is dropped, name lookups too: port 53
by UDP, and by TCP for long answers. Every name fails after seconds of waiting, even names that the policy allows to be
connected to.

Symptoms: no such host, EAI_AGAIN, timeout

```yaml bad
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
    - Egress
  egress:  # warning: NetworkPolicy "web" isolates Pod "web" for Egress and nothing lets them ask the cluster's DNS (port 53): names such as db don't resolve
    - to:
        - podSelector:
            matchLabels:
              app: db
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      env:
        - name: DB_URL
          value: postgres://db:5432
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
+    - ports:
+        - port: 53
+          protocol: UDP
+        - port: 53
+          protocol: TCP
```
```yaml good
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
    - Egress
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: db
    - ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
      env:
        - name: DB_URL
          value: postgres://db:5432
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
from typing import Any

from svclint.cluster import Cluster
from svclint.kube.network_policy import NetworkPolicy
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules._names import pods_of
from svclint_rules.network_policy._dns import cut_off

_RULE: Any = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}


@rule("network-policy-without-dns", on=Cluster, kinds=NetworkPolicy.GROUP_KINDS, severity="warning")
def network_policy_without_dns(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a policy, with the first workload that it cuts off and the first name that this one uses."""
    said: set[int] = set()
    for workload, mention, decision in cut_off(cluster).values():
        policy = decision.policy
        if policy is None or id(policy.resource) in said:
            continue
        said.add(id(policy.resource))
        written = isinstance(policy.get("spec", "egress"), list)
        others = len(decision.policies) - 1
        beside = f" (with {others} more)" if others else ""
        yield Finding(
            policy.at("spec", "egress", key=True) if written else policy.at("spec", "policyTypes"),
            f'NetworkPolicy "{policy.name}"{beside} isolates {pods_of(workload)} for Egress and '
            f"nothing lets them ask the cluster's DNS (port 53): names such as {mention.host} don't resolve",
            (Related(mention.host_place(), "a name that is used"),),
            _fix(policy, written),
            confidence="likely",
        )


def _fix(policy: NetworkPolicy, written: bool) -> Fix:
    if not written:
        change = insert(policy.at("spec"), "egress", [_RULE])
    elif policy.egress:
        change = insert(policy.at("spec", "egress"), len(policy.egress), _RULE)
    else:
        change = set_value(policy.at("spec", "egress"), [_RULE])
    return Fix("allow port 53", (change,))

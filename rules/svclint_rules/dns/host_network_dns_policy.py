"""A Pod on the node's network that uses cluster names without the cluster's DNS.

With `hostNetwork: true` the default policy `ClusterFirst` falls back to the node's resolver, which knows no cluster name.
`dnsPolicy: ClusterFirstWithHostNet` asks the cluster's DNS. `dnsPolicy: Default` never does.

Symptoms: NXDOMAIN, works from other Pods

```yaml bad
apiVersion: v1
kind: Pod
metadata:
  name: agent
spec:
  hostNetwork: true  # warning: Pod "agent" is on the node's network with dnsPolicy ClusterFirst, so that the node's resolver is asked: the name collector doesn't resolve there
  containers:
    - name: agent
      image: registry.example.com/agent:1
      env:
        - name: COLLECTOR_ADDR
          value: collector:4317
---
apiVersion: v1
kind: Service
metadata:
  name: collector
spec:
  selector:
    app: collector
  ports:
    - port: 4317
```
```diff fix
+  dnsPolicy: ClusterFirstWithHostNet
```
```yaml good
apiVersion: v1
kind: Pod
metadata:
  name: agent
spec:
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  containers:
    - name: agent
      image: registry.example.com/agent:1
      env:
        - name: COLLECTOR_ADDR
          value: collector:4317
---
apiVersion: v1
kind: Service
metadata:
  name: collector
spec:
  selector:
    app: collector
  ports:
    - port: 4317
```
"""

from __future__ import annotations

from collections.abc import Iterator

from svclint.cluster import Cluster
from svclint.rule import Finding, Fix, Related, insert, rule, set_value
from svclint_rules.dns._mentions import found, mentions


@rule("host-network-dns-policy", on=Cluster, severity="warning")
def host_network_dns_policy(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a workload, at hostNetwork or dnsPolicy, with the first name that it uses."""
    said: set[int] = set()
    workloads = {id(w.resource): w for w in cluster.workloads}
    for mention in mentions(cluster):
        workload = workloads.get(id(mention.resource))
        if workload is None or id(workload) in said or found(mention, cluster) is None:
            continue
        template = workload.template
        policy = template.dns_policy
        if policy == "ClusterFirst" and template.host_network:
            where, why = "hostNetwork", "is on the node's network with dnsPolicy ClusterFirst"
        elif policy == "Default":
            where, why = "dnsPolicy", "has dnsPolicy Default"
        else:
            continue
        said.add(id(workload))
        right = "ClusterFirstWithHostNet" if template.host_network else "ClusterFirst"
        written = template.spec.get("dnsPolicy") is not None
        change = (
            set_value(template.at("spec", "dnsPolicy"), right)
            if written
            else insert(template.at("spec"), "dnsPolicy", right)
        )
        yield Finding(
            template.at("spec", where),
            f'{workload.kind} "{workload.name}" {why}, so that the node\'s resolver is asked: the name {mention.host} '
            "doesn't resolve there",
            (Related(mention.host_place(), "a cluster name"),),
            Fix(f"write dnsPolicy: {right}", (change,)),
        )

"""A connection that a Pod is told to make and that NetworkPolicies drop.

The Pod's environment or arguments name a Service and port. kube-proxy leads there, but a policy isolates the Pods behind it
(or the client for Egress) and no rule allows this client at the port where the Pods get the connection. It is
dropped without an answer.

Symptoms: timeout

```yaml bad
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
          value: postgres://db:5432/shop  # warning: connections of Pod "web" to db:5432 are dropped: NetworkPolicy "default/db" isolates default/Pod/db for ingress and no rule allows 5432/TCP from default/Pod/web
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector:
    matchLabels:
      app: db
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: backup
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
```yaml good
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
          value: postgres://db:5432/shop
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector:
    matchLabels:
      app: db
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: web
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
from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.pods import Pod
from svclint.cluster.policy import Decision
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.service import Service, ServicePort
from svclint.kube.workload import Workload
from svclint.rule import Finding, Related, rule
from svclint_rules.dns._mentions import Mention, found, mentions
from svclint_rules.network_policy._dns import cut_off
from svclint_rules.network_policy._peers import nobody, peer_namespace, rules, wrong_ports

_SCHEMES = {"http": 80, "https": 443}
_MOST = 8


class Blocked(NamedTuple):
    """A client that is told to connect, where, and what drops it."""

    client: Workload
    mention: Mention
    port: ServicePort
    decision: Decision


@rule("network-policy-blocks-reference", on=Cluster, kinds=NetworkPolicy.GROUP_KINDS, severity="warning")
def network_policy_blocks_reference(cluster: Cluster, _: Cluster) -> Iterator[Finding]:
    """One finding a client and Service; nothing where another finding about the policy says why."""
    policies = cluster.of(NetworkPolicy)
    if not cluster.facts.network_policies or not policies:
        return
    without_dns = cut_off(cluster)
    explained: set[int] | None = None
    workloads = {id(w.resource): w for w in cluster.workloads if not w.is_hook}
    blocked: dict[tuple[int, int, int], list[Blocked]] = {}
    said: set[tuple[int, int, int]] = set()
    for mention in mentions(cluster):
        if "annotations" in mention.place.path:
            continue
        client = workloads.get(id(mention.resource))
        service = found(mention, cluster) if client is not None else None
        if client is None or service is None or service.resource in cluster.refused:
            continue
        port = _port(mention, service)
        if port is None or (key := (id(client), id(service), port.port)) in said:
            continue
        said.add(key)
        pods = cluster.pods_of(client)
        decision = _denied(pods[0], service, port, cluster) if pods else None
        if decision is None or (decision.direction == "egress" and id(mention.resource) in without_dns):
            continue
        if explained is None:
            explained = {id(p.resource) for p in policies if _explained(p, cluster)}
        if any(id(p.resource) in explained for p in decision.policies):
            continue
        # What isolates the server keeps all its clients out alike; what isolates a client is that client's own.
        subject = id(service) if decision.direction == "ingress" else id(client)
        blocked.setdefault((subject, port.port, id(decision.policy and decision.policy.resource)), []).append(
            Blocked(client, mention, port, decision)
        )
    for group in blocked.values():
        first, *others = group
        also = f" ({len(others)} more client{'s' if others[1:] else ''}: {_names(others)})" if others else ""
        host = f"{first.mention.host}:{first.port.port}"
        place = first.decision.place
        yield Finding(
            first.mention.host_place(),
            f'connections of {first.client.kind} "{first.client.name}"{also} to {host} are dropped: '
            f"{first.decision.reason}",
            (
                *((Related(place, "what isolates"),) if place is not None else ()),
                *(Related(item.mention.host_place(), "dropped, too") for item in others[:5]),
            ),
            confidence="likely",
        )


def _names(others: list[Blocked]) -> str:
    names = list(dict.fromkeys(item.client.name for item in others))
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _port(mention: Mention, service: Service) -> ServicePort | None:
    number = mention.port or _SCHEMES.get(mention.scheme)
    if number is None:
        return service.ports[0] if len(service.ports) == 1 else None
    return service.port_numbered(number)


def _denied(client: Pod, service: Service, port: ServicePort, cluster: Cluster) -> Decision | None:
    """The decision, where every Pod behind the Service is surely out of reach."""
    first: Decision | None = None
    seen: set[int] = set()
    for server in cluster.selected_pods(service):
        if id(server.workload) in seen:
            continue
        seen.add(id(server.workload))
        target = server.template.find_port(port.port if service.headless else port.target_port, port.protocol)
        if target is None or server.workload is client.workload or len(seen) > _MOST:
            return None
        decision = cluster.policies.decide(client, server, target, port.protocol)
        if decision.allowed is not False:
            return None
        first = first or decision
    return first


def _explained(policy: NetworkPolicy, cluster: Cluster) -> bool:
    """Whether another rule says what is wrong with the policy."""
    if any(True for _ in wrong_ports(policy, cluster)):
        return True
    for each, _ in rules(policy):
        for peer in each.peers:
            selector, namespace = peer.pod_selector, peer_namespace(peer, policy)
            if selector is not None and namespace is not None and nobody(namespace, selector, cluster):
                return True
    return False

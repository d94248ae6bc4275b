"""NetworkPolicy: whether a connection is allowed, and which policy and rule decided.

How to ask (build the index once a cluster, from the objects that the API server takes)::

    policies = PolicyIndex.of(index)                                # or PolicyIndex(policies, namespaces, others)
    decision = policies.decide(client, server, 8080, "TCP")         # both directions; the first that forbids decides
    policies.egress(client, server, 8080, "TCP")                    # one direction, for a step of a trace
    policies.ingress(client, server, 8080, "TCP")
    policies.dns(client)                                            # may it ask the cluster's DNS?
    policies.isolating(pod, "Ingress")                              # the policies that (may) select a pod

`client` and `server` are a `cluster.pods.Pod`, an address (`"203.0.113.7"`), or `None` for somebody outside whose
address nobody knows. The port is the one at the destination *after* kube-proxy (a targetPort, never a Service's port).
One and the same `Pod` of count 1 on both ends is a pod talking to itself. `Decision.allowed` is True, False or None (it
can't be known).

Evaluation follows the API documentation (k8s.io/api/networking/v1 types.go): a pod that no policy of a direction
selects is open in that direction, otherwise the rules of the policies that select it are OR-ed, and a connection needs
both ends. What plugins are free to decide (pods on their node's network, an ipBlock that holds a pod's address) is
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from svclint.cluster.index import Index
from svclint.cluster.pods import Pod
from svclint.cluster.policy_foreign import KINDS as FOREIGN_KINDS
from svclint.cluster.policy_foreign import ForeignPolicies
from svclint.cluster.policy_match import Direction, Link, Party, PolicyMatch, RuleMatch, host_network
from svclint.cluster.policy_text import allowed_text, denied_text, open_text, unknown_text
from svclint.cluster.selection import NamespaceLabels, any_of
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.read import mapping
from svclint.kube.resource import Place, Resource
from svclint.kube.workload import BUILT_IN, PodLabels, Workload

__all__ = ["Decision", "Party", "PolicyIndex"]

PolicyType = Literal["Ingress", "Egress"]


class Decision(NamedTuple):
    """What policies say of a connection.

    `direction` is the one that decided, `policy` the policy and `place` the rule in it that allows, or what isolates
    the pod when nothing allows (its rule's ports where only the port is wrong, else policyTypes or podSelector).
    `policies` are all that (may) isolate the pod in that direction. `policy` is None where no NetworkPolicy has a
    say; a policy of another API may (`place` is its own, and nothing is certain).
    """

    allowed: bool | None
    direction: Direction
    policy: NetworkPolicy | None
    place: Place | None
    reason: str
    policies: tuple[NetworkPolicy, ...] = ()


# So many policies of one pod are asked one after the other.
FEW = 8


class _Namespace:
    """The policies of one namespace, by the first label that each asks of its pods."""

    __slots__ = ("everybody", "labelled", "labels")

    def __init__(self) -> None:
        self.labelled: dict[tuple[str, str], list[PolicyMatch]] = {}
        self.labels: dict[str, list[PolicyMatch]] = {}
        self.everybody: list[PolicyMatch] = []

    def add(self, policy: PolicyMatch) -> None:
        for pair in policy.selector.labels.items():
            self.labelled.setdefault(pair, []).append(policy)
            self.labels.setdefault(pair[0], []).append(policy)
            return
        self.everybody.append(policy)

    def candidates(self, labels: PodLabels) -> Iterable[PolicyMatch]:
        """Those that may select a pod with these labels."""
        yield from self.everybody
        for pair in labels.labels.items():
            yield from self.labelled.get(pair, ())
        if labels.complete:
            unknown: Iterable[str] = labels.added - labels.labels.keys()
        else:
            unknown = self.labels.keys() - labels.labels.keys()
        for key in unknown:
            yield from self.labels.get(key, ())


class _Isolation:
    """The policies that may isolate one pod in one direction, each with whether it surely does; where they are many,
    by the first label that the peers of their rules ask for."""

    __slots__ = ("_anybody", "_keys", "_labelled", "applying", "policies", "views")

    def __init__(self, applying: list[tuple[PolicyMatch, bool | None]], direction: Direction) -> None:
        self.applying = applying
        self.policies = [policy for policy, _ in applying]
        self.views = tuple(policy.view for policy in self.policies)
        self._anybody: set[int] = set()
        self._labelled: dict[tuple[str, str], list[int]] = {}
        self._keys: dict[str, list[int]] = {}
        for number, policy in enumerate(self.policies if len(applying) > FEW else ()):
            for rule in policy.rules(direction):
                if not rule.peers:
                    self._anybody.add(number)
                for peer in rule.peers:
                    pair = next(iter(peer.pods.labels.items()), None) if peer.pods and peer.block is None else None
                    if pair is None:
                        self._anybody.add(number)
                    else:
                        self._labelled.setdefault(pair, []).append(number)
                        self._keys.setdefault(pair[0], []).append(number)

    def speaking_of(self, other: Party) -> list[tuple[PolicyMatch, bool | None]]:
        """Those with a rule that may speak of the other end; the rules of the rest surely don't."""
        if len(self.applying) <= FEW or other is None or isinstance(other, str):
            return self.applying
        labels = other.labels
        found = set(self._anybody)
        for pair in labels.labels.items():
            found.update(self._labelled.get(pair, ()))
        for key in labels.added if labels.complete else self._keys.keys() - labels.labels.keys():
            found.update(self._keys.get(key, ()))
        return [self.applying[number] for number in sorted(found)]


class PolicyIndex:
    """All NetworkPolicies of a cluster; `policies` and `namespaces` are those that the API server takes."""

    def __init__(
        self,
        policies: Iterable[NetworkPolicy],
        namespaces: Iterable[Resource] = (),
        others: Iterable[Resource] = (),
    ) -> None:
        """`others` are policies of other APIs (`policy_foreign.KINDS`), which may have the last word."""
        self._labels = NamespaceLabels(namespaces)
        self._others = ForeignPolicies(others, self._labels)
        self._namespaces: dict[str, _Namespace] = {}
        self._last: dict[PolicyType, tuple[Pod, _Isolation]] = {}
        for view in sorted(policies, key=lambda item: (item.namespace, item.name)):
            self._namespaces.setdefault(view.namespace, _Namespace()).add(PolicyMatch(view))

    @classmethod
    def of(cls, index: Index) -> PolicyIndex:
        """The policies of a cluster's objects."""
        others = [resource for kind in FOREIGN_KINDS for resource in index.of_kind(*kind)]
        return cls(index.of(NetworkPolicy), index.of_kind("", "Namespace"), others)

    def isolating(self, pod: Pod, policy_type: PolicyType) -> tuple[NetworkPolicy, ...]:
        """The policies that isolate the pod for Ingress or Egress, or may do so, by name."""
        return self._applying(pod, policy_type).views

    def _applying(self, pod: Pod, policy_type: PolicyType) -> _Isolation:
        """The policies that may isolate a pod; known of the last one, which many clients connect to in turn."""
        last = self._last.get(policy_type)
        if last is None or last[0] is not pod:
            applying = self._selecting(pod, policy_type)
            direction: Direction = "ingress" if policy_type == "Ingress" else "egress"
            last = self._last[policy_type] = (pod, _Isolation(applying, direction))
        return last[1]

    def _selecting(self, pod: Pod, policy_type: PolicyType) -> list[tuple[PolicyMatch, bool | None]]:
        namespace = self._namespaces.get(pod.namespace)
        if namespace is None:
            return []
        found: list[tuple[PolicyMatch, bool | None]] = [
            (policy, answer)
            for policy in namespace.candidates(pod.labels)
            if policy_type in policy.types and (answer := policy.applies(pod)) is not False
        ]
        found.sort(key=lambda item: item[0].view.name)
        return found

    def decide(self, client: Party, server: Party, port: int, protocol: str = "TCP") -> Decision:
        """Whether a connection is allowed: the client's egress and the server's ingress must allow it."""
        egress = self.egress(client, server, port, protocol)
        if egress.allowed is False:
            return egress
        ingress = self.ingress(client, server, port, protocol)
        if ingress.allowed is False or (egress.allowed and not ingress.allowed):
            return ingress
        if egress.allowed and ingress.policy is not None:
            return ingress
        return egress

    def egress(self, client: Party, server: Party, port: int, protocol: str = "TCP") -> Decision:
        """Whether the client may open the connection."""
        return self._direction(Link(client, server, port, protocol), "egress", client)

    def ingress(self, client: Party, server: Party, port: int, protocol: str = "TCP") -> Decision:
        """Whether the server may be reached."""
        return self._direction(Link(client, server, port, protocol), "ingress", server)

    def dns(self, client: Party, servers: Iterable[Pod] = (), protocol: str = "UDP") -> Decision:
        """Whether the client may ask the cluster's DNS on port 53: one of `servers` (the pods behind the DNS Service
        where manifests hold them), else the pods of kube-system labelled `k8s-app: kube-dns` that every distribution
        has (cluster/addons/dns/coredns). With a cache on the node, an ipBlock for it is unknown, not forbidden."""
        best: Decision | None = None
        for server in tuple(servers) or (_assumed_dns(),):
            decision = self.decide(client, server, 53, protocol)
            if decision.allowed:
                return decision
            if best is None or decision.allowed is None:
                best = decision
        assert best is not None
        return best

    def _direction(self, link: Link, direction: Direction, subject: Party) -> Decision:
        if subject is None or isinstance(subject, str):
            return Decision(True, direction, None, None, open_text(link, direction))
        if link.client is link.server and subject.count == 1:
            return Decision(True, direction, None, None, "a pod always reaches itself")
        other = self._others.deciding(subject, direction)
        if other is not None:
            reason = f"{other.kind} {other.name} may decide about {subject.id} for {direction}"
            return Decision(None, direction, None, other.at("spec"), reason)
        policy_type: PolicyType = "Ingress" if direction == "ingress" else "Egress"
        isolation = self._applying(subject, policy_type)
        if not isolation.applying:
            return Decision(True, direction, None, None, open_text(link, direction))
        return self._isolated(link, direction, isolation)

    def _isolated(self, link: Link, direction: Direction, isolation: _Isolation) -> Decision:
        policies, views = isolation.policies, isolation.views
        other = link.client if direction == "ingress" else link.server
        speaking = isolation.speaking_of(other)
        perhaps: list[RuleMatch] = []
        every_policy_allows = len(speaking) == len(policies)
        for policy, applies in speaking:
            verdict: bool | None = False
            for rule in policy.rules(direction):
                answer = rule.allows(link, direction, policy.view.namespace, self._labels)
                if answer and applies:
                    reason = allowed_text(policy, link, direction)
                    return Decision(True, direction, policy.view, rule.view.at(), reason, views)
                verdict = any_of((verdict, answer))
                if answer is not False:
                    perhaps.append(rule)
            every_policy_allows = every_policy_allows and verdict is True
        if every_policy_allows:
            # None is certain to select the pod, but whichever does allows the connection.
            reason = allowed_text(policies[0], link, direction)
            return Decision(True, direction, policies[0].view, perhaps[0].view.at(), reason, views)
        # Whether policies apply to a pod on its node's network isn't specified, and traffic between a pod and its own
        # node is always allowed, whatever address either has.
        on_node = host_network(link.client) or host_network(link.server)
        if perhaps or on_node or all(answer is None for _, answer in isolation.applying):
            reason = unknown_text(policies, perhaps, link, direction, self._labels)
            first = perhaps[0].view if perhaps else policies[0].view
            place = first.at() if perhaps else first.at("spec", "podSelector")
            return Decision(None, direction, NetworkPolicy(first.resource), place, reason, views)
        for policy, _ in speaking:
            for rule in policy.rules(direction):
                if rule.ports and rule.matching_peers(other, policy.view.namespace, self._labels):
                    place = rule.view.at("ports")
                    reason = denied_text(policies, rule, link, direction)
                    return Decision(False, direction, policy.view, place, reason, views)
        first = policies[0].view
        path = "policyTypes" if first.get("spec", "policyTypes") else "podSelector"
        reason = denied_text(policies, None, link, direction)
        return Decision(False, direction, first, first.at("spec", path), reason, views)


_DNS = """
apiVersion: v1
kind: Pod
metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  containers:
  - name: coredns
    ports:
    - {name: dns, containerPort: 53, protocol: UDP}
    - {name: dns-tcp, containerPort: 53}
    - {name: metrics, containerPort: 9153}
"""


@cache
def _assumed_dns() -> Pod:
    from svclint.yaml import parse

    document = parse(_DNS, "kube-dns").documents[0]
    workload = Workload(Resource(document, (), mapping(document.value)), BUILT_IN["", "Pod"])
    return Pod(workload, node=None, ready=True, families=(), name=workload.name)

"""Whom and what the rules of a NetworkPolicy match, three-valued (k8s.io/api/networking/v1 types.go)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from svclint.cluster.pods import Pod
from svclint.cluster.selection import NamespaceLabels, all_of, any_of, selects
from svclint.kube.labels import LabelSelector
from svclint.kube.network_policy import NetworkPolicy, PolicyRule
from svclint.kube.pod import PodTemplate

if TYPE_CHECKING:
    from svclint.apiserver.addresses import CIDR, IP

Direction = Literal["ingress", "egress"]

Party = Pod | str | None
"""One end of a connection: a pod, an address, or somebody outside."""


class Link(NamedTuple):
    """The connection that is asked about, with the port at its destination."""

    client: Party
    server: Party
    port: int
    protocol: str


def host_network(party: Party) -> bool:
    """Whether the party is a pod on its node's network: policies see the node's address."""
    return party is not None and not isinstance(party, str) and party.template.host_network


class Block:
    """An ipBlock."""

    __slots__ = ("cidr", "excepted")

    def __init__(self, cidr: str, excepted: tuple[str, ...]) -> None:
        from svclint.apiserver.addresses import parse_cidr

        self.cidr: CIDR | None = parse_cidr(cidr)
        self.excepted = tuple(hole for item in excepted if (hole := parse_cidr(item)) is not None)

    def matches(self, party: Party) -> bool | None:
        """Whether the party is in the block. A pod is at most possibly so: plugins differ on pods' addresses, and so
        do they on which address a node has."""
        if self.cidr is None:
            return False
        if party is None:
            return True if self.cidr.prefix == 0 and self.cidr.family == 4 and not self.excepted else None
        if isinstance(party, str):
            return self._holds(_parse(party))
        if host_network(party):
            return None
        addresses = party.addresses
        return None if not addresses or any(self._holds(_parse(item)) is not False for item in addresses) else False

    def _holds(self, address: IP | None) -> bool | None:
        assert self.cidr is not None
        if address is None:
            return None
        return self.cidr.holds(address) and not any(hole.holds(address) for hole in self.excepted)


def _parse(address: str) -> IP | None:
    from svclint.apiserver.addresses import parse_ip

    return parse_ip(address)


class PeerMatch(NamedTuple):
    """One item of from or to, read once."""

    pods: LabelSelector | None
    namespaces: LabelSelector | None
    block: Block | None

    def matches(self, party: Party, policy_namespace: str, labels: NamespaceLabels) -> bool | None:
        """Whether the peer is the party. A peer that says nothing is refused by the API server and matches nothing."""
        if self.block is not None:
            return self.block.matches(party)
        if party is None or isinstance(party, str) or (self.pods is None and self.namespaces is None):
            return False
        if self.namespaces is not None:
            answer = selects(self.namespaces, labels.of(party.namespace))
        else:
            answer = party.namespace == policy_namespace
        if answer is not False and self.pods is not None:
            answer = all_of((answer, selects(self.pods, party.labels)))
        return None if answer and host_network(party) else answer


class PortMatch(NamedTuple):
    """One item of a rule's ports, read once."""

    protocol: str
    port: int | str | None
    end: int | None

    def matches(self, link: Link, *, by_address: bool) -> bool | None:
        """Whether the link goes there; `by_address` when the destination is known as an address only."""
        if self.protocol != link.protocol:
            return False
        if self.port is None:
            return True
        if isinstance(self.port, int):
            return self.port <= link.port <= (self.port if self.end is None else self.end)
        if by_address or link.server is None or isinstance(link.server, str):
            return False
        return any_of(self._named(link.server.template, link))

    def _named(self, template: PodTemplate, link: Link) -> Iterator[bool | None]:
        # Whether a plugin reads the ports of sidecars isn't specified.
        for container in template.serving_containers:
            for port in container.ports:
                if (port.port_name, port.protocol, port.port) == (self.port, link.protocol, link.port):
                    yield True if container.role == "container" else None

    def __str__(self) -> str:
        if self.port is None:
            return f"every {self.protocol} port"
        return f"{self.port}{'' if self.end is None else f'-{self.end}'}/{self.protocol}"


class RuleMatch:
    """One rule of a policy, read once."""

    __slots__ = ("peers", "ports", "view")

    def __init__(self, view: PolicyRule) -> None:
        self.view = view
        self.peers = tuple(
            PeerMatch(
                peer.pod_selector,
                peer.namespace_selector,
                None if (block := peer.ip_block) is None else Block(block.cidr, block.excepted),
            )
            for peer in view.peers
        )
        self.ports = tuple(PortMatch(item.protocol, item.port, item.end_port) for item in view.ports)

    def matching_peers(self, other: Party, namespace: str, labels: NamespaceLabels) -> bool | None:
        """Whether the rule speaks of the other end; a rule without peers speaks of everybody."""
        return not self.peers or any_of(peer.matches(other, namespace, labels) for peer in self.peers)

    def allows(self, link: Link, direction: Direction, namespace: str, labels: NamespaceLabels) -> bool | None:
        """Whether the rule allows the link: any of its peers and any of its ports."""
        other = link.client if direction == "ingress" else link.server
        if not self.peers:
            return self._ports(link, by_address=False)
        return any_of(
            all_of(
                (
                    peer.matches(other, namespace, labels),
                    self._ports(link, by_address=direction == "egress" and peer.block is not None),
                )
            )
            for peer in self.peers
        )

    def _ports(self, link: Link, *, by_address: bool) -> bool | None:
        return not self.ports or any_of(item.matches(link, by_address=by_address) for item in self.ports)


class PolicyMatch:
    """A NetworkPolicy, its rules read when first asked for."""

    __slots__ = ("_rules", "selector", "types", "view")

    def __init__(self, view: NetworkPolicy) -> None:
        self.view = view
        self.selector = view.pod_selector
        self.types = view.types
        self._rules: dict[Direction, tuple[RuleMatch, ...]] = {}

    def rules(self, direction: Direction) -> tuple[RuleMatch, ...]:
        """The rules of a direction."""
        found = self._rules.get(direction)
        if found is None:
            views = self.view.ingress if direction == "ingress" else self.view.egress
            found = self._rules[direction] = tuple(RuleMatch(view) for view in views)
        return found

    def applies(self, pod: Pod) -> bool | None:
        """Whether the policy selects the pod (of its namespace) by its labels."""
        return selects(self.selector, pod.labels)

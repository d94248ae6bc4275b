"""The sentences that say why a NetworkPolicy allows or forbids."""

from __future__ import annotations

from svclint.cluster.policy_match import Direction, Link, Party, PolicyMatch, RuleMatch, host_network
from svclint.cluster.selection import NamespaceLabels


def party_name(party: Party) -> str:
    """`NAMESPACE/KIND/NAME`, the address, or "outside"."""
    if party is None:
        return "outside"
    return party if isinstance(party, str) else party.id


def _ends(link: Link, direction: Direction) -> tuple[str, str]:
    """The isolated end, and the other with its preposition."""
    client, server = party_name(link.client), party_name(link.server)
    return (server, f"from {client}") if direction == "ingress" else (client, f"to {server}")


def _policies(policies: list[PolicyMatch]) -> str:
    shown = [f'"{item.view.namespace}/{item.view.name}"' for item in policies[:3]]
    if len(policies) == 1:
        return f"NetworkPolicy {shown[0]}"
    if len(policies) > 3:
        shown.append(f"{len(policies) - 3} more")
    return f"NetworkPolicies {', '.join(shown[:-1])} and {shown[-1]}"


def open_text(link: Link, direction: Direction) -> str:
    """Why an end is open."""
    end, _ = _ends(link, direction)
    return f"no NetworkPolicy isolates {end} for {direction}"


def allowed_text(policy: PolicyMatch, link: Link, direction: Direction) -> str:
    """Which policy allows."""
    _, other = _ends(link, direction)
    return f"{_policies([policy])} allows {link.port}/{link.protocol} {other}"


def denied_text(policies: list[PolicyMatch], near: RuleMatch | None, link: Link, direction: Direction) -> str:
    """Why nothing allows; `near` is a rule that speaks of the other end, with other ports."""
    end, other = _ends(link, direction)
    isolate = "isolates" if len(policies) == 1 else "isolate"
    text = (
        f"{_policies(policies)} {isolate} {end} for {direction} and no rule allows {link.port}/{link.protocol} {other}"
    )
    if near is not None:
        text += f": the rule for it allows {', '.join(map(str, near.ports))} only"
        if any(isinstance(item.port, str) for item in near.ports):
            text += " (a name is looked up among the container ports of the pod that is connected to)"
    return text


def unknown_text(
    policies: list[PolicyMatch], rules: list[RuleMatch], link: Link, direction: Direction, labels: NamespaceLabels
) -> str:
    """What would have to be known."""
    end, other = _ends(link, direction)
    subject = link.server if direction == "ingress" else link.client
    peer = link.client if direction == "ingress" else link.server
    for party in (subject, peer):
        if host_network(party):
            return (
                f"{party_name(party)} is on its node's network, where each network plugin applies policies in its way"
            )
    if not rules:
        return f"whether {_policies(policies)} selects {end} depends on labels that manifests don't tell"
    for rule in rules:
        if any(item.block is not None and item.block.matches(peer) is None for item in rule.peers):
            if peer is None or isinstance(peer, str):
                return f"whether an ipBlock of {_policies(policies)} holds {party_name(peer)} is not known"
            return f"{_policies(policies)} allows {other} by ipBlock at most, and an ipBlock is not meant for pods"
        if isinstance(peer, str) or peer is None:
            continue
        if rule.matching_peers(peer, rule.view.namespace, labels) is None:
            hidden = "labels that manifests don't tell"
            return f"whether a rule of {_policies(policies)} matches {party_name(peer)} depends on {hidden}"
    what = f"{link.port}/{link.protocol} {other}"
    return f"whether a rule of {_policies(policies)} allows {what} depends on the network plugin"

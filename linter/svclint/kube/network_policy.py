"""NetworkPolicies, read with the API server's defaults (pkg/apis/networking/v1/defaults.go)."""

from __future__ import annotations

from svclint.kube.labels import LabelSelector
from svclint.kube.read import mapping, number, sequence, strings, text
from svclint.kube.resource import ObjectView, View


class IPBlock(View):
    """A peer's ipBlock."""

    __slots__ = ()

    @property
    def cidr(self) -> str:
        return text(self.value.get("cidr")) or ""

    @property
    def excepted(self) -> tuple[str, ...]:
        return strings(self.value.get("except"))


class Peer(View):
    """One item of from or to; selectors are None when absent."""

    __slots__ = ()

    def _selector(self, key: str) -> LabelSelector | None:
        value = self.value.get(key)
        return LabelSelector.read(value) if isinstance(value, dict) else None

    @property
    def pod_selector(self) -> LabelSelector | None:
        return self._selector("podSelector")

    @property
    def namespace_selector(self) -> LabelSelector | None:
        return self._selector("namespaceSelector")

    @property
    def ip_block(self) -> IPBlock | None:
        value = self.value.get("ipBlock")
        return IPBlock(self.resource, value, (*self.path, "ipBlock")) if isinstance(value, dict) else None


class PolicyPort(View):
    """One item of a rule's ports; `port` None means all ports of the protocol."""

    __slots__ = ()

    @property
    def protocol(self) -> str:
        return text(self.value.get("protocol")) or "TCP"

    @property
    def port(self) -> int | str | None:
        value = self.value.get("port")
        return value if isinstance(value, (int, str)) and not isinstance(value, bool) else None

    @property
    def end_port(self) -> int | None:
        return number(self.value.get("endPort"))


class PolicyRule(View):
    """One item of ingress or egress. No peers means any peer, no ports any port."""

    __slots__ = ()

    @property
    def peers(self) -> tuple[Peer, ...]:
        key = "from" if "ingress" in self.path else "to"
        return tuple(
            Peer(self.resource, item, (*self.path, key, index))
            for index, item in enumerate(sequence(self.value.get(key)))
        )

    @property
    def ports(self) -> tuple[PolicyPort, ...]:
        return tuple(
            PolicyPort(self.resource, item, (*self.path, "ports", index))
            for index, item in enumerate(sequence(self.value.get("ports")))
        )


class NetworkPolicy(ObjectView):
    """A NetworkPolicy."""

    __slots__ = ()
    GROUP_KINDS = (("networking.k8s.io", "NetworkPolicy"),)

    @property
    def pod_selector(self) -> LabelSelector:
        return LabelSelector.read(self.get("spec", "podSelector"))

    @property
    def types(self) -> tuple[str, ...]:
        """policyTypes; when absent Ingress, and Egress if there is an egress rule."""
        spec = mapping(self.value.get("spec"))
        given = strings(spec.get("policyTypes"))
        return given or (("Ingress", "Egress") if sequence(spec.get("egress")) else ("Ingress",))

    def _rules(self, key: str) -> tuple[PolicyRule, ...]:
        return tuple(
            PolicyRule(self.resource, item, ("spec", key, index))
            for index, item in enumerate(sequence(self.get("spec", key)))
        )

    @property
    def ingress(self) -> tuple[PolicyRule, ...]:
        return self._rules("ingress")

    @property
    def egress(self) -> tuple[PolicyRule, ...]:
        return self._rules("egress")

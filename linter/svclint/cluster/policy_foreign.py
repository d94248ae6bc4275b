"""Policies of other APIs that stand beside NetworkPolicies: what they decide is theirs, so a pod that one of them may
select is one of whose connections nothing certain is said.

AdminNetworkPolicy and its kin (policy.networking.k8s.io), Cilium, Calico and Antrea.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from svclint.cluster.pods import Pod
from svclint.cluster.policy_match import Direction
from svclint.cluster.selection import NamespaceLabels, all_of, any_of, selects
from svclint.kube.labels import LabelSelector
from svclint.kube.read import mapping, sequence, strings, text
from svclint.kube.resource import Resource
from svclint.kube.workload import PodLabels

_ADMIN = "policy.networking.k8s.io"
_CALICO = ("crd.projectcalico.org", "projectcalico.org")

KINDS: tuple[tuple[str, str], ...] = (
    (_ADMIN, "AdminNetworkPolicy"),
    (_ADMIN, "BaselineAdminNetworkPolicy"),
    (_ADMIN, "ClusterNetworkPolicy"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    *((group, kind) for group in _CALICO for kind in ("NetworkPolicy", "GlobalNetworkPolicy")),
    ("crd.antrea.io", "NetworkPolicy"),
    ("crd.antrea.io", "ClusterNetworkPolicy"),
)

# Labels that Cilium derives for its endpoints.
_CILIUM_DERIVED = frozenset({"io.kubernetes.pod.namespace", "io.cilium.k8s.policy.cluster"})


class ForeignPolicies:
    """The policies of other APIs."""

    __slots__ = ("_by_namespace", "_labels")

    def __init__(self, resources: Iterable[Resource], labels: NamespaceLabels) -> None:
        self._labels = labels
        self._by_namespace: dict[str, list[Resource]] = {}
        for resource in sorted(resources, key=lambda item: (item.namespace, item.kind, item.name)):
            self._by_namespace.setdefault(resource.namespace, []).append(resource)

    def deciding(self, pod: Pod, direction: Direction) -> Resource | None:
        """A policy that may have a say about the pod in that direction, a certain one first."""
        perhaps: Resource | None = None
        if not self._by_namespace:
            return None
        for namespace in dict.fromkeys((pod.namespace, "")):
            for resource in self._by_namespace.get(namespace, ()):
                answer = self._selects(resource, pod, direction)
                if answer:
                    return resource
                if answer is None and perhaps is None:
                    perhaps = resource
        return perhaps

    def _selects(self, resource: Resource, pod: Pod, direction: Direction) -> bool | None:
        spec = mapping(resource.value.get("spec"))
        if resource.group == "cilium.io":
            keys = (direction, f"{direction}Deny")
            specs = [spec, *map(mapping, sequence(resource.value.get("specs")))]
            return any_of(self._cilium(item, pod) for item in specs if any(key in item for key in keys))
        if not _speaks(spec, direction):
            return False
        if resource.group == _ADMIN:
            return self._admin(mapping(spec.get("subject")), pod)
        if resource.group in _CALICO:
            everybody = text(spec.get("selector")) in (None, "", "all()") and not spec.get("namespaceSelector")
            return True if everybody else None
        return None

    def _admin(self, subject: dict[str, Any], pod: Pod) -> bool | None:
        """AdminNetworkPolicySubject: namespaces, or pods by namespaceSelector and podSelector."""
        labels = self._labels.of(pod.namespace)
        if isinstance(subject.get("namespaces"), dict):
            return selects(LabelSelector.read(subject["namespaces"]), labels)
        pods = mapping(subject.get("pods"))
        return all_of(
            (
                selects(LabelSelector.read(pods.get("namespaceSelector")), labels),
                selects(LabelSelector.read(pods.get("podSelector")), pod.labels),
            )
        )

    def _cilium(self, spec: dict[str, Any], pod: Pod) -> bool | None:
        """endpointSelector, whose keys may name their source (`k8s:app`); a policy for nodes selects no pod."""
        selector = spec.get("endpointSelector")
        if not isinstance(selector, dict):
            return False
        written = LabelSelector.read(selector)
        plain = LabelSelector(
            {_plain(key): value for key, value in written.labels.items()},
            tuple(item._replace(key=_plain(item.key)) for item in written.requirements),
        )
        labels = PodLabels(pod.labels.labels, pod.labels.added | _CILIUM_DERIVED, pod.labels.complete)
        return selects(plain, labels)


def _plain(key: str) -> str:
    return key.removeprefix("k8s:").removeprefix("any:")


def _speaks(spec: dict[str, Any], direction: Direction) -> bool:
    types = strings(spec.get("types"))
    return bool(sequence(spec.get(direction))) or direction.capitalize() in types

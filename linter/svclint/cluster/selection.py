"""Three-valued selection: what a label selector says of labels that manifests tell only in part.

A controller adds labels whose values nobody knows beforehand, an operator may add keys, and a Namespace that isn't
among the manifests has labels that only the cluster knows. `None` is the answer where more knowledge could change it.
"""

from __future__ import annotations

from collections.abc import Iterable

from svclint.kube.labels import LabelSelector, Requirement
from svclint.kube.resource import Resource
from svclint.kube.workload import PodLabels

METADATA_NAME = "kubernetes.io/metadata.name"


def selects(selector: LabelSelector, labels: PodLabels) -> bool | None:
    """Whether the selector takes what carries these labels (metav1.LabelSelectorAsSelector: all requirements)."""
    answer = labels.matches(selector.labels)
    if answer is False or not selector.requirements:
        return answer
    return all_of((answer, *(_requirement(item, labels) for item in selector.requirements)))


def _requirement(requirement: Requirement, labels: PodLabels) -> bool | None:
    key = requirement.key
    if key in labels.labels or (labels.complete and key not in labels.added):
        return requirement.matches(labels.labels)
    if key in labels.added and requirement.operator in ("Exists", "DoesNotExist"):
        return requirement.operator == "Exists"
    return None


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Kleene's AND: one False decides, otherwise one None leaves it open."""
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Kleene's OR: one True decides, otherwise one None leaves it open."""
    result: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


class NamespaceLabels:
    """The labels of namespaces: those of a Namespace among the manifests, else only its name is known.

    `kubernetes.io/metadata.name` is always there and always the name (pkg/apis/core/v1/defaults.go,
    SetDefaults_Namespace).
    """

    __slots__ = ("_known", "_written")

    def __init__(self, namespaces: Iterable[Resource]) -> None:
        """Reads Namespaces."""
        self._written = {item.name: item for item in namespaces}
        self._known: dict[str, PodLabels] = {}

    def of(self, name: str) -> PodLabels:
        """The labels of the namespace of that name."""
        known = self._known.get(name)
        if known is None:
            written = self._written.get(name)
            labels = dict(written.labels) if written is not None else {}
            labels[METADATA_NAME] = name
            known = self._known[name] = PodLabels(labels, frozenset(), written is not None)
        return known

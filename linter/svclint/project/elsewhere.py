"""What a scope lacks and another scope of the project has: then its absence is only unknown.

Applications are split over folders that are applied to one cluster (`infra/`, `apps/`), and over alternatives of which
one is applied (`overlays/dev`, `overlays/prod`). Only the former can help each other out: an alternative holding most
of the same objects is meant to be whole, and what it lacks it lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from svclint.cluster.completeness import PODS, Gap
from svclint.cluster.index import LabelIndex
from svclint.kube.resource import Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.project.scopes import collection_of

if TYPE_CHECKING:
    from svclint.project.scope import Scope

# An object that more scopes than this hold says nothing about which of them are alternatives.
_LIMIT = 50


class Neighbours:
    """All scopes of a project, by what they hold. Worked out once, when something is first found lacking."""

    __slots__ = ("_alternatives", "_homes", "_labels", "_names", "_namespace", "_scopes")

    def __init__(self, scopes: Sequence[Scope], default_namespace: str) -> None:
        self._scopes = scopes
        self._namespace = default_namespace
        self._names: dict[tuple[str, str, str], list[tuple[int, Resource]]] | None = None
        self._labels: LabelIndex[tuple[int, Workload]] | None = None
        self._alternatives: list[set[int]] | None = None
        self._homes = [collection_of("" if scope.name == "." else scope.name) for scope in scopes]

    def named(self, number: int, group: str, kind: str, namespace: str, name: str) -> Gap | None:
        """Another scope's object of that name, as a reason why scope `number` may not lack it."""
        if self._names is None:
            self._names = {}
            for other, scope in enumerate(self._scopes):
                for resource in scope.resources:
                    key = (resource.group, resource.kind, resource.name)
                    self._names.setdefault(key, []).append((other, resource))
        for other, resource in self._names.get((group, kind, name), ()):
            if self._same_namespace(namespace, resource.namespace) and self._may_help(number, other):
                reason = f"{kind} {name} is in {self._scopes[other].name}"
                return Gap(reason, namespace or None, frozenset({(group, kind)}), resource.at("metadata", "name"))
        return None

    def selected(self, number: int, namespace: str, selector: Mapping[str, str]) -> Gap | None:
        """Another scope's workload that the selector takes, as a reason why scope `number` may not lack it."""
        if self._labels is None:
            self._labels = LabelIndex(
                ("", workload.pod_labels.labels, workload.pod_labels.added, (other, workload))
                for other, scope in enumerate(self._scopes)
                for resource in scope.resources
                for workload in Workload.read(resource)
            )
        wanted = dict(selector)
        for other, workload in self._labels.candidates("", wanted):
            if not self._same_namespace(namespace, workload.namespace) or workload.pod_labels.matches(wanted) is False:
                continue
            if self._may_help(number, other):
                reason = f"{workload.display_name} is in {self._scopes[other].name}"
                return Gap(reason, namespace or None, PODS, workload.at("metadata", "name"))
        return None

    def _same_namespace(self, one: str, other: str) -> bool:
        """Documents that name no namespace get one when they are applied: it may be any."""
        return one == other or self._namespace in (one, other)

    def _may_help(self, number: int, other: int) -> bool:
        if number == other:
            return False
        if self._alternatives is None:
            self._alternatives = _alternatives(self._scopes)
        home = self._homes[other]
        name = self._scopes[number].name
        # A sample or a test fixture helps nobody outside its own collection.
        if home is not None and not (name == home or name.startswith(home + "/")):
            return False
        return other not in self._alternatives[number]


Question = tuple[str, ...]
"""What was asked of the other scopes: `named` or `selected`, and what that takes."""


class Elsewhere:
    """What the other scopes of the project hold, seen from one scope; `answers` is all that it was asked."""

    __slots__ = ("_neighbours", "_number", "answers")

    def __init__(self, neighbours: Neighbours, number: int) -> None:
        self._neighbours = neighbours
        self._number = number
        self.answers: dict[Question, Gap | None] = {}

    def named(self, group: str, kind: str, namespace: str, name: str) -> Gap | None:
        """Why the object, which this scope doesn't hold, may be there all the same; None if no other scope has it."""
        question = "named", group, kind, namespace, name
        if question not in self.answers:
            self.answers[question] = self._neighbours.named(self._number, group, kind, namespace, name)
        return self.answers[question]

    def selected(self, namespace: str, selector: Mapping[str, str]) -> Gap | None:
        """Why the selector, which takes nothing in this scope, may take pods all the same."""
        if not selector:
            return None
        question = selection(namespace, selector)
        if question not in self.answers:
            self.answers[question] = self._neighbours.selected(self._number, namespace, selector)
        return self.answers[question]


class Told:
    """As `Elsewhere`, with the answers that an earlier run got; `asked_more` says whether one was missed."""

    __slots__ = ("answers", "asked_more")

    def __init__(self, answers: dict[Question, Gap | None]) -> None:
        self.answers = answers
        self.asked_more = False

    def named(self, group: str, kind: str, namespace: str, name: str) -> Gap | None:
        """As `Elsewhere.named`."""
        return self._told(("named", group, kind, namespace, name))

    def selected(self, namespace: str, selector: Mapping[str, str]) -> Gap | None:
        """As `Elsewhere.selected`."""
        return self._told(selection(namespace, selector)) if selector else None

    def _told(self, question: Question) -> Gap | None:
        if question not in self.answers:
            self.asked_more = True
        return self.answers.get(question)


def selection(namespace: str, selector: Mapping[str, str]) -> Question:
    """The question of who has pods for a selector."""
    return "selected", namespace, *(part for pair in sorted(selector.items()) for part in pair)


def offers(scope: Scope) -> str:
    """All that other scopes may learn of this one, in one text: the names of its objects, what Services select, and the
    labels of Pods. As long as it is the same, a change in this scope changes no answer in another."""
    said: list[object] = []
    for resource in scope.resources:
        said.append((resource.group, resource.kind, resource.namespace, resource.name))
        if Service.reads(resource):
            said.append(Service(resource).selector)
        for workload in Workload.read(resource):
            labels, added, complete = workload.pod_labels
            said.append((workload.namespace, workload.display_name, labels, sorted(added), complete))
    return repr(said)


def _alternatives(scopes: Sequence[Scope]) -> list[set[int]]:
    """For each scope those that hold half or more of the same objects: by kind and name, or from the same documents."""
    holders: dict[object, list[int]] = {}
    sizes: list[int] = []
    for number, scope in enumerate(scopes):
        keys: set[object] = set()
        for resource in scope.resources:
            keys.add((resource.kind, resource.name))
            keys.add((id(resource.document), resource.path))
        sizes.append(max(len({(r.kind, r.name) for r in scope.resources}), 1))
        for key in keys:
            holders.setdefault(key, []).append(number)
    by_name: Counter[tuple[int, int]] = Counter()
    by_place: Counter[tuple[int, int]] = Counter()
    for key, numbers in holders.items():
        if 1 < len(numbers) <= _LIMIT:
            count = by_place if isinstance(key, tuple) and isinstance(key[0], int) else by_name
            for at, one in enumerate(numbers):
                for other in numbers[at + 1 :]:
                    count[one, other] += 1
    found: list[set[int]] = [set() for _ in scopes]
    for count in (by_name, by_place):
        for (one, other), shared in count.items():
            if shared * 2 >= max(sizes[one], sizes[other]):
                found[one].add(other)
                found[other].add(one)
    return found

"""Objects by name, by view and by label: nothing that uses it is quadratic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from svclint.kube.resource import ObjectView, Resource

T = TypeVar("T")
V = TypeVar("V", bound=ObjectView)
_NOBODY: dict[str, dict[str, Resource]] = {}
_NOTHING: dict[str, Resource] = {}
_NONE: list[int] = []
Numbers = int | list[int]
_LABELLED: dict[str, Numbers] = {}


class Index:
    """The objects of one scope. Of several with one identity the first is the object (the server refuses others)."""

    __slots__ = ("_by_kind", "_by_name", "_namespaces", "_views", "repeated", "resources")

    def __init__(self, resources: Iterable[Resource]) -> None:
        # By kind, namespace and name.
        self._by_name: dict[tuple[str, str], dict[str, dict[str, Resource]]] = {}
        self._by_kind: dict[tuple[str, str], list[Resource]] = {}
        repeated: list[tuple[Resource, Resource]] = []
        every: list[Resource] = []
        for resource in resources:
            kind = (resource.group, resource.kind)
            if kind not in self._by_kind:
                self._by_kind[kind], self._by_name[kind] = [], {}
            named = self._by_name[kind]
            here = named.get(resource.namespace)
            if here is None:
                here = named[resource.namespace] = {}
            first = here.setdefault(resource.name, resource)
            if first is resource:
                every.append(resource)
            elif resource.name:
                repeated.append((first, resource))
                continue
            self._by_kind[kind].append(resource)
        self.repeated: tuple[tuple[Resource, Resource], ...] = tuple(repeated)
        whole = isinstance(resources, tuple) and len(resources) == len(every)
        self.resources: tuple[Resource, ...] = tuple(resources if whole else every)
        self._views: dict[type[ObjectView], tuple[ObjectView, ...]] = {}
        self._namespaces: frozenset[str] | None = None

    def get(self, group: str, kind: str, namespace: str, name: str) -> Resource | None:
        """The object, None when the sources don't hold it."""
        return self._by_name.get((group, kind), _NOBODY).get(namespace, _NOTHING).get(name)

    def of_kind(self, group: str, kind: str) -> list[Resource]:
        """The objects of a kind, in the order of the sources."""
        return self._by_kind.get((group, kind), [])

    def holds(self, kinds: Iterable[tuple[str, str]]) -> bool:
        """Whether there is an object of one of these kinds."""
        return not self._by_kind.keys().isdisjoint(kinds)

    def kinds(self) -> Iterable[tuple[str, str]]:
        """The (group, kind) pairs that there are."""
        return self._by_kind.keys()

    def of(self, view: type[V]) -> tuple[V, ...]:
        """The objects that a view reads, as views, in the order of the sources."""
        found = self._views.get(view)
        if found is None:
            found = tuple(resource.as_(view) for kind in view.GROUP_KINDS for resource in self._by_kind.get(kind, ()))
            self._views[view] = found
        return found  # type: ignore[return-value]

    @property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that exist: those the cluster begins with, those created and those that objects live in."""
        if self._namespaces is None:
            self._namespaces = frozenset(
                {"default", "kube-node-lease", "kube-public", "kube-system"}
                | {resource.namespace for resource in self.resources if resource.namespace}
                | {resource.name for resource in self.of_kind("", "Namespace")}
            )
        return self._namespaces


class LabelIndex(Generic[T]):
    """Things with labels, by namespace: finds those that may match a selector by its rarest label."""

    __slots__ = ("_all", "_by_key", "_by_label")

    def __init__(self, items: Iterable[tuple[str, Mapping[str, str], Iterable[str], T]]) -> None:
        """Items are (namespace, labels, keys that any value may stand for, thing)."""
        # By namespace and key, then by value: the number of the thing, or several.
        self._by_label: dict[tuple[str, str], dict[str, Numbers]] = {}
        self._by_key: dict[tuple[str, str], list[int]] = {}
        self._all: list[T] = []
        for namespace, labels, open_keys, thing in items:
            number = len(self._all)
            self._all.append(thing)
            for key, value in labels.items():
                values = self._by_label.get((namespace, key))
                if values is None:
                    values = self._by_label[namespace, key] = {}
                known = values.setdefault(value, number)
                if isinstance(known, list):
                    known.append(number)
                elif known is not number:
                    values[value] = [known, number]
            for key in open_keys:
                self._by_key.setdefault((namespace, key), []).append(number)

    def candidates(self, namespace: str, selector: Mapping[str, str], most: int | None = None) -> list[T]:
        """What a non-empty equality selector can match: all things that have its rarest label, or the first of them."""
        rarest: tuple[list[int], list[int]] | None = None
        for key, value in selector.items():
            found = self._by_label.get((namespace, key), _LABELLED).get(value)
            exact = found if isinstance(found, list) else _NONE if found is None else [found]
            open_ones = self._by_key.get((namespace, key), _NONE)
            if rarest is None or len(exact) + len(open_ones) < len(rarest[0]) + len(rarest[1]):
                rarest = exact, open_ones
        if rarest is None:
            return []
        numbers = sorted({*rarest[0], *rarest[1]}) if rarest[1] else rarest[0]
        return [self._all[number] for number in (numbers if most is None else numbers[:most])]

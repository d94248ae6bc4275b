"""Absent, or only unknown? What the sources don't tell is held against nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple, Protocol

from svclint.kube.resource import Place


class Presence(Enum):
    """Whether something is there, as far as the sources tell."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Gap(NamedTuple):
    """Something that the sources don't tell: why, in which namespace (None: any), of which kinds ((group, kind); None:
    any), and where this shows."""

    reason: str
    namespace: str | None = None
    kinds: frozenset[tuple[str, str]] | None = None
    place: Place | None = None


PODS = frozenset({("", "Pod")})


class Elsewhere(Protocol):
    """What other scopes of the project hold: what this one lacks may be applied to the same cluster from there."""

    def named(self, group: str, kind: str, namespace: str, name: str) -> Gap | None:
        """Why the object may be there all the same; None if no other scope has it."""

    def selected(self, namespace: str, selector: Mapping[str, str]) -> Gap | None:
        """Why the selector may take pods all the same; None if no other scope has such pods."""


class Completeness:
    """What may exist beside the objects that were read."""

    __slots__ = ("_by_namespace", "gaps")

    def __init__(self, gaps: Iterable[Gap] = ()) -> None:
        self.gaps: tuple[Gap, ...] = tuple(gaps)
        self._by_namespace: dict[str | None, list[Gap]] = {}
        for gap in self.gaps:
            self._by_namespace.setdefault(gap.namespace, []).append(gap)

    def gap(self, group: str, kind: str, namespace: str) -> Gap | None:
        """Why objects of the kind may exist in the namespace without having been read; None when none may."""
        for key in (namespace, None):
            for gap in self._by_namespace.get(key, ()):
                if gap.kinds is None or (group, kind) in gap.kinds:
                    return gap
        return None

    def pods_gap(self, namespace: str) -> Gap | None:
        """Why pods that no read workload makes may run in the namespace; None when none may."""
        return self.gap("", "Pod", namespace)

    def __add__(self, gaps: Iterable[Gap]) -> Completeness:
        return Completeness((*self.gaps, *gaps))

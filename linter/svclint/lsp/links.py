"""What leads where: every place of a cluster that means something that is said elsewhere too (see `things`)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from svclint.cluster import Cluster
from svclint.kube.resource import Path, Place
from svclint.lsp.pod_links import PodLinks
from svclint.lsp.service_links import ServiceLinks
from svclint.lsp.things import Occurrence, Thing


class Links:
    """All occurrences of one cluster, by place and by thing."""

    def __init__(self, cluster: Cluster) -> None:
        self._by_document: dict[int, list[Occurrence]] = {}
        self._by_path: dict[tuple[int, Path], list[Occurrence]] = {}
        self._by_thing: dict[Thing, list[Occurrence]] = {}
        self._leads: dict[Thing, list[Thing]] = {}
        for found in chain(ServiceLinks(cluster, self._leads).all(), PodLinks(cluster).all()):
            document = id(found.place.document)
            self._by_document.setdefault(document, []).append(found)
            self._by_path.setdefault((document, found.place.path), []).append(found)
            for thing in found.things:
                self._by_thing.setdefault(thing, []).append(found)

    def at(self, place: Place, offset: int) -> list[Occurrence]:
        """What stands at a path: of slices of a string only the one that holds the offset; below a key, what the
        whole value says. What only follows from something else is left out where something is said."""
        exact = self._by_path.get((id(place.document), place.path), [])
        sliced = [found for found in exact if found.place.slice is not None]
        if sliced:
            exact = [found for found in sliced if _holds(found.place, offset)]
        elif not exact and place.part == "key":
            exact = self.below(place)
        return [found for found in exact if found.absent is None] or exact

    def below(self, place: Place) -> list[Occurrence]:
        """What stands at a path or below it."""
        depth = len(place.path)
        here = self._by_document.get(id(place.document), ())
        return [found for found in here if found.place.path[:depth] == place.path]

    def exactly(self, place: Place) -> list[Occurrence]:
        """What stands at a place, and what follows from it."""
        here = self._by_path.get((id(place.document), place.path), ())
        return [found for found in here if found.place.slice == place.slice]

    def same(self, found: Occurrence) -> list[Occurrence]:
        """All occurrences that share a thing with one, itself among them."""
        return self._of(found.things)

    def leads(self, found: Occurrence) -> list[Occurrence]:
        """The definitions of what a definition leads to: of a Service's port, the container ports behind it."""
        goals = chain.from_iterable(self._leads.get(thing, ()) for thing in found.things)
        return [other for other in self._of(goals) if other.defines]

    def _of(self, things: Iterable[Thing]) -> list[Occurrence]:
        things = dict.fromkeys(things)
        if len(things) == 1:
            return list(self._by_thing.get(next(iter(things)), ()))
        found = {id(each): each for thing in things for each in self._by_thing.get(thing, ())}
        return list(found.values())


def _holds(place: Place, offset: int) -> bool:
    assert place.slice is not None
    start, end = place.document.slice_span(place.path, *place.slice)
    return start <= offset <= end

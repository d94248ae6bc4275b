"""Definition and references: from a name to what has it, from a selector to the labels, and back."""

from __future__ import annotations

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.cluster.mentions import target
from svclint.kube.resource import Place
from svclint.lsp.hosts import host_at, name_place
from svclint.lsp.links import Links
from svclint.lsp.snapshot import Cursor, Snapshot
from svclint.lsp.things import Occurrence


def links(snapshot: Snapshot, cluster: Cluster) -> Links:
    """The links of a cluster, kept with the snapshot."""
    found: Links | None = snapshot.kept.get(("links", id(cluster)))
    if found is None:
        found = snapshot.kept["links", id(cluster)] = Links(cluster)
    return found


def here(snapshot: Snapshot, path: str, position: types.Position) -> tuple[Cursor, list[tuple[Links, Occurrence]]]:
    """What stands at a position, in every scope that the file is part of. Raises LookupError where nothing stands."""
    cursor = snapshot.cursor(path, position)
    if cursor is None:
        raise LookupError(path)
    place = Place(cursor.document, cursor.path, "key" if cursor.part == "key" else "value")
    found = []
    for scope in snapshot.scopes(path):
        cluster = snapshot.cluster(scope)
        known = links(snapshot, cluster)
        there = known.at(place, cursor.offset) or _in_host(known, cluster, cursor)
        found += [(known, each) for each in there]
    return cursor, found


def _in_host(known: Links, cluster: Cluster, cursor: Cursor) -> list[Occurrence]:
    """What the name in a host means, for its other characters."""
    mention = host_at(cluster, cursor)
    meant = target(mention, cluster) if mention is not None else None
    if mention is None or meant is None:
        return []
    return [found for found in known.exactly(name_place(mention, meant)) if found.absent is None]


def definitions(snapshot: Snapshot, path: str, position: types.Position) -> list[Place]:
    """Where what stands at a position is defined; from a definition, where it leads, else where it is used."""
    try:
        cursor, found = here(snapshot, path, position)
    except LookupError:
        return []
    places: dict[Place, None] = {}
    for known, each in found:
        goals = [other for other in known.same(each) if other.defines]
        if each.defines:
            goals = known.leads(each) or [other for other in known.same(each) if not other.defines]
        places.update(dict.fromkeys(other.place for other in goals if not _is(other.place, cursor)))
    return list(places)


def references(snapshot: Snapshot, path: str, position: types.Position, declaration: bool) -> list[Place]:
    """Everything that means what stands at a position."""
    try:
        _, found = here(snapshot, path, position)
    except LookupError:
        return []
    return list(
        dict.fromkeys(
            other.place for known, each in found for other in known.same(each) if declaration or not other.defines
        )
    )


def _is(place: Place, cursor: Cursor) -> bool:
    return place.document is cursor.document and place.path == cursor.path

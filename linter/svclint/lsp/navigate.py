"""Definition and references: from a name to what has it, from a selector to the labels, and back."""

from __future__ import annotations

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.kube.resource import Place
from svclint.lsp.links import Links, Occurrence
from svclint.lsp.snapshot import Cursor, Snapshot


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
        known = links(snapshot, snapshot.cluster(scope))
        found += [(known, each) for each in known.at(place, cursor.offset)]
    return cursor, found


def definitions(snapshot: Snapshot, path: str, position: types.Position) -> list[Place]:
    """Where what stands at a position is defined; from a definition, where it leads, else where it is used."""
    try:
        cursor, found = here(snapshot, path, position)
    except LookupError:
        return []
    places: dict[Place, None] = {}
    for known, each in found:
        goals = [other for other in known.same(each.thing) if other.defines]
        if each.defines:
            goals = known.leads(each.thing) or [other for other in known.same(each.thing) if not other.defines]
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
            other.place for known, each in found for other in known.same(each.thing) if declaration or not other.defines
        )
    )


def _is(place: Place, cursor: Cursor) -> bool:
    return place.document is cursor.document and place.path == cursor.path

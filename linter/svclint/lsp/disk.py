"""A disk that remembers: what was read once is read again only after somebody says that it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from svclint.project.disk import Disk
from svclint.project.files import Problem, Walk

if TYPE_CHECKING:
    from svclint.kube.resource import Resource
    from svclint.project.location import Location, Settings
    from svclint.yaml import Source


class Memory(Disk):
    """What is known of the files under one root. Of each path one text, one parse of it and its objects are kept."""

    __slots__ = ("_bytes", "_listed", "_objects", "_reached", "_sources", "_walks")

    def __init__(self) -> None:
        self._walks: list[Walk] | None = None
        self._bytes: dict[str, bytes | Problem] = {}
        self._reached: set[str] = set()
        self._listed: set[str] = set()
        self._sources: dict[str, tuple[bytes, Source | Problem | None]] = {}
        self._objects: dict[str, tuple[Source, str, dict[tuple[str, str], bool], tuple[Resource, ...]]] = {}

    def walks(self, location: Location, settings: Settings) -> list[Walk]:
        if self._walks is None:
            self._walks = super().walks(location, settings)
            there = {path for walk in self._walks for path in walk.files}
            self._bytes = {path: data for path, data in self._bytes.items() if path in there}
            self._sources = {path: kept for path, kept in self._sources.items() if path in there}
            self._objects = {path: made for path, made in self._objects.items() if path in there}
        return self._walks

    def read(self, root: str, path: str) -> bytes | Problem:
        found = self._bytes.get(path)
        if found is None:
            found = self._bytes[path] = super().read(root, path)
        return found

    def reach(self, root: str, path: str) -> bytes | Problem | None:
        self._reached.add(path)
        return super().reach(root, path)

    def below(self, root: str, path: str) -> Sequence[str]:
        self._listed.add(path)
        return super().below(root, path)

    def asked_again(self, disk: Disk, location: Location, settings: Settings) -> bool:
        """Asks another disk all that this one was asked; whether it answers the same."""
        if self._walks is None or disk.walks(location, settings) != self._walks:
            return False
        if any(disk.read(location.root, path) != data for path, data in self._bytes.items()):
            return False
        for path in self._reached:
            disk.reach(location.root, path)
        for path in self._listed:
            disk.below(location.root, path)
        return True

    def source(self, data: bytes, path: str) -> Source | Problem | None:
        kept = self._sources.get(path)
        if kept is None or kept[0] != data:
            kept = self._sources[path] = data, super().source(data, path)
        return kept[1]

    def objects(self, source: Source, namespace: str, known: dict[tuple[str, str], bool]) -> tuple[Resource, ...]:
        made = self._objects.get(source.path)
        if made is None or made[0] is not source or made[1] != namespace or made[2] != known:
            found = tuple(super().objects(source, namespace, known))
            made = self._objects[source.path] = source, namespace, known, found
        return made[3]

    def forget(self, path: str | None = None) -> None:
        """A file has changed on the disk; None: files may have come or gone, and any may have changed."""
        if path is None:
            self._walks = None
            self._bytes.clear()
        else:
            self._bytes.pop(path, None)

    def holds(self, location: Location, settings: Settings, path: str) -> bool:
        """Whether the walk of the project found this file."""
        return any(path in walk.files for walk in self.walks(location, settings))

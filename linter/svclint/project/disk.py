"""What is read of a project, from the disk or from whatever stands in for it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from svclint import confined
from svclint.project import files
from svclint.project.files import Problem
from svclint.project.manifest import is_binary, is_for_tool, is_kustomization, may_be_manifest

if TYPE_CHECKING:
    from svclint import yaml
    from svclint.kube.resource import Resource
    from svclint.project.location import Location, Settings


class Disk:
    """What is read from the disk. One that lives longer than a run may remember (`svclint.lsp.disk`)."""

    __slots__ = ()

    def walks(self, location: Location, settings: Settings) -> list[files.Walk]:
        """The files of the project, or of the folders that are read alone."""
        return _walks(location, settings)

    def read(self, root: str, path: str) -> bytes | Problem:
        """The bytes of a file, or why they can't be had."""
        return files.read(root, path)

    def reach(self, root: str, path: str) -> bytes | Problem | None:
        """A file that another one names; None if it isn't there or outside the root, by `..` or by a symbolic link."""
        real = confined.within(root, path)
        if real is None or not os.path.isfile(real):
            return None
        return files.read(root, path)

    def below(self, root: str, path: str) -> Sequence[str]:
        """The files below a folder that the configuration names, or the file itself."""
        folder = os.path.isdir(os.path.join(root, path))
        return files.walk(root, (), (), path.strip("/")).files if folder else (path,)

    def source(self, data: bytes, path: str) -> yaml.Source | Problem | None:
        """The file as a source; None where it holds no manifest, nor anything that may be one."""
        if not (may_be_manifest(data) or is_kustomization(path)):
            return None
        if is_binary(data):
            return Problem(path, "not text")
        from svclint import yaml

        source = yaml.parse(data, path)
        return source if is_kustomization(path) or _is_manifest(source) else None

    def objects(self, source: yaml.Source, namespace: str, known: dict[tuple[str, str], bool]) -> Iterable[Resource]:
        """The objects that an API server would be sent of this file, in order, as they are written."""
        from svclint.kube.resource import resources

        for document in source.documents:
            for resource in resources(document, namespace, known):
                if not is_for_tool(resource.value):
                    yield resource


def _walks(location: Location, settings: Settings) -> list[files.Walk]:
    """The files of the project, or of the folders that are read alone."""
    root = location.root
    if location.alone:
        nothing_named = not (location.files or location.folders or location.stdin)
        return [files.walk(root, (), (), folder) for folder in (location.folders or (("",) if nothing_named else ()))]
    whole = files.walk(root, settings.sources, settings.exclude)
    # A folder that the walk leaves out (hidden, ignored) is read when it is asked for by name.
    left_out = [f for f in location.folders if f and not any(path.startswith(f + "/") for path in whole.files)]
    return [whole, *(files.walk(root, (), (), folder) for folder in left_out)]


def _is_manifest(source: yaml.Source) -> bool:
    """Whether some document is an object, or can't be read and so may be one."""
    for document in source.documents:
        value = document.value
        if value is None and document.problems:
            return True
        if isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str):
            return True
    return False

"""Where a project is and what of it is asked for: the arguments of a command, before anything is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from svclint import confined
from svclint.project.files import LEADS_OUT
from svclint.project.root import find_root

if TYPE_CHECKING:
    from svclint.project.disk import Disk
    from svclint.project.load import Project

STDIN = "<stdin>"


class ProjectError(Exception):
    """svclint can't start: a PATH that isn't there, or standard input asked for twice."""


class Settings(Protocol):
    """What of the configuration decides which files are read and what belongs together (`svclint.config.Config`)."""

    @property
    def sources(self) -> tuple[str, ...]: ...
    @property
    def exclude(self) -> tuple[str, ...]: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def assume(self) -> tuple[str, ...]: ...


class Location(NamedTuple):
    """Where the project is and what is asked of it; `find` makes one, `load` reads.

    `files` and `folders` are the targets, relative to the root; `alone`: nothing else is read.
    """

    root: str
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    stdin: str | None = None
    alone: bool = False

    def overlay(self, stdin: bytes | None) -> dict[str, bytes]:
        """What stands in for files: the text on standard input, if it was read."""
        return {self.stdin: stdin} if self.stdin is not None and stdin is not None else {}

    def load(
        self,
        settings: Settings,
        overlay: Mapping[str, bytes] = {},
        namespace: str = "default",
        disk: Disk | None = None,
    ) -> Project:
        """Reads the project; see `load`."""
        from svclint.project.load import load

        return load(self, settings, overlay, namespace, disk)


def find(
    paths: Sequence[str], *, root: str | None = None, stdin_filename: str | None = None, alone: bool = False
) -> Location:
    """Where the project is and what of it is a target.

    In: the PATH arguments (`-` is standard input), `--root`, `--stdin-filename`; `alone` for the verbs that read their
    PATHs and nothing else. Raises ProjectError for a PATH that isn't there, or that is a link out of the project.
    """
    on_disk = [path for path in paths if path != "-"]
    for path in on_disk:
        if not os.path.lexists(path):
            raise ProjectError(f"no such file or folder: {path}")
    asks_stdin = len(on_disk) < len(paths)
    if asks_stdin and stdin_filename is None and not on_disk:
        return Location(os.path.abspath(root or "."), stdin=STDIN, alone=True)
    first = on_disk or ([stdin_filename] if stdin_filename is not None and asks_stdin else [])
    if alone and on_disk and root is None:
        top = os.path.commonpath([_folder_of(os.path.abspath(path)) for path in on_disk])
    else:
        top = find_root(first, root)
    if not os.path.isdir(top):
        raise ProjectError(f"no such folder: {top}")
    named: list[str] = []
    folders: list[str] = []
    for path in on_disk:
        relative = _relative(top, path)
        if not confined.leaves(relative) and confined.within(top, relative) is None:
            raise ProjectError(f"{path}: {LEADS_OUT}")
        (folders if os.path.isdir(path) else named).append(relative)
    stdin = None
    if asks_stdin:
        stdin = STDIN if stdin_filename is None else _relative(top, stdin_filename)
    return Location(top, tuple(named), tuple(folders), stdin, alone)


def _folder_of(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)


def _relative(root: str, path: str) -> str:
    relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
    return "" if relative == "." else relative

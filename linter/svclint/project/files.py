"""The files of a project: which ones are sources, and their bytes. One `os.scandir` a folder, nothing twice."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from svclint import confined
from svclint.project.ignore import Ignore, Patterns, for_root, globs

SUFFIXES = (".yaml", ".yml", ".json", "Kustomization")
# Folders that hold other people's files, whatever .gitignore says. Hidden ones (`.git`, `.venv` …) are out as well.
VENDORED = frozenset({"node_modules", "vendor", "venv", "bower_components", "site-packages", "__pycache__"})
LEADS_OUT = "a link that leads out of the project"


class Problem(NamedTuple):
    """A file or folder that can't be read; `path` is relative to the root."""

    path: str
    message: str


class Walk(NamedTuple):
    """What lies under the root: relative paths with `/`, sorted; charts are the folders that hold a `Chart.yaml`."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    charts: tuple[str, ...]
    boundaries: tuple[str, ...]


def walk(root: str, sources: Sequence[str] = (), exclude: Sequence[str] = (), start: str = "") -> Walk:
    """All files under `root` that may be manifests.

    In: the absolute root; the configuration's globs (`sources`: only these; `exclude`: not these); `start`, a folder
    below the root to walk in place of all of it. Symbolic links to folders are not followed (what they lead to is
    either walked already or outside); a link to a file counts only if it stays inside the root and its file is not a
    source itself. Raises nothing: what can't be read is a Problem.
    """
    files: list[str] = []
    links: list[str] = []
    problems: list[Problem] = []
    charts: list[str] = []
    boundaries: list[str] = []
    wanted, unwanted = globs(sources), globs(exclude)
    top = os.path.join(root, start) if start else root
    pending: list[tuple[str, str, Ignore]] = [(top, start + "/" if start else "", for_root(top))]
    while pending:
        folder, prefix, ignore = pending.pop()
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            problems.append(Problem(prefix.rstrip("/") or ".", _reason(error)))
            continue
        for entry in entries:
            name = entry.name
            path = prefix + name
            if name[0] == ".":
                if name == ".git" and prefix:
                    boundaries.append(prefix[:-1])
                continue
            if name.endswith(SUFFIXES):
                if name == "Chart.yaml":
                    charts.append(prefix[:-1])
                if entry.is_symlink():
                    links.append(path)
                elif _is_file(entry) and _counts(path, ignore, entry.path, wanted, unwanted):
                    files.append(path)
                    continue
            if name in VENDORED or not _is_folder(entry):
                continue
            if ignore.names(entry.path, True) or (unwanted is not None and unwanted.cover(path + "/")):
                continue
            pending.append((entry.path, path + "/", ignore.inside(entry.path)))
    known = set(files)
    real_root = os.path.realpath(root)
    for path in sorted(links):  # of several links to one file, the first by name counts
        real = os.path.realpath(os.path.join(root, path))
        inside = os.path.relpath(real, real_root).replace(os.sep, "/")
        if inside.startswith("../") or inside in known or not os.path.isfile(real):
            continue
        if (wanted is None or wanted.cover(path)) and not (unwanted is not None and unwanted.cover(path)):
            known.add(inside)
            files.append(path)
    files.sort()
    return Walk(tuple(files), tuple(sorted(problems)), tuple(sorted(charts)), tuple(sorted(boundaries)))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file; where the listing doesn't tell, the file system is asked, and may refuse."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _counts(path: str, ignore: Ignore, absolute: str, wanted: Patterns | None, unwanted: Patterns | None) -> bool:
    if wanted is not None and not wanted.cover(path):
        return False
    if unwanted is not None and unwanted.cover(path):
        return False
    return not ignore.names(absolute, False)


def read(root: str, path: str) -> bytes | Problem:
    """The bytes of a file, or why they can't be had: gone, no permission, no ordinary file, too large."""
    named = os.path.join(root, path)
    try:
        try:
            return confined.data(named, follow=False)
        except OSError:
            if not os.path.islink(named):
                raise
            # Who says `..` has meant it; `walk` and `reach` never do.
            real = named if not root or confined.leaves(path) else confined.within(root, path)
            if real is None:
                return Problem(path, LEADS_OUT)
            return confined.data(real)
    except confined.Refused as error:
        return Problem(path, str(error.strerror))
    except (OSError, ValueError) as error:
        return Problem(path, _reason(error))


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return f"can't be read: {reason or error}"

"""The project root: where the sources come from (contract: `--root DIR`, the nearest ancestor, or the PATH itself)."""

from __future__ import annotations

import os
from collections.abc import Sequence

from svclint import confined

CONFIGURATION_FILES = ("svclint.toml", ".svclint.yaml", ".svclint.yml", "pyproject.toml")


def find_root(paths: Sequence[str], root: str | None = None) -> str:
    """The absolute path of the project root.

    In: the PATH arguments (none means the working directory; `-`, standard input, counts as the working directory) and
    what `--root` says. Out: `--root`; else the nearest ancestor of the first PATH that holds a svclint configuration or
    `.git`; else the PATH itself, for a file its folder. Raises nothing: a PATH that isn't there is the caller's matter.
    """
    if root is not None:
        return os.path.abspath(root)
    first = paths[0] if paths and paths[0] != "-" else "."
    start = os.path.abspath(first)
    if not os.path.isdir(start):
        start = os.path.dirname(start)
    folder = start
    while True:
        if os.path.lexists(os.path.join(folder, ".git")) or find_configuration(folder) is not None:
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return start
        folder = parent


def find_configuration(folder: str) -> str | None:
    """The svclint configuration that stands in this very folder: `pyproject.toml` counts only with `[tool.svclint]`."""
    for name in CONFIGURATION_FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and (name != "pyproject.toml" or _has_table(path)):
            return path
    return None


def _has_table(path: str) -> bool:
    try:
        lines = confined.data(path).splitlines()
    except OSError:
        return False
    return any(line.lstrip().startswith((b"[tool.svclint]", b"[tool.svclint.", b"[[tool.svclint.")) for line in lines)

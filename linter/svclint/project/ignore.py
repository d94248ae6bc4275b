"""Which paths a `.gitignore` or a list of globs names, through pathspec; git is never run.

pathspec differs from git in ways that matter here, each met where it arises: lines that keep their line end raise,
one bad pattern raises for its whole file, a pattern for a folder also names what is in it, and `vendor/**` is said to
name the folder `vendor/` itself, so that leaving that folder out would lose what a later `!` takes back in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from svclint import confined

if TYPE_CHECKING:
    from re import Pattern

# A folder or file by name or by path, or all files of an extension: most lines of most ignore files.
_PLAIN = re.compile(r"(!?)(/?)(\*?)([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*)(/?)")
_STAR = "[^/]*"
# What stands for one character in an expression: a class, which may hold anything, or an escaped character.
_ONE = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\.")
# Each `**` may stand for any number of folders: with more of them a line asks for more than anybody means. By their
# number, how deep a path may lie for the line to speak of it.
_DEEPEST = {2: 1000, 3: 100, 4: 30}


class Patterns:
    """The patterns of one file, in order; the last one that names a path decides."""

    __slots__ = ("_patterns",)

    def __init__(self, lines: Iterable[str]) -> None:
        """Lines without line ends, in gitignore's syntax; a pattern that can't be read is left out."""
        found: list[_Pattern] = []
        for line in lines:
            if not line or line.isspace() or line.startswith("#"):
                continue
            plain = _plain(line)
            found += _by_library(line) if plain is None else [plain]
        found.reverse()
        self._patterns = found

    def decide(self, path: str, folder: bool) -> bool | None:
        """True: named; False: taken back by `!`; None: no pattern speaks of it. `path` is relative, with `/`.

        Only patterns that name the path itself count, as in git: what lies in an ignored folder is never asked for.
        """
        for regex, include, inside, whole in self._patterns:
            text = path + "/" if folder and not inside else path
            if any(not whole or match.end() == len(text) for match in regex.finditer(text)):
                return include
        return None

    def cover(self, path: str) -> bool:
        """Whether the last pattern that names the file or a folder above it is not a `!`."""
        for regex, include, _, _ in self._patterns:
            if regex.search(path):
                return include
        return False


# The expression, whether it names or takes back, whether it names only what is inside, whether it must reach the end.
_Pattern = tuple["Pattern[str]", bool, bool, bool]


def _plain(line: str) -> _Pattern | None:
    """A plain line as pathspec would have it, None for any other line.

    pathspec costs more to import than reading a small project (tests/unit/project/test_ignore.py compares the two).
    """
    match = _PLAIN.fullmatch(line)
    if match is None or (match[3] and "/" in match[4]) or ".." in line:
        return None
    anchored = match[2] or "/" in match[4]
    start = "^" if anchored else "^(?:.+/)?"
    end = "(?P<ps_d>/)" if match[5] else "(?:(?P<ps_d>/)|$)"
    name = ("[^/]*" if match[3] else "") + match[4].replace(".", r"\.")
    return re.compile(start + name + end), not match[1], False, True


def _by_library(line: str) -> list[_Pattern]:
    from pathspec import GitIgnoreSpec

    stars = line.count("**")
    if stars > max(_DEEPEST):
        return []
    try:
        patterns = list(GitIgnoreSpec.from_lines([line]).patterns)
    except ValueError:
        return []
    found: list[_Pattern] = []
    for pattern in patterns:
        regex: Pattern[str] | None = getattr(pattern, "regex", None)
        if pattern.include is not None and regex is not None:
            bounded = re.compile(_bounded(regex.pattern, _DEEPEST.get(stars)))
            found.append((bounded, pattern.include, line.rstrip().endswith("/**"), "ps_d" in regex.groupindex))
    return found


def _bounded(regex: str, deepest: int | None = None) -> str:
    """The same expression without the backtracking that lets `*a*a*a*b` take hours on one name.

    Of several `*` in one part of a path, all but the last need no second try: if what stands behind one (characters
    and classes of characters) is found at all, its first occurrence leaves the most to the others.
    """
    first, *rest = regex.split(_STAR)
    bounded = first if deepest is None else rf"^(?!(?:[^/]*/){{{deepest + 1}}})" + first
    for number, text in enumerate(rest):
        bare = _ONE.sub("", text)
        if number + 1 == len(rest) or any(char in bare for char in "/()|$"):
            bounded += _STAR + text
        elif text:
            bounded += f"(?>[^/]*?{text})"
    return bounded


class Ignore:
    """The ignore files that hold for a folder: its own and those of the folders above it, nearest first."""

    __slots__ = ("_above", "_base", "_patterns")

    def __init__(self, base: str, patterns: Patterns | None, above: Ignore | None = None) -> None:
        """`base` is the folder (absolute) to which the patterns are relative."""
        self._base = base
        self._patterns = patterns
        self._above = above

    def names(self, path: str, folder: bool) -> bool:
        """Whether the file or folder at this absolute path is ignored, its own parents apart."""
        level: Ignore | None = self
        while level is not None:
            if level._patterns is not None:
                decided = level._patterns.decide(path[len(level._base) + 1 :], folder)
                if decided is not None:
                    return decided
            level = level._above
        return False

    def inside(self, folder: str) -> Ignore:
        """What holds in a sub-folder, whose own `.gitignore` is read."""
        patterns = read(os.path.join(folder, ".gitignore"))
        return self if patterns is None else Ignore(folder, patterns, self)


def read(path: str) -> Patterns | None:
    """The patterns of an ignore file; None if there is no such file, it can't be read or is a link (as git has it)."""
    try:
        data = confined.data(path, follow=False)
    except OSError:
        return None
    return Patterns(data.decode("utf-8", "surrogateescape").splitlines())


def for_root(root: str) -> Ignore:
    """What holds in the root: the `.gitignore` files from the top of its git work tree down, and `.git/info/exclude`.

    Outside a work tree only the root's own file counts.
    """
    chain = [root]
    while not os.path.lexists(os.path.join(chain[-1], ".git")):
        parent = os.path.dirname(chain[-1])
        if parent == chain[-1]:
            chain = [root]
            break
        chain.append(parent)
    top = chain[-1]
    ignore = Ignore(top, read(os.path.join(top, ".git", "info", "exclude")))
    for folder in reversed(chain):
        ignore = ignore.inside(folder)
    return ignore


def globs(patterns: Sequence[str]) -> Patterns | None:
    """The globs of the configuration (`sources`, `exclude` …), in gitignore's syntax; None for none."""
    return Patterns(patterns) if patterns else None

"""What a change does to the project: the findings of what is staged, or of the work tree, beside those before.

A change breaks things far from itself: a Deployment that is deleted leaves a Service without Pods in a file that nobody
touched. So the whole project is read as it will be, and if there are findings outside of the changed files, as it was
before as well.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from svclint.baseline import Entry, entry
from svclint.config import FILES
from svclint.diagnostic import Diagnostic, Note, Report
from svclint.git import Change, Repository, Tree
from svclint.project.disk import Disk
from svclint.project.files import SUFFIXES


class Comparison(NamedTuple):
    """A project now and before.

    `now` is the disk to read from (None: the real one), `before` makes the one to compare with, `changes` are the files
    that differ. `touched`: findings at a place in a changed file are shown, old ones too.
    """

    now: Disk | None
    before: Callable[[], Disk]
    changes: tuple[Change, ...]
    touched: bool
    notes: tuple[Note, ...] = ()

    @property
    def concerns_manifests(self) -> bool:
        """Whether a changed file can matter: a manifest, a configuration, a link or a submodule.

        Of the work tree it can't be told: git doesn't list files that it doesn't know.
        """
        return self.now is None or any(_matters(path) for change in self.changes for path in change if path)

    def held(self, root: str) -> Callable[[str], bytes | None] | None:
        """What gives the bytes of a file as git holds it, where git stands in for the disk; None where it doesn't.

        So the configuration and the baseline of a commit are those that it holds.
        """
        disk = self.now
        if disk is None:
            return None

        def read(file: str) -> bytes | None:
            try:
                path = os.path.relpath(os.path.abspath(file), os.path.abspath(root)).replace(os.sep, "/")
            except ValueError:  # on another drive
                return None
            found = disk.reach(root, path)
            return found if isinstance(found, bytes) else None

        return read

    def shown(self, report: Report, check: Callable[[Disk], Report]) -> Report:
        """The findings of `report` (on `now`) that the change is answerable for; `check` gives the report on a disk."""
        files = {change.after for change in self.changes} if self.touched else set()
        kept = [d for d in report.diagnostics if files.intersection(d.files)]
        rest = [d for d in report.diagnostics if not files.intersection(d.files)]
        if rest:
            renamed = {change.before: change.after for change in self.changes if change.before and change.after}
            kept += _new(rest, check(self.before()).diagnostics, renamed)
        order = {id(d): number for number, d in enumerate(report.diagnostics)}
        kept.sort(key=lambda d: order[id(d)])
        return report._replace(diagnostics=tuple(kept), notes=(*report.notes, *self.notes))


def staged(root: str) -> Comparison:
    """The index beside HEAD. Where pre-commit compares two commits (`--from-ref`), beside the first of them.

    Raises GitError.
    """
    repository = Repository(root)
    other = os.environ.get("PRE_COMMIT_FROM_REF")
    base = repository.base(other) if other else repository.head()
    now = Tree(repository, repository.index())
    changes = tuple(repository.changes(base, cached=True))
    return Comparison(
        now, lambda: Tree(repository, repository.commit(base)), changes, True, tuple(Note(*note) for note in now.notes)
    )


def since(root: str, name: str) -> Comparison:
    """The work tree beside the commit where it went off from a branch, tag or commit. Raises GitError."""
    repository = Repository(root)
    base = repository.base(name)
    changes = tuple(repository.changes(base, cached=False))
    return Comparison(None, lambda: Tree(repository, repository.commit(base)), changes, False)


def _matters(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(SUFFIXES) or name in FILES or "." not in name


def _new(now: Iterable[Diagnostic], before: Iterable[Diagnostic], renamed: Mapping[str, str]) -> list[Diagnostic]:
    """Those of `now` that had no like before: same rule, object and field, in the same or the renamed file."""

    def key(d: Diagnostic, file: str) -> tuple[str, Entry, str]:
        return file, entry(d)._replace(field=d.field or ""), d.message if d.object is None else ""

    known = Counter(key(d, renamed.get(d.region.file, d.region.file)) for d in before)
    found = []
    for d in now:
        like = key(d, d.region.file)
        if known[like]:
            known[like] -= 1
        else:
            found.append(d)
    return found

"""Applying fixes: in rounds until no more can be repaired, never overlapping, never a file that would not parse."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from svclint.diagnostic import Diagnostic, Report, TextEdit
from svclint.yaml import parse
from svclint.yaml.document import Source

ROUNDS = 10


class WriteError(Exception):
    """A file was not written; the message says which and why."""


class Fixed(NamedTuple):
    """What the rounds came to: the files' new contents, how many fixes were applied, and what is left."""

    contents: Mapping[str, bytes]
    before: Mapping[str, Source]
    applied: int
    report: Report


def converge(check: Callable[[Mapping[str, bytes]], Report], unsafe: bool) -> Fixed:
    """Applies fixes and checks again until no fix is left (at most ROUNDS times).

    `check` is given the contents that differ from the disk, by path.
    """
    contents: dict[str, bytes] = {}
    before: dict[str, Source] = {}
    applied = 0
    report = check(contents)
    for _ in range(ROUNDS):
        edits, sources, count = chosen(report.diagnostics, unsafe)
        if not count:
            break
        changed = {}
        for path, file_edits in edits.items():
            text = edited(sources[path].text, file_edits)
            if still_parses(sources[path], text):
                changed[path] = sources[path].encode(text)
                before.setdefault(path, sources[path])
        if not changed or all(contents.get(path) == data for path, data in changed.items()):
            break
        contents |= changed
        applied += count
        report = check(contents)
    return Fixed(contents, before, applied, report)


def chosen(diagnostics: Iterable[Diagnostic], unsafe: bool) -> tuple[dict[str, list[TextEdit]], dict[str, Source], int]:
    """The edits of all applicable fixes that do not touch each other, by file; safe ones first."""
    wanted = {"safe", "unsafe"} if unsafe else {"safe"}
    edits: dict[str, list[TextEdit]] = {}
    sources: dict[str, Source] = {}
    count = 0
    for d in sorted(diagnostics, key=lambda d: d.fix is None or d.fix.applicability != "safe"):
        if d.fix is None or d.fix.applicability not in wanted or not d.fix.edits:
            continue
        if any(e == other for e in d.fix.edits for other in edits.get(e.region.file, ())):
            continue
        if any(_touch(e, other) for e in d.fix.edits for other in edits.get(e.region.file, ())):
            continue
        for edit in d.fix.edits:
            edits.setdefault(edit.region.file, []).append(edit)
        for document, _ in d.finding.fix.changes if d.finding.fix else ():
            sources[document.source.path] = document.source
        count += 1
    return edits, sources, count


def _touch(a: TextEdit, b: TextEdit) -> bool:
    x, y = a.region, b.region
    if x.file != y.file:
        return False
    return (x.line, x.column) <= (y.end_line, y.end_column) and (y.line, y.column) <= (x.end_line, x.end_column)


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with the edits done, from the end to the start."""
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def still_parses(source: Source, text: str) -> bool:
    """Whether the new text has the same documents and no problem that the old one hadn't."""
    after = parse(text, source.path)
    broken = [p.kind for d in after.documents for p in d.problems] + [p.kind for p in after.problems]
    known = [p.kind for d in source.documents for p in d.problems] + [p.kind for p in source.problems]
    return len(after.documents) == len(source.documents) and len(broken) <= len(known)


def write(path: str, before: bytes, after: bytes) -> None:
    """Writes a file so that at any moment it is either the old or the new one; mode and symlinks are kept.

    Raises WriteError if the file is not what was read, or can't be written.
    """
    target = os.path.realpath(path)
    try:
        with open(target, "rb") as now:
            if now.read() != before:
                raise WriteError(f"{path}: changed since it was read; not written")
        mode = os.stat(target).st_mode
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".svclint-")
        try:
            with os.fdopen(handle, "wb") as new:
                new.write(after)
                new.flush()
                os.fsync(new.fileno())
            os.chmod(temporary, mode & 0o7777)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror or error}; not written") from error


def diff(fixed: Fixed) -> str:
    """The unified diff of all changed files, in order of path."""
    import difflib

    out: list[str] = []
    for path in sorted(fixed.contents):
        old = fixed.before[path].text.splitlines(keepends=True)
        new = parse(fixed.contents[path], path).text.splitlines(keepends=True)
        lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
        out += [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines]
    return "".join(out)

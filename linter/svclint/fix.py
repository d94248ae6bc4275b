"""Choosing fixes: in rounds until nothing can be repaired any more; a fix is applied whole or not at all.

Writing the result is the business of `svclint.writing`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from svclint.diagnostic import Report, TextFix
from svclint.text import Edit
from svclint.yaml import patch

if TYPE_CHECKING:
    from svclint.diagnostic import Diagnostic
    from svclint.yaml.changes import Change
    from svclint.yaml.document import Source

ROUNDS = 10


class Fixed(NamedTuple):
    """What the rounds came to: the new contents by path, the files as they were read, how many fixes were applied, and
    the report on what is left."""

    contents: Mapping[str, bytes]
    before: Mapping[str, Source]
    applied: int
    report: Report


class Candidate(NamedTuple):
    """A fix as it is applied: for each file (by path) the changes of its documents and the edits that make them."""

    sources: Mapping[str, Source]
    changes: Mapping[str, Sequence[tuple[int, Change]]]
    edits: Mapping[str, Sequence[Edit]]


def converge(
    check: Callable[[Mapping[str, bytes]], Report], unsafe: bool, targets: Collection[str] | None = None
) -> Fixed:
    """Applies fixes and checks again until none is left, at most ROUNDS times, and never to a state that was there.

    `check` is given the contents that differ from the disk, by path; a fix that touches a file that is not among
    `targets` (None: any) is left out.
    """
    contents: dict[str, bytes] = {}
    before: dict[str, Source] = {}
    applied = 0
    report = check(contents)
    states: list[dict[str, bytes]] = []
    for _ in range(ROUNDS):
        chosen = choose(candidates(report.diagnostics, unsafe, targets))
        if not chosen:
            break
        states.append(contents)
        changed: dict[str, bytes] = {}
        for path, (source, edits) in _by_file(chosen).items():
            changed[path] = source.encode(patch.apply(source.text, edits))
            before.setdefault(path, source)
        now = {path: data for path, data in (contents | changed).items() if data != original(before[path])}
        if now in states:
            break
        contents = now
        applied += len(chosen)
        report = check(contents)
    return Fixed(contents, before, applied, report)


def original(source: Source) -> bytes:
    """The bytes that a file was read from. Raises ValueError for a file whose bytes were not all text."""
    return source.encode(source.text)


def candidates(
    diagnostics: Iterable[Diagnostic], unsafe: bool, targets: Collection[str] | None = None
) -> Iterator[Candidate]:
    """The fixes that may be applied, safe ones first, then in the order of the report; each once."""
    wanted = {"safe", "unsafe"} if unsafe else {"safe"}
    seen: set[tuple[tuple[str, Edit], ...]] = set()
    found = [(d, d.fix) for d in diagnostics if d.fix is not None and d.fix.edits and d.fix.applicability in wanted]
    for diagnostic, fix in sorted(found, key=lambda each: each[1].applicability != "safe"):
        edits = tuple((edit.region.file, Edit(edit.span, edit.text)) for edit in fix.edits)
        candidate = _candidate(diagnostic, fix)
        if edits in seen or any(source.lossy for source in candidate.sources.values()):
            continue
        if targets is None or candidate.sources.keys() <= set(targets):
            seen.add(edits)
            yield candidate


def _candidate(diagnostic: Diagnostic, fix: TextFix) -> Candidate:
    sources: dict[str, Source] = {}
    changes: dict[str, list[tuple[int, Change]]] = {}
    found = diagnostic.finding.fix if diagnostic.finding else None
    for document, change in found.changes if found else ():
        sources[document.source.path] = document.source
        changes.setdefault(document.source.path, []).append((document.index, change))
    edits: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        edits.setdefault(edit.region.file, []).append(Edit(edit.span, edit.text))
    return Candidate(sources, changes, edits)


def choose(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that can be applied together: none touches the text of another, and each file then reads as the old one
    with exactly their changes."""
    taken: dict[str, list[tuple[int, int]]] = {}
    apart: list[Candidate] = []
    for candidate in candidates:
        spans = {path: [edit.span for edit in edits] for path, edits in candidate.edits.items()}
        if any(_touches(taken.get(path, ()), span) for path, some in spans.items() for span in some):
            continue
        for path, some in spans.items():
            for span in some:
                insort(taken.setdefault(path, []), span)
        apart.append(candidate)
    return _sound([], apart)


def _touches(taken: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether a span overlaps or borders one of those taken, which are sorted and apart."""
    at = bisect_left(taken, (span[0], -1))
    return (at < len(taken) and taken[at][0] <= span[1]) or (at > 0 and taken[at - 1][1] >= span[0])


def _sound(taken: list[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
    """`taken` with those of `more` that leave every file sound; all at once where that goes, else by halves."""
    if not more:
        return taken
    together = [*taken, *more]
    by_path: dict[str, list[Candidate]] = {path: [] for candidate in more for path in candidate.edits}
    for candidate in together:
        for path in candidate.edits:
            if path in by_path:
                by_path[path].append(candidate)
    if all(_reads_as_wanted(some, path) for path, some in by_path.items()):
        return together
    if len(more) == 1:
        return taken
    half = len(more) // 2
    return _sound(_sound(taken, more[:half]), more[half:])


def _reads_as_wanted(candidates: Sequence[Candidate], path: str) -> bool:
    source = candidates[0].sources.get(path)
    if source is None:
        return False
    changes: dict[int, list[Change]] = {}
    edits: list[Edit] = []
    for candidate in candidates:
        for index, change in candidate.changes[path]:
            changes.setdefault(index, []).append(change)
        edits += candidate.edits[path]
    return patch.check(source, changes, edits) is None


def _by_file(chosen: Iterable[Candidate]) -> dict[str, tuple[Source, list[Edit]]]:
    files: dict[str, tuple[Source, list[Edit]]] = {}
    for candidate in chosen:
        for path, edits in candidate.edits.items():
            files.setdefault(path, (candidate.sources[path], []))[1].extend(edits)
    return files


def diff(fixed: Fixed) -> str:
    """The unified diff of all changed files, in order of path, as git reads it: only `\\n` ends a line."""
    from svclint.differ import unified
    from svclint.yaml.encoding import decode_bytes

    out: list[str] = []
    for path in sorted(fixed.contents):
        old = _lines(fixed.before[path].text)
        new = _lines(decode_bytes(fixed.contents[path]).text)
        lines = unified(old, new, _quoted(f"a/{path}"), _quoted(f"b/{path}"))
        out += [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines]
    return "".join(out)


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    last = parts.pop()
    return [part + "\n" for part in parts] + ([last] if last else [])


def _quoted(path: str) -> str:
    """A path as git writes it in a diff: in quotes, with octal bytes, where it holds a quote or no plain character."""
    if path.isprintable() and '"' not in path and "\\" not in path:
        return path
    data = path.encode("utf-8", "surrogateescape")
    plain = (chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\{b:03o}" for b in data)
    return '"' + "".join(plain) + '"'

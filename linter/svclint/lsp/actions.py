"""Code actions: one fix, all fixes of a rule in the file, every safe fix, and a comment that suppresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from svclint.diagnostic import Diagnostic, TextEdit
from svclint.text import Span, indent_of

if TYPE_CHECKING:
    from svclint.lsp.snapshot import Snapshot
    from svclint.yaml import Source

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.svclint"
MOST_COMMENTS = 10
"""Findings of one request for which a comment is proposed: each is tried on the whole file."""
_IGNORE = re.compile(r"#\s*svclint:\s*ignore\s*\[([^\]]*)(?=\])")


class Action(NamedTuple):
    """What can be done: edits by path, for which diagnostics, and whether it is the one to take."""

    title: str
    kind: str
    edits: dict[str, list[tuple[Span, str]]]
    answers: tuple[Diagnostic, ...]
    preferred: bool = False


def wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a client that asks for these kinds (None: all) is shown an action of this kind."""
    return only is None or any(kind == each or kind.startswith(each + ".") or not each for each in only)


def actions(snapshot: Snapshot, path: str, lines: tuple[int, int], only: Iterable[str] | None) -> Iterator[Action]:
    """The actions for the diagnostics that touch some lines (from 1, inclusive)."""
    every = snapshot.diagnostics(path)
    if wanted(QUICK_FIX, only):
        here = [each for each in every if each.region.line <= lines[1] and lines[0] <= each.region.end_line]
        for each in here:
            yield from _fixes(each)
        for rule in dict.fromkeys(each.rule for each in here if _can(each)):
            yield from _all_fixes(rule, every)
        answered: dict[tuple[str, int], Diagnostic] = {}
        for each in here:
            answered.setdefault((each.rule, each.region.line), each)
        for each in islice(answered.values(), MOST_COMMENTS):
            yield from _suppressions(snapshot, path, each)
    if wanted(FIX_ALL, only):
        edits = _merged(every, unsafe=False)
        if edits:
            answers = tuple(each for each in every if each.fix is not None and each.fix.applicability == "safe")
            yield Action("Fix all that is safe to fix", FIX_ALL, edits, answers)


def _can(found: Diagnostic) -> bool:
    return found.fix is not None and found.fix.applicability != "display" and bool(found.fix.edits)


def _fixes(found: Diagnostic) -> Iterator[Action]:
    if found.fix is None or not _can(found):
        return
    title = found.fix.message[:1].upper() + found.fix.message[1:]
    yield Action(title, QUICK_FIX, _by_path(found.fix.edits), (found,), preferred=found.fix.applicability == "safe")


def _all_fixes(rule: str, every: list[Diagnostic]) -> Iterator[Action]:
    alike = [each for each in every if each.rule == rule and each.fix is not None and each.fix.edits]
    if len(alike) > 1:
        yield Action(f"Fix all {rule} in this file", QUICK_FIX, _merged(alike, unsafe=True), tuple(alike))


def _by_path(edits: Iterable[TextEdit]) -> dict[str, list[tuple[Span, str]]]:
    made: dict[str, list[tuple[Span, str]]] = {}
    for edit in edits:
        made.setdefault(edit.region.file, []).append((edit.span, edit.text))
    return made


def _merged(diagnostics: list[Diagnostic], unsafe: bool) -> dict[str, list[tuple[Span, str]]]:
    """The edits of all fixes that don't touch each other."""
    made: dict[str, list[tuple[Span, str]]] = {}
    from svclint import fix

    for chosen in fix.choose(fix.candidates(diagnostics, unsafe)):
        for path, edits in chosen.edits.items():
            made.setdefault(path, []).extend((edit.span, edit.text) for edit in edits)
    return made


def _suppressions(snapshot: Snapshot, path: str, found: Diagnostic) -> Iterator[Action]:
    source = snapshot.source(path)
    if source is None or found.rule == "unused-suppression":
        return
    for span, text in _comments(snapshot, source, found):
        if _answers(source, span, text, found):
            yield Action(f"Suppress {found.rule} here", QUICK_FIX, {path: [(span, text)]}, (found,))
            return


def _comments(snapshot: Snapshot, source: Source, found: Diagnostic) -> Iterator[tuple[Span, str]]:
    """Comments that may suppress a finding, the nearest to it first: in a comment that is there already, behind the
    line, on a line of its own above it or above what it is a part of."""
    text = snapshot.text(source)
    line = text.line_span(found.region.line - 1)
    content = source.text[line.start : line.end]
    known = _IGNORE.search(content)
    if known is not None:
        at = line.start + known.end()
        yield Span(at, at), f", {found.rule}" if known[1].strip() else found.rule
    end = line.start + len(content.rstrip())
    yield Span(end, end), f"  # svclint: ignore[{found.rule}]"
    indent = indent_of(content)
    yield Span(line.start, line.start), f"{' ' * indent}# svclint: ignore[{found.rule}]{source.newline}"
    for number in range(found.region.line - 2, -1, -1):
        above = text.line_span(number)
        content = source.text[above.start : above.end]
        if content.startswith("---") or not indent:
            return
        if content.strip() and not content.lstrip().startswith("#") and indent_of(content) < indent:
            indent = indent_of(content)
            yield Span(above.start, above.start), f"{' ' * indent}# svclint: ignore[{found.rule}]{source.newline}"


def _answers(source: Source, span: Span, text: str, found: Diagnostic) -> bool:
    """Whether the comment leaves the file's values alone and covers the finding."""
    from svclint import yaml
    from svclint.suppression import of_source

    after = yaml.parse(source.text[: span.start] + text + source.text[span.end :], source.path)
    if [document.value for document in after.documents] != [document.value for document in source.documents]:
        return False
    line = found.region.line + (1 if text.endswith(source.newline) else 0)
    return any(each.rules and each.covers(found.rule, source.path, line) for each in of_source(after))

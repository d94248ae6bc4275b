"""Comments: found where YAML has them, and able to answer a finding without touching a value."""

from __future__ import annotations

from collections import Counter
from typing import Any

from base import FACTS, FILE, SELECTION, Failure, load, reported

from svclint import registry
from svclint.diagnostic import Diagnostic
from svclint.suppression import of_source
from svclint.yaml import Source, parse
from svclint.yaml.comments import comments as comments_of

MOST = 4
"""Findings of an input that are answered by a comment."""


def comments(data: bytes) -> None:
    """Where comments stand, what they speak for, and what the action does that writes one."""
    source = parse(data, FILE)
    _places(source)
    lines = source.text.count("\n") + source.text.count("\r") + 1
    for each in of_source(source):
        if not 1 <= each.first <= each.last <= lines:
            raise Failure(f"a comment speaks for lines that are not there: {each.first} to {each.last} of {lines}")
    if not source.lossy:
        _answers(source.encode(source.text))


def _values(source: Source) -> list[Any]:
    return [document.value for document in source.documents]


def _places(source: Source) -> None:
    text, kept, at = source.text, "", 0
    for comment in comments_of(source):
        start, end = comment.span
        if not at <= start < end <= len(text) or text[start:end] != comment.text or comment.text[0] != "#":
            raise Failure(f"no comment stands at {comment.span}: {text[start:end]!r}")
        # A comment may end a scalar, and a file that begins with one is no JSON: its `#` stays.
        kept += text[at:start] + "#"
        at = end
    kept += text[at:]
    if all(document.value is not None for document in source.documents) and kept != text:
        without = parse(kept, FILE)
        if _values(without) != _values(source):
            raise Failure(f"with other comments the file says something else: {kept!r}")


def _answers(data: bytes) -> None:
    from svclint.lsp.actions import QUICK_FIX, actions
    from svclint.lsp.snapshot import Snapshot

    project = load(data)
    report = reported(project)
    snapshot = Snapshot(project, report, FACTS, SELECTION, registry.rules(), "utf-16", {})
    for found in report.diagnostics[:MOST]:
        line = found.region.line
        for action in actions(snapshot, FILE, (line, line), [QUICK_FIX]):
            if action.answers == (found,) and action.title.startswith("Suppress "):
                _answered(data, snapshot.source(FILE), report.diagnostics, found, action.edits[FILE][0])


def _answered(
    data: bytes, source: Source | None, before: tuple[Diagnostic, ...], found: Diagnostic, edit: tuple[Any, str]
) -> None:
    assert source is not None
    (start, end), text = edit
    changed = source.text[:start] + text + source.text[end:]
    if _values(parse(source.encode(changed), FILE)) != _values(source):
        raise Failure(f"a comment changes values: {text!r}")
    project = load(source.encode(changed))
    if not project.sources:
        # What can't be read is a manifest by its looks; a comment may spoil them.
        return
    left = reported(project).diagnostics
    below = int(text.endswith(("\n", "\r")))
    shift = {line: line + (line >= found.region.line) * below for line in range(len(source.text) + 2)}
    if any(
        d.rule == found.rule and d.message == found.message and d.region.line == shift[found.region.line] for d in left
    ):
        raise Failure(f"a comment answers nothing: {text!r} for {found.rule}")
    # The comment speaks for one rule: what others say stays.
    others = Counter((d.rule, shift[d.region.line]) for d in before if d.rule not in (found.rule, "unused-suppression"))
    now = Counter((d.rule, d.region.line) for d in left if d.rule not in (found.rule, "unused-suppression"))
    if others != now:
        raise Failure(f"a comment for {found.rule} changes what is said otherwise: {others - now} {now - others}")

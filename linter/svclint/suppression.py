"""Findings that a file's author has answered: `# svclint: ignore[rule] reason`, and an annotation.

A comment behind a line's text speaks for that line; one on a line of its own for the block that follows it; one above a
document's first key for the whole document. The annotation speaks for its object. A finding of two places can be
answered at either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from svclint.locate import resolve
from svclint.rule import Finding, Spot
from svclint.text import indent_of, lines_of

if TYPE_CHECKING:
    from svclint.diagnostic import Diagnostic
    from svclint.kube.resource import Resource
    from svclint.project import Project
    from svclint.text import Span
    from svclint.yaml.document import Source

ANNOTATION = "svclint.dev/ignore"
UNUSED = "unused-suppression"
_COMMENT = re.compile(r"#\s*svclint:\s*ignore\s*(?:\[([^\]]*)\])?\s*(.*)")
_NAME = re.compile(r"[a-z][a-z0-9-]*")


class Suppression(NamedTuple):
    """Rules answered on lines `first` to `last` (from 1, inclusive) of one file; no rules: all of them."""

    file: str
    rules: frozenset[str]
    reason: str
    first: int
    last: int
    source: Source
    span: Span

    def covers(self, rule: str, file: str, line: int) -> bool:
        """Whether this answers `rule` at a line."""
        return file == self.file and self.first <= line <= self.last and (not self.rules or rule in self.rules)


def of_source(source: Source) -> Iterator[Suppression]:
    """The suppressions that the comments of one file make."""
    if "svclint:" not in source.text:
        return
    from svclint.yaml.comments import comments

    blocks = _Blocks(lines_of(source.text))
    for comment in comments(source, "svclint:"):
        match = _COMMENT.match(source.text[comment.span.start : comment.span.end])
        if not match:
            continue
        names = frozenset(_NAME.findall(match[1] or ""))
        line = source.position(comment.span.start).line
        first, last = (line, line) if not comment.own_line else blocks.of(line)
        yield Suppression(source.path, names, match[2].strip(), first, last, source, comment.span)


class _Blocks:
    """The lines of a file, and what comments on lines of their own speak for in them. Every line is looked at a bounded
    number of times, however many comments there are."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._ends: dict[int, int] = {}
        # For each line: the first one from here that says something, the first separator from here, and whether
        # nothing is said between the separator before it and it.
        size = len(lines)
        self._saying, self._separator = [size] * (size + 1), [size] * (size + 1)
        for number in range(size - 1, -1, -1):
            said = _says_something(lines[number])
            self._saying[number] = number if said else self._saying[number + 1]
            self._separator[number] = number if lines[number].startswith("---") else self._separator[number + 1]
        self._opening = [True] * (size + 1)
        for number, line in enumerate(lines):
            separates = line.startswith("---")
            self._opening[number + 1] = separates or (self._opening[number] and not _says_something(line))

    def of(self, comment: int) -> tuple[int, int]:
        """First and last line (from 1) of what the comment on its own line `comment` speaks for."""
        start = self._saying[comment]
        if start >= len(self._lines) or self._lines[start].startswith(("---", "...")):
            return comment, comment
        if self._opening[comment - 1]:
            return comment, self._separator[start]
        end = self._ends.get(start)
        if end is None:
            end = self._ends[start] = self._end(start)
        return comment, end

    def _end(self, start: int) -> int:
        """The line after the last one of the block that begins at `start` (from 0)."""
        lines = self._lines
        indent = indent_of(lines[start])
        item = lines[start].lstrip().startswith("- ")
        end = self._saying[start + 1]
        while end < len(lines):
            line = lines[end]
            deeper = indent_of(line) > indent
            list_of_key = not item and indent_of(line) == indent and line.lstrip().startswith("- ")
            if (not deeper and not list_of_key) or line.startswith("---"):
                return end
            end = self._saying[end + 1]
        return end


def of_annotation(resource: Resource, value: str) -> Suppression:
    """The suppression that an object's annotation makes: `rule[, rule…] reason`, over the whole object."""
    words = value.split()
    names = []
    while words and _NAME.fullmatch(words[0].rstrip(",")):
        more = words[0].endswith(",")
        names.append(words.pop(0).rstrip(","))
        if not more:
            break
    document = resource.document
    whole = document.span(resource.path)
    at = document.span((*resource.path, "metadata", "annotations", ANNOTATION), "key")
    first, last = (document.source.position(offset).line for offset in whole)
    rules = frozenset(name for part in names for name in part.split(","))
    return Suppression(document.source.path, rules, " ".join(words), first, last, document.source, at)


def answers(group: Sequence[Suppression], asked: Sequence[tuple[str, int]]) -> tuple[set[int], set[int]]:
    """What suppressions of one file answer. In: what is found, as rule and line. Out: the numbers of what is answered,
    and the numbers of the suppressions that answer something.

    A walk down the file: each suppression is taken up and laid down once.
    """
    pending = sorted(range(len(group)), key=lambda number: -group[number].first)
    ending: list[tuple[int, int]] = []
    # By rule ("" for any): how many suppressions hold at the line, and those that have answered nothing yet.
    holding: Counter[str] = Counter()
    fresh: dict[str, list[int]] = {}
    answered: set[int] = set()
    used: set[int] = set()
    for question in sorted(range(len(asked)), key=lambda number: asked[number][1]):
        rule, line = asked[question]
        while pending and group[pending[-1]].first <= line:
            number = pending.pop()
            heappush(ending, (group[number].last, number))
            for name in group[number].rules or ("",):
                holding[name] += 1
                fresh.setdefault(name, []).append(number)
        while ending and ending[0][0] < line:
            for name in group[heappop(ending)[1]].rules or ("",):
                holding[name] -= 1
        for name in (rule, ""):
            if holding[name]:
                answered.add(question)
                used.update(number for number in fresh.pop(name, ()) if group[number].last >= line)
    return answered, used


def applied(
    project: Project, diagnostics: list[Diagnostic], names: set[str]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """What no suppression answers (with a finding for each that answers nothing), and what is answered; `names` are the
    rules that were asked."""
    by_file: dict[str, list[Suppression]] = {}
    for source in project.sources:
        for each in of_source(source):
            by_file.setdefault(each.file, []).append(each)
    known: set[Suppression] = set()
    for scope in project.scopes:
        for resource in scope.resources:
            value = resource.annotations.get(ANNOTATION)
            if value is not None:
                each = of_annotation(resource, value)
                if each not in known:
                    known.add(each)
                    by_file.setdefault(each.file, []).append(each)
    if not by_file:
        return diagnostics, []
    asked: dict[str, list[tuple[int, str, int]]] = {}
    for number, d in enumerate(diagnostics):
        for at in (d.region, *(r.region for r in d.related)):
            if at.file in by_file:
                asked.setdefault(at.file, []).append((number, d.rule, at.line))
    used: set[int] = set()
    silent: set[int] = set()
    for file, questions in asked.items():
        found, answering = answers(by_file[file], [question[1:] for question in questions])
        silent.update(questions[each][0] for each in found)
        used.update(id(by_file[file][each]) for each in answering)
    kept = [d for number, d in enumerate(diagnostics) if number not in silent]
    silenced = [diagnostics[number] for number in sorted(silent)]
    if UNUSED in names:
        for file, group in by_file.items():
            for each in group:
                relevant = not each.rules or each.rules <= names
                if id(each) in used or not relevant or (project.targets is not None and file not in project.targets):
                    continue
                what = ", ".join(sorted(each.rules)) or "anything"
                message = f"this comment suppresses {what}, but there is nothing to suppress here: remove it"
                kept.append(resolve(UNUSED, "warning", Finding(Spot(each.source, each.span), message), None))
    return kept, silenced


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")

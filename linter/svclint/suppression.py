"""Findings that a file's author has answered: `# svclint: ignore[rule] reason`, and an annotation.

A comment behind a line's text speaks for that line; one on a line of its own for the block that follows it; one above a
document's first key for the whole document. The annotation speaks for its object. A finding of two places can be
answered at either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from svclint.text import lines_of

if TYPE_CHECKING:
    from svclint.kube.resource import Resource
    from svclint.text import Span
    from svclint.yaml.document import Source

ANNOTATION = "svclint.dev/ignore"
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

    lines = lines_of(source.text)
    for comment in comments(source):
        match = _COMMENT.match(source.text[comment.span.start : comment.span.end])
        if not match:
            continue
        names = frozenset(_NAME.findall(match[1] or ""))
        line = source.position(comment.span.start).line
        first, last = (line, line) if not comment.own_line else block(lines, line)
        yield Suppression(source.path, names, match[2].strip(), first, last, source, comment.span)


def block(lines: list[str], comment: int) -> tuple[int, int]:
    """First and last line (from 1) of what the comment on its own line `comment` speaks for."""
    start = comment
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith("#")):
        start += 1
    if start >= len(lines) or lines[start].startswith(("---", "...")):
        return comment, comment
    opening = all(not line.strip() or line.lstrip().startswith("#") for line in _back_to_separator(lines, comment - 1))
    if opening:
        end = next((i for i in range(start, len(lines)) if lines[i].startswith("---")), len(lines))
        return comment, end
    indent = _indent(lines[start])
    item = lines[start].lstrip().startswith("- ")
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if line.strip() and not line.lstrip().startswith("#"):
            deeper = _indent(line) > indent
            list_of_key = not item and _indent(line) == indent and line.lstrip().startswith("- ")
            if (not deeper and not list_of_key) or line.startswith("---"):
                break
        end += 1
    return comment, end


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


def _back_to_separator(lines: list[str], index: int) -> Iterable[str]:
    for i in range(index - 1, -1, -1):
        if lines[i].startswith("---"):
            return
        yield lines[i]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))

"""Text with places: what a file says, where a line starts, what an edit replaces."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of character offsets in one file's text."""

    start: int
    end: int


class Position(NamedTuple):
    """A line and a column as people count them: both from 1, columns in characters."""

    line: int
    column: int


class Edit(NamedTuple):
    """Replaces the text of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


class LineIndex:
    """Turns offsets of one text into lines and columns; `\\n`, `\\r\\n` and a lone `\\r` end a line."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        starts = [0]
        at = 0
        for line in text.splitlines(keepends=True) if "\r" in text else text.split("\n"):
            at += len(line) if "\r" in text else len(line) + 1
            starts.append(at)
        self._starts = starts

    def position(self, offset: int) -> Position:
        """Where the character at `offset` stands."""
        line = bisect_right(self._starts, offset) or 1
        return Position(line, offset - self._starts[line - 1] + 1)

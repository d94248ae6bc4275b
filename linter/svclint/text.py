"""Text with places: what a file says, where a line starts, what an edit replaces."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, NamedTuple

_LINE_END: Final = re.compile(r"\r\n?|\n")


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


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 file`, `2 files`, `2 info` (a severity, which has no plural)."""
    return f"{number} {noun}{'' if number == 1 or noun == 'info' else 's'}"


def lines_of(text: str) -> list[str]:
    """The lines of a text as `LineIndex` counts them, without their ends."""
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def indent_of(line: str) -> int:
    """How many blanks a line begins with."""
    return len(line) - len(line.lstrip(" "))


class LineIndex:
    """Turns offsets of one text into lines and columns; `\\n`, `\\r\\n` and a lone `\\r` end a line."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        from array import array

        # Eight bytes a line: a list of integers takes more than the text itself.
        self._starts = array("q", [0])
        self._starts.extend(match.end() for match in _LINE_END.finditer(text))

    def position(self, offset: int) -> Position:
        """Where the character at `offset` stands."""
        line = bisect_right(self._starts, offset) or 1
        return Position(line, offset - self._starts[line - 1] + 1)

"""Characters, lines and code units: what the engine counts, as each client counts it."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, Literal

from lsprotocol import types

from svclint.text import Span

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END: Final = re.compile(r"\r\n?|\n")


class Text:
    """One text and where its lines start. Lines and units count from 0, as in the protocol."""

    __slots__ = ("_starts", "encoding", "text")

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def offset(self, position: types.Position) -> int:
        """The offset of a position; one that lies outside of the text gives the nearest one that doesn't."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self.line_span(position.line)
        return start + characters(self.text[start:end], position.character, self.encoding)

    def line_span(self, line: int) -> Span:
        """Where a line stands, without what ends it."""
        start = self._starts[line]
        if line + 1 == len(self._starts):
            return Span(start, len(self.text))
        end = self._starts[line + 1] - 1
        return Span(start, end - 1 if end > start and self.text[end - 1 : end + 1] == "\r\n" else end)

    @property
    def lines(self) -> int:
        """How many lines there are; behind a last line feed begins one more."""
        return len(self._starts)

    def rows(self) -> list[str]:
        """The lines without what ends them."""
        return _LINE_END.split(self.text)

    def line_of(self, offset: int) -> int:
        """The line that an offset stands in."""
        return bisect_right(self._starts, offset) - 1

    def position(self, offset: int) -> types.Position:
        """Where an offset stands."""
        offset = min(max(offset, 0), len(self.text))
        line = self.line_of(offset)
        return types.Position(line, units(self.text[self._starts[line] : offset], self.encoding))

    def range(self, span: Span) -> types.Range:
        """Where a span stands."""
        return types.Range(self.position(span.start), self.position(span.end))

    def span(self, at: types.Range) -> Span:
        """The offsets of a range; the ends of one that is the wrong way round are exchanged."""
        start, end = self.offset(at.start), self.offset(at.end)
        return Span(min(start, end), max(start, end))

    def changed(self, change: types.TextDocumentContentChangeEvent) -> Text:
        """The text after one change of the client."""
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = self.span(change.range)
            return Text(self.text[:start] + change.text + self.text[end:], self.encoding)
        return Text(change.text, self.encoding)


def units(text: str, encoding: Encoding) -> int:
    """How many code units a text has."""
    if text.isascii() or encoding == "utf-32":
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def characters(line: str, count: int, encoding: Encoding) -> int:
    """How many characters the first `count` code units of a line are; a count inside of a character ends before it."""
    if count <= 0:
        return 0
    if line.isascii() or encoding == "utf-32":
        return min(count, len(line))
    for index, char in enumerate(line):
        count -= units(char, encoding)
        if count < 0:
            return index
    return len(line)

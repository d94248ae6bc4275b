"""Places in documents that the fast path has read, found by looking down the lines: nothing is composed, nothing kept.

What is asked for is mostly one key or one short value of a document. Whatever is not plainly on one line is left to
`positions`, which knows all places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from svclint.text import Span
from svclint.yaml.fast import LINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svclint.yaml.document import Document, Part, Path


class _Unknown(Exception):
    """Something that doesn't stand on one line."""


class _Block:
    """A block collection: where its first dash or key stands, in which column, and whether it is a sequence."""

    __slots__ = ("at", "column", "sequence")

    def __init__(self, at: int, column: int, sequence: bool) -> None:
        self.at = at
        self.column = column
        self.sequence = sequence


class _Scalar:
    """A scalar or a flow collection, and the column of what holds it; -1 where it is empty and has no text."""

    __slots__ = ("at", "column")

    def __init__(self, at: int, column: int) -> None:
        self.at = at
        self.column = column


def span(document: Document, path: Path, part: Part) -> Span | None:
    """The span that `Positions.span` gives; None where only that can tell."""
    lines = _Lines(document.source.text, document.start, document.end)
    try:
        return lines.span(path, part)
    except _Unknown:
        return None


def slice_span(document: Document, path: Path, start: int, end: int) -> Span | None:
    """The span that `slices.slice_span` gives; None where only that can tell."""
    lines = _Lines(document.source.text, document.start, document.end)
    try:
        return lines.slice_span(path, start, end)
    except _Unknown:
        return None


class _Lines:
    __slots__ = ("_end", "_start", "_text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end

    def span(self, path: Path, part: Part) -> Span:
        node, key, missing = self._follow(path)
        if missing or part == "key":
            return self._pointed_at(node, key)
        return Span(node.at, self._node_end(node))

    def slice_span(self, path: Path, start: int, end: int) -> Span:
        node, _, missing = self._follow(path)
        if missing or type(node) is _Block:
            raise _Unknown
        at, behind = node.at, self._node_end(node)
        if self._text[at : at + 1] in ("'", '"'):
            at, behind = at + 1, behind - 1
        if not 0 <= start <= end <= behind - at or at == behind or self._text[at] in "[{":
            raise _Unknown
        return Span(at + start, at + end)

    def _follow(self, path: Path) -> tuple[_Block | _Scalar, Span | None, bool]:
        """The deepest existing node on the way, its key, and whether something of the path is missing."""
        at = self._start
        if self._text.find("\r", at, self._end) >= 0:
            raise _Unknown
        if self._text.startswith("---", at):
            at = self._line_end(at) + 1
        node = self._below(at, -1)
        if node is None:
            raise _Unknown
        key: Span | None = None
        for step in path:
            found = self._child(node, step) if type(node) is _Block else None
            if found is None:
                if type(node) is _Scalar and self._text[node.at : node.at + 1] in ("[", "{"):
                    raise _Unknown
                return node, key, True
            key, node = found
        return node, key, False

    def _line_end(self, at: int) -> int:
        found = self._text.find("\n", at, self._end)
        return self._end if found < 0 else found

    def _content(self, at: int) -> tuple[int, int] | None:
        """The beginning of the next line at or behind `at` that is neither empty nor a comment, and of its content."""
        text = self._text
        while at < self._end:
            line_end = self._line_end(at)
            content = text[at:line_end].lstrip(" ")
            if content and content[0] != "#":
                return at, line_end - len(content)
            at = line_end + 1
        return None

    def _below(self, at: int, column: int) -> _Block | _Scalar | None:
        """What begins on a line of its own behind a key in `column`; None where nothing does."""
        found = self._content(at)
        if found is None:
            return None
        line, begin = found
        dash = self._text.startswith("- ", begin)
        if begin - line < column or (begin - line == column and not dash):
            return None
        if dash:
            return _Block(begin, begin - line, True)
        return _Block(begin, begin - line, False) if self._is_key(begin) else _Scalar(begin, column)

    def _entries(self, block: _Block) -> Iterator[int]:
        """Where the dashes or keys of a block collection stand."""
        text, column = self._text, block.column
        yield block.at
        at = self._line_end(block.at) + 1
        while (found := self._content(at)) is not None:
            line, begin = found
            depth = begin - line
            if depth < column:
                return
            # A bracket may close what began on the lines above; items may stand at their key's column.
            if depth == column and text[begin] not in "]}":
                if text.startswith("- ", begin):
                    if block.sequence:
                        yield begin
                elif block.sequence or not self._is_key(begin):
                    return
                else:
                    yield begin
            at = self._line_end(begin) + 1

    def _child(self, block: _Block, step: str | int) -> tuple[Span | None, _Block | _Scalar] | None:
        if isinstance(step, int) is not block.sequence:
            return None
        for number, at in enumerate(self._entries(block)):
            if block.sequence:
                if number == step:
                    return None, self._item(block, at)
            else:
                key = self._key(at)
                quote = self._text[at] in "\"'"
                if self._text[key.start + quote : key.end - quote] == step:
                    return key, self._value(block, at)
        return None

    def _key(self, at: int) -> Span:
        match = LINE.match(self._text, at, self._line_end(at))
        if match is None or match[3] is None:
            raise _Unknown
        return Span(*match.span(3))

    def _is_key(self, at: int) -> bool:
        match = LINE.match(self._text, at, self._line_end(at))
        return match is not None and match[3] is not None

    def _value(self, block: _Block, at: int) -> _Block | _Scalar:
        line_end = self._line_end(at)
        match = LINE.match(self._text, at, line_end)
        assert match is not None
        if match[4] and match[4][0] != "#":
            return _Scalar(match.start(4), block.column)
        return self._below(line_end + 1, block.column) or _Scalar(match.end(3) + 1, -1)

    def _item(self, block: _Block, at: int) -> _Block | _Scalar:
        match = LINE.match(self._text, at, self._line_end(at))
        assert match is not None
        if match[2].count("-") != 1:
            raise _Unknown
        if match[3] is not None:
            return _Block(match.start(3), block.column + match.start(3) - at, False)
        return _Scalar(match.start(4), block.column)

    def _pointed_at(self, node: _Block | _Scalar, key: Span | None) -> Span:
        """A key, or the first key of an item or of the document."""
        if key is not None:
            return key
        while type(node) is _Block:
            if not node.sequence:
                return self._key(node.at)
            node = self._item(node, node.at)
        return Span(node.at, self._node_end(node))

    def _node_end(self, node: _Block | _Scalar) -> int:
        while type(node) is _Block:
            *_, last = self._entries(node)
            node = self._item(node, last) if node.sequence else self._value(node, last)
        return self._scalar_end(node.at, node.column)

    def _scalar_end(self, at: int, column: int) -> int:
        if column == -1:
            return at
        text, line_end = self._text, self._line_end(at)
        rest = text[at:line_end].rstrip(" ")
        if rest in ("[]", "{}"):
            return at + 2
        if rest[0] in "|>[{":
            raise _Unknown
        if rest[0] in "\"'":
            if rest.count(rest[0]) != 2 or "\\" in rest:
                raise _Unknown
            return at + rest.rindex(rest[0]) + 1
        # A plain scalar may go on in the next line.
        following = text[line_end + 1 : self._line_end(line_end + 1)] if line_end < self._end else ""
        content = following.lstrip(" ")
        if content and content[0] != "#" and len(following) - len(content) > column:
            raise _Unknown
        comment = rest.find(" #")
        return at + len(rest if comment < 0 else rest[:comment].rstrip(" "))

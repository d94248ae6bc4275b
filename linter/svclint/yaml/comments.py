"""Comments, exactly: what the scanner passes over, never a `#` inside of a scalar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from svclint.text import Span
from svclint.yaml.compose import Alias, Collection, Node

if TYPE_CHECKING:
    from svclint.yaml.document import Document, Source

_COMMENT: Final = re.compile(r"(?:(?<![^\s\[\]{},:'\"-]))#[^\r\n\x85\u2028\u2029]*")
_OWN_LINE: Final = re.compile(r"^[ \t]*(#[^\r\n\x85\u2028\u2029]*)", re.MULTILINE)


class Comment(NamedTuple):
    """A comment with its `#`; `own_line` says whether nothing stands before it on its line, which counts from 1."""

    text: str
    span: Span
    line: int
    own_line: bool


# In a file of more documents than this, the places of each are let go as soon as its comments are known.
MANY = 200


def comments(source: Source, holding: str = "#") -> tuple[Comment, ...]:
    """The comments of a file in order, those between its documents included; documents that don't hold a text are left
    out.

    Of a document that can't be read only comments on lines of their own are known.
    """
    text = source.text
    if holding not in text:
        return ()
    found: list[Comment] = []
    at = 0
    for document in source.documents:
        _scan(source, at, document.start, found)
        if document.value is None:
            lines = _OWN_LINE.finditer(text, document.start, document.end)
            found.extend(_comment(source, *match.span(1)) for match in lines)
        elif text.find(holding, document.start, document.end) >= 0:
            _of_document(source, document, found)
            if len(source.documents) > MANY:
                document.forget()
        at = document.end
    _scan(source, at, len(text), found)
    return tuple(found)


def _of_document(source: Source, document: Document, found: list[Comment]) -> None:
    at = document.start
    for start, end in _solid(document):
        if start > at:
            _scan(source, at, start, found)
        at = max(at, end)
    _scan(source, at, document.end, found)


def _solid(document: Document) -> list[tuple[int, int]]:
    """The stretches of a document that are scalars or aliases, without the header lines of block scalars."""
    text, base = document.source.text, document.start
    stretches: list[tuple[int, int]] = []
    positions = document.positions
    pending: list[Node] = [positions.root]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is Collection:
            pending.extend(reversed(node.children))
        elif kind is Alias:
            stretches.append((base + node.start.start_mark.index, base + node.start.end_mark.index))
        elif node is not None:
            start, end = base + positions.content_start(node), base + node.end_mark.index
            if node.style in ("|", ">"):
                # The header may bear a comment: only what follows its line is solid.
                line_end = text.find("\n", start, end)
                start = line_end if line_end >= 0 else end
            stretches.append((start, end))
    return stretches


def _scan(source: Source, start: int, end: int, found: list[Comment]) -> None:
    if start < end:
        found.extend(_comment(source, *match.span()) for match in _COMMENT.finditer(source.text, start, end))


def _comment(source: Source, start: int, end: int) -> Comment:
    text = source.text
    position = source.position(start)
    own_line = not text[start - position.column + 1 : start].strip()
    return Comment(text[start:end], Span(start, end), position.line, own_line)

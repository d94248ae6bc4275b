"""Where the single characters of a scalar's value stand in the text, whatever its style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from svclint.text import Span
from svclint.yaml.compose import Alias, Collection, Node
from svclint.yaml.scalars import BINARY

if TYPE_CHECKING:
    from svclint.yaml.document import Document, Path

_GAP: Final = re.compile(r"[ \t]*+(?:\r\n?|\n)[ \t\r\n]*+")
_BLANKS: Final = re.compile(r"[ \t]+")
_BREAK: Final = re.compile(r"\r\n?|\n")
_ESCAPED_BREAK: Final = re.compile(r"\\(?:\r\n?|\n)([ \t\r\n]*)")
_WIDE: Final = {"x": 4, "u": 6, "U": 10}

Places: TypeAlias = list[tuple[int, int]]
"""Of each character of a value: where its text begins and ends."""


def slice_span(document: Document, path: Path, start: int, end: int) -> Span:
    """The span of `value[start:end]` for the string at `path`; the value's span where there is no exact answer."""
    found = document.positions.find(path)
    node = found.value if found is not None else None
    if type(node) is Alias:
        node = node.target
    if node is None or type(node) is Collection:
        return document.span(path)
    places = character_places(document, node)
    if places is None or not 0 <= start <= end <= len(places):
        return document.positions.node_span(node)
    if start == end:
        at = places[start][0] if start < len(places) else places[-1][1] if places else document.span(path).start
        return Span(at, at)
    return Span(places[start][0], places[end - 1][1])


def character_places(document: Document, node: Node) -> Places | None:
    """The places of a scalar node's characters in the source's text, None if they can't be told."""
    if node.tag == BINARY:
        return None
    text = document.source.text
    start = document.start + document.positions.content_start(node)
    end = min(document.start + node.end_mark.index, document.end)
    value = node.value
    style = node.style
    if style == "|":
        return _literal(text, start, end, value)
    if style == ">":
        return _folded(text, start, end, value)
    if style in ("'", '"'):
        start, end = start + 1, end - 1
    places = _flow(text, start, end, style)
    return places if len(places) == len(value) else None


def _flow(text: str, start: int, end: int, style: str) -> Places:
    """Plain and quoted scalars: line folding, `''` and escapes."""
    places: Places = []
    at = start
    while at < end:
        char = text[at]
        if char in " \t\r\n":
            gap = _GAP.match(text, at, end)
            if gap is not None:
                breaks = list(_BREAK.finditer(text, at, gap.end()))
                # One break is a blank; more are one fewer line feeds.
                places.extend(match.span() for match in breaks[1:] or breaks)
                at = gap.end()
                continue
            blanks = _BLANKS.match(text, at, end)
            stop = blanks.end() if blanks is not None else at + 1
            places.extend((blank, blank + 1) for blank in range(at, stop))
            at = stop
            continue
        if char == "\\" and style == '"':
            escaped = _ESCAPED_BREAK.match(text, at, end)
            if escaped is not None:
                places.extend(match.span() for match in _BREAK.finditer(text, *escaped.span(1)))
                at = escaped.end()
                continue
            width = _WIDE.get(text[at + 1 : at + 2], 2)
            places.append((at, at + width))
            at += width
            continue
        if char == "'" and style == "'":
            places.append((at, at + 2))
            at += 2
            continue
        places.append((at, at + 1))
        at += 1
    return places


def _lines(text: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """The lines of a block scalar behind its header: where each begins, its text ends, and the next begins."""
    lines = []
    header = _BREAK.search(text, start, end)
    at = header.end() if header is not None else end
    while at < end:
        line_break = _BREAK.search(text, at, end)
        stop, following = line_break.span() if line_break is not None else (end, end)
        lines.append((at, stop, following))
        at = following
    return lines


def _literal(text: str, start: int, end: int, value: str) -> Places | None:
    places: Places = []
    lines = _lines(text, start, end)
    parts = value.split("\n")
    for number, part in enumerate(parts):
        if number == len(parts) - 1 and not part:
            break
        if number >= len(lines):
            return None
        begin, stop, following = lines[number]
        first = stop - len(part)
        if first < begin or text[first:stop] != part:
            return None
        places.extend((at, at + 1) for at in range(first, stop))
        if number < len(parts) - 1:
            places.append((stop, max(following, stop)))
    return places if len(places) == len(value) else None


def _folded(text: str, start: int, end: int, value: str) -> Places | None:
    places: Places = []
    lines = _lines(text, start, end)
    indent = next((_indent(text, begin, stop) for begin, stop, _ in lines if text[begin:stop].strip(" ")), 0)
    for begin, stop, following in lines:
        for at in range(min(begin + indent, stop), stop):
            if len(places) >= len(value) or value[len(places)] != text[at]:
                return None
            places.append((at, at + 1))
        if len(places) < len(value) and value[len(places)] in " \n":
            blank = not text[begin:stop].strip(" ")
            if not blank or value[len(places)] == "\n":
                places.append((stop, max(following, stop)))
    return places if len(places) == len(value) else None


def _indent(text: str, begin: int, stop: int) -> int:
    return stop - begin - len(text[begin:stop].lstrip(" "))

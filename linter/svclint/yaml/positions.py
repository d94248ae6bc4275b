"""Paths → places: where keys and values stand in a document, worked out when somebody asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from svclint.text import Span
from svclint.yaml.compose import Alias, Collection, Node, YamlError, compose, event_of
from svclint.yaml.decode import is_merge, merge_sources, typed
from svclint.yaml.scalars import json_key

if TYPE_CHECKING:
    from svclint.yaml.document import Document, Part, Path

_PROPERTIES: Final = re.compile(r"(?:(?:&[^\s,\[\]{}]+|![^\s]*)(?:\s+|#[^\r\n]*)*)+")


_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class Found(NamedTuple):
    """Where a path leads: `value` is its node, `key` its key's node (None in sequences), `parent` what holds both."""

    key: Node | None
    value: Node
    parent: Collection | None
    at: int


class Positions:
    """The places of one readable document. Offsets are the source text's."""

    __slots__ = ("_indexes", "_length", "_places", "_start", "_text", "root")

    def __init__(self, document: Document) -> None:
        """Composes the document once more, this time for the marks."""
        self._start = document.start
        self._length = document.end - document.start
        self._text = document.text
        self._indexes: dict[Collection, dict[str, tuple[Node, Node]]] = {}
        self._places: dict[Collection, dict[int, int]] = {}
        # JSON writes some characters as two escapes, which YAML refuses.
        text = _SURROGATE_ESCAPE.sub(r"\\u0020", self._text)
        try:
            self.root: Node | None = compose(text if text.endswith("\n") else text + "\n", json=True)
        except YamlError:
            self.root = None

    def span(self, path: Path, part: Part) -> Span:
        """The span of a key or a value; of a path that isn't there, its nearest parent's key."""
        node, key, depth = self._follow(path)
        if node is None:
            return Span(self._start, self._start)
        if depth < len(path) or (part == "key" and key is None):
            return self.key_span(node, key)
        return self.node_span(key if part == "key" else node)

    def find(self, path: Path) -> Found | None:
        """The nodes that a path leads to, None if it isn't there."""
        if self.root is None:
            return None
        found = Found(None, self.root, None, 0)
        for step in path:
            holder = _target(found.value)
            if type(holder) is not Collection:
                return None
            pair = self._child(holder, step)
            if pair is None:
                return None
            found = Found(pair[0], pair[1], holder, self._at(holder, pair[1]))
        return found

    def path_at(self, offset: int) -> tuple[Path, Part]:
        """The path of the innermost key or value that an offset of the source's text stands in or right behind."""
        node = self.root
        path: Path = ()
        while type(node) is Collection:
            step = self._step_at(node, offset)
            if step is None:
                break
            name, child, part = step
            path = (*path, name)
            if part == "key":
                return path, "key"
            node = child
        return path, "value"

    def _step_at(self, holder: Collection, offset: int) -> tuple[str | int, Node, Part] | None:
        children = holder.children
        stride = 2 if holder.mapping else 1
        for at in range(stride - 1, len(children), stride):
            following = children[at + 1] if at + 1 < len(children) else None
            if following is not None and self._start + event_of(following).start_mark.index <= offset:
                continue
            step: str | int | None = at
            if holder.mapping:
                step = key_text(children[at - 1])
                start, end = self.node_span(children[at - 1])
                if step is not None and start <= offset <= end:
                    return step, children[at], "key"
            start, end = self.node_span(children[at])
            return (step, children[at], "value") if step is not None and start <= offset <= end else None
        return None

    def key_span(self, node: Node, key: Node | None) -> Span:
        """Where to point for a thing as a whole: its key, or the first key of an item or a document."""
        if key is not None:
            return self.node_span(key)
        while type(node) is Collection and node.children and _is_block(node):
            node = node.children[0]
        return self.node_span(node)

    def node_span(self, node: Node) -> Span:
        """The text of a node without its anchor and tag; a block collection ends with its last part."""
        kind = type(node)
        if kind is Alias:
            return self._shifted(node.start.start_mark.index, node.start.end_mark.index)
        if kind is not Collection:
            start, end = self.content_start(node), node.end_mark.index
            return self._shifted(start, self._trimmed(start, end) if node.style in ("|", ">") else max(start, end))
        start = self.content_start(node)
        if not _is_block(node):
            return self._shifted(start, node.end.end_mark.index)
        last = node
        while type(last) is Collection and _is_block(last) and last.children:
            last = last.children[-1]
        end = self.node_span(last).end - self._start if last is not node else start
        # A sequence whose last item is empty ends behind that item's dash.
        return self._shifted(start, max(start, start + 1 if not node.mapping and end == start else end))

    def content_start(self, node: Node) -> int:
        """Where the content of a node begins, behind anchor and tag; relative to the document."""
        event = event_of(node)
        start: int = event.start_mark.index
        if event.anchor is not None or event.tag is not None or self._text.startswith("!", start):
            match = _PROPERTIES.match(self._text, start)
            if match is not None:
                # An empty node is nothing but its properties.
                content = match.end() if match.end() < self._length else start + len(match[0].rstrip())
                if type(node) is not Collection and content > event.end_mark.index:
                    return int(event.end_mark.index)
                return content
        return start

    def _trimmed(self, start: int, end: int) -> int:
        text = self._text
        while end > start and (end > self._length or text[end - 1] in " \t\r\n"):
            end -= 1
        return end

    def _shifted(self, start: int, end: int) -> Span:
        start, end = min(start, self._length), min(end, self._length)
        return Span(self._start + start, self._start + max(start, end))

    def _follow(self, path: Path) -> tuple[Node | None, Node | None, int]:
        """The deepest existing node on the way, its key, and how many steps led there."""
        node, key = self.root, None
        for depth, step in enumerate(path):
            holder = _target(node)
            pair = self._child(holder, step) if type(holder) is Collection else None
            if pair is None:
                return node, key, depth
            key, node = pair
        return node, key, len(path)

    def _child(self, holder: Collection, step: str | int) -> tuple[Node | None, Node] | None:
        if isinstance(step, int):
            if holder.mapping or not -1 < step < len(holder.children):
                return None
            return None, holder.children[step]
        return self.index(holder).get(step) if holder.mapping else None

    def _at(self, holder: Collection, node: Node) -> int:
        """Which child of a collection a node is, -1 for one that is merged into it."""
        places = self._places.get(holder)
        if places is None:
            children = holder.children
            places = self._places[holder] = {id(children[at]): at for at in range(len(children) - 1, -1, -1)}
        return places.get(id(node), -1)

    def index(self, mapping: Collection) -> dict[str, tuple[Node, Node]]:
        """A mapping's keys as the lenient decoder sets them: the last of equal ones wins, merges in their place."""
        index = self._indexes.get(mapping)
        if index is not None:
            return index
        index = self._indexes[mapping] = {}
        children = mapping.children
        for at in range(0, len(children), 2):
            key = children[at]
            if is_merge(key):
                for source in merge_sources(children[at + 1]):
                    target = _target(source)
                    if type(target) is Collection and target is not mapping:
                        index.update(self.index(target))
                continue
            text = key_text(key)
            if text is not None:
                index[text] = (key, children[at + 1])
        return index


def key_text(node: Node) -> str | None:
    """The JSON key that a key node becomes, None if it can't be one."""
    target = _target(node)
    if type(target) is Collection:
        return None
    try:
        return json_key(typed(target))
    except YamlError:
        return None


def _target(node: Node) -> Node:
    return node.target if type(node) is Alias else node


def _is_block(node: Collection) -> bool:
    return not node.start.flow_style

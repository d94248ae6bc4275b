"""Changes of values → edits of text: how each change is written so that everything else stays as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from svclint.text import Edit, Span
from svclint.yaml import emit
from svclint.yaml.changes import Change, Insert, KeepLast, PatchError, Remove, RenameKey, Set, SetSlice, at_path, same
from svclint.yaml.compose import Alias, Collection, Node, event_of
from svclint.yaml.positions import Found, Positions, key_text
from svclint.yaml.scalars import Json

if TYPE_CHECKING:
    from svclint.yaml.document import Document, Path

_COLON: Final = re.compile(r"[ \t]*:")
_REST: Final = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\r|\Z)")
_BLANKS: Final = re.compile(r"[ \t]*")
_LINE_END: Final = re.compile(r"\r\n?|\n")


class Writer:
    """Makes the edits of one document's changes."""

    __slots__ = ("_base", "_dashes", "_document", "_newline", "_positions", "_text")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.source.text
        self._base = document.start
        self._positions: Positions = document.positions
        self._newline = document.source.newline
        self._dashes: bool | None = None

    def edits(self, change: Change) -> list[Edit]:
        if isinstance(change, Set):
            return self._set(change.path, change.value)
        if isinstance(change, Insert):
            return self._insert(change.parent, change.key, change.value)
        if isinstance(change, Remove):
            return self._remove(change.path)
        if isinstance(change, RenameKey):
            return self._rename(change.path, change.key)
        if isinstance(change, KeepLast):
            return self._keep_last(change.path)
        return self._set_slice(change)

    # Finding

    def _found(self, path: Path) -> Found:
        """The nodes at a path, refused where they are shared with another place."""
        found = self._positions.find(path)
        if found is None:
            raise PatchError("nothing stands there")
        for length in range(len(path)):
            above = self._positions.find(path[:length])
            if above is None or type(above.value) is Alias:
                raise PatchError("the value belongs to an anchor")
        if found.parent is not None and found.at < 0:
            raise PatchError("the value comes from a merge")
        return found

    def _begin(self, node: Node) -> int:
        """Where a node begins, anchor and tag included."""
        event = event_of(node)
        return self._base + int(event.start_mark.index)

    def _column(self, offset: int) -> int:
        """How far into its line an offset is."""
        line = self._text.rfind("\n", 0, offset) + 1
        return offset - max(line, self._text.rfind("\r", line, offset) + 1)

    def _line_start(self, offset: int) -> int:
        return offset - self._column(offset)

    def _first_on_line(self, offset: int) -> bool:
        return not self._text[self._line_start(offset) : offset].strip(" \t\ufeff")

    def _node_end(self, node: Node) -> int:
        """Where a node's text ends, a kept block scalar's last empty lines included."""
        last = node
        while type(last) is Collection and not last.start.flow_style and last.children:
            last = last.children[-1]
        end = self._positions.node_span(node).end
        if type(last) is not Collection and type(last) is not Alias and last.style in ("|", ">"):
            header = self._base + self._positions.content_start(last)
            if "+" in self._text[header : self._line_end(header)].split("#", 1)[0]:
                stop = min(self._base + last.end_mark.index, self._document.end)
                while stop > end and self._text[stop - 1] not in "\r\n":
                    stop -= 1
                ended = self._text.endswith(self._newline, 0, stop)
                end = max(end, stop - (len(self._newline) if ended else 1))
        return end

    def _line_end(self, offset: int) -> int:
        """The end of an offset's line, its line break left out."""
        match = _LINE_END.search(self._text, offset)
        return match.start() if match is not None else len(self._text)

    def _next_line(self, offset: int) -> int:
        match = _LINE_END.search(self._text, offset)
        return match.end() if match is not None else len(self._text)

    def _rest_is_blank(self, offset: int) -> bool:
        return _REST.match(self._text, offset) is not None

    def _dashes_indented(self) -> bool:
        """Whether this document indents sequences under their key."""
        if self._dashes is None:
            self._dashes = True
            pending: list[Node] = [self._positions.root]
            while pending:
                node = pending.pop()
                if type(node) is not Collection:
                    continue
                for at, child in enumerate(node.children):
                    if type(child) is Collection:
                        pending.append(child)
                        block = not child.mapping and not child.start.flow_style and child.children
                        if block and node.mapping and at % 2 and type(node.children[at - 1]) not in (Alias, Collection):
                            key = node.children[at - 1].start_mark.column
                            self._dashes = child.start.start_mark.column > key
                            return self._dashes
        return self._dashes

    def _lines(self, lines: list[str], indent: int) -> str:
        return (self._newline + " " * indent).join(lines)

    # Set

    def _set(self, path: Path, value: Json) -> list[Edit]:
        found = self._positions.find(path)
        if found is None and path:
            return self._insert(path[:-1], path[-1], value)
        found = self._found(path)
        node = found.value
        if isinstance(value, dict) and value and type(node) is Collection and node.mapping and node.children:
            return self._set_mapping(path, node, value)
        if type(node) is Collection and not node.start.flow_style:
            return self._set_block(found, node, value)
        return [self._set_inline(found, node, value)]

    def _set_mapping(self, path: Path, node: Collection, value: dict[str, Json]) -> list[Edit]:
        """Only what differs, so that the comments of the rest stay."""
        old = at_path(self._document.value, path)
        if not isinstance(old, dict) or not any(key in value for key in old):
            if not node.start.flow_style:
                return self._set_block(self._found(path), node, value)
            return [self._set_inline(self._found(path), node, value)]
        result: list[Edit] = []
        for key in old:
            if key not in value:
                result.extend(self._remove((*path, key)))
            elif not same(old[key], value[key]):
                result.extend(self._set((*path, key), value[key]))
        for key in value:
            if key not in old:
                result.extend(self._insert(path, key, value[key]))
        return result

    def _set_inline(self, found: Found, node: Node, value: Json) -> Edit:
        """Replaces a scalar, an alias or a flow collection."""
        span = self._positions.node_span(node)
        event = event_of(node)
        in_flow = self._in_flow(found)
        style = "" if type(node) in (Alias, Collection) else node.style
        start, anchor = span.start, ""
        if type(node) is not Alias and event.tag is not None:
            # The old tag does not speak of the new value.
            start = self._base + event.start_mark.index
            anchor = f"&{event.anchor} " if event.anchor is not None else ""
        if isinstance(value, (dict, list)):
            column = self._block_column(found)
            if value and not in_flow and not anchor and column is not None and self._rest_is_blank(span.end):
                return self._nested(span, node, found, value, column)
            text = emit.flow(value)
        elif style in ("|", ">") and isinstance(value, str):
            text = self._literal(span, value)
        else:
            text = emit.scalar(value, style, in_flow)
        if span.start == span.end and self._text[start - 1 : start] not in (" ", "\t", ""):
            text = " " + text
        return Edit(Span(start, max(start, span.end)), anchor + text)

    def _nested(self, span: Span, node: Node, found: Found, value: Json, column: int) -> Edit:
        """A block collection in place of a scalar, on lines of its own."""
        lines = emit.block(value, self._dashes_indented())
        if found.key is None:
            # An item's first line stands behind its dash.
            gap = " " if span.start == span.end and self._text[span.start - 1 : span.start] == "-" else ""
            indent = self._column(span.start) + len(gap)
            return Edit(span, gap + self._lines(lines, indent))
        indent = column + (2 if isinstance(value, dict) or self._dashes_indented() else 0)
        start = span.start
        while start > 0 and self._text[start - 1] in " \t":
            start -= 1
        return Edit(Span(start, span.end), self._newline + " " * indent + self._lines(lines, indent))

    def _block_column(self, found: Found) -> int | None:
        """The column of the key or dash that holds a value in a block, None in flow and for the root."""
        if found.parent is None or found.parent.start.flow_style:
            return None
        if found.key is None:
            return int(found.parent.start.start_mark.column)
        key = event_of(found.key)
        return int(key.start_mark.column)

    def _in_flow(self, found: Found) -> bool:
        return found.parent is not None and bool(found.parent.start.flow_style)

    def _literal(self, span: Span, value: str) -> str:
        """A block scalar rewritten with its own header and indentation, double-quoted where it can't hold the text."""
        header, _, rest = self._text[span.start : span.end].partition("\n")
        indent = next((len(line) - len(line.lstrip(" ")) for line in rest.split("\n") if line.strip()), 0)
        ends = "" if "-" in header or "+" in header else "\n"
        body = value.removesuffix("\n") if ends else value
        fits = header.startswith("|") and indent and not any(char.isdigit() for char in header)
        if not fits or value.endswith("\n") != bool(ends) or not body or body[0] in " \n" or body[-1] == "\n":
            return emit.scalar(value, '"')
        if "+" in header or any(not (char.isprintable() or char == "\n") for char in body):
            return emit.scalar(value, '"')
        lines = [" " * indent + line if line else "" for line in body.split("\n")]
        return header.rstrip("\r") + self._newline + self._newline.join(lines)

    def _set_block(self, found: Found, node: Collection, value: Json) -> list[Edit]:
        """Replaces a block collection."""
        span = self._positions.node_span(node)
        end = self._node_end(node)
        if value and isinstance(value, (dict, list)):
            column = self._column(span.start)
            if found.key is not None and isinstance(value, list) != (not node.mapping):
                key_column = self._block_column(found) or 0
                wanted = key_column + (2 if isinstance(value, dict) or self._dashes_indented() else 0)
                alone = self._first_on_line(span.start)
                start = span.start - column if alone else span.start
                indent = " " * wanted if alone else ""
                lines = self._lines(emit.block(value, self._dashes_indented()), wanted)
                return [Edit(Span(start, end), indent + lines)]
            return [Edit(Span(span.start, end), self._lines(emit.block(value, self._dashes_indented()), column))]
        text = emit.scalar(value) if not isinstance(value, (dict, list)) else emit.flow(value)
        if found.key is None or found.parent is None:
            return [Edit(Span(span.start, end), text)]
        # `key: # comment` keeps its comment; anchor and tag go with what they named.
        key_end = self._positions.node_span(found.key).end
        colon = _COLON.match(self._text, key_end)
        after = colon.end() if colon is not None else self._base + node.start.start_mark.index
        line_end = self._line_end(after)
        if line_end >= span.start:
            return [Edit(Span(span.start, end), text)]
        rest = self._text[after:line_end]
        kept = rest[len(rest) - len(rest.lstrip(" \t")) :]
        if kept and not kept.startswith("#"):
            hash_at = rest.find(" #")
            stop = after + hash_at if hash_at >= 0 else line_end
            return [Edit(Span(after, stop), " " + text), Edit(Span(line_end, end), "")]
        return [Edit(Span(after, after), " " + text), Edit(Span(line_end, end), "")]

    # Insert

    def _insert(self, parent: Path, key: str | int | None, value: Json) -> list[Edit]:
        found = self._found(parent)
        holder = found.value
        if type(holder) is Alias:
            raise PatchError("the value belongs to an anchor")
        empty = type(holder) is Collection and not holder.children
        if type(holder) is not Collection:
            if at_path(self._document.value, parent) is not None:
                raise PatchError("not a mapping or a sequence")
            empty = True
        if empty:
            whole: Json = {key: value} if isinstance(key, str) else [value]
            return [self._set_inline(found, holder, whole)]
        if holder.mapping != isinstance(key, str):
            raise PatchError("a mapping takes keys, a sequence takes indexes")
        if isinstance(key, str):
            if key in self._positions.index(holder):
                raise PatchError("the key is there already")
            return [self._insert_key(holder, key, value)]
        return [self._insert_item(holder, len(holder.children) if key is None else key, value)]

    def _insert_key(self, holder: Collection, key: str, value: Json) -> Edit:
        last = holder.children[-1]
        if holder.start.flow_style:
            at = self._positions.node_span(last).end
            return Edit(Span(at, at), f", {emit.scalar(key, flow=True)}: {emit.flow(value)}")
        column = self._column(self._begin(holder.children[0]))
        lines = emit.entry(emit.scalar(key), value, self._dashes_indented())
        return self._below(self._node_end(last), lines, column)

    def _insert_item(self, holder: Collection, index: int, value: Json) -> Edit:
        children = holder.children
        if not 0 <= index <= len(children):
            raise PatchError("no such index")
        if holder.start.flow_style:
            if index == len(children):
                at = self._positions.node_span(children[-1]).end
                return Edit(Span(at, at), ", " + emit.flow(value))
            at = self._begin(children[index])
            return Edit(Span(at, at), emit.flow(value) + ", ")
        dash = self._dash(holder, 0)
        column = self._column(dash)
        first, *rest = emit.block(value, self._dashes_indented())
        lines = [f"- {first}", *("  " + line for line in rest)]
        if index > 0:
            return self._below(self._node_end(children[index - 1]), lines, column)
        text = self._lines(lines, column) + self._newline
        if self._first_on_line(dash):
            start = self._line_start(dash)
            return Edit(Span(start, start), " " * column + text)
        return Edit(Span(dash, dash), text + " " * column)

    def _below(self, offset: int, lines: list[str], column: int) -> Edit:
        """New lines under the line of `offset`."""
        at = self._next_line(offset)
        text = " " * column + self._lines(lines, column)
        ended = at > offset and self._text[at - 1] in "\r\n"
        return Edit(Span(at, at), text + self._newline if ended else self._newline + text)

    def _dash(self, holder: Collection, index: int) -> int:
        """The offset of an item's dash in a block sequence."""
        start = self._base + self._positions.content_start(holder)
        if index == 0:
            return start
        column = self._column(start)
        line = self._next_line(max(self._node_end(holder.children[index - 1]), start + 1))
        while line < len(self._text):
            blank = _BLANKS.match(self._text, line)
            stop = blank.end() if blank is not None else line
            if self._text[stop : stop + 1] == "-" and stop - line == column:
                return stop
            line = self._next_line(line)
        raise PatchError("the item was not found")

    # Remove

    def _remove(self, path: Path) -> list[Edit]:
        if not path:
            raise PatchError("a document can't be removed from itself")
        found = self._found(path)
        parent = found.parent
        if parent is None:
            raise PatchError("nothing stands there")
        last = found.at - 1 if parent.mapping else found.at
        entries = [*self._earlier(parent, path), last]
        if len(entries) * (2 if parent.mapping else 1) == len(parent.children):
            empty: Json = {} if parent.mapping else []
            above = self._found(path[:-1])
            if parent.start.flow_style:
                return [self._set_inline(above, above.value, empty)]
            return self._set_block(above, parent, empty)
        return [self._remove_entry(parent, at) for at in entries]

    def _keep_last(self, path: Path) -> list[Edit]:
        found = self._found(path)
        earlier = self._earlier(found.parent, path) if found.parent is not None else []
        if found.parent is None or not earlier:
            raise PatchError("the key is there only once")
        return [self._remove_entry(found.parent, at) for at in earlier]

    def _earlier(self, parent: Collection, path: Path) -> list[int]:
        """Where a mapping has the key at the end of `path` before the one that counts."""
        if not parent.mapping:
            return []
        children = parent.children
        return [at for at in range(0, len(children), 2) if key_text(children[at]) == path[-1]][:-1]

    def _remove_entry(self, parent: Collection, at: int) -> Edit:
        """Takes away the key and value, or the item, that begins with a collection's child `at`."""
        per_entry = 2 if parent.mapping else 1
        if parent.start.flow_style:
            return self._remove_from_flow(parent, at, per_entry)
        start = self._begin(parent.children[at]) if parent.mapping else self._dash(parent, at)
        end = max(self._node_end(parent.children[at + per_entry - 1]), start + 1)
        if parent.mapping and self._text[max(start - 2, 0) : start].strip() == "?":
            raise PatchError("the key is written with a question mark")
        if self._first_on_line(start):
            line_start = self._line_start(start)
            if self._text.startswith("\ufeff", line_start):
                line_start += 1
            stop = self._next_line(end)
            if stop == len(self._text) and not self._text.endswith(("\n", "\r")):
                # The last line has no line break to take along: the one before goes.
                before = line_start
                while before > self._base and self._text[before - 1] in "\r\n" and before > line_start - 2:
                    before -= 1
                return Edit(Span(before, stop), "")
            return Edit(Span(line_start, stop), "")
        following = at + per_entry
        if following < len(parent.children):
            stop = self._begin(parent.children[following]) if parent.mapping else self._dash(parent, following)
            return Edit(Span(start, end if "#" in self._text[end:stop] else stop), "")
        return Edit(Span(start, self._line_end(end)), "")

    def _remove_from_flow(self, parent: Collection, at: int, per_entry: int) -> Edit:
        children = parent.children
        last = children[at + per_entry - 1]
        if at + per_entry < len(children):
            return Edit(Span(self._begin(children[at]), self._begin(children[at + per_entry])), "")
        previous = self._positions.node_span(children[at - 1]).end
        return Edit(Span(previous, max(previous, self._positions.node_span(last).end)), "")

    # Renaming and slices

    def _rename(self, path: Path, key: str) -> list[Edit]:
        found = self._found(path)
        if found.key is None or found.parent is None:
            raise PatchError("an item has no key")
        if type(found.key) is Alias or found.key.tag is not None:
            raise PatchError("the key belongs to an anchor")
        if key in self._positions.index(found.parent):
            raise PatchError("the key is there already")
        style = found.key.style
        return [Edit(self._positions.node_span(found.key), emit.scalar(key, style, self._in_flow(found)))]

    def _set_slice(self, change: SetSlice) -> list[Edit]:
        from svclint.yaml.slices import character_places

        found = self._found(change.path)
        node = found.value
        old = at_path(self._document.value, change.path)
        if (
            type(node) in (Alias, Collection)
            or not isinstance(old, str)
            or not 0 <= change.start <= change.end <= len(old)
        ):
            raise PatchError("no such part of a string")
        new = old[: change.start] + change.text + old[change.end :]
        places = character_places(self._document, node)
        text = change.text
        if places is None or not places or not _SAFE.match(text) or (node.style == "" and emit.scalar(new) != new):
            return [self._set_inline(found, node, new)]
        if "\n" in old[change.start : change.end] or (node.style == "|" and change.start == change.end == len(old)):
            return [self._set_inline(found, node, new)]
        if node.style == ">" or (
            node.style == "" and (change.start == 0 or change.end == len(old)) and not new.strip()
        ):
            return [self._set_inline(found, node, new)]
        if change.start < change.end:
            span = Span(places[change.start][0], places[change.end - 1][1])
        else:
            at = places[change.start][0] if change.start < len(places) else places[-1][1]
            span = Span(at, at)
        return [Edit(span, text)]


# What stands for itself in every style.
_SAFE: Final = re.compile(r"[A-Za-z0-9_./-]*(?::[0-9]+)?\Z")

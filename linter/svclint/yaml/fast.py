"""The common subset of YAML, line by line: the same value as the exact path, several times sooner, or no value at all.

What a line says is worked out once and remembered by its text; a stack of levels builds the value. A block of lines
that was read before, under the same key, gives the value that it gave: values are shared and never changed. Whatever is
not plainly of the subset (anchors, tags, merges, doubtful indentation, equal keys, every error) is declined: `read`
returns DECLINED, and the exact path, which alone reports errors, has the say.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any, Final

from svclint.yaml.scalars import MAX_DEPTH, UNCERTAIN, as_json, plain


class Mark:
    """Says that a line's rest is not a value."""

    __slots__ = ()


DECLINED: Final = Mark()
_NOTHING: Final = Mark()
_BARE: Final = Mark()
_DASHES: Final = Mark()
BLOCK: Final = Mark()
FLOW: Final = Mark()
QUOTED: Final = Mark()

# Indentation, dashes, a key with its colon, and the rest of a line.
LINE: Final = re.compile(r"( *+)((?:- ++)*+)(?:(\.?[A-Za-z0-9_$/][\w.$/-]*+|\"[^\"\\]++\"|'[^']++'):(?: ++|\Z))?+(.*+)")
_UNPLAIN: Final = frozenset("&*!%@`?,]}-:")
_SPECIAL: Final = _UNPLAIN | frozenset("\"'|>[{#")
_SIMPLE: Final[dict[str, list[Any] | dict[str, Any]]] = {"[]": [], "{}": {}}
_LONGEST_KEY: Final = 1000
_NO_ROW: Final = 1 << 62

# What lines say: (column, column behind the dashes or 0, key, mark, value). A column is doubled, and odd for a dash, so
# that a sequence is deeper than its key at the same column.
_Row = tuple[int, Any, "str | None", "Mark | None", Any]
_rows: dict[str, _Row] = {}
_meanings: dict[str, tuple[Mark | None, Any]] = {}
# What stands before a colon: column, column behind the dashes or 0, key.
_heads: dict[str, tuple[int, int, str]] = {}
# Blocks of lines by the key that holds them and their first line.
_blocks: dict[tuple[str, str], tuple[str, Any]] = {}
# Mappings of one word.
_pairs: dict[tuple[str, str], dict[str, str]] = {}
_EMPTY: Final[_Row] = (_NO_ROW, 0, None, None, None)
_LONGEST_KEPT: Final = 100
MOST_KEPT: Final = 8_000
"""How many lines, rests of lines and blocks are remembered."""
_LONGEST_BLOCK: Final = 4000
_LONGEST_PAIR: Final = 60
# Levels: where a block that was read before is taken, how high the stack was when it was read, the end.
_DEEP: Final = 80
_DEEPER: Final = 200
_DEEPEST: Final = MAX_DEPTH - 12


class Declined(Exception):
    """Something that is not of the subset."""


def read(body: str) -> Any:
    """The JSON value of a document that ends with a line feed, or DECLINED."""
    if "\r" in body:
        body = body.replace("\r\n", "\n")
    try:
        return _read(body)
    except Declined:
        return DECLINED


def _read(body: str) -> Any:
    rows, blocks, find = _rows, _blocks, body.find
    stack: list[tuple[int, Any, int, Any]] = []
    # The innermost open collection, its column, and, if it may be kept, where it starts and what it is known by;
    # `pending` is the key in it that waits for its value.
    holder: Any = None
    column = -1
    start = -1
    probe: Any = None
    pending: str | None = None
    root: Any = None
    # Behind the latest scalar that may go on there.
    scalar_end = -1
    most = _DEEPER
    at = 0
    end = len(body)
    if body.startswith("---"):
        at = find("\n") + 1
        rest = body[3 : at - 1]
        if (rest.strip(" ") and not rest.lstrip(" ").startswith("#")) or rest[:1] not in ("", " "):
            raise Declined
        check(rest)
    while at < end:
        begin = at
        stop = find("\n", at)
        line = body[at:stop]
        at = stop + 1
        here, lead, key, mark, value = rows.get(line) or _row(line)
        if here > column:
            if here == _NO_ROW:
                continue
            if pending is not None:
                # Something deeper: the value of the waiting key.
                if key is None and not lead:
                    key, pending = pending, None
                    del holder[key]
                    mark, value = _meanings.get(value) or _meaning(value)
                else:
                    probing = (pending, line)
                    known = blocks.get(probing)
                    if known is not None and body.startswith(known[0], begin) and len(stack) < _DEEP:
                        behind = begin + len(known[0])
                        # The next line must end the block: not deeper, not empty, not one more item.
                        rest = body[behind : behind + (column >> 1) + 1].lstrip(" ")
                        if behind == end or (rest and rest[0] != "\n" and rest != "-"):
                            holder[pending] = known[1]
                            pending = None
                            at = behind
                            continue
                    stack.append((column, holder, start, probe))
                    if len(stack) > most:
                        if len(stack) > _DEEPEST:
                            raise Declined
                        most, blocks = _DEEPEST, {}
                    opened: Any = [] if lead else {}
                    holder[pending] = opened
                    # Items may be objects of their own, which are told apart by their identity.
                    start = -1 if lead and pending == "items" else begin
                    probe = probing
                    pending = None
                    holder = opened
                    column = here
            elif holder is None:
                if key is None and not lead:
                    raise Declined
                stack.append((-1, None, -1, None))
                root = holder = [] if lead else {}
                column = here
            else:
                if begin != scalar_end:
                    raise Declined
                at = _continued(body, begin, end, column >> 1, holder)
                continue
        else:
            pending = None
            if here != column:
                while here < column:
                    above = stack.pop()
                    if start >= 0 and begin - start < _LONGEST_BLOCK:
                        if len(blocks) >= MOST_KEPT:
                            blocks.clear()
                        if begin - start < _LONGEST_PAIR and len(holder) == 1:
                            # Labels and selectors of one word come often, at several depths.
                            holder = above[1][probe[0]] = _one_of(holder)
                        blocks[probe] = (body[start:begin], holder)
                    column, holder, start, probe = above
                if here != column:
                    raise Declined
        if lead:
            if mark is _DASHES:
                # Sequences in sequences on one line.
                columns, lead, key, mark, value = value
                if len(stack) + len(columns) > _DEEP:
                    raise Declined
                for inner in columns:
                    opened = []
                    holder.append(opened)
                    stack.append((column, holder, start, probe))
                    column, holder, start = inner, opened, -1
            if key is not None:
                opened = {}
                holder.append(opened)
                stack.append((column, holder, start, probe))
                column, holder, start = lead, opened, -1
                if len(stack) > most:
                    if len(stack) > _DEEPEST:
                        raise Declined
                    most, blocks = _DEEPEST, {}
            elif mark is None:
                holder.append(value)
                scalar_end = at
                continue
        if mark is None:
            if key in holder:
                raise Declined
            holder[key] = value
            scalar_end = at
            continue
        if mark is _BARE:
            # Only the mark of a document's end may stand at the place of a key, and nothing may come behind it.
            if line.rstrip(" ") != "..." or here or body[at:].strip(" \n"):
                raise Declined
            end = begin
            break
        if mark is _NOTHING:
            if key is None or key in holder:
                raise Declined
            pending = key
            # The key keeps its place among the others.
            holder[key] = None
            continue
        at, value = _several(mark, body, value, at, end, column >> 1)
        if key is None:
            holder.append(value)
        elif key in holder:
            raise Declined
        else:
            holder[key] = value
    while stack:
        if start >= 0 and end - start < _LONGEST_BLOCK:
            blocks[probe] = (body[start:end], holder)
        column, holder, start, probe = stack.pop()
    return root


def _one_of(value: Any) -> Any:
    """The first of all equal mappings of one string."""
    if type(value) is dict:
        ((key, text),) = value.items()
        if type(text) is str:
            if len(_pairs) >= MOST_KEPT:
                _pairs.clear()
            return _pairs.setdefault((key, text), value)
    return value


def _row(line: str) -> _Row:
    """What a line says, if it is the beginning of something."""
    if not line.isprintable():
        check(line)
    head, colon, rest = line.partition(": ")
    known = _heads.get(head)
    if known is not None and colon:
        column, lead, key = known
        if rest[:1] == " ":
            rest = rest.lstrip(" ")
        mark, value = _meanings.get(rest) or _meaning(rest)
        row: _Row = (column, lead, key, mark, value)
    else:
        row = _taken_apart(line, len(head) if colon else -1)
    if len(line) < _LONGEST_KEPT:
        if len(_rows) >= MOST_KEPT:
            _rows.clear()
        _rows[line] = row
    return row


def _taken_apart(line: str, head: int) -> _Row:
    """As `_row`; what stands before the first colon, `head` characters, is remembered if it is no more than a key."""
    match = LINE.match(line)
    assert match is not None
    indent, dashes, written, rest = match.groups()
    column = 2 * len(indent)
    if not dashes and written is None:
        return (column, 0, None, _BARE, rest) if rest and rest[0] != "#" else _EMPTY
    key = None if written is None else read_key(written)
    mark, value = _meanings.get(rest) or _meaning(rest)
    lead = 0
    if dashes:
        lead = column + 2 * len(dashes)
        column += 1
        if dashes.count("-") > 1:
            columns = []
            inner = column
            for part in dashes.split("-")[1:-1]:
                inner += 2 + 2 * len(part)
                columns.append(inner)
            return column, lead, None, _DASHES, (columns, lead, key, mark, value)
    if key is not None and match.end(3) == head:
        if len(_heads) >= MOST_KEPT:
            _heads.clear()
        _heads[line[:head]] = (column, lead, key)
    return column, lead, key, mark, value


def read_key(written: str) -> str:
    """The key that is written so; one string for all that are equal, which spares memory and makes looking up quick."""
    key = written
    if written[0] in "\"'":
        key = written[1:-1]
    elif written[0] in UNCERTAIN and type(plain(written)) is not str:
        raise Declined
    if len(key) > _LONGEST_KEY:
        raise Declined
    return intern(key)


def _continued(body: str, begin: int, end: int, column: int, holder: Any) -> int:
    """Goes on at `begin` with the plain scalar that was read last; gives the beginning of the line behind it."""
    before = body.rfind("\n", 0, begin - 1) + 1
    match = LINE.match(body, before, begin - 1)
    assert match is not None
    rest = match[4].rstrip(" ")
    if rest[0] in "\"'[{" or " #" in rest:
        raise Declined
    parts = [rest]
    at = begin
    while at < end:
        stop = body.find("\n", at)
        line = body[at:stop]
        text = line.strip(" ")
        if not text or len(line) - len(line.lstrip(" ")) <= column:
            break
        check(text)
        if text[0] == "#" or " #" in text or ": " in text or text[-1] == ":":
            raise Declined
        parts.append(text)
        at = stop + 1
    if at == begin:
        raise Declined
    text = " ".join(parts)
    if type(holder) is list:
        holder[-1] = text
    else:
        holder[next(reversed(holder))] = text
    return at


def _meaning(rest: str) -> tuple[Mark | None, Any]:
    """What the rest of a line says: a scalar's or flow collection's value, or a mark and what it is to be read from."""
    text = rest.rstrip(" ")
    if not text or (text[0] in _SPECIAL and not (text[0] in "-:" and text[1:2] not in ("", " "))):
        meaning = _special(text, rest)
    else:
        if " #" in text:
            text = text[: text.index(" #")].rstrip(" ")
        if ":" in text and (": " in text or text[-1] == ":"):
            raise Declined
        meaning = None, text if text[0] not in UNCERTAIN else read_plain(text)
    if len(rest) < _LONGEST_KEPT:
        if len(_meanings) >= MOST_KEPT:
            _meanings.clear()
        _meanings[rest] = meaning
    return meaning


def _special(text: str, rest: str) -> tuple[Mark | None, Any]:
    """As `_meaning`, of what does not begin as a plain scalar must."""
    if not text or text[0] == "#":
        return _NOTHING, None
    first = text[0]
    if first in _UNPLAIN:
        raise Declined
    if first == text[-1] and len(text) > 1 and "\\" not in text and first not in text[1:-1] and first in "\"'":
        return None, text[1:-1]
    if text in _SIMPLE:
        return None, _SIMPLE[text]
    from svclint.yaml.involved import meaning

    return meaning(text, rest)


def read_plain(text: str) -> Any:
    """The value of a plain scalar. Raises Declined if JSON has none."""
    value = plain(text)
    if type(value) is float:
        if value - value != 0:
            raise Declined
        return as_json(value)
    return value


def _several(mark: Mark, body: str, first: str, at: int, end: int, column: int) -> tuple[int, Any]:
    """A value of several lines and the beginning of the line behind it."""
    from svclint.yaml import involved

    if mark is BLOCK:
        return involved.block(body, first, at, column)
    if mark is QUOTED:
        return involved.quoted(body, first, at, end, column)
    return involved.flow_lines(body, first, at, end, column)


def check(text: str) -> None:
    """Declines what no line may hold: tabs, control characters, foreign line breaks, halves of surrogate pairs."""
    if not text.isprintable():
        from svclint.yaml.involved import is_foreign

        if is_foreign(text):
            raise Declined

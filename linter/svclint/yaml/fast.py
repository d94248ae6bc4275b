"""The common subset of YAML, line by line: the same value as the exact path, several times sooner, or no value at all.

One regular expression takes all lines apart; a stack of levels builds the value; what a line's rest means is
remembered. Whatever is not plainly of the subset (anchors, tags, merges, flow style over lines, doubtful indentation,
equal keys, every error) is declined: `read` returns DECLINED, and the exact path, which alone reports errors, has the
say.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any, Final

from svclint.yaml.compose import MAX_DEPTH
from svclint.yaml.scalars import WORDS, as_json, plain


class _Mark:
    """A meaning of a line's rest that is not a value."""

    __slots__ = ()


DECLINED: Final = _Mark()
_NOTHING: Final = _Mark()
_FLOW: Final = _Mark()
_QUOTED: Final = _Mark()
_BLOCK: Final = _Mark()

# Indentation, dashes, a key with its colon, and the rest of each line.
_LINES: Final = re.compile(
    r"( *+)((?:- ++)*+)(?:([A-Za-z_$/][\w.$/-]*+|\"[^\"\\\n]++\"|'[^'\n]++'):(?: ++|(?=\n)))?+([^\n]*+)\n"
)
# Tabs, control characters, foreign line breaks, byte order marks, halves of surrogate pairs.
_FOREIGN: Final = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\[nt"\\])*+)"(?: +#.*)?\Z')
_SINGLE: Final = re.compile(r"'((?:[^']|'')*+)'(?: +#.*)?\Z")
_HEADER: Final = re.compile(r"([|>])([-+]?)(?: +#.*)?\Z")
_QUOTED_LINES: Final = re.compile(r"\"((?:[^\"\\]|\\[nt\"\\ ])*+)\"(?: +#.*)?\Z|'((?:[^']|'')*+)'(?: +#.*)?\Z")
_CLOSE: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^']|'')*+'", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", " ": " "}
_ITEM: Final = r"(?:\"[^\"\\]*+\"|'[^']*+'|[A-Za-z0-9_./$-](?:[^][{},:?#\"' ]|(?<!-) (?! *[][{},:?#\"']))*+)"
_FLOW_LIST: Final = re.compile(rf"\[ *(?:{_ITEM}(?: *, *{_ITEM})*+)? *\]\Z")
_FLOW_PAIR: Final = rf"[A-Za-z_][\w./-]*+: ++{_ITEM}"
_FLOW_MAP: Final = re.compile(rf"\{{ *(?:{_FLOW_PAIR}(?: *, *{_FLOW_PAIR})*+)? *\}}\Z")
_ITEMS: Final = re.compile(_ITEM)
_PAIRS: Final = re.compile(rf"([A-Za-z_][\w./-]*+): ++({_ITEM})")
_UNPLAIN: Final = frozenset("&*!%@`?,]}:")
_LONGEST_KEY: Final = 1000
_MOST_LINES: Final = 200

# What lines' rests mean, and keys as they are written.
_meanings: dict[str, Any] = {}
_keys: dict[str, str] = {}
_LONGEST_KEPT: Final = 64
_MOST_MEANINGS: Final = 50_000


class _Declined(Exception):
    """Something that is not of the subset."""


def read(body: str) -> Any:
    """The JSON value of a document that ends with a line feed, or DECLINED."""
    if "\r" in body:
        body = body.replace("\r\n", "\n")
    if _FOREIGN.search(body) is not None:
        return DECLINED
    try:
        return _read(body)
    except _Declined:
        return DECLINED


def _read(body: str) -> Any:
    meanings, keys = _meanings, _keys
    if len(meanings) > _MOST_MEANINGS or len(keys) > _MOST_MEANINGS:
        meanings.clear()
        keys.clear()
    rows = _LINES.findall(body)
    lines: list[str] | None = None
    stack: list[tuple[int, Any]] = []
    # The innermost open collection and its column; `pending` is the key in it that waits for its value.
    holder: Any = None
    column = -1
    pending: str | None = None
    root: Any = None
    at = 0
    # The row behind the latest scalar that may go on there.
    scalar_end = -1
    end = len(rows)
    if body.startswith("---"):
        rest = body[3 : body.index("\n")]
        if (rest.strip(" ") and not rest.lstrip(" ").startswith("#")) or rest[:1] not in ("", " "):
            raise _Declined
        at = 1
    while at < end:
        indent, dashes, key, rest = rows[at]
        at += 1
        if not key and not dashes and (not rest or rest[0] == "#"):
            continue
        here = len(indent)
        if here > column:
            # Something deeper: the value of the waiting key, or the document itself.
            if pending is None and holder is not None:
                if at - 1 != scalar_end:
                    raise _Declined
                at = _continued(rows, at - 1, end, column, holder)
                continue
            if key or dashes:
                opened: Any = [] if dashes else {}
                if holder is None:
                    root = opened
                else:
                    holder[pending] = opened
                    pending = None
                    stack.append((column, holder))
                    if len(stack) > MAX_DEPTH - 2:
                        raise _Declined
                holder = opened
                column = here
            elif holder is None:
                raise _Declined
            else:
                # The waiting key's value on a line of its own.
                if pending is None or pending[0] in "\"'":
                    raise _Declined
                key, pending = pending, None
                del holder[key]
        else:
            if pending is not None:
                if dashes and here == column:
                    # A sequence may stand at its key's own column.
                    opened = holder[pending] = []
                    stack.append((column, holder))
                    holder = opened
                else:
                    holder[pending] = None
                pending = None
            while here < column:
                if not stack:
                    raise _Declined
                column, holder = stack.pop()
            if here != column:
                raise _Declined
            if dashes:
                if type(holder) is dict:
                    raise _Declined
            elif type(holder) is list:
                if not stack:
                    raise _Declined
                column, holder = stack.pop()
                if here != column or type(holder) is list:
                    raise _Declined
        if dashes:
            here += len(dashes)
            if dashes.count("-") > 1:
                # Sequences in sequences on one line.
                inner = column
                for part in dashes.split("-")[1:-1]:
                    inner += 1 + len(part)
                    opened = []
                    holder.append(opened)
                    stack.append((column, holder))
                    column, holder = inner, opened
            if key:
                opened = {}
                holder.append(opened)
                stack.append((column, holder))
                column, holder = here, opened
        elif not key:
            raise _Declined
        if key:
            key = keys.get(key) or _key(key)
            if key in holder:
                raise _Declined
        meaning = meanings.get(rest, DECLINED)
        if meaning is DECLINED:
            meaning = _meaning(rest)
            if len(rest) < _LONGEST_KEPT:
                meanings[rest] = meaning
        if type(meaning) is _Mark:
            if meaning is _NOTHING:
                if not key:
                    raise _Declined
                pending = key
                # The key keeps its place among the others.
                holder[key] = None
                continue
            if meaning is _FLOW:
                meaning = _flow(rest)
            else:
                if lines is None:
                    lines = body.split("\n")
                if meaning is _BLOCK:
                    at, meaning = _block(rest, lines, at, end, column)
                else:
                    at, meaning = _quoted(rest, lines, at, end, column)
        else:
            scalar_end = at
        if key:
            holder[key] = meaning
        else:
            holder.append(meaning)
    return root


def _key(written: str) -> str:
    """The key that is written so; one string for all that are equal, which spares memory and makes looking up quick."""
    key = written
    if written[0] in "\"'":
        key = written[1:-1]
    elif written in WORDS:
        raise _Declined
    if len(key) > _LONGEST_KEY:
        raise _Declined
    if len(key) < _LONGEST_KEPT:
        key = _keys[written] = intern(key)
    return key


def _continued(rows: list[tuple[str, str, str, str]], at: int, end: int, column: int, holder: Any) -> int:
    """Goes on with the plain scalar that row `at - 1` ends with; gives the row behind it."""
    _, _, key, rest = rows[at - 1]
    if not rest or rest[0] in "\"'" or " #" in rest or (not key and type(holder) is dict):
        raise _Declined
    parts = [rest.rstrip(" ")]
    while at < end:
        indent, dashes, inner_key, rest = rows[at]
        text = (dashes + rest).rstrip(" ")
        if not text and not inner_key:
            break
        if len(indent) <= column:
            break
        if inner_key or text[0] == "#" or " #" in text or ": " in text or text[-1] == ":":
            raise _Declined
        parts.append(text)
        at += 1
    text = " ".join(parts)
    if not key:
        holder[-1] = text
    else:
        holder[key[1:-1] if key[0] in "\"'" else key] = text
    return at


def _meaning(rest: str) -> Any:
    """What the rest of a line says: a scalar's value or a mark."""
    text = rest.rstrip(" ")
    if not text or text[0] == "#":
        return _NOTHING
    first = text[0]
    if first == '"':
        match = _DOUBLE.match(text)
        if match is None:
            return _unclosed(text)
        inner = match[1]
        return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner
    if first == "'":
        match = _SINGLE.match(text)
        if match is None:
            return _unclosed(text)
        return match[1].replace("''", "'")
    if first in "|>":
        if _HEADER.match(text) is None:
            raise _Declined
        return _BLOCK
    if first in "[{":
        return _FLOW
    if first in _UNPLAIN or (first == "-" and text[1:2] in ("", " ")):
        raise _Declined
    comment = text.find(" #")
    if comment >= 0:
        text = text[:comment].rstrip(" ")
    if ": " in text or text[-1] == ":":
        raise _Declined
    return _plain(text)


def _unclosed(text: str) -> _Mark:
    """The beginning of a quoted scalar of several lines; anything else in quotes is declined."""
    if _CLOSE.match(text) is not None:
        raise _Declined
    return _QUOTED


def _plain(text: str) -> Any:
    value = plain(text)
    if type(value) is float:
        if value - value != 0:
            raise _Declined
        return as_json(value)
    return value


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPED[match[1]]


def _flow(text: str) -> Any:
    """Flat collections of words and quoted strings."""
    if "#" in text:
        if '"' in text or "'" in text:
            raise _Declined
        text = text[: text.index("#")]
    text = text.rstrip(" ")
    if text[0] == "[":
        if _FLOW_LIST.match(text) is None:
            raise _Declined
        return [_item(item) for item in _ITEMS.findall(text)]
    if _FLOW_MAP.match(text) is None:
        raise _Declined
    result: dict[str, Any] = {}
    for key, item in _PAIRS.findall(text):
        if key in WORDS or key in result:
            raise _Declined
        result[key] = _item(item)
    return result


def _item(text: str) -> Any:
    if text[0] in "\"'":
        return text[1:-1]
    if text[0] == "-" and (len(text) == 1 or text[1] == " "):
        raise _Declined
    return _plain(text)


def _quoted(rest: str, lines: list[str], at: int, end: int, column: int) -> tuple[int, str]:
    """A quoted scalar that goes on at line `at`, and the line behind it."""
    quote = rest[0]
    parts = [rest]
    while True:
        if at == end:
            raise _Declined
        line = lines[at]
        at += 1
        text = line.strip(" ")
        if text and len(line) - len(line.lstrip(" ")) <= column:
            raise _Declined
        parts.append(text)
        if quote in text and _CLOSE.match("\n".join(parts)) is not None:
            break
        if len(parts) > _MOST_LINES:
            raise _Declined
    match = _QUOTED_LINES.match(_folded(parts))
    if match is None:
        raise _Declined
    if quote == "'":
        return at, match[2].replace("''", "'")
    inner = match[1]
    return at, _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _folded(parts: list[str]) -> str:
    """Lines joined as plain and quoted scalars are: a break is a blank, an empty line a break."""
    text = parts[0].rstrip(" ")
    if text.endswith("\\"):
        raise _Declined
    breaks = 0
    for part in parts[1:]:
        if not part:
            breaks += 1
            continue
        text += "\n" * breaks + part if breaks else " " + part
        breaks = 0
        if part.endswith("\\"):
            raise _Declined
    return text


def _block(rest: str, lines: list[str], at: int, end: int, column: int) -> tuple[int, str]:
    """A block scalar that begins at line `at`, and the line behind it."""
    match = _HEADER.match(rest.rstrip(" "))
    if match is None:
        raise _Declined
    style, chomping = match.groups()
    start = at
    while at < end and not lines[at].strip(" "):
        at += 1
    indent = len(lines[at]) - len(lines[at].lstrip(" ")) if at < end else 0
    if indent <= column:
        if chomping == "+" or any(lines[start:at]):
            raise _Declined
        return at, ""
    parts: list[str] = []
    for number in range(start, at):
        if len(lines[number]) > indent:
            raise _Declined
        parts.append("")
    prefix = " " * indent
    while at < end:
        line = lines[at]
        if line.startswith(prefix):
            parts.append(line[indent:])
        elif not line.strip(" "):
            parts.append("")
        else:
            break
        at += 1
    kept = len(parts)
    while not parts[-1]:
        parts.pop()
    if style == "|":
        text = "\n".join(parts)
    else:
        if any(part.startswith(" ") for part in parts) or not parts[0]:
            raise _Declined
        text = parts[0]
        breaks = 0
        for part in parts[1:]:
            if not part:
                breaks += 1
                continue
            text += "\n" * breaks + part if breaks else " " + part
            breaks = 0
    if chomping == "-":
        return at, text
    return at, text + "\n" * (1 + kept - len(parts)) if chomping == "+" else text + "\n"

"""What takes more than a look for the fast path: escapes, flow collections, scalars of several lines."""

from __future__ import annotations

import re
from typing import Any, Final

from svclint.yaml.fast import BLOCK, FLOW, QUOTED, Declined, Mark, check, read_key, read_plain

_FOREIGN: Final = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\[nt"\\ ])*+)"(?: +#.*)?\Z')
_SINGLE: Final = re.compile(r"'((?:[^']|'')*+)'(?: +#.*)?\Z")
_HEADER: Final = re.compile(r"([|>][-+]?)(?: +#.*)?\Z")
_CLOSE: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|'(?:[^']|'')*+'", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", " ": " "}
# A part of a flow collection: an indicator, or a scalar and whether it is a key.
_TOKEN: Final = re.compile(
    r" *+(?:([][{},])|(\"[^\"\\]*+\"|'[^']*+'|[A-Za-z0-9_./$-](?:[^][{},:?#\"' ]|(?<!-) ++(?![][{},:?#\"']))*+)(: +)?)"
)
_BLANKS: Final = re.compile(r"((?: *+\n)*+) *+")
# The lines of a block scalar: as deep as the first, or empty.
_BLOCK_LINES: Final = re.compile(r"( ++)[^\n]*+\n(?:\1[^\n]*+\n| *+\n)*+")
_MOST_LINES: Final = 200
_MOST_FLOWS: Final = 8


def is_foreign(text: str) -> bool:
    """Whether a text has characters that the fast path leaves to the exact one."""
    return _FOREIGN.search(text) is not None


def meaning(text: str, rest: str) -> tuple[Mark | None, Any]:
    """What the rest of a line says that begins with a quote, a bracket or a block scalar's sign.

    `text` is the rest without the blanks at its end.
    """
    first = text[0]
    if first == '"' or first == "'":
        value = _quoted_value(text)
        if value is not None:
            return None, value
        if _CLOSE.match(text) is not None:
            raise Declined
        return QUOTED, rest
    if first == "|" or first == ">":
        match = _HEADER.match(text)
        if match is None:
            raise Declined
        return BLOCK, match[1]
    try:
        return None, _flow(text)
    except Declined:
        if "#" in text or not _is_open(text):
            raise
        return FLOW, text


def _is_open(text: str) -> bool:
    return text.count("[") + text.count("{") > text.count("]") + text.count("}")


def _quoted_value(text: str) -> str | None:
    """The value of a quoted scalar with nothing but a comment behind it."""
    if text[0] == "'":
        match = _SINGLE.match(text)
        return None if match is None else match[1].replace("''", "'")
    match = _DOUBLE.match(text)
    if match is None:
        return None
    inner = match[1]
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPED[match[1]]


def _flow(text: str) -> Any:
    """The value of a flow collection with nothing but a comment behind it."""
    value, at = _collection(text, 1, 1)
    rest = text[at:]
    if rest and (rest[0] != " " or rest.lstrip(" ")[0] != "#"):
        raise Declined
    return value


def _collection(text: str, at: int, levels: int) -> tuple[Any, int]:
    """The flow collection whose bracket stands before `at`, and what is behind it."""
    mapping = text[at - 1] == "{"
    close = "}" if mapping else "]"
    items: list[Any] = []
    pairs: dict[str, Any] = {}
    indicator, scalar, colon, at = _token(text, at)
    if indicator == close:
        return pairs if mapping else items, at
    while True:
        key = ""
        if mapping:
            if not colon:
                raise Declined
            key = _flow_key(scalar)
            if key in pairs:
                raise Declined
            indicator, scalar, colon, at = _token(text, at)
        if colon:
            raise Declined
        value: Any
        if scalar is not None:
            value = _item(scalar)
        elif indicator in ("[", "{") and levels < _MOST_FLOWS:
            value, at = _collection(text, at, levels + 1)
        else:
            raise Declined
        if mapping:
            pairs[key] = value
        else:
            items.append(value)
        indicator, scalar, colon, at = _token(text, at)
        if indicator == close:
            return pairs if mapping else items, at
        if indicator != ",":
            raise Declined
        indicator, scalar, colon, at = _token(text, at)
        if indicator == close:
            return pairs if mapping else items, at


def _token(text: str, at: int) -> tuple[str | None, Any, str | None, int]:
    match = _TOKEN.match(text, at)
    if match is None:
        raise Declined
    return match[1], match[2], match[3], match.end()


def _flow_key(written: str) -> str:
    key = read_key(written)
    if " " in key or not (written[0].isalpha() or written[0] in "_\"'"):
        raise Declined
    return key


def _item(text: str) -> Any:
    if text[0] in "\"'":
        return text[1:-1]
    if text[0] == "-" and (len(text) == 1 or text[1] == " "):
        raise Declined
    return read_plain(text)


def flow_lines(body: str, text: str, at: int, end: int, column: int) -> tuple[int, Any]:
    """A flow collection that goes on at `at`, and the beginning of the line behind it."""
    for _ in range(_MOST_LINES):
        if at >= end:
            break
        stop = body.find("\n", at)
        line = body[at:stop]
        part = line.strip(" ")
        at = stop + 1
        if part[:1] == "#" and text[-1] in ",[{":
            check(part)
            continue
        if not part or "#" in part or len(line) - len(line.lstrip(" ")) <= column - (part[0] in "]}"):
            break
        check(part)
        text += " " + part
        if part[-1] in "]}" and not _is_open(text):
            return at, _flow(text)
    raise Declined


def quoted(body: str, first: str, at: int, end: int, column: int) -> tuple[int, str]:
    """A quoted scalar that goes on at `at`, and the beginning of the line behind it."""
    quote = first[0]
    parts = [first]
    while True:
        if at == end or len(parts) > _MOST_LINES:
            raise Declined
        stop = body.find("\n", at)
        line = body[at:stop]
        at = stop + 1
        text = line.lstrip(" ")
        if text and len(line) - len(text) <= column:
            raise Declined
        parts.append(text)
        if quote in text and _CLOSE.match("\n".join(parts)) is not None:
            break
    text = _folded(parts, quote)
    check(text)
    value = _quoted_value(text)
    if value is None:
        raise Declined
    return at, value


def _folded(parts: list[str], quote: str) -> str:
    """Lines joined as quoted scalars are: a break is a blank, an empty line a break, an escaped break nothing."""
    text = ""
    breaks = -1
    for part in parts:
        stripped = part.rstrip(" ")
        escaped = quote == '"' and (len(stripped) - len(stripped.rstrip("\\"))) % 2
        if escaped and stripped != part:
            raise Declined
        if not stripped:
            if breaks < 0:
                raise Declined
            breaks += 1
        else:
            text += ("\n" * breaks if breaks > 0 else " " if breaks == 0 else "") + stripped
            breaks = 0
            if escaped:
                text = text[:-1]
                breaks = -1
    return text


def block(body: str, header: str, at: int, column: int) -> tuple[int, str]:
    """A block scalar that begins at `at`, and the beginning of the line behind it."""
    match = _BLANKS.match(body, at)
    assert match is not None
    blanks = match[1]
    at = match.end(1)
    indent = match.end() - at
    if indent <= column:
        if "+" in header or " " in blanks:
            raise Declined
        return at, ""
    if blanks and (header[0] == ">" or max(map(len, blanks.split("\n"))) > indent):
        raise Declined
    match = _BLOCK_LINES.match(body, at)
    assert match is not None
    if _FOREIGN.search(body, at, match.end()) is not None:
        raise Declined
    lines = [line[indent:] for line in match[0].split("\n")]
    at = match.end()
    while not lines[-1]:
        lines.pop()
    if header[0] == "|":
        text = "\n".join(lines)
        if blanks:
            text = "\n" * blanks.count("\n") + text
    else:
        text = lines[0]
        breaks = 0
        for line in lines:
            if line.startswith(" "):
                raise Declined
        for line in lines[1:]:
            if not line:
                breaks += 1
                continue
            text += "\n" * breaks + line if breaks else " " + line
            breaks = 0
    if "-" in header:
        return at, text
    if "+" in header:
        return at, text + "\n" * (match[0].count("\n") + 1 - len(lines))
    return at, text + "\n"

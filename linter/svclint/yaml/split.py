"""A file's text → its documents, as kubectl splits it.

Lines that begin with `---` part documents before any YAML is read, and a file that begins with `{` is tried as a stream
of JSON values first (k8s.io/apimachinery/pkg/util/yaml/decoder.go: YAMLReader, YAMLOrJSONDecoder).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SEPARATOR: Final = re.compile(r"^---([^\n]*)\n?", re.MULTILINE)


class Chunk(NamedTuple):
    """One document's body: `text[start:end]`. `error` is set where kubectl refuses the separator that begins it."""

    start: int
    end: int
    json: bool = False
    error: str | None = None


def split(text: str) -> list[Chunk]:
    """The bodies in `text`, blank ones included.

    A separator is part of the body that follows it only where no body precedes it, which is what go-yaml's line numbers
    count from.
    """
    chunks: list[Chunk] = []
    at = 0
    if text.lstrip()[:1] == "{":
        at = _json_values(text, chunks)
    if "---" not in text:
        if at < len(text):
            chunks.append(Chunk(at, len(text)))
        return chunks
    start = at
    error: str | None = None
    for match in _SEPARATOR.finditer(text, at):
        rest = match[1].strip()
        if start < match.start():
            chunks.append(Chunk(start, match.start(), error=error))
            start = match.end()
            error = None
        if rest and rest[0] != "#":
            start = match.start()
            error = f"invalid Yaml document separator: {rest}"
        elif error is not None:
            error = None
    if start < len(text) or error is not None:
        chunks.append(Chunk(start, len(text), error=error))
    return chunks


def _json_values(text: str, chunks: list[Chunk]) -> int:
    """Appends the JSON values that `text` begins with; gives the offset from which YAML is to be read."""
    import json

    decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
    at = 0
    while True:
        start = at
        while start < len(text) and text[start] in " \t\r\n":
            start += 1
        if start == len(text):
            return start
        try:
            end = decode(text, start)[1]
        except (ValueError, RecursionError):
            return at
        chunks.append(Chunk(start, end, json=True))
        at = end


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")

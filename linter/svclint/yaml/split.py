"""A file's text → its documents, as kubectl splits it.

Lines that begin with `---` part documents before any YAML is read, and a file that begins with `{` is tried as a stream
of JSON values first (k8s.io/apimachinery/pkg/util/yaml/decoder.go: YAMLReader, YAMLOrJSONDecoder).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from svclint.yaml.scalars import MAX_DEPTH, Json, as_json, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SIZE: Final = 16 << 20
"""How many characters of one document svclint reads; an API server takes 3 MiB."""


class Chunk:
    """One document's body: `text[start:end]`.

    `error` is set where kubectl refuses the separator that begins it; `json` holds the value where kubectl reads JSON.
    """

    __slots__ = ("end", "error", "json", "start")

    def __init__(self, start: int, end: int, error: str | None = None, json: tuple[Json] | None = None) -> None:
        self.start = start
        self.end = end
        self.error = error
        self.json = json


def split(text: str) -> list[Chunk]:
    """The bodies in `text`, blank ones included.

    A separator is part of the body that follows it only where no body precedes it, which is what go-yaml's line numbers
    count from.
    """
    chunks: list[Chunk] = []
    at = 0
    if len(text) <= 2 * MAX_SIZE and (text[:1] == "{" or (text[:1].isspace() and text.lstrip()[:1] == "{")):
        at = _json_values(text, chunks)
    start = at
    error: str | None = None
    for separator in _separators(text, at):
        line_end = text.find("\n", separator)
        if line_end < 0:
            line_end = len(text)
        rest = text[separator + 3 : line_end].strip()
        if start < separator:
            chunks.append(Chunk(start, separator, error))
            start = min(line_end + 1, len(text))
            error = None
        if rest and rest[0] != "#":
            start = separator
            error = f"invalid Yaml document separator: {rest}"
        elif error is not None:
            error = None
    if start < len(text) or error is not None:
        chunks.append(Chunk(start, len(text), error))
    return chunks


def _separators(text: str, at: int) -> Iterator[int]:
    """Where lines begin with `---`."""
    if text.startswith("---", at) and (not at or text[at - 1] == "\n"):
        yield at
    at = text.find("\n---", at)
    while at >= 0:
        yield at + 1
        at = text.find("\n---", at + 4)


def _json_values(text: str, chunks: list[Chunk]) -> int:
    """Appends the JSON values that `text` begins with; gives the offset from which YAML is to be read."""
    import json

    decode = json.JSONDecoder(
        object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_refuse
    ).raw_decode
    at = 0
    while True:
        start = at
        while start < len(text) and text[start] in " \t\r\n":
            start += 1
        if start == len(text):
            return start
        try:
            value, end = decode(text, start)
        except (ValueError, RecursionError):
            return at
        if _is_deep(value):
            return at
        chunks.append(Chunk(start, end, json=(value,)))
        at = end


class _Twice(ValueError):
    """A key that comes twice: the exact path has words for it."""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _Twice
    return value


def _number(text: str) -> Json:
    value = plain(text)
    if isinstance(value, str):
        # Beyond every float.
        raise _Twice
    return as_json(value)


def _is_deep(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            part
            for whole in level
            if isinstance(whole, (dict, list))
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return False
    return True


def _refuse(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")

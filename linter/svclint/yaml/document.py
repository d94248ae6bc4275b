"""Files and their documents: what everybody else sees of YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from svclint.text import LineIndex, Position, Span
from svclint.yaml.compose import Node, YamlError, compose
from svclint.yaml.decode import Refusal, decode, strict_message
from svclint.yaml.encoding import Decoded, decode_bytes, encode_text
from svclint.yaml.fast import DECLINED, read
from svclint.yaml.scalars import Json
from svclint.yaml.split import Chunk, split
from svclint.yaml.templates import in_unreadable, in_value

if TYPE_CHECKING:
    from svclint.yaml.positions import Positions

Path: TypeAlias = "tuple[str | int, ...]"
Part: TypeAlias = Literal["key", "value"]

TEMPLATE: Final = "unrendered template"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Problem(NamedTuple):
    """Something about the text itself.

    `kind` is `syntax` (no decoder takes it), `value` (a tag, key or number that JSON can't hold), `encoding`, `limit`,
    `duplicate-key`, `merge-override` or `template`; `message` is Go's text where it is the server's.
    """

    kind: str
    message: str
    span: Span


class Source:
    """One file: its text, its documents, and how its bytes were written."""

    __slots__ = ("_lines", "bom", "documents", "encoding", "lossy", "newline", "path", "problems", "text")

    def __init__(self, path: str, decoded: Decoded) -> None:
        self.path = path
        self.text = decoded.text
        self.encoding = decoded.encoding
        self.bom = decoded.bom
        self.lossy = decoded.lossy
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self.documents: tuple[Document, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        self._lines: LineIndex | None = None

    def position(self, offset: int) -> Position:
        """The line and column of a character offset."""
        if self._lines is None:
            self._lines = LineIndex(self.text)
        return self._lines.position(offset)

    def encode(self, text: str) -> bytes:
        """`text` as bytes in the encoding of this file. Raises ValueError if the file's own bytes were not valid."""
        if self.lossy:
            raise ValueError("the file is not valid " + self.encoding)
        return encode_text(text, self.encoding, self.bom)


class Document:
    """One document of a file; see docs/design/yaml.md."""

    __slots__ = (
        "_positions",
        "end",
        "error",
        "index",
        "literal",
        "problems",
        "source",
        "start",
        "strict_error",
        "value",
    )

    def __init__(self, source: Source, index: int, start: int, end: int) -> None:
        self.source = source
        self.index = index
        self.start = start
        self.end = end
        self.value: Json = None
        self.literal: Json = None
        """The value of a readable document even where it is a template."""
        self.problems: tuple[Problem, ...] = ()
        self.error: str | None = None
        """Go's message where no decoder takes the document."""
        self.strict_error: str | None = None
        """Go's message where a strict decoder doesn't take it; `error` too if set."""
        self._positions: Positions | None = None

    @property
    def text(self) -> str:
        """The body, as it would be sent to a server."""
        return self.source.text[self.start : self.end]

    def span(self, path: Path, part: Part = "value") -> Span:
        """Where a key or a value stands; of a path that isn't there, the nearest existing parent's key.

        An aliased value stands where the alias is used, a merged key where it is written. An item of a sequence has no
        key: its first key stands for it, as a document's does.
        """
        if self.value is None:
            return self.problems[0].span if self.problems else Span(self.start, self.start)
        return self.positions.span(path, part)

    def slice_span(self, path: Path, start: int, end: int) -> Span:
        """Where the characters `start` to `end` of a string stand; the whole value's span where that can't be said."""
        from svclint.yaml.slices import slice_span

        return slice_span(self, path, start, end)

    @property
    def positions(self) -> Positions:
        """The places of this document, worked out once."""
        if self._positions is None:
            from svclint.yaml.positions import Positions

            self._positions = Positions(self)
        return self._positions


def parse(data: bytes | str, path: str) -> Source:
    """Reads a file. Never raises: what can't be read is a Problem of the file or of a document."""
    decoded = decode_bytes(data) if isinstance(data, bytes) else Decoded.of(data)
    source = Source(path, decoded)
    if decoded.problem is not None:
        source.problems = (Problem("encoding", decoded.problem, Span(0, 0)),)
    raw = decoded.raw
    documents: list[Document] = []
    for chunk in split(raw):
        document = _read(source, raw, chunk, len(documents))
        if document is not None:
            documents.append(document)
    source.documents = tuple(documents)
    return source


def _read(source: Source, raw: str, chunk: Chunk, index: int) -> Document | None:
    """The document in a chunk, None where the chunk is empty or null: kubectl skips both."""
    start = chunk.start
    if raw.startswith("\ufeff", start):
        start += 1
    document = Document(source, index, start, chunk.end)
    if chunk.error is not None:
        line_end = raw.find("\n", chunk.start)
        span = Span(chunk.start, chunk.end if line_end < 0 else line_end)
        document.problems = (Problem("syntax", chunk.error, span),)
        document.error = document.strict_error = chunk.error
        return document
    body = raw[start : chunk.end]
    if not body.endswith("\n") and not chunk.json:
        body += "\n"
    refusals: list[Refusal] = []
    value: Any = DECLINED if chunk.json else read(body)
    try:
        if value is DECLINED:
            value, refusals = decode(composed(body))
    except YamlError as error:
        if chunk.json:
            import json

            document.value = document.literal = json.loads(body)
            return document if document.value is not None else None
        document.problems = (_refused(document, body, error),)
        document.error, document.strict_error = error.args[0], error.strict
        return document
    if value is None and not refusals:
        return None
    document.value = value
    if "{{" in body or "${" in body or "{%" in body:
        templated = in_value(value)
        if templated is not None:
            span = document.span(*templated)
            document.literal, document.value = value, None
            document.problems = (Problem("template", TEMPLATE, span),)
            return document
    document.literal = value
    if refusals:
        document.problems = tuple(
            Problem(kind, message, Span(start + node.start_mark.index, start + node.end_mark.index))
            for kind, message, _, node in refusals
        )
        document.strict_error = strict_message(refusals)
    return document


def _refused(document: Document, body: str, error: YamlError) -> Problem:
    if "{{" in body or "{%" in body or "{#" in body or "${" in body:
        mark = in_unreadable(body, document.start)
        if mark is not None:
            return Problem("template", TEMPLATE, mark)
    return Problem(error.kind, error.args[0], _fault(document.source, document, error.offset))


def composed(body: str) -> Node | None:
    """The root node of a body as sent; a body that isn't valid UTF-8 is refused at its first wrong byte."""
    match = _SURROGATE.search(body)
    if match is None:
        return compose(body)
    try:
        compose(body.encode("utf-8", "surrogateescape"))
        message = "yaml: invalid Unicode character"
    except YamlError as error:
        if error.kind != "encoding":
            raise
        message = error.args[0]
    except UnicodeEncodeError:
        message = "yaml: invalid Unicode character"
    raise YamlError(message, match.start(), "encoding")


def _fault(source: Source, document: Document, offset: int) -> Span:
    """The place of a fault: one character, or none at the end of a line or of the document."""
    text = source.text
    at = min(document.start + offset, document.end)
    return Span(at, at + 1 if at < document.end and text[at] not in "\r\n" else at)

"""Files and their documents: what everybody else sees of YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from svclint.text import LineIndex, Position, Span
from svclint.yaml.encoding import Decoded, decode_bytes, encode_text
from svclint.yaml.fast import DECLINED, read
from svclint.yaml.scalars import Json
from svclint.yaml.split import MAX_SIZE, Chunk, split

if TYPE_CHECKING:
    from svclint.yaml.positions import Positions

Path: TypeAlias = "tuple[str | int, ...]"
Part: TypeAlias = Literal["key", "value"]

TEMPLATE: Final = "unrendered template"
_MOST_BRACES: Final = 1000
_MOST_GLANCES: Final = 8


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
        self.newline = _newline(self.text)
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
        "_glances",
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
        # So many places are looked for in the text before the document is composed to know them all; only of what
        # the fast path has read.
        self._glances = 0

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
        if self._may_glance():
            from svclint.yaml.places import span

            found = span(self, path, part)
            if found is not None:
                return found
        return self.positions.span(path, part)

    def slice_span(self, path: Path, start: int, end: int) -> Span:
        """Where the characters `start` to `end` of a string stand; the whole value's span where that can't be said."""
        if self._may_glance():
            from svclint.yaml import places

            found = places.slice_span(self, path, start, end)
            if found is not None:
                return found
        from svclint.yaml.slices import slice_span

        return slice_span(self, path, start, end)

    def _may_glance(self) -> bool:
        if self._positions is not None or not self._glances:
            return False
        self._glances -= 1
        return True

    @property
    def positions(self) -> Positions:
        """The places of this document, worked out once."""
        if self._positions is None:
            from svclint.yaml.positions import Positions

            self._positions = Positions(self)
        return self._positions

    def forget(self) -> None:
        """Lets go of the places: they are twenty times the text, and are worked out again when they are asked for."""
        self._positions = None


def _newline(text: str) -> str:
    if "\r" not in text:
        return "\n"
    return "\r\n" if "\r\n" in text else "\n" if "\n" in text else "\r"


def _has_marks(text: str) -> bool:
    """Whether `{{`, `{%` or `${` is in a text. One letter is found much sooner than two."""
    at = text.find("{")
    for _ in range(_MOST_BRACES):
        if at < 0:
            return False
        if text.startswith(("{{", "{%"), at) or text.startswith("${", max(at - 1, 0)):
            return True
        at = text.find("{", at + 1)
    return "{{" in text or "${" in text or "{%" in text


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
        template = "{{" in chunk.error or "{%" in chunk.error
        document.problems = (Problem("template", TEMPLATE, span) if template else Problem("syntax", chunk.error, span),)
        document.error = document.strict_error = chunk.error
        return document
    if chunk.end - start > MAX_SIZE:
        document.error = document.strict_error = f"larger than {MAX_SIZE >> 20} MiB"
        document.problems = (Problem("limit", document.error, Span(start, start)),)
        return document
    body = raw[start : chunk.end]
    value: Any
    if chunk.json is not None:
        (value,) = chunk.json
    else:
        if not body.endswith("\n"):
            body += "\n"
        value = read(body)
    if value is None:
        return None
    if value is not DECLINED:
        document.value = document.literal = value
        if chunk.json is None:
            document._glances = _MOST_GLANCES
    else:
        from svclint.yaml.exact import read_exactly

        read_exactly(document, body)
        if document.error is None and document.value is None:
            return None
    if _has_marks(body):
        from svclint.yaml.templates import in_value

        templated = in_value(document.value)
        if templated is not None:
            span = document.span(*templated)
            document.value = None
            document.problems = (Problem("template", TEMPLATE, span),)
    return document

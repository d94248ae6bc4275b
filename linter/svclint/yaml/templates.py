"""Unrendered templates: text that is not yet YAML, or YAML whose values are not yet values.

The rule, in docs/design/yaml.md at length: a document that can't be read is a template if filling its marks makes it
readable, or if a mark stands bare, outside of block scalars, quotes and comments. A document that can be read is a
template if a mark is, or is part of, a word where Kubernetes looks: marks in prose, in `data`, in annotations, in
`command`, `args` and `env` belong to whoever reads those.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from svclint.text import Span, indent_of
from svclint.yaml.compose import YamlError
from svclint.yaml.scalars import Json

# A mark ends soon or is none: what is never closed must not be searched for far from every beginning.
_ACTION: Final = r"(?<!\{)\{\{(?:[^}]|\}(?!\})){0,300}+\}\}|\{%(?:[^%]|%(?!\})){0,300}+%\}"
_NOTE: Final = r"\{#(?:[^#]|#(?!\})){0,300}+#\}"
_MARK: Final = re.compile(rf"{_ACTION}|{_NOTE}|\$\{{[^\s{{}}]*+\}}")
_WORD_MARK: Final = re.compile(rf"{_ACTION}|\$\{{[A-Za-z_][^\s{{}}]*+\}}")
_OWN_LINE: Final = re.compile(rf"^[ \t]*+(?:(?:{_ACTION}|{_NOTE})[ \t]*+)++\r?$", re.MULTILINE)
# A line that opens a block scalar.
_BLOCK: Final = re.compile(r"(?:^|[\s:-])[|>][-+0-9]*[ \t]*(?:#.*)?$")
# A mark at the beginning of a line or a value: nothing but a template begins so.
_BARE: Final = re.compile(r"^[ \t]*(?:- +)*(?:[^\s:'\"#{]+:[ \t]+)?(?:\{\{|\{%|\{#)")
_OWN_GROUPS: Final = frozenset(("", "apps", "autoscaling", "batch", "extensions", "policy"))
_LONGEST_WORD: Final = 1000
_NOT_LOOKED_AT: Final = frozenset(("annotations", "args", "binaryData", "command", "data", "env", "stringData"))


def in_unreadable(text: str, start: int) -> Span | None:
    """The first mark of a document that can't be read, None if templates have no part in that.

    `start` is the document's offset in its file.
    """
    bare = _bare_mark(text)
    if bare is not None:
        # An action may be left open by the end of the document.
        closed = _MARK.match(text, bare)
        return Span(start + bare, start + (closed.end() if closed else bare + 2))
    mark = _MARK.search(text)
    if mark is None:
        return None
    from svclint.yaml.compose import compose
    from svclint.yaml.decode import decode

    filled = _MARK.sub(_filled, _OWN_LINE.sub("", text))
    try:
        decode(compose(filled))
    except (YamlError, UnicodeEncodeError):
        # Also bytes that are not valid, which `text` holds as halves of surrogate pairs: no mark made them so.
        return None
    return Span(start + mark.start(), start + mark.end())


def _filled(match: re.Match[str]) -> str:
    return "x" * len(match[0])


def _bare_mark(text: str) -> int | None:
    """The offset of the first line or value that begins with a mark and is not inside a block scalar."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return None
    at = 0
    inside: int | None = None
    for line in text.split("\n"):
        content = line.strip()
        indent = indent_of(line)
        if inside is not None and content and indent <= inside:
            inside = None
        if inside is None and content:
            match = _BARE.match(line)
            if match is not None:
                return at + match.end() - 2
            if _BLOCK.search(line.rstrip("\r")):
                inside = indent
        at += len(line) + 1
    return None


class Word(NamedTuple):
    """Where a word stands that is still a template: a key or a value."""

    path: tuple[str | int, ...]
    part: Literal["key", "value"] = "value"


def in_value(value: Json) -> Word | None:
    """The first word of a readable document that is still a template, None if there is none.

    Only what calls itself a manifest is looked at; of an object of somebody's own API, which may have templates of its
    own, only what names it.
    """
    if not isinstance(value, dict) or "apiVersion" not in value:
        return None
    version = value["apiVersion"]
    group = version.rpartition("/")[0] if isinstance(version, str) else ""
    for field in ("apiVersion", "kind"):
        if _is_word(value.get(field)):
            return Word((field,))
    if group not in _OWN_GROUPS and not group.endswith(".k8s.io"):
        metadata = value.get("metadata")
        if isinstance(metadata, dict):
            for field in ("name", "namespace"):
                if _is_word(metadata.get(field)):
                    return Word(("metadata", field))
        return None
    return _search(value)


def _search(root: Json) -> Word | None:
    pending: list[tuple[tuple[str | int, ...], Json]] = [((), root)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str):
            if _is_word(value):
                return Word(path)
        elif isinstance(value, list):
            pending.extend(((*path, at), part) for at, part in reversed(list(enumerate(value))))
        elif isinstance(value, dict):
            for key in value:
                if _is_word(key):
                    return Word((*path, key), "key")
            parts = [((*path, key), part) for key, part in value.items() if key not in _NOT_LOOKED_AT]
            pending.extend(reversed(parts))
    return None


def _is_word(value: Json) -> bool:
    """Whether a text has a mark and, marks apart, no blank: a value in the making, not prose."""
    if not isinstance(value, str) or "{" not in value or len(value) > _LONGEST_WORD:
        return False
    rest, marks = _WORD_MARK.subn("", value)
    return marks > 0 and not any(char.isspace() for char in rest)

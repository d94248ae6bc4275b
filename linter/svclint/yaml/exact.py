"""The exact path: what the fast one declines, and everything that has something wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from svclint.text import Span
from svclint.yaml.compose import Node, YamlError, compose
from svclint.yaml.decode import decode, strict_message
from svclint.yaml.document import TEMPLATE, Problem

if TYPE_CHECKING:
    from svclint.yaml.document import Document

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read_exactly(document: Document, body: str) -> None:
    """Gives the document its value, or the problem that stands in the way of one."""
    try:
        value, refusals = decode(composed(body))
    except YamlError as error:
        document.problems = (_problem(document, body, error),)
        document.error, document.strict_error = error.args[0], error.strict
        return
    document.value = document.literal = value
    if refusals:
        start = document.start
        document.problems = tuple(
            Problem(refusal.kind, refusal.message, Span(start + refusal.start, start + refusal.end))
            for refusal in refusals
        )
        document.strict_error = strict_message(refusals)


def composed(body: str) -> Node | None:
    """The root node of a body as sent; a body that isn't valid UTF-8 is refused at its first wrong byte."""
    match = _SURROGATE.search(body)
    if match is None:
        return compose(body)
    message = "yaml: invalid Unicode character"
    try:
        compose(body.encode("utf-8", "surrogateescape"))
    except YamlError as error:
        if error.kind != "encoding":
            raise
        message = error.args[0]
    except UnicodeEncodeError:
        pass
    raise YamlError(message, match.start(), "encoding")


def _problem(document: Document, body: str, error: YamlError) -> Problem:
    if error.kind != "encoding" and ("{{" in body or "{%" in body or "{#" in body or "${" in body):
        from svclint.yaml.templates import in_unreadable

        mark = in_unreadable(body, document.start)
        if mark is not None:
            return Problem("template", TEMPLATE, mark)
    # One character, or none at the end of a line or of the document.
    text = document.source.text
    at = min(document.start + error.offset, document.end)
    fault = Span(at, at + 1 if at < document.end and text[at] not in "\r\n" else at)
    return Problem(error.kind, error.args[0], fault)

"""Findings with their lines: what is shown to people and written to reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from svclint.rule import Applicability, Confidence, Finding, Severity
    from svclint.text import Span

DOCS = "https://svclint.dev/rules"


class Region(NamedTuple):
    """A range in a file; lines and columns count from 1, columns in characters, the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class ObjectRef(NamedTuple):
    """The object that a finding speaks of."""

    api_version: str
    kind: str
    namespace: str
    name: str


class RelatedRegion(NamedTuple):
    """Another place of the finding, with what is to be seen there."""

    region: Region
    message: str


class TextEdit(NamedTuple):
    """Replaces a region, which is `span` of its file's text, by `text`."""

    region: Region
    span: Span
    text: str


class TextFix(NamedTuple):
    """A fix as edits of text."""

    message: str
    applicability: Applicability
    edits: tuple[TextEdit, ...]


class Diagnostic(NamedTuple):
    """One finding as it is shown."""

    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    region: Region
    object: ObjectRef | None
    field: str | None
    related: tuple[RelatedRegion, ...]
    fix: TextFix | None
    texts: Mapping[str, str]
    """The text of every file that the finding or its fix speaks of, by path."""
    finding: Finding | None
    """None where the diagnostic is kept from an earlier run."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it speaks of, its own first: if one of them is asked about, it is shown."""
        return tuple(dict.fromkeys((self.region.file, *(related.region.file for related in self.related))))

    @property
    def url(self) -> str:
        """The rule's page."""
        return f"{DOCS}/{self.rule}/"


def order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    """The order of every report: file, line, column, rule."""
    at = diagnostic.region
    return at.file, at.line, at.column, diagnostic.rule, diagnostic.message


class Note(NamedTuple):
    """Something that is no finding and that the reader should know: what was skipped, and why."""

    file: str
    message: str


class Report(NamedTuple):
    """What one run says: diagnostics in their order, and how much was read."""

    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[Note, ...] = ()
    files: int = 0
    documents: int = 0
    objects: int = 0
    suppressed: int = 0
    crashes: tuple[str, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many diagnostics have this severity."""
        return sum(d.severity == severity for d in self.diagnostics)

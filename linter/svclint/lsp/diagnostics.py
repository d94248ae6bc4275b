"""Findings as the protocol has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

from svclint.lsp.snapshot import Said, Snapshot
from svclint.project.manifest import may_be_manifest
from svclint.text import Span

if TYPE_CHECKING:
    from svclint.diagnostic import Diagnostic, Region
    from svclint.lsp.workspace import Buffer, Folder

SOURCE = "svclint"
TEMPLATE = "unrendered-template"
_SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_TAGS = {
    "duplicate-key": types.DiagnosticTag.Unnecessary,
    "external-name-ignored-field": types.DiagnosticTag.Unnecessary,
    "unused-suppression": types.DiagnosticTag.Unnecessary,
    "removed-api": types.DiagnosticTag.Deprecated,
}


def of_file(folder: Folder, path: str) -> list[types.Diagnostic]:
    """What is to be said of one file: its findings, or one quiet note where it is a template."""
    said = folder.said()
    found = [diagnostic(folder, said, each) for each in said.diagnostics(path)]
    buffer = folder.buffers.get(path)
    if buffer is not None and (note := template_note(folder, path, buffer)) is not None:
        found = [note]
    return found


def template_note(folder: Folder, path: str, buffer: Buffer) -> types.Diagnostic | None:
    """The note on a buffer that is no manifest before somebody renders it."""
    said = folder.said()
    if not isinstance(said, Snapshot):
        return None
    source = said.source(path)
    text = buffer.text
    marks = [p for d in source.documents for p in d.problems if p.kind == "template"] if source is not None else []
    if marks:
        span = marks[0].span
    elif source is None and (buffer.language == "helm" or _is_template(text.text)):
        at = max(text.text.find("{{"), 0)
        span = Span(at, text.line_span(text.line_of(at)).end)
    else:
        return None
    return types.Diagnostic(
        range=text.range(span),
        message="a template: svclint reads it once it is rendered",
        severity=types.DiagnosticSeverity.Information,
        code=TEMPLATE,
        source=SOURCE,
    )


def _is_template(text: str) -> bool:
    """Whether a text would be a manifest but for its marks of a template; other tools' files have marks too."""
    return ("{{" in text or "{%" in text) and may_be_manifest(text.encode("utf-8", "replace"))


def paths(folder: Folder) -> list[str]:
    """The files of a project that have something to say."""
    said = {each.region.file for each in folder.said().report.diagnostics}
    return sorted(said | set(folder.buffers))


def region_range(said: Said, texts: Mapping[str, str], region: Region) -> types.Range:
    """A region's range, as the client counts."""
    text = said.text_of(region.file, texts[region.file])

    def offset(line: int, column: int) -> int:
        return text.line_span(min(line, text.lines) - 1).start + column - 1

    return text.range(Span(offset(region.line, region.column), offset(region.end_line, region.end_column)))


def diagnostic(folder: Folder, said: Said, found: Diagnostic) -> types.Diagnostic:
    """One finding of a report."""
    tag = _TAGS.get(found.rule)
    return types.Diagnostic(
        range=region_range(said, found.texts, found.region),
        message=found.message,
        severity=_SEVERITY[found.severity],
        code=found.rule,
        code_description=types.CodeDescription(href=found.url) if folder.has_page(found.rule) else None,
        source=SOURCE,
        tags=[tag] if tag else None,
        related_information=[
            types.DiagnosticRelatedInformation(
                location=types.Location(folder.uri(each.region.file), region_range(said, found.texts, each.region)),
                message=each.message,
            )
            for each in found.related
        ]
        or None,
    )

"""Places become lines and columns: only here, and only for what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from svclint.diagnostic import Diagnostic, ObjectRef, Region, RelatedRegion, TextEdit, TextFix
from svclint.kube.resource import Place, Resource
from svclint.rule import Finding, Fix, Severity, Spot

if TYPE_CHECKING:
    from svclint.text import Span
    from svclint.yaml.changes import Change
    from svclint.yaml.document import Document, Source


def field_text(path: Iterable[str | int]) -> str:
    """A path as the API server writes it: `spec.ports[0].targetPort`, `metadata.labels[app.kubernetes.io/name]`."""
    text = ""
    for step in path:
        if isinstance(step, int) or "." in step or "/" in step:
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def region(source: Source, span: Span) -> Region:
    """Where a span of a source's text stands."""
    start = source.position(span.start)
    end = source.position(max(span.end, span.start))
    return Region(source.path, start.line, start.column, end.line, end.column)


def locate(place: Place | Spot) -> tuple[Source, Span]:
    """The source and the exact span of a place; for one that isn't there, its nearest existing parent."""
    if isinstance(place, Spot):
        return place.source, place.span
    document = place.document
    if place.slice is not None:
        return document.source, document.slice_span(place.path, *place.slice)
    return document.source, document.span(place.path, place.part)


def resolve(rule: str, severity: Severity, finding: Finding, resource: Resource | None) -> Diagnostic:
    """The diagnostic of a finding about `resource` (None: about a file)."""
    source, span = locate(finding.place)
    texts = {source.path: source.text}
    related = []
    for other in finding.related:
        other_source, other_span = locate(other.place)
        texts[other_source.path] = other_source.text
        related.append(RelatedRegion(region(other_source, other_span), other.message))
    about = field = None
    if resource is not None:
        about = ObjectRef(resource.api_version, resource.kind, resource.namespace, resource.name)
        if isinstance(finding.place, Place) and finding.place.document is resource.document:
            below = finding.place.path[len(resource.path) :]
            field = field_text(below) or None
    if finding.fix:
        texts.update((document.source.path, document.source.text) for document, _ in finding.fix.changes)
    return Diagnostic(
        rule,
        severity,
        finding.confidence,
        finding.message,
        region(source, span),
        about,
        field,
        tuple(related),
        text_fix(finding.fix) if finding.fix else None,
        texts,
        finding,
    )


def text_fix(fix: Fix) -> TextFix | None:
    """A fix's changes as edits of text; None if a change can't be written without touching more than it means, or means
    a value that the text doesn't have (a kustomization adds it)."""
    from svclint.yaml.changes import Set, at_path
    from svclint.yaml.patch import PatchError, edits

    by_document: dict[int, tuple[Document, list[Change]]] = {}
    for document, change in fix.changes:
        by_document.setdefault(id(document), (document, []))[1].append(change)
    made: list[TextEdit] = []
    try:
        for document, changes in by_document.values():
            for change in changes:
                if isinstance(change, Set):
                    at_path(document.literal, change.path)
            made += [TextEdit(region(document.source, e.span), e.span, e.text) for e in edits(document, changes)]
    except PatchError:
        return None
    return TextFix(fix.message, fix.applicability, tuple(made))

"""What was found as plain JSON and back, between runs and processes. Texts are read again when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from svclint.diagnostic import Diagnostic, ObjectRef, Region, RelatedRegion, TextEdit, TextFix
from svclint.text import Span

if TYPE_CHECKING:
    from svclint.cluster.completeness import Gap
    from svclint.yaml import Source


class Texts(Mapping[str, str]):
    """Texts by path, each read when it is first asked for."""

    __slots__ = ("_known", "_read")

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._known: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def dump(d: Diagnostic) -> list[Any]:
    """A diagnostic as JSON; what only its finding knows (the objects) is left out."""
    fix = d.fix and [d.fix.message, d.fix.applicability, [[e.region, e.span, e.text] for e in d.fix.edits]]
    return [d.rule, d.severity, d.confidence, d.message, d.region, d.object, d.field, d.related, fix]


def load(dumped: list[Any], texts: Mapping[str, str]) -> Diagnostic:
    """The diagnostic that was dumped. Raises TypeError or ValueError for anything else."""
    rule, severity, confidence, message, region, about, field, related, fix = dumped
    return Diagnostic(
        rule,
        severity,
        confidence,
        message,
        Region(*region),
        ObjectRef(*about) if about else None,
        field,
        tuple(RelatedRegion(Region(*at), said) for at, said in related),
        fix and TextFix(fix[0], fix[1], tuple(TextEdit(Region(*at), Span(*span), text) for at, span, text in fix[2])),
        texts,
        None,
    )


def files_of(d: Diagnostic) -> set[str]:
    """Every file in which a diagnostic has a place."""
    edits = d.fix.edits if d.fix else ()
    return {*d.files, *(edit.region.file for edit in edits)}


def asked(answers: Mapping[tuple[str, ...], Gap | None]) -> list[Any]:
    """What a scope asked of the others and was told (`Elsewhere.answers`), as JSON."""
    found: list[Any] = []
    for question, gap in answers.items():
        said: list[Any] | None = None
        if gap is not None:
            place = gap.place
            at = place and [place.document.source.path, place.document.index, place.path, place.part]
            said = [gap.reason, gap.namespace, None if gap.kinds is None else sorted(gap.kinds), at]
        found.append([question, said])
    return found


def answered(answers: list[Any], sources: Mapping[str, Source]) -> dict[tuple[str, ...], Gap | None]:
    """The inverse of `asked`. A place in a file that isn't read is at its beginning: a finding that speaks of it leads
    out of its part, and is not believed."""
    from svclint.cluster.completeness import Gap
    from svclint.kube.resource import Place
    from svclint.yaml import parse

    found: dict[tuple[str, ...], Gap | None] = {}
    for question, gap in answers:
        made = None
        if gap is not None:
            reason, namespace, kinds, at = gap
            place = None
            if at is not None:
                path, index, steps, part = at
                known = sources.get(path)
                document = known.documents[index] if known else parse("{}", path).documents[0]
                place = Place(document, tuple(steps), part)
            made = Gap(reason, namespace, None if kinds is None else frozenset(map(tuple, kinds)), place)
        found[tuple(question)] = made
    return found

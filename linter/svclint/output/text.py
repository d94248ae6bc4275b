"""What a person reads in a terminal: each finding with both places, why it fails and what to do."""

from __future__ import annotations

from svclint.diagnostic import Diagnostic, Report
from svclint.output.excerpt import Mark, Paint, excerpt, plain

COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "gutter": "34",
    "primary": "1;31",
    "related": "1;34",
    "bold": "1",
    "fix": "32",
}


def painter(colour: bool) -> Paint:
    """Colours a piece of text by its role, or leaves it."""
    if not colour:
        return lambda _, text: text
    return lambda role, text: f"\x1b[{COLOURS[role]}m{text}\x1b[0m"


def text(report: Report, *, colour: bool = False, excerpts: bool = True, notes: bool = True) -> str:
    """The whole report. `excerpts=False` prints one line a finding."""
    paint = painter(colour)
    show = _full if excerpts else _concise
    out = [show(diagnostic, paint) for diagnostic in report.diagnostics]
    if notes:
        out += [f"{paint('info', 'note')}: {plain(n.file)}: {plain(n.message)}" for n in report.notes]
    out += [f"{paint('error', 'svclint failed')}: {plain(crash)}" for crash in report.crashes]
    out.append(summary(report, paint))
    return "\n".join(out) + "\n"


def summary(report: Report, paint: Paint) -> str:
    """One line: how many findings, of how many objects in how many files, and how many a fix repairs."""
    read = f"{_count(report.objects, 'object')} in {_count(report.files, 'file')}"
    if not report.diagnostics:
        return f"{paint('fix', 'All connected')}: no findings in {read}."
    parts = [
        paint(severity, _count(report.count(severity), severity))
        for severity in ("error", "warning", "info")
        if report.count(severity)
    ]
    said = ", ".join(parts) + f" in {read}"
    safe = sum(d.fix is not None and d.fix.applicability == "safe" for d in report.diagnostics)
    unsafe = sum(d.fix is not None and d.fix.applicability == "unsafe" for d in report.diagnostics)
    hints = []
    if safe:
        hints.append(f"{safe} fixable with --fix")
    if unsafe:
        hints.append(f"{unsafe} with --fix --unsafe-fixes")
    if report.suppressed:
        hints.append(f"{report.suppressed} suppressed")
    return f"{said}{' (' + '; '.join(hints) + ')' if hints else ''}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 or noun == 'info' else 's'}"


def _concise(d: Diagnostic, paint: Paint) -> str:
    at = d.region
    place = paint("bold", f"{plain(at.file)}:{at.line}:{at.column}")
    fix = f" [{paint('fix', '*')}]" if d.fix and d.fix.applicability != "display" else ""
    return f"{place}: {paint(d.severity, d.severity)}[{d.rule}]{fix} {plain(d.message)}"


def _full(d: Diagnostic, paint: Paint) -> str:
    marks: dict[str, list[Mark]] = {d.region.file: [Mark(d.region, "", True)]}
    sources = {d.region.file: d.source}
    for related, found in zip(d.related, d.finding.related, strict=True):
        marks.setdefault(related.region.file, []).append(Mark(related.region, related.message, False))
        place = found.place
        sources[related.region.file] = place.source if hasattr(place, "source") else place.document.source
    widest = max(mark.region.line for group in marks.values() for mark in group)
    gutter = len(str(widest))
    out = [f"{paint(d.severity, f'{d.severity}[{d.rule}]')}{paint('bold', ': ' + plain(d.message))}"]
    for number, (file, group) in enumerate(marks.items()):
        out += excerpt(sources[file].lines, group, number == 0, gutter, paint)
    tail = paint("gutter", f"{'':{gutter}} =")
    if d.fix:
        how = {"safe": "applied by --fix", "unsafe": "applied by --fix --unsafe-fixes", "display": "by hand"}
        out.append(f"{tail} {paint('fix', 'fix')}: {plain(d.fix.message)} ({how[d.fix.applicability]})")
    return "\n".join(out) + "\n"

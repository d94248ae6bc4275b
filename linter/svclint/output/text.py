"""What a person reads in a terminal: each finding with both places, why it fails and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from svclint.diagnostic import Diagnostic, Report
from svclint.output.excerpt import Frame, Mark, Paint, excerpt
from svclint.output.printable import leading, plain
from svclint.text import counted, lines_of

if TYPE_CHECKING:
    from svclint.output import Style

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
HOW = {"safe": "applied by --fix", "unsafe": "applied by --fix --unsafe-fixes", "display": "by hand"}

Say = Callable[[str, str], str]


def painter(colour: bool) -> Paint:
    """Colours a piece of text by its role, or leaves it."""
    if not colour:
        return lambda _, text: text
    return lambda role, text: f"\x1b[{COLOURS[role]}m{text}\x1b[0m" if text else ""


def full(report: Report, style: Style) -> str:
    """Every finding with its excerpt."""
    return text(report, colour=style.colour, notes=style.notes, ascii=style.ascii, language=style.language)


def concise(report: Report, style: Style) -> str:
    """One line a finding."""
    return text(
        report, colour=style.colour, excerpts=False, notes=style.notes, ascii=style.ascii, language=style.language
    )


def text(
    report: Report,
    *,
    colour: bool = False,
    excerpts: bool = True,
    notes: bool = True,
    ascii: bool = False,
    language: str = "en",
) -> str:
    """The whole report; with `ascii` it is all ASCII and so in English. Control characters are never printed."""
    paint = painter(colour)
    say = speaker("en" if ascii else language)
    writer = _Writer(paint, ascii, say)
    out = [writer.full(d) if excerpts else writer.concise(d) for d in report.diagnostics]
    if notes:
        label = paint("info", plain(say("*", "note"), ascii))
        out += [f"{label}: {plain(n.file, ascii)}: {plain(say('*', n.message), ascii)}" for n in report.notes]
    out += [f"{paint('error', 'svclint failed')}: {plain(crash, ascii)}" for crash in report.crashes]
    out.append(summary(report, paint, say))
    return "\n".join(out) + "\n"


def _english(_: str, message: str) -> str:
    return message


def speaker(language: str) -> Say:
    """What turns a rule's English words (`*`: svclint's own) into a language's."""
    if language == "en":
        return _english
    from svclint.language import translate

    return lambda rule, message: translate(rule, message, language)


def summary(report: Report, paint: Paint, say: Say = _english) -> str:
    """One line: how many findings, of how many objects in how many files, and how many a fix repairs."""
    read = say("*", f"{counted(report.objects, 'object')} in {counted(report.files, 'file')}")
    hints: list[str] = []
    for applicability, how in (("safe", "--fix"), ("unsafe", "--fix --unsafe-fixes")):
        fixes = sum(d.fix is not None and d.fix.applicability == applicability for d in report.diagnostics)
        if fixes:
            hints.append(say("*", f"{fixes} fixable with {how}"))
    if report.suppressed:
        hints.append(say("*", f"{report.suppressed} suppressed"))
    tail = f" ({'; '.join(hints)})" if hints else ""
    if report.crashes and not report.diagnostics:
        return paint("error", say("*", "Not checked to the end")) + say("*", f": no findings so far in {read}{tail}.")
    if not report.diagnostics:
        return paint("fix", say("*", "All connected")) + say("*", f": no findings in {read}{tail}.")
    parts = [
        paint(severity, say("*", counted(report.count(severity), severity)))
        for severity in ("error", "warning", "info")
        if report.count(severity)
    ]
    return say("*", f"{', '.join(parts)} in {read}{tail}.")


class _Writer:
    """Writes findings; remembers which rules' pages it has named and the lines of the files it has shown."""

    __slots__ = ("ascii", "lines", "named", "paint", "say")

    def __init__(self, paint: Paint, ascii: bool, say: Say) -> None:
        self.paint = paint
        self.ascii = ascii
        self.say = say
        self.named: set[str] = set()
        self.lines: dict[str, list[str]] = {}

    def message(self, rule: str, message: str) -> str:
        return plain(self.say(rule, message), self.ascii)

    def concise(self, d: Diagnostic) -> str:
        paint = self.paint
        at = d.region
        place = paint("bold", f"{leading(at.file, self.ascii)}:{at.line}:{at.column}")
        fix = f" [{paint('fix', '*')}]" if d.fix and d.fix.applicability != "display" else ""
        return f"{place}: {paint(d.severity, d.severity)}[{d.rule}]{fix} {self.message(d.rule, d.message)}"

    def full(self, d: Diagnostic) -> str:
        paint = self.paint
        marks: dict[str, list[Mark]] = {d.region.file: [Mark(d.region, "", True)]}
        for related in d.related:
            label = self.message(d.rule, related.message)
            marks.setdefault(related.region.file, []).append(Mark(related.region, label, False))
        widest = max(mark.region.end_line for group in marks.values() for mark in group)
        frame = Frame(len(str(widest)), paint, self.ascii)
        head = paint(d.severity, f"{d.severity}[{d.rule}]")
        out = [f"{head}{paint('bold', ': ' + self.message(d.rule, d.message))}"]
        for number, (file, group) in enumerate(marks.items()):
            out += excerpt(self._lines(file, d.texts[file]), group, number == 0, frame)
        tail = paint("gutter", f"{'':{frame.gutter}} =")
        if d.fix:
            fix = self.message(d.rule, d.fix.message)
            label = paint("fix", self.message("*", "fix"))
            out.append(f"{tail} {label}: {fix} ({self.message('*', HOW[d.fix.applicability])})")
        if d.rule not in self.named:
            self.named.add(d.rule)
            out.append(f"{tail} {self.message('*', 'why')}: svclint explain {d.rule}")
        return "\n".join(out) + "\n"

    def _lines(self, file: str, text: str) -> list[str]:
        found = self.lines.get(file)
        if found is None:
            found = self.lines[file] = lines_of(text)
        return found

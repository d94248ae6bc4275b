"""reviewdog's format (https://github.com/reviewdog/reviewdog/tree/master/proto/rdf); columns count UTF-8 bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svclint.diagnostic import Diagnostic, Region, Report
from svclint.output.places import forge_path
from svclint.output.printable import dump_json
from svclint.text import lines_of

if TYPE_CHECKING:
    from svclint.output import Style

SEVERITY = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def rdjson(report: Report, style: Style) -> str:
    """A DiagnosticResult. A fix is a suggestion where it stays in the finding's own file."""
    lines: dict[str, list[str]] = {}
    found = [_diagnostic(d, style.prefix, lines) for d in report.diagnostics]
    found += [{"message": f"svclint failed: {crash}", "severity": "ERROR"} for crash in report.crashes]
    return dump_json({"source": {"name": "svclint", "url": "https://svclint.dev"}, "diagnostics": found})


def _diagnostic(d: Diagnostic, prefix: str, cache: dict[str, list[str]]) -> dict[str, Any]:
    def range_of(at: Region) -> dict[str, Any]:
        lines = cache.get(at.file) or cache.setdefault(at.file, lines_of(d.texts.get(at.file, "")))

        def point(line: int, column: int) -> dict[str, int]:
            text = lines[line - 1] if line <= len(lines) else ""
            beyond = max(0, column - 1 - len(text))
            return {"line": line, "column": len(text[: column - 1].encode("utf-8", "surrogatepass")) + beyond + 1}

        return {"start": point(at.line, at.column), "end": point(at.end_line, at.end_column)}

    def location(at: Region) -> dict[str, Any]:
        return {"path": forge_path(at.file, prefix), "range": range_of(at)}

    out: dict[str, Any] = {
        "message": d.message,
        "location": location(d.region),
        "severity": SEVERITY[d.severity],
        "code": {"value": d.rule, "url": d.url},
    }
    if d.related:
        out["relatedLocations"] = [{"message": r.message, "location": location(r.region)} for r in d.related]
    if d.fix and d.fix.edits and all(e.region.file == d.region.file for e in d.fix.edits):
        out["suggestions"] = [{"range": range_of(e.region), "text": e.text} for e in d.fix.edits]
    return out

"""The report for programs; the shape is docs/output.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svclint.diagnostic import Diagnostic, Region, Report
from svclint.output.printable import dump_json

if TYPE_CHECKING:
    from svclint.output import Style


def render(report: Report, _: Style) -> str:
    """As `json`."""
    return json(report)


def json(report: Report) -> str:
    """`{"version": 1, "findings": [...], "notes": [...], "summary": {...}}`."""
    return dump_json(
        {
            "version": 1,
            "findings": [finding(d) for d in report.diagnostics],
            "notes": [{"file": n.file, "message": n.message} for n in report.notes],
            "summary": {
                "files": report.files,
                "documents": report.documents,
                "objects": report.objects,
                "errors": report.count("error"),
                "warnings": report.count("warning"),
                "infos": report.count("info"),
                "suppressed": report.suppressed,
                "crashes": list(report.crashes),
            },
        }
    )


def finding(d: Diagnostic) -> dict[str, Any]:
    """One finding as JSON."""
    fix = None
    if d.fix:
        edits = [{**place(e.region), "text": e.text} for e in d.fix.edits]
        fix = {"message": d.fix.message, "applicability": d.fix.applicability, "edits": edits}
    return {
        "rule": d.rule,
        "severity": d.severity,
        "confidence": d.confidence,
        "message": d.message,
        **place(d.region),
        "object": d.object._asdict() if d.object else None,
        "field": d.field,
        "related": [{**place(r.region), "message": r.message} for r in d.related],
        "fix": fix,
        "url": d.url,
    }


def place(at: Region) -> dict[str, Any]:
    """A region as JSON: file, line, column, end_line, end_column."""
    return at._asdict()

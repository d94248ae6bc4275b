"""A summary in GitHub-flavoured Markdown, for `$GITHUB_STEP_SUMMARY` and merge request comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from svclint.diagnostic import Diagnostic, Report
from svclint.output.places import forge_path
from svclint.output.printable import by_severity, plain
from svclint.output.text import painter, summary

if TYPE_CHECKING:
    from svclint.output import Style

LIMIT = 500_000
"""GitHub takes a step summary of 1 MiB; in characters, so that wide scripts fit too."""
ICON = {"error": "🛑", "warning": "⚠️", "info": "ℹ️"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#!|~&$@:])")


def markdown(report: Report, style: Style) -> str:
    """A heading, the summary line and a table of findings, the most severe first, cut off where it gets too long."""
    out = ["## svclint", "", escape(summary(report, painter(False))), ""]
    out += [f"- **svclint failed**: {escape(crash)}" for crash in report.crashes]
    rows = [_row(d, style.prefix) for d in by_severity(report.diagnostics)]
    if rows:
        out += ["| | place | rule | finding |", "|---|---|---|---|"]
        size = 0
        for number, row in enumerate(rows):
            size += len(row)
            if size > LIMIT:
                out += ["", f"Left out here: {len(rows) - number} more."]
                break
            out.append(row)
    return "\n".join(out).rstrip("\n") + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, in one table cell: no formatting, link, mention, HTML or line break."""
    return _SPECIAL.sub(lambda m: "&lt;" if m[1] == "<" else "&#64;" if m[1] == "@" else "\\" + m[1], plain(text))


def _row(d: Diagnostic, prefix: str) -> str:
    place = escape(f"{forge_path(d.region.file, prefix)}:{d.region.line}")
    said = [escape(d.message)]
    for related in d.related:
        where = f"{forge_path(related.region.file, prefix)}:{related.region.line}"
        said.append(f"{escape(where)}: {escape(related.message)}")
    if d.fix:
        said.append(f"fix: {escape(d.fix.message)}")
    return f"| {ICON[d.severity]} {d.severity} | {place} | [{escape(d.rule)}]({d.url}) | {'<br>'.join(said)} |"

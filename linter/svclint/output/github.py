"""Workflow commands that GitHub Actions shows beside the lines of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions; the escapes are those of the toolkit's
`packages/core/src/command.ts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from svclint.diagnostic import Diagnostic, Report
from svclint.output.places import forge_path
from svclint.output.printable import by_severity, lines_kept, plain

if TYPE_CHECKING:
    from svclint.output import Style

LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def github(report: Report, style: Style) -> str:
    """One annotation a finding, the most severe first: GitHub shows ten of a level a step."""
    lines = [_annotation(d, style.prefix) for d in by_severity(report.diagnostics)]
    lines += [f"::error title=svclint failed::{_data(plain(crash))}" for crash in report.crashes]
    return "".join(line + "\n" for line in lines)


def _annotation(d: Diagnostic, prefix: str) -> str:
    at = d.region
    said = [("file", forge_path(at.file, prefix)), ("line", at.line)]
    if at.end_line == at.line:
        said += [("col", at.column), ("endColumn", max(at.end_column, at.column))]
    else:
        said += [("endLine", at.end_line)]
    said += [("title", f"{d.rule}")]
    message = [plain(d.message)]
    for related in d.related:
        where = f"{forge_path(related.region.file, prefix)}:{related.region.line}"
        message.append(f"{plain(where)}: {plain(related.message)}")
    if d.fix:
        message.append(f"fix: {plain(d.fix.message)}")
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in said)
    return f"::{LEVEL[d.severity]} {properties}::{_data(chr(10).join(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(lines_kept(text)).replace(":", "%3A").replace(",", "%2C")

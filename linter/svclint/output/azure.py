"""Logging commands of Azure Pipelines.

https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands; the escapes are those of the agent's
`src/Agent.Sdk/Util/CommandStringConvertor.cs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from svclint.diagnostic import Diagnostic, Report
from svclint.output.places import forge_path
from svclint.output.printable import by_severity, lines_kept, plain

if TYPE_CHECKING:
    from svclint.output import Style


def azure(report: Report, style: Style) -> str:
    """One issue a finding, the most severe first; Azure has no level below warning, so infos are left out."""
    lines = [_issue(d, style.prefix) for d in by_severity(report.diagnostics) if d.severity != "info"]
    lines += [f"##vso[task.logissue type=error;]svclint failed: {_data(plain(crash))}" for crash in report.crashes]
    return "".join(line + "\n" for line in lines)


def _issue(d: Diagnostic, prefix: str) -> str:
    at = d.region
    said = [
        ("type", d.severity),
        ("sourcepath", forge_path(at.file, prefix)),
        ("linenumber", str(at.line)),
        ("columnnumber", str(at.column)),
        ("code", d.rule),
    ]
    properties = "".join(f"{name}={_property(value)};" for name, value in said)
    return f"##vso[task.logissue {properties}]{_data(plain(d.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(lines_kept(text)).replace("]", "%5D").replace(";", "%3B")

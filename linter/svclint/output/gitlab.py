"""GitLab's code quality report (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svclint.diagnostic import Report
from svclint.output.places import fingerprints, forge_path
from svclint.output.printable import dump_json

if TYPE_CHECKING:
    from svclint.output import Style

SEVERITY = {"error": "critical", "warning": "minor", "info": "info"}


def gitlab(report: Report, style: Style) -> str:
    """A list of issues; what makes svclint fail is one too, so that a merge request doesn't look clean."""
    issues: list[dict[str, Any]] = []
    for d, fingerprint in zip(report.diagnostics, fingerprints(report), strict=True):
        at = d.region
        issues.append(
            {
                "description": d.message,
                "check_name": d.rule,
                "fingerprint": fingerprint,
                "severity": SEVERITY[d.severity],
                "location": {
                    "path": forge_path(at.file, style.prefix),
                    "lines": {"begin": at.line, "end": max(at.end_line, at.line)},
                },
                "categories": ["Bug Risk"],
                "content": {"body": f"svclint explain {d.rule}"},
            }
        )
    for number, crash in enumerate(report.crashes):
        issues.append(
            {
                "description": f"svclint failed: {crash}",
                "check_name": "svclint-failed",
                "fingerprint": f"svclint-failed-{number}",
                "severity": "blocker",
                "location": {"path": ".", "lines": {"begin": 1}},
            }
        )
    return dump_json(issues)

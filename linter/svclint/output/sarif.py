"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), within the limits of GitHub's code scanning.

Paths are relative to the repository's root (`SRCROOT`), columns count characters, a finding is known again by rule,
object and field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svclint.diagnostic import DOCS, Diagnostic, Region, Report, TextFix
from svclint.output.places import fingerprints, forge_path, relative_uri
from svclint.output.printable import RANK, dump_json
from svclint.version import VERSION

if TYPE_CHECKING:
    from svclint.output import Style
    from svclint.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVEL = {"error": "error", "warning": "warning", "info": "note"}
RESULTS = 25_000
"""GitHub refuses a run with more results."""


def sarif(report: Report, style: Style) -> str:
    """One run with its rules, results and what svclint could not do."""
    pairs = list(zip(report.diagnostics, fingerprints(report), strict=True))
    left_off = max(0, len(pairs) - RESULTS)
    if left_off:
        keep = sorted(range(len(pairs)), key=lambda i: RANK[pairs[i][0].severity])[:RESULTS]
        pairs = [pairs[i] for i in sorted(keep)]
    names = sorted({d.rule for d, _ in pairs})
    known = style.rules()
    index = {name: number for number, name in enumerate(names)}
    notifications = [_notification("error", f"svclint failed: {crash}") for crash in report.crashes]
    notifications += [_notification("note", note.message, note.file, style.prefix) for note in report.notes]
    if left_off:
        notifications.append(_notification("warning", f"{left_off} results are left off: a run holds {RESULTS}"))
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "svclint",
                "informationUri": "https://svclint.dev",
                "version": VERSION,
                "semanticVersion": VERSION,
                "rules": [_rule(name, known.get(name)) for name in names],
            }
        },
        "invocations": [
            {"executionSuccessful": not report.crashes, "toolExecutionNotifications": notifications},
        ],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, key, index, style.prefix) for d, key in pairs],
    }
    return dump_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    title = name.replace("-", " ").capitalize()
    out: dict[str, Any] = {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": f"{title}."},
        "fullDescription": {"text": f"{title}."},
        "help": {"text": f"{title}.", "markdown": f"`svclint explain {name}`"},
        "helpUri": f"{DOCS}/{name}/",
    }
    if rule is None:
        return out
    from svclint.explain import rule_page

    page = rule_page(rule)
    out["shortDescription"] = {"text": page.summary[:1024]}
    out["fullDescription"] = {"text": page.description[:1024] or page.summary[:1024]}
    out["help"] = {"text": page.markdown, "markdown": page.markdown}
    out["defaultConfiguration"] = {"level": LEVEL[rule.severity], "enabled": rule.default}
    out["properties"] = {
        "tags": ["kubernetes", page.group],
        "precision": "high",
        "problem.severity": "recommendation" if rule.severity == "info" else rule.severity,
        "since": rule.since,
    }
    return out


def _result(d: Diagnostic, key: str, index: dict[str, int], prefix: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(d.region, prefix)}
    properties: dict[str, Any] = {"confidence": d.confidence}
    if d.object:
        about = d.object
        where = f"{about.namespace}/" if about.namespace else ""
        name = f"{where}{about.kind}/{about.name}"
        location["logicalLocations"] = [{"name": about.name, "fullyQualifiedName": name, "kind": "resource"}]
        properties["apiVersion"] = about.api_version
    if d.field:
        properties["field"] = d.field
    out: dict[str, Any] = {
        "ruleId": d.rule,
        "ruleIndex": index[d.rule],
        "level": LEVEL[d.severity],
        "message": {"text": d.message},
        "locations": [location],
        "partialFingerprints": {"svclint/v1": key},
        "properties": properties,
    }
    if d.related:
        out["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(r.region, prefix), "message": {"text": r.message}}
            for number, r in enumerate(d.related, 1)
        ]
    if d.fix and d.fix.edits:
        out["fixes"] = [_fix(d.fix, prefix)]
    return out


def _fix(fix: TextFix, prefix: str) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(edit.region.file, []).append(
            {"deletedRegion": _region(edit.region), "insertedContent": {"text": edit.text}}
        )
    return {
        "description": {"text": f"{fix.message} ({fix.applicability})"},
        "artifactChanges": [
            {"artifactLocation": _artifact(file, prefix), "replacements": replacements}
            for file, replacements in changes.items()
        ],
    }


def _physical(at: Region, prefix: str) -> dict[str, Any]:
    return {"artifactLocation": _artifact(at.file, prefix), "region": _region(at)}


def _artifact(file: str, prefix: str) -> dict[str, str]:
    return {"uri": relative_uri(forge_path(file, prefix)), "uriBaseId": "SRCROOT"}


def _region(at: Region) -> dict[str, int]:
    return {
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": max(at.end_line, at.line),
        "endColumn": at.end_column,
    }


def _notification(level: str, message: str, file: str | None = None, prefix: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {"level": level, "message": {"text": message}}
    if file:
        out["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(file, prefix)}}]
    return out

"""The XML that build servers read: JUnit and Checkstyle."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from svclint.diagnostic import Report
from svclint.output.places import forge_path
from svclint.output.printable import leading, plain, xml_text

if TYPE_CHECKING:
    from svclint.output import Style


def junit(report: Report, style: Style) -> str:
    """One test suite a file, one failed test case a finding; a clean run is one passed test case.

    The shape is that of Ant's JUnit task, as Jenkins and GitLab read it.
    """
    total, crashes = len(report.diagnostics), len(report.crashes)
    root = Element("testsuites", _texts(name="svclint", tests=max(1, total + crashes), failures=total, errors=crashes))
    for file, group in groupby(report.diagnostics, key=lambda d: d.region.file):
        found = list(group)
        path = forge_path(file, style.prefix)
        suite = SubElement(root, "testsuite", _texts(name=path, tests=len(found), failures=len(found), errors=0))
        for d in found:
            at = d.region
            name = f"{d.rule} at {at.line}:{at.column}"
            case = SubElement(suite, "testcase", _texts(name=name, classname=path, file=path, line=at.line))
            failure = SubElement(case, "failure", _texts(type=d.severity, message=d.message))
            places = [f"{leading(path)}:{at.line}:{at.column}: {plain(d.message)}"]
            for related in d.related:
                where = related.region
                place = f"{leading(forge_path(where.file, style.prefix))}:{where.line}:{where.column}"
                places.append(f"{place}: {plain(related.message)}")
            if d.fix:
                places.append(f"fix: {plain(d.fix.message)}")
            failure.text = "\n".join(places)
    if crashes or not total:
        suite = SubElement(root, "testsuite", _texts(name="svclint", tests=max(1, crashes), failures=0, errors=crashes))
        for crash in report.crashes:
            case = SubElement(suite, "testcase", _texts(name="svclint", classname="svclint"))
            SubElement(case, "error", _texts(type="failure of svclint", message=crash))
        if not crashes:
            SubElement(suite, "testcase", _texts(name="no findings", classname="svclint"))
    return _document(root)


def checkstyle(report: Report, style: Style) -> str:
    """Checkstyle's report: errors by file, with `svclint.RULE` as their source."""
    root = Element("checkstyle", version="8.0")
    for file, group in groupby(report.diagnostics, key=lambda d: d.region.file):
        entry = SubElement(root, "file", _texts(name=forge_path(file, style.prefix)))
        for d in group:
            said = _texts(
                line=d.region.line,
                column=d.region.column,
                severity=d.severity,
                message=d.message,
                source=f"svclint.{d.rule}",
            )
            SubElement(entry, "error", said)
    if report.crashes:
        entry = SubElement(root, "file", name="svclint")
        for crash in report.crashes:
            SubElement(entry, "error", _texts(severity="error", message=f"svclint failed: {crash}", source="svclint"))
    return _document(root)


def _texts(**attributes: str | int) -> dict[str, str]:
    return {name: xml_text(str(value)) for name, value in attributes.items()}


def _document(root: Element) -> str:
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"

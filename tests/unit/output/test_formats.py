"""Each format on a report with everything in it that must not get through as it is."""

from __future__ import annotations

import gzip
import io
import json
import os
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svclint.diagnostic import Report
from svclint.output import (
    FORMATS,
    FormatError,
    Style,
    needs_ascii,
    parse_format,
    render,
    repository_prefix,
    use_colour,
    write,
)
from svclint.rule import Option, Rule

HERE = os.path.dirname(__file__)
PREFIXED = Style(prefix="deploy/")


def nothing() -> None:
    """Stands for a rule's check."""


RULE = Rule(
    "selector-typo",
    nothing,
    Report,
    "error",
    "0.1",
    "A selector that is *nearly* right.\n\nWhy.\n\n```yaml bad\na: 1\n```\n",
    "svclint_rules.selectors.selector_typo",
    {"near": Option(2, "How far.")},
)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_its_text_and_can_be_encoded(name: str, report: Report, clean: Report) -> None:
    for each in (report, clean):
        out = render(each, name)
        assert not out or out.endswith("\n")
        out.encode()
        assert "\x1b" not in out
        assert "\x00" not in out


def test_names() -> None:
    assert parse_format("sarif:C:/out.sarif") == ("sarif", "C:/out.sarif")
    assert parse_format("text") == ("text", None)
    with pytest.raises(FormatError, match="did you mean 'sarif'"):
        parse_format("sarfi")
    with pytest.raises(FormatError, match="no file"):
        parse_format("json:")
    with pytest.raises(FormatError):
        render(Report(()), "nope")


def test_json_says_what_the_contract_asks(report: Report) -> None:
    out = json.loads(render(report, "json"))
    assert out["version"] == 1
    first = out["findings"][0]
    assert (first["file"], first["line"], first["column"], first["end_column"]) == ("shop/web service.yaml", 6, 19, 22)
    assert first["object"] == {"api_version": "v1", "kind": "Service", "namespace": "default", "name": "web"}
    assert first["field"] == "spec.selector.app"
    assert first["fix"]["edits"][0]["text"] == "web"
    assert first["related"][0]["line"] == 9
    assert out["findings"][1]["object"] is None
    assert out["findings"][1]["message"].endswith("\ud800")
    assert out["summary"]["errors"] == 1


def test_json_is_valid(report: Report, clean: Report) -> None:
    from importlib.resources import files

    schema = json.loads((files("svclint_schemas") / "svclint" / "report.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    for each in (report, clean):
        assert list(validator.iter_errors(json.loads(render(each, "json")))) == []
    broken = json.loads(render(report, "json"))
    broken["findings"][0]["severity"] = "fatal"
    assert [error.json_path for error in validator.iter_errors(broken)] == ["$.findings[0].severity"]


def schema_errors(text: str) -> list[str]:
    """What the SARIF 2.1.0 schema (npm: @microsoft/sarif-multitool-linux) says against a log."""
    with gzip.open(os.path.join(HERE, "sarif-2.1.0.json.gz")) as file:
        schema = json.load(file)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(json.loads(text))]


def test_sarif_is_valid(report: Report, clean: Report) -> None:
    assert schema_errors(render(report, "sarif", Style(rules=lambda: {"selector-typo": RULE}))) == []
    assert schema_errors(render(clean, "sarif")) == []
    assert schema_errors('{"version": "2.1.0", "runs": [{}]}') != []


def test_sarif_holds_places_fixes_and_help(report: Report) -> None:
    run = json.loads(render(report, "sarif", PREFIXED._replace(rules=lambda: {"selector-typo": RULE})))["runs"][0]
    first = run["results"][0]
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "deploy/shop/web%20service.yaml", "uriBaseId": "SRCROOT"}
    assert physical["region"] == {"startLine": 6, "startColumn": 19, "endLine": 6, "endColumn": 22}
    related = first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert related == "deploy/shop/%E9%83%A8%E7%BD%B2.yaml"
    replacement = first["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement == {"deletedRegion": physical["region"], "insertedContent": {"text": "web"}}
    rule = run["tool"]["driver"]["rules"][first["ruleIndex"]]
    assert rule["id"] == first["ruleId"] == "selector-typo"
    assert "## Wrong" in rule["help"]["markdown"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_fingerprint_outlives_moved_lines_and_is_unique(report: Report) -> None:
    d = report.diagnostics[0]
    moved = d._replace(region=d.region._replace(line=60, end_line=60))
    once = json.loads(render(Report((d,)), "sarif"))["runs"][0]["results"]
    twice = json.loads(render(Report((moved, moved)), "sarif"))["runs"][0]["results"]
    assert once[0]["partialFingerprints"] == twice[0]["partialFingerprints"] != twice[1]["partialFingerprints"]


def test_github_lets_nothing_start_a_command_of_its_own(report: Report) -> None:
    lines = render(report, "github", PREFIXED).splitlines()
    assert len(lines) == 4
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice", "::error"]
    assert lines[0].startswith(
        "::error file=deploy/shop/web service.yaml,line=6,col=19,endColumn=22,title=selector-typo::"
    )
    assert "%0Adeploy/shop/部署.yaml:9: these Pods" in lines[0]
    assert "100%25 wrong" in lines[1]
    assert lines[2].startswith("::notice file=deploy/z%2C1%3A2%0A%3A%3Aerror%3A%3A.yaml,")


def test_azure_keeps_commands_whole(report: Report) -> None:
    lines = render(report, "azure").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("##vso[task.logissue type=error;sourcepath=shop/web service.yaml;linenumber=6;")
    assert "100%AZP25 wrong" in lines[1]
    assert all(line.count("##vso[") == 1 for line in lines)


def test_gitlab(report: Report) -> None:
    issues = json.loads(render(report, "gitlab", PREFIXED))
    assert [i["severity"] for i in issues] == ["critical", "info", "minor", "blocker"]
    assert len({i["fingerprint"] for i in issues}) == 4
    assert issues[0]["location"] == {"path": "deploy/shop/web service.yaml", "lines": {"begin": 6, "end": 6}}


def test_junit_parses_and_counts(report: Report, clean: Report) -> None:
    root = ElementTree.fromstring(render(report, "junit").encode())
    cases = root.findall("testsuite/testcase")
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "3", "1")
    assert len(cases) == 4
    failure = cases[1].find("failure")
    assert failure is not None and failure.text is not None
    assert "]]>" in failure.text and "\\x1b" in failure.text and "\\ud800" in failure.text
    passed = ElementTree.fromstring(render(clean, "junit").encode()).findall("testsuite/testcase")
    assert len(passed) == 1 and len(passed[0]) == 0


def test_checkstyle_parses(report: Report) -> None:
    root = ElementTree.fromstring(render(report, "checkstyle", PREFIXED).encode())
    first = root.find("file")
    assert first is not None and first.get("name") == "deploy/shop/web service.yaml"
    error = first.find("error")
    assert error is not None
    assert (error.get("line"), error.get("column"), error.get("severity")) == ("6", "19", "error")
    assert len(root.findall("file/error")) == 4


def test_rdjson_counts_bytes() -> None:
    from svclint.locate import resolve
    from svclint.rule import Finding, Spot
    from svclint.text import Span
    from svclint.yaml import parse

    source = parse("é🚀x: 1\n", "a.yaml")
    d = resolve("r", "error", Finding(Spot(source, Span(2, 3)), "m"), None)
    out = json.loads(render(Report((d,)), "rdjson"))["diagnostics"][0]
    assert out["location"]["range"] == {"start": {"line": 1, "column": 7}, "end": {"line": 1, "column": 8}}
    assert out["severity"] == "ERROR"


def test_rdjson_suggests_only_what_stays_in_the_file(report: Report) -> None:
    first = json.loads(render(report, "rdjson"))["diagnostics"][0]
    assert [s["text"] for s in first["suggestions"]] == ["web"]
    d = report.diagnostics[0]
    assert d.fix is not None
    elsewhere = d.fix.edits[0]._replace(region=d.fix.edits[0].region._replace(file="other.yaml"))
    across = d._replace(fix=d.fix._replace(edits=(*d.fix.edits, elsewhere)))
    assert "suggestions" not in json.loads(render(Report((across,)), "rdjson"))["diagnostics"][0]


def test_markdown_is_one_row_a_finding(report: Report) -> None:
    out = render(report, "markdown")
    rows = [line for line in out.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) == 3
    assert "error" in rows[0] and "warning" in rows[1] and "info" in rows[2]
    assert "<b>" not in out and "@all" not in out
    assert r"\`c\`" in rows[2]


def test_markdown_is_cut_before_githubs_limit(report: Report) -> None:
    many = Report(report.diagnostics[:1] * 5000, objects=1, files=1)
    out = render(many, "markdown")
    assert len(out.encode()) < 1024 * 1024
    assert "Left out here: " in out


def test_sarif_keeps_the_most_severe_within_githubs_limit(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    from svclint.output import sarif

    monkeypatch.setattr(sarif, "RESULTS", 2)
    run = json.loads(render(report, "sarif"))["runs"][0]
    assert [r["level"] for r in run["results"]] == ["error", "warning"]
    assert "1 results are left off" in run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environ", "colour"),
    [
        ("always", io.StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Terminal(), {"FORCE_COLOR": "1"}, False),
        ("auto", Terminal(), {}, True),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
        ("auto", Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", Terminal(), {"NO_COLOR": ""}, True),
        ("auto", io.StringIO(), {"FORCE_COLOR": "1"}, True),
        ("auto", io.StringIO(), {}, False),
        ("auto", None, {}, False),
    ],
)
def test_who_decides_about_colour(choice: str, stream: object, environ: dict[str, str], colour: bool) -> None:
    assert use_colour(choice, stream, environ) is colour


def test_streams_that_need_ascii() -> None:
    assert needs_ascii(io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert needs_ascii(io.TextIOWrapper(io.BytesIO(), "cp1252"))
    assert not needs_ascii(io.TextIOWrapper(io.BytesIO(), "utf-8"))


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(max_size=60))
def test_any_path_and_message(finding_in, path: str, message: str) -> None:
    found = Report((finding_in(path, message, "error"), finding_in("b", message, "info")), crashes=(message,))
    for name in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(render(found, name))
    for name in ("junit", "checkstyle"):
        ElementTree.fromstring(render(found, name).encode())
    for name, lines in (("github", 3), ("azure", 2), ("concise", 4)):
        out = render(found, name)
        assert len(out.splitlines()) == lines
        assert out.replace("\n", "").isprintable()
    out = render(found, "text")
    assert out.replace("\n", "").isprintable()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
@pytest.mark.parametrize("name", FORMATS)
def test_no_encoding_is_too_small(name: str, encoding: str, report: Report) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding, newline="")
    write(report, name, Style(), stream)
    stream.flush()
    if name in ("text", "concise"):
        raw.getvalue().decode(encoding)
    else:
        assert raw.getvalue().decode() == render(report, name)


def test_a_stream_without_bytes_below_gets_escapes(report: Report) -> None:
    class Narrow(io.StringIO):
        encoding = "ascii"

    stream = Narrow()
    write(report, "json", Style(), stream)
    assert stream.getvalue().isascii()


def test_where_a_project_stands_in_its_repository(tmp_path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert repository_prefix(str(tmp_path / "a" / "b")) == "a/b/"
    assert repository_prefix(str(tmp_path)) == ""

"""The findings that a repository starts with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svclint import baseline
from svclint.baseline import BaselineError, Entry
from svclint.diagnostic import Diagnostic, ObjectRef, Region, Report
from svclint.kube.resource import Place
from svclint.rule import Finding
from svclint.yaml import parse

DOCUMENT = parse("a: 1\n", "a.yaml").documents[0]


def diagnostic(rule: str, name: str | None, field: str | None = None, line: int = 1) -> Diagnostic:
    about = ObjectRef("v1", "Service", "shop", name) if name is not None else None
    found = Finding(Place(DOCUMENT, ()), "wrong")
    region = Region("a.yaml", line, 1, line, 1)
    return Diagnostic(
        rule, "error", "certain", "wrong", region, about, field, (), None, {region.file: DOCUMENT.source.text}, found
    )


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", None]), st.sampled_from(["f", None]))))
def test_what_was_written_hides_all_that_was_there(found: list[tuple[str, str | None, str | None]]) -> None:
    diagnostics = tuple(diagnostic(*each) for each in found)
    known = baseline.load(baseline.dump(diagnostics))
    report = baseline.apply(Report(diagnostics), known, "known.json", complete=True)
    assert (report.diagnostics, report.notes, report.suppressed) == ((), (), len(found))


def test_one_more_of_the_same_is_reported() -> None:
    known = baseline.load(baseline.dump([diagnostic("a", "x", "f")]))
    twice = (diagnostic("a", "x", "f", 1), diagnostic("a", "x", "f", 9))
    assert baseline.apply(Report(twice), known, "known.json", complete=True).diagnostics == twice[1:]


def test_what_is_gone_is_told_only_where_everything_was_asked() -> None:
    known = baseline.load(baseline.dump([diagnostic("a", "x", "f")]))
    (note,) = baseline.apply(Report(()), known, "known.json", complete=True).notes
    assert note.file == "known.json"
    assert "a of shop/Service/x" in note.message
    assert baseline.apply(Report(()), known, "known.json", complete=False).notes == ()


def test_a_finding_about_no_object_is_keyed_by_its_file() -> None:
    assert baseline.entry(diagnostic("a", None)) == Entry("a", "a.yaml", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"version": 2, "findings": []}',
        '{"version": 1, "findings": 7}',
        '{"version": 1, "findings": [[]]}',
        '{"version": 1, "findings": [{"rule": "a", "subject": "b", "field": "c", "count": Infinity}]}',
        '{"version": 1, "findings": [{"rule": "a", "subject": "b", "field": "c", "count": "x"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_baseline_is_told(text: str) -> None:
    with pytest.raises(BaselineError):
        baseline.load(text)

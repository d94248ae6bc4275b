"""Comments and annotations that answer findings."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svclint import registry, suppression, testing
from svclint.diagnostic import Report
from svclint.suppression import Suppression
from svclint.text import Span
from svclint.yaml import parse

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: db
spec:
  type: ExternalName
  externalName: 10.0.0.7
"""


def check(text: str) -> Report:
    return testing.check_text(text, tuple(r for r in registry.rules().values() if r.default))


def rules(report: Report) -> list[str]:
    return [d.rule for d in report.diagnostics]


def test_without_a_comment_there_is_a_finding() -> None:
    assert rules(check(SERVICE)) == ["external-name-ip-address"]


@pytest.mark.parametrize(
    "text",
    [
        SERVICE.replace("10.0.0.7", "10.0.0.7 # svclint: ignore[external-name-ip-address] a test"),
        SERVICE.replace("10.0.0.7", "10.0.0.7 # svclint: ignore"),
        SERVICE.replace("  externalName", "  # svclint: ignore[external-name-ip-address]\n  externalName"),
        SERVICE.replace("spec:", "# svclint: ignore[external-name-ip-address]\nspec:"),
        "# svclint: ignore[external-name-ip-address] the whole document\n" + SERVICE,
        SERVICE.replace(
            "  name: db", "  name: db\n  annotations:\n    svclint.dev/ignore: external-name-ip-address known"
        ),
    ],
    ids=["line", "line, all rules", "own line", "block", "document", "annotation"],
)
def test_suppressed(text: str) -> None:
    report = check(text)
    assert rules(report) == []
    assert report.suppressed == 1


def test_a_block_ends_where_its_node_ends() -> None:
    text = SERVICE.replace("metadata:", "# svclint: ignore[external-name-ip-address]\nmetadata:")
    assert rules(check(text)) == ["unused-suppression", "external-name-ip-address"]


def test_a_comment_of_one_document_says_nothing_of_the_next() -> None:
    text = "# svclint: ignore[external-name-ip-address]\n" + SERVICE + "---\n" + SERVICE.replace("db", "db2")
    assert rules(check(text)) == ["external-name-ip-address"]


def test_an_unused_suppression_is_reported_at_its_place() -> None:
    text = SERVICE.replace("10.0.0.7", "db.example.com # svclint: ignore[external-name-ip-address]")
    (found,) = check(text).diagnostics
    assert found.rule == "unused-suppression"
    assert (found.region.line, found.region.column) == (7, 32)


def test_a_finding_of_two_places_is_answered_at_either() -> None:
    text = dedent(
        """\
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec:
          selector:
            app: wbe
          ports: [{port: 80}]
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: web
          labels:
            app: web # svclint: ignore[selector-typo] the other end
        spec:
          containers: [{name: web, image: x}]
        """
    )
    assert rules(check(text)) == []


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_yaml_ends_them(odd: str, newline: str) -> None:
    """What other tools take for a line end stands inside of lines here: no comment slips to another line."""
    text = SERVICE.replace("name: db", f"name: db # {odd * 3}")
    text = text.replace("  externalName", "  # svclint: ignore[external-name-ip-address]\n  externalName")
    report = check(text.replace("\n", newline))
    assert rules(report) == []
    assert report.suppressed == 1


SOURCE = parse("a: 1\n", "a.yaml")
LINES = ["# a comment", "", "---", "...", "a:", "- b", "  c:", "  - d", "    e", "  # inside"]


def suppressions(names: list[frozenset[str]], spans: list[tuple[int, int]]) -> list[Suppression]:
    return [
        Suppression("a.yaml", rules, "", first, first + length, SOURCE, Span(0, 1))
        for rules, (first, length) in zip(names, spans, strict=False)
    ]


@given(
    st.lists(st.frozensets(st.sampled_from("abc"), max_size=2), max_size=12),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=12, max_size=12),
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 12)), max_size=20),
)
def test_a_walk_answers_what_each_suppression_covers(
    names: list[frozenset[str]], spans: list[tuple[int, int]], asked: list[tuple[str, int]]
) -> None:
    group = suppressions(names, spans)
    pairs = [
        (question, number)
        for question, (rule, line) in enumerate(asked)
        for number, each in enumerate(group)
        if each.covers(rule, "a.yaml", line)
    ]
    assert suppression.answers(group, asked) == ({q for q, _ in pairs}, {n for _, n in pairs})


def looked_up(lines: list[str], comment: int) -> tuple[int, int]:
    """The block of a comment, looked for line by line."""

    def says(line: str) -> bool:
        return bool(line.strip()) and not line.lstrip().startswith("#")

    start = next((i for i in range(comment, len(lines)) if says(lines[i])), len(lines))
    if start == len(lines) or lines[start].startswith(("---", "...")):
        return comment, comment
    before = lines[: comment - 1]
    last = max((i for i, line in enumerate(before) if line.startswith("---")), default=-1)
    if not any(says(line) for line in before[last + 1 :]):
        return comment, next((i for i in range(start, len(lines)) if lines[i].startswith("---")), len(lines))
    indent = len(lines[start]) - len(lines[start].lstrip())
    for number in range(start + 1, len(lines)):
        line = lines[number]
        inside = len(line) - len(line.lstrip())
        listed = inside == indent and line.lstrip().startswith("- ") and not lines[start].lstrip().startswith("- ")
        if says(line) and (line.startswith("---") or (inside <= indent and not listed)):
            return comment, number
    return comment, len(lines)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=14), st.data())
def test_blocks_read_once_are_those_looked_up_line_by_line(lines: list[str], data: st.DataObject) -> None:
    blocks = suppression._Blocks(lines)
    for comment in data.draw(st.permutations(range(1, len(lines) + 1))):
        assert blocks.of(comment) == looked_up(lines, comment)

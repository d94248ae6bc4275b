"""Comments and annotations that answer findings."""

from textwrap import dedent

import pytest

from svclint import registry, testing
from svclint.diagnostic import Report

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

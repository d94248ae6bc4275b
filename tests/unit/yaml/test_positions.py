"""Paths → places, in every style of writing."""

from __future__ import annotations

import pytest

from svclint.yaml import parse

TEXT = """\
# comment
apiVersion: v1  # trailing
kind: "Serv\\x69ce"
metadata: &meta !!map
  name: 'it''s'
  labels: {app: web, "tier": x, on: y}
spec:
  ports:
    - port: 80
      name: http
    -
      port: &num 0x1F
  empty:
  other: *meta
  text: |
    one
    two

  folded: >-
    a
    b
  long: first
    second
  quoted: "first
    second"
  ? complex
  : [1,
     2]
  <<: *meta
  nothing: &n
  tagged: !!str 5
"""


def place(path: tuple[str | int, ...], part: str = "value", text: str = TEXT) -> str:
    (document,) = parse(text, "x.yaml").documents
    return text[slice(*document.span(path, part))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("apiVersion",), "v1"),
        (("kind",), '"Serv\\x69ce"'),
        (("metadata", "name"), "'it''s'"),
        (("metadata", "labels"), '{app: web, "tier": x, on: y}'),
        (("metadata", "labels", "tier"), "x"),
        (("metadata", "labels", "true"), "y"),
        (("spec", "ports"), "- port: 80\n      name: http\n    -\n      port: &num 0x1F"),
        (("spec", "ports", 0), "port: 80\n      name: http"),
        (("spec", "ports", 1, "port"), "0x1F"),
        (("spec", "empty"), ""),
        (("spec", "other"), "*meta"),
        (("spec", "other", "name"), "'it''s'"),
        (("spec", "text"), "|\n    one\n    two"),
        (("spec", "folded"), ">-\n    a\n    b"),
        (("spec", "long"), "first\n    second"),
        (("spec", "quoted"), '"first\n    second"'),
        (("spec", "complex"), "[1,\n     2]"),
        (("spec", "complex", 1), "2"),
        (("spec", "name"), "'it''s'"),
        (("spec", "nothing"), ""),
        (("spec", "tagged"), "5"),
    ],
)
def test_value(path: tuple[str | int, ...], text: str) -> None:
    assert place(path) == text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_keys(newline: str) -> None:
    text = TEXT.replace("\n", newline)
    for path, key in (
        (("metadata", "labels", "tier"), '"tier"'),
        (("metadata", "labels", "true"), "on"),
        (("spec", "ports", 1, "port"), "port"),
        (("spec", "complex"), "complex"),
        (("spec", "name"), "name"),
        (("spec", "ports", 0), "port"),
        ((), "apiVersion"),
    ):
        assert place(path, "key", text) == key


def test_an_empty_value_stands_behind_its_colon() -> None:
    (document,) = parse(TEXT, "x.yaml").documents
    assert TEXT[: document.span(("spec", "empty")).start].endswith("empty:")


def test_a_later_equal_key_is_the_one_that_counts() -> None:
    assert place(("a",), text="a: 1\nb: 2\na: 3\n") == "3"


def test_a_merge_is_found_where_it_is_written() -> None:
    text = "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nm:\n  <<: [*a, *b]\n"
    assert place(("m", "x"), text=text) == "1"
    assert place(("m", "z"), text=text) == "3"


def test_flow_colons_keep_their_place() -> None:
    text = "a: [http://x:80/a, 'b', 001:db8::]\n"
    assert [place(("a", at), text=text) for at in range(3)] == ["http://x:80/a", "'b'", "001:db8::"]


@pytest.mark.parametrize(
    ("text", "start", "end", "wanted"),
    [
        ("v: plain text\n", 6, 10, "text"),
        ("v: 'it''s me'\n", 2, 4, "''s"),
        ('v: "a\\tb\\u00e9c"\n', 1, 4, "\\tb\\u00e9"),
        ("v: one\n  two\n\n  three\n", 4, 7, "two"),
        ("v: one\n  two\n\n  three\n", 8, 13, "three"),
        ('v: "one\\\n    two"\n', 3, 6, "two"),
        ("v: |\n  one\n\n  two\n", 5, 8, "two"),
        ("v: |2\n   one\n  two\n", 1, 4, "one"),
        ("v: >\n  one\n  two\n\n  three\n", 8, 13, "three"),
        ("v: &a !!str 80:90\n", 3, 5, "90"),
        ("v: >+2\n  one\n  two\n", 0, 3, "one"),
        ("v: !!binary aGk=\n", 0, 1, "aGk="),
        ("a: &x text\nv: *x\n", 1, 3, "ex"),
        ("v: text\n", 2, 99, "text"),
        ("v: [1]\n", 0, 1, "[1]"),
    ],
)
def test_part_of_a_string(text: str, start: int, end: int, wanted: str) -> None:
    for newline in ("\n", "\r\n"):
        data = text.replace("\n", newline)
        (document,) = parse(data, "x.yaml").documents
        assert data[slice(*document.slice_span(("v",), start, end))] == wanted.replace("\n", newline)


def test_an_empty_part_is_an_empty_place() -> None:
    (document,) = parse("v: text\n", "x.yaml").documents
    assert document.slice_span(("v",), 2, 2) == (5, 5)
    assert document.slice_span(("v",), 4, 4) == (7, 7)


@pytest.mark.parametrize(
    ("before", "path", "part"),
    [
        ("apiV", ("apiVersion",), "key"),
        ("apiVersion: v", ("apiVersion",), "value"),
        ("    - port: 8", ("spec", "ports", 0, "port"), "value"),
        ("      na", ("spec", "ports", 0, "name"), "key"),
        ("{app: we", ("metadata", "labels", "app"), "value"),
        ("# comm", (), "value"),
        ("one\n    tw", ("spec", "text"), "value"),
        ("other: *m", ("spec", "other"), "value"),
    ],
)
def test_an_offset_has_a_path(before: str, path: tuple[str | int, ...], part: str) -> None:
    (document,) = parse(TEXT, "x.yaml").documents
    assert document.positions.path_at(TEXT.index(before) + len(before)) == (path, part)


def test_many_blanks_are_no_trouble() -> None:
    text = "v: a" + " " * 100_000 + "b\n"
    (document,) = parse(text, "x.yaml").documents
    assert document.slice_span(("v",), 100_001, 100_002) == (len(text) - 2, len(text) - 1)

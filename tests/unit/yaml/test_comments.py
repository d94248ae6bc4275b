"""Comments, and what only looks like one."""

from __future__ import annotations

from svclint.yaml import parse
from svclint.yaml.comments import comments

TEXT = """\
# first
a: "# not" # one
b: '# not'   # two
c: x#not # three
--- # between
d: | # header
  # not

  # not either
# after
e: [1, # in flow
  "2"# tight
  ]#close
f: &a#
g: multi
  line #four
--- # last
# end"""


def test_comments_are_those_of_the_scanner() -> None:
    found = comments(parse(TEXT.replace("&a#", "&a #anchored"), "x.yaml"))
    assert [(comment.text, comment.line, comment.own_line) for comment in found] == [
        ("# first", 1, True),
        ("# one", 2, False),
        ("# two", 3, False),
        ("# three", 4, False),
        ("# between", 5, False),
        ("# header", 6, False),
        ("# after", 10, True),
        ("# in flow", 11, False),
        ("# tight", 12, False),
        ("#close", 13, False),
        ("#anchored", 14, False),
        ("#four", 16, False),
        ("# last", 17, False),
        ("# end", 18, True),
    ]


def test_spans_and_line_ends() -> None:
    text = "a: 1 # x\r\n# y\r\nb: 2\r\n"
    found = comments(parse(text, "x.yaml"))
    assert [text[slice(*comment.span)] for comment in found] == ["# x", "# y"]


def test_of_an_unreadable_document_only_own_lines_are_known() -> None:
    found = comments(parse("a: [ # no\n# yes\n---\nb: 1 # b\n", "x.yaml"))
    assert [comment.text for comment in found] == ["# yes", "# b"]


def test_none() -> None:
    assert comments(parse("a: 1\n", "x.yaml")) == ()

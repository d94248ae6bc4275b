"""Unified diffs: difflib's for small texts, sound ones for large texts, at once."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svclint import differ

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e\n", "f\n", "g\n"]), max_size=30)
HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@\n")


def patched(old: list[str], diff: list[str]) -> list[str]:
    """The text that a diff makes of the old one; every line that it names must be there."""
    new: list[str] = []
    at = 0
    for line in diff[2:]:
        head = HEAD.fullmatch(line)
        if head:
            start = int(head[1]) - (0 if head[2] == "0" else 1)
            new += old[at:start]
            at = start
        elif line[0] == "+":
            new.append(line[1:])
        else:
            assert old[at] == line[1:]
            at += 1
            if line[0] == " ":
                new.append(line[1:])
    return new + old[at:]


@given(LINES, LINES)
def test_small_texts_are_compared_as_difflib_does(old: list[str], new: list[str]) -> None:
    assert list(differ.unified(old, new, "a", "b")) == list(difflib.unified_diff(old, new, "a", "b"))


@given(LINES, LINES)
@settings(max_examples=200)
def test_texts_in_pieces_are_compared_soundly(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differ, "LARGE", 0)
        assert patched(old, list(differ.unified(old, new, "a", "b"))) == new


def test_very_many_changes_of_lines_that_are_alike() -> None:
    old = [line for number in range(20_000) for line in (f"key{number}:\n", "  from: x\n", "  to: y\n")]
    new = [line.replace("from", "form") for line in old]
    diff = list(differ.unified(old, new, "a", "b"))
    assert sum(line.startswith("-  from") for line in diff) == 20_000
    assert patched(old, diff) == new

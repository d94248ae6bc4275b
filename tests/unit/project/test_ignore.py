"""Ignore files' plain lines are read as pathspec reads them."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from svclint.project import ignore

NAMES = st.lists(st.text("ab.-_*/", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)
LINES = st.tuples(st.sampled_from(["", "!"]), st.sampled_from(["", "/", "*"]), NAMES, st.sampled_from(["", "/"]))
PATHS = st.lists(st.text("ab.-_", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@given(LINES.map("".join), PATHS, st.booleans())
def test_plain_lines_mean_what_pathspec_says(line: str, path: str, folder: bool) -> None:
    plain = ignore._plain(line)
    if plain is None:
        return
    ours, theirs = ignore.Patterns([]), ignore.Patterns([])
    ours._patterns = [plain]
    theirs._patterns = ignore._by_library(line)
    assert ours.decide(path, folder) == theirs.decide(path, folder)
    assert ours.cover(path) == theirs.cover(path)


GLOBS = st.lists(st.sampled_from(["a", "b", ".", "*", "*", "?", "[ab]", "/", "**", "\\(", "!"]), min_size=1, max_size=9)


@given(GLOBS.map("".join), PATHS)
def test_bounded_expressions_mean_the_same(line: str, path: str) -> None:
    try:
        patterns = list(GitIgnoreSpec.from_lines([line]).patterns)
    except ValueError:
        return
    for pattern in patterns:
        regex = getattr(pattern, "regex", None)
        for text in (path, path + "/") if regex is not None else ():
            assert _spans(ignore._bounded(regex.pattern), text) == _spans(regex.pattern, text)


def _spans(regex: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(regex, text)]


def test_many_stars_end() -> None:
    # Each of these took more than hours.
    assert not ignore.Patterns(["*a*a*a*a*a*a*a*a*b"]).cover("a" * 250)
    assert not ignore.Patterns(["x/" + "**/a*a*a*/" * 12 + "b"]).cover("x/" + "a" * 200 + "/a/a" * 200)
    assert ignore.Patterns(["*a*b?c*[de]"]).cover("xa1bzb2cd.e")


def test_ordinary_lines_need_no_library() -> None:
    for line in ("node_modules/", "/dist", "*.pyc", ".env", "!keep.yaml", "a/b/"):
        assert ignore._plain(line) is not None
    for line in ("a/**", "*.py[cod]", "a b", "**/x", "a*b"):
        assert ignore._plain(line) is None

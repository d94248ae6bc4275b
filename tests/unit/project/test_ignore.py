"""Ignore files' plain lines are read as pathspec reads them."""

from hypothesis import given
from hypothesis import strategies as st

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


def test_ordinary_lines_need_no_library() -> None:
    for line in ("node_modules/", "/dist", "*.pyc", ".env", "!keep.yaml", "a/b/"):
        assert ignore._plain(line) is not None
    for line in ("a/**", "*.py[cod]", "a b", "**/x", "a*b"):
        assert ignore._plain(line) is None

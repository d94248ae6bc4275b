"""Where mentions are looked for: only in words that can hold one, with nothing lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svclint.cluster import mentions

PIECES = (
    "web",
    "db-1",
    "shop",
    ".",
    ":",
    "80",
    "8080",
    "://",
    "http",
    "u:p@",
    ".svc",
    ".cluster.local",
    "/",
    "$",
    "{",
    "(",
    "-",
    " ",
    "\n",
    "\t",
    "\u00a0",
    "'",
    '"',
    ",",
    "é",
    "_",
)


def spans(matches: object) -> list[tuple[int, int]]:
    return [match.span() for match in matches]  # type: ignore[attr-defined]


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_no_match_is_lost_by_looking_at_words(text: str) -> None:
    assert spans(mentions._matches(text)) == spans(mentions._MENTION.finditer(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://u:p@web.shop:80/ and db:5432\nweb.shop.svc", ["http://u:p@web.shop:80", "db:5432", "web.shop.svc"]),
        ("no host here: at all", []),
        ("$web:80 a@db:80", []),
    ],
)
def test_what_is_found(text: str, found: list[str]) -> None:
    matches: list[re.Match[str]] = list(mentions._matches(text))
    assert [match[0] for match in matches] == found

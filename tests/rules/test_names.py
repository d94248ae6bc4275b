"""Names of Services are found by their words as they would be by looking at each of them."""

from hypothesis import given
from hypothesis import strategies as st

from svclint.rule import distance, nearest
from svclint_rules._names import Services, meant

WORDS = st.lists(st.sampled_from(["a", "b", "web", "db"]), min_size=1, max_size=3).map("-".join)


def extended(name: str, names: list[str]) -> str | None:
    """Looked for among all of them."""
    longer = [n for n in names if n.startswith(name + "-")]
    if len(longer) == 1:
        return longer[0]
    longer = [n for n in names if n.startswith(name + "-") or n.endswith("-" + name) or name.startswith(n + "-")]
    return longer[0] if len(longer) == 1 else None


@given(WORDS, st.lists(WORDS, unique=True, max_size=8))
def test_services_by_their_words(name: str, names: list[str]) -> None:
    known = Services(names)
    assert known.nearest(name) == nearest(name, names)
    assert known.meant(name) == meant(name, names)
    assert known.extended(name) == extended(name, names)


def plain(a: str, b: str) -> int:
    """Edits of one letter or of two neighbours (optimal string alignment), by the whole table."""
    table = {(-1, -1): 0}
    for i in range(-1, len(a)):
        for j in range(-1, len(b)):
            if i < 0 or j < 0:
                table[i, j] = max(i, j) + 1
                continue
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a[i] != b[j]))
            if i and j and a[i] == b[j - 1] and a[i - 1] == b[j]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a) - 1, len(b) - 1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 4))
def test_what_is_the_same_at_both_ends_costs_nothing(a: str, b: str, limit: int) -> None:
    assert distance(a, b, limit) == min(plain(a, b), limit + 1)

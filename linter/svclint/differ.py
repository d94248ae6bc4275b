"""Unified diffs, in a time that grows with the texts: those of large files are matched from line to unique line."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from typing import Final

LARGE: Final = 2000
"""Lines of both texts from which on difflib, whose time grows with the square, is given them in pieces."""
CONTEXT: Final = 3


class _Matcher(SequenceMatcher[str]):
    """difflib's, but for large texts: between lines that stand once in each."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new)
        self._old = old
        self._new = new

    def get_matching_blocks(self) -> list[Match]:
        old, new = self._old, self._new
        if len(old) + len(new) < LARGE:
            return super().get_matching_blocks()
        blocks: list[Match] = []
        a = b = 0
        for next_a, next_b in [*_anchors(old, new), (len(old), len(new))]:
            if a < next_a and b < next_b:
                between = SequenceMatcher(None, old[a:next_a], new[b:next_b]).get_matching_blocks()
                for match in between[:-1]:
                    _add(blocks, a + match.a, b + match.b, match.size)
            if next_a < len(old):
                _add(blocks, next_a, next_b, 1)
            a, b = next_a + 1, next_b + 1
        return [*blocks, Match(len(old), len(new), 0)]


def _add(blocks: list[Match], a: int, b: int, size: int) -> None:
    if blocks and blocks[-1].a + blocks[-1].size == a and blocks[-1].b + blocks[-1].size == b:
        a, b, before = blocks.pop()
        size += before
    blocks.append(Match(a, b, size))


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Where the same line stands once in each text: the most of them that are in order."""
    often_old, often_new = Counter(old), Counter(new)
    where = {line: at for at, line in enumerate(new) if often_new[line] == 1}
    pairs = [(at, where[line]) for at, line in enumerate(old) if often_old[line] == 1 and line in where]
    # The longest increasing run of places in the new text.
    ends: list[int] = []
    tips: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        rank = bisect_left(ends, at)
        ends[rank : rank + 1] = [at]
        tips[rank : rank + 1] = [number]
        before.append(tips[rank - 1] if rank else -1)
    chosen = []
    number = tips[-1] if tips else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]


def unified(old: Sequence[str], new: Sequence[str], old_name: str, new_name: str) -> Iterator[str]:
    """The lines of a unified diff, as `difflib.unified_diff` gives them; nothing for equal texts."""
    begun = False
    for group in _Matcher(old, new).get_grouped_opcodes(CONTEXT):
        if not begun:
            begun = True
            yield f"--- {old_name}\n"
            yield f"+++ {new_name}\n"
        _, a, _, b, _ = group[0]
        _, _, a_end, _, b_end = group[-1]
        yield f"@@ -{_range(a, a_end)} +{_range(b, b_end)} @@\n"
        for what, first, last, start, end in group:
            if what == "equal":
                yield from (f" {line}" for line in old[first:last])
            if what in ("replace", "delete"):
                yield from (f"-{line}" for line in old[first:last])
            if what in ("replace", "insert"):
                yield from (f"+{line}" for line in new[start:end])


def _range(start: int, stop: int) -> str:
    """Lines as a hunk's head names them: the first, from 1, and how many; of none the one before."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"

"""Offsets → lines and columns."""

from __future__ import annotations

import pytest

from svclint.text import LineIndex


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [(1, 1)]),
        ("ab\nc", [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]),
        ("a\r\nb", [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]),
        ("a\rb", [(1, 1), (1, 2), (2, 1), (2, 2)]),
        ("é\x0b\u2028\n", [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1)]),
    ],
)
def test_positions(text: str, places: list[tuple[int, int]]) -> None:
    lines = LineIndex(text)
    assert [tuple(lines.position(offset)) for offset in range(len(text) + 1)] == places

"""Positions in code units: emoji, Chinese characters and every kind of line end."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from svclint.lsp.positions import Encoding, Text

ENCODINGS = get_args(Encoding)
PIECES = ["a", "é", "语", "😀", "\n", "\r", "\r\n", "\u2028", "\x0c"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_every_offset_comes_back(text: str, encoding: Encoding) -> None:
    known = Text(text, encoding)
    for offset in range(len(text) + 1):
        if text[max(offset - 1, 0) : offset + 1] != "\r\n":
            assert known.offset(known.position(offset)) == offset


@given(TEXTS, st.integers(0, 20), st.integers(0, 20), st.sampled_from(ENCODINGS))
def test_every_position_is_somewhere(text: str, line: int, character: int, encoding: Encoding) -> None:
    assert 0 <= Text(text, encoding).offset(types.Position(line, character)) <= len(text)


@pytest.mark.parametrize(("encoding", "after", "inside"), [("utf-8", 8, 2), ("utf-16", 5, 2), ("utf-32", 4, 3)])
def test_units(encoding: Encoding, after: int, inside: int) -> None:
    text = Text("# 😀é\nx", encoding)
    assert text.position(4) == types.Position(0, after)
    assert text.offset(types.Position(0, 3)) == inside


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("kind", ["utf-8", "utf-16", "utf-32"])
async def test_a_finding_behind_an_emoji_stands_where_the_client_counts_it(
    start: Any, tmp_path: Any, kind: str
) -> None:
    general = types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind(kind)])
    diagnostic = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    async with start(types.ClientCapabilities(text_document=diagnostic, general=general)) as editor:
        text = (editor.root / "service.yaml").read_text()
        line = '  selector: {"语😀": "é", "app": "wbe"} # svclint: ignore[selector-typo]'
        editor.open("service.yaml", text.replace("  selector:\n    app: web", line))
        (found,) = [d for d in (await editor.pull("service.yaml")).items if d.code == "unused-suppression"]
        name, width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[kind]
        shown = line.encode(name)[found.range.start.character * width : found.range.end.character * width]
        assert shown.decode(name) == "# svclint: ignore[selector-typo]"

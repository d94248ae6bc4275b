"""SECURITY.md names a test for each promise, and each test of this folder is named there or serves one that is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`((?:tests/\w+/)?test_\w+\.py)::(\w+)`", TEXT)


def defined_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_that_is_named_is_there() -> None:
    assert len(NAMED) > 30
    for file, name in NAMED:
        path = ROOT / file if "/" in file else Path(__file__).parent / file
        assert name in defined_in(path), f"{file}::{name}"


def test_every_promise_names_a_test() -> None:
    promises = re.split(r"\n- ", TEXT.partition("## Nothing let in")[2].partition("## The same input")[0])[1:]
    assert len(promises) > 12
    for promise in promises:
        assert re.search(r"`(?:tests/\w+/)?test_\w+\.py::\w+`", promise), promise


def test_every_file_of_tests_is_spoken_of() -> None:
    there = {file.name for file in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert there == {file for file, _ in NAMED if "/" not in file}

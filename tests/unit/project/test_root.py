"""The project root: `--root`, the nearest ancestor that marks one, or the PATH itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from svclint import config
from svclint.project import root
from svclint.project.root import find_root


def test_root_is_taken_as_given(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert find_root([str(tmp_path / "a")], str(tmp_path / "b")) == str(tmp_path / "b")


@pytest.mark.parametrize("mark", [".git", "svclint.toml", ".svclint.yaml", ".svclint.yml"])
def test_the_nearest_mark_counts(tmp_path: Path, mark: str) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    marked = tmp_path / "a"
    (marked / mark).mkdir() if mark == ".git" else (marked / mark).write_text("")
    (inner / "web.yaml").write_text("")
    assert find_root([str(inner / "web.yaml")]) == str(marked)
    assert find_root([str(inner)]) == str(marked)


def test_a_work_tree_of_git_worktree_has_a_file(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / "a").mkdir()
    assert find_root([str(tmp_path / "a")]) == str(tmp_path)


def test_a_pyproject_counts_only_with_our_table(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (tmp_path / ".git").mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_root([str(inner)]) == str(tmp_path)
    (inner / "pyproject.toml").write_text("[project]\n[tool.svclint.rules.x]\nseverity = 'off'\n")
    assert find_root([str(inner)]) == str(inner)


def test_the_same_files_are_configurations_for_the_root_and_for_the_configuration() -> None:
    assert root.CONFIGURATION_FILES == config.FILES


def test_without_a_mark_the_path_itself(tmp_path: Path) -> None:
    assert find_root([str(tmp_path)]) == str(tmp_path)
    assert find_root([str(tmp_path / "web.yaml")]) == str(tmp_path)


def test_no_path_means_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_root([]) == os.getcwd()
    assert find_root(["-"]) == os.getcwd()

"""Which files are sources: git's ignore rules without git, hidden and vendored folders, links, what can't be read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from svclint import confined
from svclint.project import files
from svclint.project.files import Problem, walk


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")


def found(root: Path, **settings: tuple[str, ...]) -> list[str]:
    return list(walk(str(root), **settings).files)


def test_only_yaml_and_json_outside_hidden_and_vendored_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a.yaml", "b.yml", "c.json", "d.txt", ".hidden.yaml", ".github/e.yaml", "Kustomization")
    touch(tmp_path, "node_modules/f.yaml", "x/vendor/g.yaml", "x/h.yaml", ".venv/i.yaml", "venv/j.yaml")
    assert found(tmp_path) == ["Kustomization", "a.yaml", "b.yml", "c.json", "x/h.yaml"]


IGNORES = {
    "by name": ("build/\n*.tmp.yaml\n", ["a.yaml", "build/b.yaml", "x/build/c.yaml", "d.tmp.yaml"]),
    "line ends and spaces": ("a.yaml\r\ntrail\\ \nb.yaml   \n", ["a.yaml", "b.yaml", "c.yaml"]),
    "a bad pattern spoils nothing": ("\\\na.yaml\n", ["a.yaml", "b.yaml"]),
    "taken back from a folder's content": ("/v/*\n!/v/ok.yaml\n", ["v/ok.yaml", "v/no.yaml"]),
    "taken back two levels down": ("/v/**\n!/v/x/\n!/v/x/ok.yaml\n", ["v/x/ok.yaml", "v/x/no.yaml", "v/y/no.yaml"]),
    "a folder that is ignored gives nothing back": ("v/\n!v/ok.yaml\n", ["v/ok.yaml"]),
    "only folders are taken back": ("*\n!*/\n!keep.yaml\n", ["keep.yaml", "a.yaml", "x/keep.yaml", "x/a.yaml"]),
    "anchored": ("/a.yaml\nx/b.yaml\n", ["a.yaml", "x/a.yaml", "x/b.yaml", "y/x/b.yaml"]),
    "comments and blanks": ("# a.yaml\n\n\\#b.yaml\n", ["a.yaml", "#b.yaml"]),
}


@pytest.mark.parametrize("case", IGNORES)
@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")
def test_gitignore_as_git_reads_it(tmp_path: Path, case: str) -> None:
    rules, paths = IGNORES[case]
    touch(tmp_path, *paths)
    (tmp_path / ".gitignore").write_bytes(rules.encode())
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    expected = sorted(path for path in listed.stdout.split("\0") if path.endswith(".yaml"))
    assert found(tmp_path) == expected


def test_ignore_files_of_folders_above_and_below(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("secret.yaml\n")
    touch(tmp_path, "x/a.yaml", "x/secret.yaml", "x/y/b.yaml", "x/y/c.yaml", "x/d.yaml")
    (tmp_path / ".gitignore").write_text("/x/d.yaml\nc.yaml\n")
    (tmp_path / "x" / "y" / ".gitignore").write_text("b.yaml\n!c.yaml\n")
    assert found(tmp_path / "x") == ["a.yaml", "y/c.yaml"]


def test_globs_of_the_configuration_name_files_and_folders(tmp_path: Path) -> None:
    touch(tmp_path, "deploy/a.yaml", "deploy/gen/b.yaml", "docs/c.yaml", "deploy/test.yaml")
    assert found(tmp_path, sources=("deploy",)) == ["deploy/a.yaml", "deploy/gen/b.yaml", "deploy/test.yaml"]
    assert found(tmp_path, sources=("deploy/**",), exclude=("gen/", "test.*")) == ["deploy/a.yaml"]


def test_links_stay_inside_and_nothing_is_read_twice(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    touch(root, "a/web.yaml", ".parts/db.yaml")
    touch(outside, "other.yaml")
    (root / "loop").symlink_to(root)
    (root / "away").symlink_to(outside)
    (root / "same.yaml").symlink_to(root / "a" / "web.yaml")
    (root / "db.yaml").symlink_to(root / ".parts" / "db.yaml")
    (root / "other.yaml").symlink_to(outside / "other.yaml")
    (root / "gone.yaml").symlink_to(root / "nowhere.yaml")
    assert found(root) == ["a/web.yaml", "db.yaml"]


def test_a_folder_without_permission_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.yaml", "closed/b.yaml")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = walk(str(tmp_path))
    assert result.files == ("a.yaml",)
    assert result.problems == (Problem("closed", "can't be read: Permission denied"),)


def test_what_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.yaml")
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert files.read(str(tmp_path), "a.yaml") == b""
    assert files.read(str(tmp_path), "gone.yaml") == Problem("gone.yaml", "can't be read: No such file or directory")
    assert isinstance(files.read(str(tmp_path), "folder.yaml"), Problem)
    assert files.read(str(tmp_path), "pipe.yaml") == Problem("pipe.yaml", "not an ordinary file")
    assert isinstance(files.read(str(tmp_path), "nul\0.yaml"), Problem)
    monkeypatch.setattr(confined, "MAX_BYTES", 3)
    (tmp_path / "a.yaml").write_text("too much")
    problem = files.read(str(tmp_path), "a.yaml")
    assert isinstance(problem, Problem)
    assert problem.message.startswith("too large")


def test_charts_and_projects_of_their_own(tmp_path: Path) -> None:
    touch(tmp_path, "charts/web/Chart.yaml", "sub/a.yaml", "b.yaml")
    (tmp_path / "sub" / ".git").write_text("gitdir: x\n")
    result = walk(str(tmp_path))
    assert result.charts == ("charts/web",)
    assert result.boundaries == ("sub",)

"""Which project a document belongs to, whatever its URI."""

from __future__ import annotations

from pathlib import Path

import pytest

from svclint.lsp import diagnostics
from svclint.lsp.workspace import Workspace

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"


def workspace(*tops: Path) -> Workspace:
    made = Workspace(lambda facts: facts)
    for top in tops:
        made.add_top(top.as_uri())
    made.open_tops()
    return made


def read(made: Workspace, uri: str) -> list[str]:
    """The files of the project of a document, once that is opened."""
    made.open(uri, 1, "yaml", SERVICE)
    folder, _ = made.place(uri)
    return [source.path for source in folder.snapshot().project.sources]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's home, with notes and a project in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("notes.yaml", "project/web.yaml", "project/api.yaml", "other/db.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SERVICE)
    return tmp_path


def test_a_file_in_the_home_folder_is_alone(home: Path) -> None:
    assert read(workspace(), (home / "notes.yaml").as_uri()) == ["notes.yaml"]
    assert read(workspace(home), (home / "notes.yaml").as_uri()) == ["notes.yaml"]
    assert list(workspace(home).folders) == []


def test_even_where_the_home_folder_is_under_git(home: Path) -> None:
    (home / ".git").mkdir()
    assert read(workspace(), (home / "notes.yaml").as_uri()) == ["notes.yaml"]


def test_a_configuration_says_that_it_is_meant(home: Path) -> None:
    (home / "svclint.toml").write_text("")
    found = read(workspace(), (home / "notes.yaml").as_uri())
    assert found == ["notes.yaml", "other/db.yaml", "project/api.yaml", "project/web.yaml"]


def test_a_folder_below_is_a_project(home: Path) -> None:
    assert read(workspace(), (home / "project" / "web.yaml").as_uri()) == ["api.yaml", "web.yaml"]


def test_what_is_alone_is_forgotten_when_it_is_closed(home: Path) -> None:
    made = workspace()
    uri = (home / "notes.yaml").as_uri()
    read(made, uri)
    made.close(uri)
    assert list(made.folders) == []
    with pytest.raises(KeyError):
        made.place(uri)


URIS = [
    "", "file:", "file://", "file:///", "file:///%00x.yaml", "file:///a\0b", "http://x/y.yaml", "untitled:Untitled-1",
    "git:/x/y.yaml?{}", "file:///etc", "file:///proc/self/mem", "file:///dev/zero", "file:///nonexistent/x/y.yaml", "%%%",
    "file:///%E0%A4%A.yaml", "file://host/share/x.yaml", "file:///C:/x.yaml", "\ud800", f"file:///{'a' * 5000}.yaml",
    "vscode-notebook-cell:/x#1", "file:///tmp/../..//x.yaml",
]  # fmt: skip


@pytest.mark.parametrize("uri", URIS, ids=range(len(URIS)))
def test_any_uri_is_a_place(uri: str) -> None:
    made = workspace()
    made.add_top(uri)
    made.open_tops()
    made.open(uri, 1, "yaml", SERVICE.replace("port:", "prot:"))
    folder, path = made.place(uri)
    found = diagnostics.of_file(folder, path)
    assert found != [] or not path.endswith(".yaml")
    made.touched(uri)
    made.close(uri)

"""The start from what the last run knew: the same diagnostics, and nothing is read for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from svclint import cache, project
from svclint.lsp import diagnostics
from svclint.lsp.positions import Text
from svclint.lsp.snapshot import Snapshot
from svclint.lsp.workspace import Buffer, Folder

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: web-{0}}}\nspec: {{selector: {{app: 🕸-web}}, ports: [{{port: 80}}]}}\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: wbe}}\nspec: {containers: [{name: a, image: b}]}\n"
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is large enough to be kept, with findings and a user's own folder for the key."""
    monkeypatch.setenv("SVCLINT_CACHE_DIR", str(tmp_path / "kept"))
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(cache.LEAST_FILES):
        (folder / f"{number:02}.yaml").write_text(SERVICE.format(number), encoding="utf-8")
    (folder / "pod.yaml").write_text(POD)
    return folder


def folder_of(root: Path) -> Folder:
    return Folder(project.Location(str(root)), lambda facts: facts, "utf-16")


def open_in(folder: Folder, path: str, text: str) -> None:
    uri = (Path(folder.location.root) / path).as_uri()
    folder.put(path, Buffer(uri, 1, "yaml", Text(text, "utf-16")))


def everything(folder: Folder) -> dict[str, list[object]]:
    return {path: list(diagnostics.of_file(folder, path)) for path in diagnostics.paths(folder)}


def test_the_last_run_s_diagnostics_are_those_of_reading(root: Path) -> None:
    first = folder_of(root)
    read = everything(first)
    assert first.read and any(read.values())
    first.keep()
    second = folder_of(root)
    open_in(second, "00.yaml", (root / "00.yaml").read_text(encoding="utf-8"))
    assert everything(second) == {**read, "00.yaml": read["00.yaml"]}
    assert not second.read
    assert isinstance(second.snapshot(), Snapshot) and second.read
    assert everything(second) == read


@pytest.mark.parametrize("how", ["typed", "written", "template", "configured"])
def test_what_has_changed_is_read(root: Path, how: str) -> None:
    first = folder_of(root)
    first.snapshot()
    first.keep()
    text = (root / "00.yaml").read_text(encoding="utf-8")
    second = folder_of(root)
    second.said()
    if how == "typed":
        open_in(second, "00.yaml", text.replace("80", "81"))
    elif how == "written":
        (root / "00.yaml").write_text(text + "# more\n", encoding="utf-8")
        second.changed_on_disk("00.yaml")
    elif how == "template":
        (root / "00.yaml").write_text(text + "# {{ more }}\n", encoding="utf-8")
        open_in(second, "00.yaml", text + "# {{ more }}\n")
        second.changed_on_disk()
    else:
        (root / "svclint.toml").write_text('ignore = ["selectors-overlap"]\n')
        second.configure()
    assert isinstance(second.said(), Snapshot)


def test_what_was_only_typed_is_not_kept(root: Path) -> None:
    folder = folder_of(root)
    open_in(folder, "pod.yaml", POD.replace("wbe", "🕸-web"))
    folder.snapshot()
    folder.keep()
    assert isinstance(folder_of(root).said(), Snapshot)


def test_what_the_disk_does_not_say_any_more_is_not_kept(root: Path) -> None:
    folder = folder_of(root)
    folder.snapshot()
    (root / "pod.yaml").write_text(POD.replace("wbe", "other"))
    folder.keep()
    assert isinstance(folder_of(root).said(), Snapshot)

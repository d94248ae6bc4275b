"""What is kept between runs gives the same report as reading everything, whatever was edited."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svclint import cache, incremental, output, project, registry, session
from svclint.config import Config
from svclint.kube.facts import Facts

FACTS = Facts()
CONFIG = Config()
SELECTION = session.Selection(session.selected(registry.rules().values()))
EDITS = {
    "comment": ("", "# a comment\n"),
    "answered": ("", "# svclint: ignore\n"),
    "label": ("app: ", "app: x"),
    "port": ("80", "8080"),
    "name": ("metadata: {name: ", "metadata: {name: x"),
    "kind": ("kind: Service", "kind: Endpoints"),
    "value": ("value: b", 'value: "http://api.default.svc:81/"'),
    "refused": ("spec:", "wrong: 1\nspec:"),
    "broken": ("kind:", "kind: {"),
    "template": ("name: ", "name: {{ x }}"),
    "twice": ("spec:", "spec: {}\nspec:"),
    "namespace": ("metadata: {", "metadata: {namespace: other, "),
    "replicas": ("replicas: 2", "replicas: 0"),
    "overlay": ("namespace: ", "namePrefix: x-\nnamespace: "),
    "same": ("", ""),
}


def edit(path: Path, how: str) -> None:
    """Changes a file; what isn't there stays."""
    old, new = EDITS[how]
    text = path.read_text()
    path.write_text(text.replace(old, new, 1) if old else text + new)


def whole(root: Path) -> str:
    """What a run without anything kept reports."""
    read = project.Location(str(root)).load(CONFIG, {}, FACTS.namespace)
    return output.render(session.check(read, FACTS, SELECTION), "json")


class Known:
    """Runs on one folder that know each other's findings; `ways` says how each came to its report."""

    def __init__(self, root: Path) -> None:
        self.location = project.Location(str(root))
        self.store = cache.Store(str(root.parent / "kept"), b"k" * 32, ("test",))
        self.ways: list[str] = []

    def run(self, *files: str, folders: tuple[str, ...] = ()) -> str:
        location = self.location._replace(files=files, folders=folders)
        known = incremental.Incremental(self.store, location, CONFIG)
        report = known.unchanged()
        self.ways.append("unchanged")
        if report is None:
            self.ways[-1] = "again"
            report = known.again(FACTS, SELECTION)
        if report is None:
            self.ways[-1] = "whole"
            read = self.location.load(CONFIG, {}, FACTS.namespace, known.disk)
            checked = session.checked(read, FACTS, SELECTION)
            known.keep(read, checked)
            report = known.asked(read, checked)
        if report is None:
            self.ways[-1] = "targets"
            report = session.check(location.load(CONFIG, {}, FACTS.namespace), FACTS, SELECTION)
        return output.render(report, "json") + output.render(report, "text")


@pytest.fixture
def root(tmp_path: Path, clusters: Callable[[Path], list[str]]) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    clusters(folder)
    return folder


def same(known: Known, root: Path) -> None:
    """The report that is had is the report of everything."""
    read = project.Location(str(root)).load(CONFIG, {}, FACTS.namespace)
    report = session.check(read, FACTS, SELECTION)
    assert known.run() == output.render(report, "json") + output.render(report, "text")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(sorted(EDITS))), min_size=1, max_size=6))
def test_every_edit_gives_the_whole_report(clusters: Callable[[Path], list[str]], edits: list[tuple[int, str]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        root = folder / "project"
        root.mkdir()
        paths = clusters(root)
        known = Known(root)
        same(known, root)
        for number, how in edits:
            edit(root / paths[number % len(paths)], how)
            same(known, root)
    finally:
        shutil.rmtree(folder)


def test_only_what_may_have_changed_is_checked(root: Path) -> None:
    known = Known(root)
    for path, how in (
        (None, None),
        ("examples/0/service.yaml", "port"),
        ("examples/1/service.yaml", "comment"),
        ("overlays/dev/patch.yaml", "replicas"),
        ("apps/web/deployment.yaml", "port"),
        ("examples/2/service.yaml", "refused"),
        ("examples/2/service.yaml", "same"),
    ):
        if path and how:
            edit(root / path, how)
        same(known, root)
    assert known.ways == ["whole", "again", "again", "again", "again", "again", "unchanged"]


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("examples/0/service.yaml", "label"),
        ("examples/0/deployment.yaml", "name"),
        ("examples/0/service.yaml", "kind"),
        ("examples/0/service.yaml", "broken"),
        ("examples/0/service.yaml", "template"),
        ("overlays/dev/kustomization.yaml", "overlay"),
        ("values.yaml", "comment"),
    ],
)
def test_what_may_change_others_has_everything_read(root: Path, path: str, how: str) -> None:
    known = Known(root)
    same(known, root)
    edit(root / path, how)
    same(known, root)
    assert known.ways == ["whole", "whole"]


@pytest.mark.parametrize(
    ("files", "folders", "ways"),
    [
        (("examples/0/service.yaml",), (), ["whole", "unchanged", "again"]),
        (("examples/1/service.yaml", "apps/web/kustomization.yaml"), (), ["whole", "unchanged", "again"]),
        ((), ("examples",), ["whole", "unchanged", "again"]),
        (("backend/service.yaml",), ("infra", "overlays/dev"), ["whole", "unchanged", "again"]),
        ((), ("",), ["whole", "unchanged", "again"]),
        (("values.yaml",), (), ["targets", "targets", "targets"]),
        ((".hidden/service.yaml",), (), ["targets", "targets", "targets"]),
        ((), (".hidden",), ["targets", "targets", "targets"]),
    ],
)
def test_targets_are_shown_of_what_is_known_of_everything(
    root: Path, files: tuple[str, ...], folders: tuple[str, ...], ways: list[str]
) -> None:
    (root / ".hidden").mkdir()
    (root / ".hidden/service.yaml").write_text((root / "examples/1/service.yaml").read_text())
    for number in range(6):
        edit(root / f"examples/{number}/deployment.yaml", "label")
    known = Known(root)
    for how in ("label", "same", "port"):
        edit(root / "examples/0/service.yaml", how)
        location = known.location._replace(files=files, folders=folders)
        report = session.check(location.load(CONFIG, {}, FACTS.namespace), FACTS, SELECTION)
        assert known.run(*files, folders=folders) == output.render(report, "json") + output.render(report, "text")
    assert known.ways == ways


def test_files_that_come_and_go_have_everything_read(root: Path) -> None:
    known = Known(root)
    same(known, root)
    (root / "examples/0/service.yaml").unlink()
    same(known, root)
    (root / "examples/0/again.yaml").write_text((root / "examples/1/service.yaml").read_text())
    same(known, root)
    assert known.ways == ["whole", "whole", "whole"]


def test_a_file_of_the_same_stamp_is_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "RACY", -(2**62))
    known = Known(root)
    same(known, root)
    read: list[str] = []
    monkeypatch.setattr(cache.Recorder, "read", lambda self, root, path: read.append(path) or b"")
    known.run()
    assert (known.ways, read) == (["whole", "unchanged"], [])


def test_a_file_that_was_just_written_is_read_again(root: Path) -> None:
    assert cache.stamp_of(str(root), "values.yaml") is None
    assert cache.stamp_of("/", "proc/self/nothing") is None


@pytest.mark.parametrize("entry", [[], {}, None, [1, 2], [[], [], [], [], 0, [[]]], [[["a"]], [], [], [], 0, []]])
def test_an_entry_of_another_shape_is_none(root: Path, entry: object) -> None:
    known = Known(root)
    known.store.write(entry)
    same(known, root)
    assert known.ways == ["whole"]

"""Two processes say what one says, and one that dies costs nothing but time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from svclint import incremental, kept, output, project, registry, session, workers
from svclint.cache import Store
from svclint.config import Config
from svclint.kube.facts import Facts

FACTS = Facts()
SELECTION = session.Selection(session.selected(registry.rules().values()))
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="one process only")


@pytest.fixture
def root(tmp_path: Path, clusters: Callable[[Path], list[str]]) -> Path:
    """A project with findings in several clusters, some of them answered, some about two files."""
    folder = tmp_path / "project"
    folder.mkdir()
    for path in clusters(folder):
        file = folder / path
        if path.endswith("deployment.yaml"):
            file.write_text(file.read_text().replace("{app: app-", "{app: xapp-"))
    return folder


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_can_fork", lambda: True)


def read(root: Path) -> project.Project:
    return project.Location(str(root)).load(Config(), {}, FACTS.namespace)


def everything(checked: session.Checked) -> list[object]:
    formats = [output.render(checked.report, name) for name in output.FORMATS]
    return [*formats, [kept.dump(d) for d in checked.silenced]]


def test_two_say_what_one_says(root: Path) -> None:
    one = session.checked(read(root), FACTS, SELECTION)
    two = workers.checked(read(root), FACTS, SELECTION, {}, least=0)
    assert one.report.diagnostics and one.silenced
    assert any(d.finding is None for d in two.report.diagnostics) and any(d.finding for d in two.report.diagnostics)
    assert everything(two) == everything(one)


@pytest.mark.parametrize(("environ", "least"), [({workers.VARIABLE: "1"}, 0), ({}, 10**6)])
def test_one_is_enough_when_it_is_asked_for_or_there_is_little(
    root: Path, environ: dict[str, str], least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a process is made"))
    assert workers.checked(read(root), FACTS, SELECTION, environ, least=least).report.diagnostics


@pytest.mark.parametrize("how", ["no process", "dies", "raises", "says nothing"])
def test_a_child_that_fails_loses_nothing(root: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = everything(session.checked(read(root), FACTS, SELECTION))
    if how == "no process":

        def fork() -> int:
            raise OSError("no more processes")

        monkeypatch.setattr(os, "fork", fork)
    else:
        real, parent = session.checked, os.getpid()

        def checked(*args: object) -> session.Checked:
            if os.getpid() == parent:
                return real(*args)  # type: ignore[arg-type]
            if how == "raises":
                raise ValueError
            os._exit(0 if how == "says nothing" else 9)

        monkeypatch.setattr(session, "checked", checked)
    assert everything(workers.checked(read(root), FACTS, SELECTION, {}, least=0)) == expected


def test_what_two_found_is_kept_as_what_one_found(root: Path) -> None:
    entries = []
    for how in ("one", "two"):
        store = Store(str(root.parent / how), b"k" * 32, ())
        known = incremental.Incremental(store, project.Location(str(root)), Config())
        found = project.Location(str(root)).load(Config(), {}, FACTS.namespace, known.disk)
        known.keep(found, workers.checked(found, FACTS, SELECTION, {}, least=0 if how == "two" else 10**6))
        entries.append(store.read())
    assert entries[0] is not None
    assert entries[0] == entries[1]

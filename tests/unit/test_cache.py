"""The cache: the same bytes as without it, believed only when it is whole, ours and still true."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from svclint import cache

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: web-{0}}}\nspec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: [{name: a, image: b}]}\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is large enough for an entry."""
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(cache.LEAST_FILES):
        (folder / f"{number}.yaml").write_text(SERVICE.format(number))
    (folder / "pod.yaml").write_text(POD)
    return folder


def check(project: Path, *flags: str, **environment: str) -> tuple[int, bytes]:
    """Exit code and standard output of a run; a traceback is always a defect."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SVCLINT_")}
    environ |= {"XDG_CACHE_HOME": str(project.parent / "home"), "PYTHONIOENCODING": "utf-8", **environment}
    command = [sys.executable, "-m", "svclint", "check", "--root", str(project), *flags, str(project)]
    done = subprocess.run(command, capture_output=True, env=environ, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout


def entries(project: Path) -> list[Path]:
    """The files of the entries."""
    folder = project / cache.FOLDER
    return [each for each in folder.iterdir() if len(each.name) == 32] if folder.is_dir() else []


def forge(path: Path, secret: bytes | None = None) -> None:
    """Makes an entry say that there is nothing to say, signed as before or with a key."""
    signature, _, body = path.read_bytes().partition(b"\n")
    entry = json.loads(body)
    for part in entry[-1]:
        part[1] = []
    body = json.dumps(entry).encode()
    if secret is not None:
        signature = cache.Store("", secret, ())._sign(body)
    path.write_bytes(signature + b"\n" + body)


def test_the_same_bytes_cold_warm_and_without(project: Path) -> None:
    without = check(project, "--no-cache")
    assert not entries(project)
    assert check(project) == without
    assert len(entries(project)) == 1
    assert check(project) == without
    assert (project / cache.FOLDER / ".gitignore").read_text().endswith("\n*\n")


def test_a_warm_run_says_what_the_entry_says(project: Path) -> None:
    (project / "pod.yaml").write_text(POD.replace("app: web", "app: wbe"))
    assert b"no findings in" not in check(project)[1]
    (entry,) = entries(project)
    forge(entry, (project.parent / "home" / "svclint" / "key").read_bytes())
    assert b"no findings in" in check(project)[1]


@pytest.mark.parametrize("change", ["content", "new", "gone", "configuration", "ignored"])
def test_what_changes_the_report_is_seen(project: Path, change: str) -> None:
    before = check(project)
    if change == "content":
        (project / "pod.yaml").write_text(POD.replace("app: web", "app: other"))
    elif change == "new":
        (project / "new.yaml").write_text(SERVICE.format(0))
    elif change == "gone":
        (project / "pod.yaml").unlink()
    elif change == "configuration":
        (project / "svclint.toml").write_text('select = ["duplicate-object"]\n')
        (project / "new.yaml").write_text(SERVICE.format(0))
    else:
        (project / ".gitignore").write_text("pod.yaml\n")
    after = check(project)
    assert after == check(project, "--no-cache")
    assert after != before


def test_what_is_shown_otherwise_is_known(project: Path) -> None:
    check(project)
    for flags in (["--output-format", "json"], ["--output-format", "sarif"], ["--quiet"], ["--color", "always"]):
        assert check(project, *flags) == check(project, "--no-cache", *flags)
    assert len(entries(project)) == 1


def test_what_is_asked_otherwise_is_another_entry(project: Path) -> None:
    check(project)
    flags = ["--ignore", "selectors-overlap"]
    assert check(project, *flags) == check(project, "--no-cache", *flags)
    assert len(entries(project)) == 2


def test_an_entry_that_a_repository_brings_is_not_believed(project: Path) -> None:
    expected = check(project)
    forge(entries(project)[0])
    assert check(project) == expected
    # Signed by somebody else, whose key lies beside it.
    (project / cache.FOLDER / "key").write_bytes(b"k" * 32)
    assert check(project, XDG_CACHE_HOME=str(project.parent / "elsewhere")) == expected


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\n{}", b"00\n" + b"[" * 10000])
def test_half_an_entry_is_none(project: Path, data: bytes) -> None:
    expected = check(project)
    entries(project)[0].write_bytes(data)
    assert check(project) == expected


def test_a_folder_that_is_a_link_is_not_written_to(project: Path) -> None:
    outside = project.parent / "outside"
    outside.mkdir()
    (project / cache.FOLDER).symlink_to(outside)
    check(project)
    assert not list(outside.iterdir())


def test_a_file_in_the_folder_s_place_and_no_home(project: Path) -> None:
    expected = check(project, "--no-cache")
    (project / cache.FOLDER).write_text("a file")
    assert check(project) == expected
    assert check(project, XDG_CACHE_HOME="/dev/null/x") == expected
    assert check(project, XDG_CACHE_HOME="", HOME="") == expected


def test_the_folder_can_be_elsewhere(project: Path) -> None:
    folder = project.parent / "a" / "b"
    expected = check(project, SVCLINT_CACHE_DIR=str(folder))
    assert not (project / cache.FOLDER).exists()
    assert len([each for each in folder.iterdir() if len(each.name) == 32]) == 1
    assert check(project, SVCLINT_CACHE_DIR=str(folder)) == expected


def test_small_projects_leave_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "pod.yaml").write_text(POD)
    check(folder)
    assert sorted(each.name for each in folder.iterdir()) == ["pod.yaml"]


def test_old_entries_go(tmp_path: Path) -> None:
    for number in range(cache.MOST_ENTRIES + 5):
        (tmp_path / f"{number:032}").write_text("")
        os.utime(tmp_path / f"{number:032}", (number, number))
    cache._prune(str(tmp_path))
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left == [f"{number:032}" for number in range(5, cache.MOST_ENTRIES + 5)]


def test_runs_at_once(project: Path) -> None:
    environ = {**os.environ, "XDG_CACHE_HOME": str(project.parent / "home"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "svclint", "check", "--root", str(project), str(project)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) for _ in range(3)]
    assert len({each.communicate()[0] for each in running}) == 1
    assert len(entries(project)) == 1

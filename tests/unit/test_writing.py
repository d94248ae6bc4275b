"""Files are written whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from svclint import writing
from svclint.writing import NewText, WriteError, replace_all

OLD, NEW = b"old: 1\n", b"new: 22\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "web.yaml"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_is_replaced_with_its_mode(file: Path) -> None:
    file.chmod(0o640)
    replace_all(str(file.parent), [NewText("web.yaml", OLD, NEW)])
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert names(file.parent) == ["web.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, 12345, 23456)
    replace_all(str(file.parent), [NewText("web.yaml", OLD, NEW)])
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_extended_attributes_stay(file: Path) -> None:
    try:
        os.setxattr(file, "user.svclint", b"kept")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    replace_all(str(file.parent), [NewText("web.yaml", OLD, NEW)])
    assert os.getxattr(file, "user.svclint") == b"kept"


def test_a_link_stays_a_link(file: Path) -> None:
    link = file.parent / "link.yaml"
    link.symlink_to("web.yaml")
    replace_all(str(file.parent), [NewText("link.yaml", OLD, NEW)])
    assert link.is_symlink()
    assert file.read_bytes() == NEW


def test_a_link_out_of_the_project_is_not_followed(file: Path) -> None:
    root = file.parent / "project"
    root.mkdir()
    (root / "link.yaml").symlink_to(file)
    with pytest.raises(WriteError, match=r"link\.yaml: a link that leads out of the project; nothing written"):
        replace_all(str(root), [NewText("link.yaml", OLD, NEW)])
    assert file.read_bytes() == OLD
    assert names(root) == ["link.yaml"]


def test_a_path_that_says_that_it_is_outside_is_written(file: Path) -> None:
    root = file.parent / "project"
    root.mkdir()
    replace_all(str(root), [NewText("../web.yaml", OLD, NEW)])
    assert file.read_bytes() == NEW


@pytest.mark.parametrize("now", [b"odd: 1\n", OLD + b"more\n", b""])
def test_a_file_that_changed_since_it_was_read_is_left(file: Path, now: bytes) -> None:
    file.write_bytes(now)
    with pytest.raises(WriteError, match=r"web\.yaml: changed since it was read; nothing written"):
        replace_all(str(file.parent), [NewText("web.yaml", OLD, NEW)])
    assert file.read_bytes() == now


def test_a_file_that_is_gone_or_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("gone", "No such file"), ("folder", "not an ordinary file"), ("pipe", "not an ordinary file")):
        with pytest.raises(WriteError, match=f"{name}: {why}"):
            replace_all(str(tmp_path), [NewText(name, OLD, NEW)])


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Writing more into a file fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_one_file_does_not_fit_nothing_is_written(file: Path) -> None:
    other = file.parent / "other.yaml"
    other.write_bytes(OLD)
    texts = [NewText("web.yaml", OLD, NEW), NewText("other.yaml", OLD, NEW * 1000)]
    with files_of_at_most(4096), pytest.raises(WriteError, match=r"other\.yaml: File too large; nothing written"):
        replace_all(str(file.parent), texts)
    assert (file.read_bytes(), other.read_bytes()) == (OLD, OLD)
    assert names(file.parent) == ["other.yaml", "web.yaml"]


def test_a_folder_that_cannot_be_written_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(WriteError, match=r"web\.yaml: Permission denied; nothing written"):
        replace_all(str(file.parent), [NewText("web.yaml", OLD, NEW)])


def test_what_was_written_before_a_failure_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = file.parent / "other.yaml"
    other.write_bytes(OLD)
    rename = os.replace

    def changing(source: str, target: str) -> None:
        rename(source, target)
        other.write_bytes(b"by somebody else\n")

    monkeypatch.setattr(os, "replace", changing)
    texts = [NewText("web.yaml", OLD, NEW), NewText("other.yaml", OLD, NEW)]
    with pytest.raises(WriteError, match=r"other\.yaml: changed .*; not written \(written before it: web\.yaml\)"):
        replace_all(str(file.parent), texts)
    assert (file.read_bytes(), other.read_bytes()) == (NEW, b"by somebody else\n")
    assert names(file.parent) == ["other.yaml", "web.yaml"]


def in_child(body: Any) -> int:
    """Runs `body` in a forked process; how that ended, as `os.waitpid` says."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            body()
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1]


def killed_at_line(number: int, folder: Path) -> int:
    """Writes `web.yaml` in a process that kills itself when it comes to the n-th line of Python, whoever's it is."""
    left = number

    def trace(_: FrameType, event: str, __: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    def body() -> None:
        sys.settrace(trace)
        replace_all(str(folder), [NewText("web.yaml", OLD, NEW)])

    return in_child(body)


def test_killed_at_any_line_the_file_is_the_old_or_the_new_one(file: Path) -> None:
    seen: list[bytes] = []
    for number in range(1, 2000):
        status = killed_at_line(number, file.parent)
        now = file.read_bytes()
        assert now in (OLD, NEW)
        assert set(names(file.parent)) - {"web.yaml"} == {n for n in names(file.parent) if n.startswith(writing.PREFIX)}
        seen.append(now)
        for left in file.parent.glob(writing.PREFIX + "*"):
            left.unlink()
        file.write_bytes(OLD)
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
    else:
        pytest.fail("never came to its end")
    assert len(seen) > 20
    assert seen == sorted(seen, reverse=True), "once it is the new one, it stays so"
    assert {OLD, NEW} == set(seen)


def test_killed_at_any_moment_a_large_file_is_the_old_or_the_new_one(file: Path) -> None:
    """The process replaces the file again and again and is killed from outside, wherever it is."""
    one, two = b"a" * 300_000, b"b" * 300_001
    file.write_bytes(one)
    for turn in range(20):
        beat, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                now = file.read_bytes()
                while True:
                    other = two if now == one else one
                    replace_all(str(file.parent), [NewText("web.yaml", now, other)])
                    now = other
                    os.write(tell, b".")
            finally:
                os._exit(1)
        os.close(tell)
        assert select.select([beat], [], [], 60)[0]
        for _ in range(turn):  # a little longer each time
            file.read_bytes()
        os.kill(child, signal.SIGKILL)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        os.close(beat)
        assert file.read_bytes() in (one, two)

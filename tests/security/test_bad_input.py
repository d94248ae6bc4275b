"""Files that are no files, that vanish, grow or turn into something else while they are read; streams that end."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from svclint import confined, project
from svclint.config import Config
from svclint.project import files
from svclint.project.disk import Disk

Run = Callable[..., Any]


def odd(root: Path) -> None:
    """What may lie in a folder under the name of a manifest."""
    os.mkfifo(root / "fifo.yaml")
    os.mkfifo(root / "kustomization.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(root)  # the name of a socket is short
        listening.bind("socket.yaml")
        os.chdir(here)
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # no devices here
            os.mknod(root / "device.yaml", 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero: it has no end
    (root / "folder.yaml").mkdir()
    (root / "loop.yaml").symlink_to("loop.yaml")
    (root / "one.yaml").symlink_to("two.yaml")
    (root / "two.yaml").symlink_to("one.yaml")
    (root / "gone.yaml").symlink_to("nowhere.yaml")
    (root / "round").symlink_to(".")
    (root / "zero.yaml").symlink_to("/dev/zero")
    (root / "sub").mkdir()
    os.mkfifo(root / "sub" / ".gitignore")
    (root / "sub" / "Chart.yaml").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "verb", [("check",), ("check", "--fix"), ("map",), ("admit",), ("scan", "--executor", "serial", ".")]
)
def test_what_is_no_file_is_passed_over(shop: Path, child: Run, verb: tuple[str, ...]) -> None:
    """Nothing waits for a FIFO, reads a device or goes round; a minute of CPU time would end the process."""
    odd(shop)
    done = child(*verb, cwd=shop, before=limits)
    assert done.code in (0, 1), done.err
    assert b"Traceback" not in done.err
    assert b"web" in done.out or b"4 objects" in done.out or b"no findings" in done.out or verb == ("map",)


def limits() -> None:
    """At most 20 s of computing, 60 s in all, and 2 GiB."""
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    signal.alarm(60)


@pytest.mark.parametrize("name", ["fifo.yaml", "socket.yaml", "loop.yaml", "gone.yaml", "folder.yaml"])
def test_what_is_no_file_is_told_when_it_is_named(shop: Path, child: Run, name: str) -> None:
    odd(shop)
    done = child("check", name, cwd=shop, before=limits)
    assert done.code in (0, 2)
    assert name == "folder.yaml" or name.encode() in done.out + done.err


@pytest.mark.parametrize("key", ["baseline", "assume"])
def test_what_the_configuration_names_is_not_waited_for(shop: Path, child: Run, key: str) -> None:
    odd(shop)
    (shop / "svclint.toml").write_text(f"{key} = {json.dumps('fifo.yaml' if key == 'baseline' else ['fifo.yaml'])}\n")
    done = child("check", cwd=shop, before=limits)
    assert b"not an ordinary file" in done.out + done.err


def test_a_configuration_that_is_a_fifo_is_none(shop: Path, child: Run) -> None:
    for name in ("svclint.toml", ".svclint.yaml", "pyproject.toml"):
        os.mkfifo(shop / name)
    assert child("check", cwd=shop, before=limits).code == 1


def test_a_file_that_is_too_large_is_told_and_the_rest_is_read(shop: Path, child: Run) -> None:
    """50 MB of nothing, 400 GB of nothing, and a configuration and ignore file of that size."""
    for name, size in (("large.yaml", 50 << 20), ("huge.yaml", 400 << 30), (".gitignore", 400 << 30)):
        with open(shop / name, "wb") as file:
            file.truncate(size)
    done = child("check", "--no-cache", cwd=shop, before=limits)
    assert done.code == 1
    assert b"large.yaml: too large: 50 MiB, the limit is 32 MiB" in done.out
    assert b"huge.yaml: too large" in done.out
    assert b"4 objects" in done.out
    (shop / "svclint.toml").touch()
    os.truncate(shop / "svclint.toml", 400 << 30)
    done = child("check", cwd=shop, before=limits)
    assert (done.code, b"too large" in done.err) == (2, True)


class Restless(Disk):
    """A disk on which something happens to a file between the walk and the reading."""

    __slots__ = ("act",)

    def __init__(self, act: Callable[[Path], object]) -> None:
        self.act = act

    def read(self, root: str, path: str) -> bytes | files.Problem:
        if path == "a.yaml":
            self.act(Path(root) / path)
        return super().read(root, path)


def becomes(kind: str) -> Callable[[Path], object]:
    def act(path: Path) -> None:
        path.unlink()
        if kind == "a fifo":
            os.mkfifo(path)
        elif kind == "a folder":
            path.mkdir()
        elif kind == "a link out":
            path.symlink_to("../outside/secret.yaml")
        elif kind == "a loop":
            path.symlink_to(path.name)
        elif kind == "huge":
            path.touch()
            os.truncate(path, 400 << 30)

    return act


KINDS = {
    "gone": "can't be read: No such file or directory",
    "a fifo": "not an ordinary file",
    "a folder": "not an ordinary file",
    "a link out": "a link that leads out of the project",
    "a loop": "can't be read: Too many levels of symbolic links",
    "huge": "too large: 409600 MiB, the limit is 32 MiB",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_changes_between_the_walk_and_the_reading_is_told(shop: Path, outside: Path, kind: str) -> None:
    read = project.find([str(shop)]).load(Config(), disk=Restless(becomes(kind)))
    assert [tuple(problem) for problem in read.problems] == [("a.yaml", KINDS[kind])]
    assert [source.path for source in read.sources] == ["b.yaml", "kept/c.txt", "pod.yaml"] or [
        source.path for source in read.sources
    ] == ["b.yaml", "c.yaml", "pod.yaml"]


@pytest.mark.parametrize(("before", "after"), [(0, 10), (10, 30), (1000, 500_000), (10, 3), (10, 0), (70_000, 70_001)])
def test_a_file_that_grows_or_shrinks_while_it_is_read_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"x" * before)
    told = os.fstat

    def changing(descriptor: int) -> os.stat_result:
        status = told(descriptor)
        path.write_bytes(b"x" * after)
        return status

    monkeypatch.setattr(os, "fstat", changing)
    assert confined.data(str(path)) == b"x" * after


def test_a_file_that_never_ends_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x")
    asked: list[int] = []

    def endless(_: int, size: int) -> bytes:
        asked.append(size)
        return b"x" * size

    monkeypatch.setattr(confined, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(os, "read", endless)
    with pytest.raises(confined.Refused, match="too large"):
        confined.data(str(tmp_path / "a.yaml"))
    assert sum(asked) <= 2 * (1 << 20) + 10


def test_folders_that_go_or_close_meanwhile_are_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root everything opens: the operating system is made to say what it says to others."""
    scandir = os.scandir

    def closed(path: str) -> Any:
        if str(path).endswith("kept"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert files.walk(str(shop)).problems == (files.Problem("kept", "can't be read: Permission denied"),)


NUL = ["a\0b", "\udcff", "\ud800", "x" * 5000, "/".join(["d"] * 3000)]


@pytest.mark.parametrize("name", NUL, ids=lambda name: ascii(name[:8]))
def test_what_no_path_can_be_is_named_in_vain(shop: Path, child: Run, name: str) -> None:
    (shop / "kustomization.yaml").write_text(
        f"resources: [{json.dumps(name)}]\npatches: [{{path: {json.dumps(name)}}}]\n"
    )
    done = child("check", "--output-format", "json", cwd=shop)
    assert done.code == 1, done.err
    assert json.loads(done.out)["summary"]["crashes"] == []
    (shop / "svclint.toml").write_text(
        f"baseline = {json.dumps(name)}\n" if name.isprintable() else 'baseline = "a\\u0000b"\n'
    )
    assert child("check", cwd=shop).code == 2


@pytest.mark.slow
def test_ten_thousand_files_are_read(tmp_path: Path, svclint: Run, service: str) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.yaml").write_text(
            service.format(name=f"s{number}", app="web", port=80) if number % 10 == 0 else "a: 1\n"
        )
    done = svclint("check", "--no-cache", "--output-format", "json", cwd=tmp_path)
    assert json.loads(done.out)["summary"]["objects"] == 1000


# Streams and signals.


def test_a_full_output_is_told(shop: Path, svclint: Run) -> None:
    for verb in (("check",), ("map", "--output-format", "json")):
        with open("/dev/full", "wb") as full:
            done = svclint(*verb, cwd=shop, stdout=full)
        assert (done.code, done.err) == (2, b"Error: output: No space left on device\n")


def test_a_reader_that_goes_away_is_no_fault(shop: Path, svclint: Run, service: str) -> None:
    """`| head -1`, with more to say than a pipe holds: exit code and standard error say nothing."""
    many = "---\n".join(service.format(name=f"s{number}", app="wbe", port="'80'") for number in range(400))
    (shop / "many.yaml").write_text(many)
    for verb in ("check", "map"):
        read, write = os.pipe()
        with open(write, "wb") as pipe:
            os.close(read)
            done = svclint(verb, cwd=shop, stdout=pipe)
        assert (done.code, done.err) == (0, b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_crash(shop: Path, environment: dict[str, str], closed: str) -> None:
    command = f"exec '{sys.executable}' -P -m svclint check --no-cache --stdin-filename a.yaml - {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=shop, env=environment, capture_output=True, check=False)
    assert done.returncode in (0, 1)
    assert done.stderr == b""


def test_interrupted_while_it_reads_it_says_nothing(shop: Path, child: Run) -> None:
    def at_reading() -> None:
        read = Disk.read

        def interrupted(self: Disk, root: str, path: str) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            return read(self, root, path)

        Disk.read = interrupted  # type: ignore[method-assign]

    assert child("check", "--no-cache", cwd=shop, before=at_reading) == (130, b"", b"")


def test_numbers_of_thousands_of_digits_are_no_crash(shop: Path, child: Run, svclint: Run) -> None:
    """Python refuses to read them; as an item of a list that a patch names, an index, a version."""
    digits = "9" * 5000
    (shop / "kustomization.yaml").write_text(
        "resources: [a.yaml]\npatches:\n- target: {kind: Service}\n  patch: |-\n    - op: replace\n"
        f"      path: /spec/ports/{digits}/port\n      value: 81\n"
    )
    done = child("check", "--no-cache", "--output-format", "json", cwd=shop)
    assert json.loads(done.out)["summary"]["crashes"] == []
    assert child("check", "--kubernetes-version", f"{digits}.1", cwd=shop).code == 2
    for index in (digits, "²"):
        annotations = {"config.kubernetes.io/path": "a.yaml", "config.kubernetes.io/index": index}
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "annotations": annotations}}
        stream = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [{**service, "spec": 1}]}
        done = svclint("krm", cwd=shop, input=json.dumps(stream).encode(), stdin=None)
        assert done.code == 1, done.err
        assert b"a.yaml: error" in done.err

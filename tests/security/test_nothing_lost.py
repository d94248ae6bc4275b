"""A fix: killed, interrupted or out of room at any step, each file is the old or the new one, and nothing else is left."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from svclint import fix, writing
from svclint.yaml import parse

Run = Callable[..., Any]
FIX = ("check", "--fix", "--no-cache")
STEPS = {"open", "write", "flush", "fsync", "chmod", "chown", "setxattr", "replace", "unlink", "close", "__exit__"}


def at_step(number: int, act: Callable[[], object], steps: Collection[str] = STEPS) -> Callable[[], object]:
    """What makes a process `act` before its n-th step of writing (and, so, after the one before it)."""

    def begin() -> None:
        left = number
        write = writing.replace_all

        def profile(_: FrameType, event: str, what: Any) -> None:
            nonlocal left
            if event == "c_call" and what.__name__ in steps:
                left -= 1
                if left == 0:
                    sys.setprofile(None)
                    act()

        def watched(root: str, texts: Iterable[writing.NewText]) -> None:
            sys.setprofile(profile)
            try:
                write(root, texts)
            finally:
                sys.setprofile(None)

        writing.replace_all = watched  # in the child: nobody else sees it

    return begin


def repaired(old: dict[str, Any], child: Run, shop: Path, tree: Run) -> dict[str, Any]:
    """The project as a fix that nobody disturbs leaves it; then it is put back."""
    assert child(*FIX, cwd=shop).code == 0
    new = tree(shop)
    assert {name for name in new if new[name] != old[name]} == {"a.yaml", "b.yaml", os.path.join("kept", "c.txt")}
    restore(shop, old, tree)
    return dict(new)


def restore(shop: Path, old: dict[str, Any], tree: Run) -> None:
    for name in tree(shop):
        if name not in old:
            (shop / name).unlink()
    for name, was in old.items():
        if isinstance(was, tuple):
            (shop / name).write_bytes(was[0])
            (shop / name).chmod(was[1] & 0o7777)


def old_or_new(now: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """The files that are new; each of the others is the old one, and beside them are only hidden ones."""
    assert {name for name in now if name not in old and not os.path.basename(name).startswith(writing.PREFIX)} == set()
    for name in old:
        assert now[name] in (old[name], new[name]), name
    return {name for name in old if now[name] == new[name] != old[name]}


def alone(shop: Path, texts: list[writing.NewText], before: Callable[[], object]) -> int:
    """How a process ends that does nothing but write, as `Done.code` has it."""
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
            before()
            writing.replace_all(str(shop), texts)
            status = 0
        except KeyboardInterrupt:
            status = 130
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def stepped(run: Callable[[Callable[[], object]], int], shop: Path, old: Any, new: Any, tree: Run, number: int) -> None:
    """Sends a signal at each step in turn: until a process comes to its end, no file is anything but old or new."""
    met = []
    ends = []
    for step in range(1, 200):
        ends.append(run(at_step(step, lambda: os.kill(os.getpid(), number))))
        now = tree(shop)
        met.append(len(old_or_new(now, old, new)))
        left = [name for name in now if writing.PREFIX in name]
        assert number == signal.SIGKILL or not left
        if ends[-1] == 0:
            break
        assert ends[-1] == {signal.SIGKILL: -signal.SIGKILL}.get(number, 128 + number)
        restore(shop, old, tree)
    assert ends[-1] == 0, "never came to its end"
    assert len(ends) > 20, "the steps are not seen"
    assert met == sorted(met), "what is new stays new"
    assert set(met) == {0, 1, 2, 3}, "every state between was met"


SIGNALS = [signal.SIGKILL, signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]


@pytest.mark.parametrize("number", SIGNALS)
def test_ended_at_any_step_of_writing_each_file_is_old_or_new(shop: Path, child: Run, tree: Run, number: int) -> None:
    """Killed, there may be hidden files beside them; asked to end, there is nothing."""
    old = tree(shop)
    new = repaired(old, child, shop, tree)
    paths = {"a.yaml": "a.yaml", "b.yaml": "b.yaml", "c.yaml": os.path.join("kept", "c.txt")}
    texts = [writing.NewText(path, old[name][0], new[name][0]) for path, name in paths.items()]
    stepped(lambda before: alone(shop, texts, before), shop, old, new, tree, number)


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_the_command_ended_at_any_step_leaves_each_file_old_or_new(
    shop: Path, child: Run, tree: Run, number: int
) -> None:
    old = tree(shop)
    new = repaired(old, child, shop, tree)
    stepped(lambda before: child(*FIX, cwd=shop, before=before).code, shop, old, new, tree, number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_says_how_it_ended(shop: Path, child: Run, tree: Run, number: int, code: int) -> None:
    old = tree(shop)
    done = child(*FIX, cwd=shop, before=at_step(12, lambda: os.kill(os.getpid(), number)))
    assert done == (code, b"", b"")
    assert {name: was for name, was in tree(shop).items() if writing.PREFIX not in name} == old
    assert bool([name for name in tree(shop) if writing.PREFIX in name]) is (number == signal.SIGKILL)


def test_a_killed_run_is_made_good_by_the_next(shop: Path, child: Run, tree: Run) -> None:
    old = tree(shop)
    new = repaired(old, child, shop, tree)
    child(*FIX, cwd=shop, before=at_step(12, lambda: os.kill(os.getpid(), signal.SIGKILL)))
    left = [name for name in tree(shop) if writing.PREFIX in name]
    assert left, "nothing was begun"
    done = child(*FIX, cwd=shop)
    assert done.code == 0
    assert b"4 objects in 4 files" in done.out, "what is left behind is not read"
    assert {name: was for name, was in tree(shop).items() if name not in left} == new


def test_a_disk_that_is_full_at_any_file_leaves_all_as_it_was(shop: Path, child: Run, tree: Run) -> None:
    """The last file is larger than what can be written; those before it fit."""
    (shop / "kept" / "c.txt").write_text((shop / "kept" / "c.txt").read_text() + "# more\n" * 1000)
    old = tree(shop)
    done = child(*FIX, cwd=shop, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    assert done.code == 2
    assert done.err == b"Error: c.yaml: File too large; nothing written\n"
    assert tree(shop) == old


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_on_a_disk_that_is_full_all_stays_as_it_was(shop: Path, svclint: Run, tree: Run) -> None:
    disk = shop.parent / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("may not mount")
    try:
        text = (shop / "a.yaml").read_text()
        for name in ("a.yaml", "b.yaml"):
            (disk / name).write_text(text.replace("name: a", f"name: {name[0]}"))
        (disk / "known.json").write_text('{"version": 1, "findings": []}')
        with open(disk / "full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
            while True:
                full.write(b"x" * 512)
        old = tree(disk)
        for arguments in (
            FIX,
            ("check", "--write-baseline", "known.json"),
            ("check", "--output-format", "json:known.json"),
        ):
            done = svclint(*arguments, cwd=disk)
            assert done.code == 2
            assert b"No space left on device" in done.err
            assert {name: was for name, was in tree(disk).items() if ".svclint_cache" not in name} == old
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_mode_ends_of_lines_mark_owner_and_link_stay(shop: Path, child: Run) -> None:
    if os.geteuid() == 0:
        os.chown(shop / "b.yaml", 12345, 23456)
    before = (shop / "b.yaml").stat()
    assert child(*FIX, cwd=shop).code == 0
    data, after = (shop / "b.yaml").read_bytes(), (shop / "b.yaml").stat()
    assert data.startswith(b"\xef\xbb\xbfapiVersion: v1\r\n")
    assert data.count(b"\r\n") == data.count(b"\n")
    assert b"port: 80\r\n" in data
    assert b"# the pods" in data
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.readlink(shop / "c.yaml") == "kept/c.txt"
    assert "port: 80\n" in (shop / "kept" / "c.txt").read_text()


def test_two_names_of_one_file_are_written_once(shop: Path, child: Run) -> None:
    done = child(*FIX, "c.yaml", "kept/c.txt", cwd=shop)
    assert b"Traceback" not in done.err
    assert done.err == b""
    assert (shop / "kept" / "c.txt").read_text().count("port: 80\n") == 1


def test_a_file_that_changes_after_it_was_read_is_left(shop: Path, child: Run, tree: Run) -> None:
    """Somebody saves one of three files while svclint is at work: none is written."""

    def saved() -> None:
        (shop / "b.yaml").write_text("# saved meanwhile\n")

    old = tree(shop)
    done = child(*FIX, cwd=shop, before=at_step(1, saved))
    assert done.code == 2
    assert b"b.yaml: changed since it was read; nothing written" in done.err
    assert tree(shop) == {**old, "b.yaml": (b"# saved meanwhile\n", (shop / "b.yaml").stat().st_mode)}


def test_what_is_saved_at_any_step_is_not_lost(shop: Path, child: Run, tree: Run) -> None:
    """But for what comes between the last look and the renaming after it."""
    old = tree(shop)
    new = repaired(old, child, shop, tree)
    texts = [writing.NewText(name, old[name][0], new[name][0]) for name in ("a.yaml", "b.yaml")]
    saved = b"# saved meanwhile, and longer than it was\n" * 20

    def save() -> None:
        (shop / "b.yaml").write_bytes(saved)
        (shop.parent / "acted").touch()

    ends = []
    for step in range(1, 200):
        ends.append(alone(shop, texts, at_step(step, save, {"open", "write", "fsync", "chmod"})))
        if not (shop.parent / "acted").exists():
            break  # there is no such step any more
        assert (shop / "b.yaml").read_bytes() == saved
        restore(shop, old, tree)
        (shop.parent / "acted").unlink()
    assert len(ends) > 8
    assert (ends[0], ends[-1]) == (70, 0)


CASES = {
    "an anchor of another object": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: &s\n  selector: {app: web}\n  ports:\n    - port: '80'\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {selector: {app: web}, ports: [{port: 81}]}\n"
    ),
    "an alias": (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n  spec: &s\n"
        "    selector: {app: web}\n    ports: [{port: '80'}]\n- apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n  spec: *s\n"
    ),
    "flow style": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": "80"}]}}',
    "mixed ends of lines": (
        "apiVersion: v1\r\nkind: Service\nmetadata: {name: a}\r\nspec:\n  selector: {app: web}\r\n  ports:\n  - port: '80'\r\n"
    ),
    "a document that can't be read": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: web}, ports: [{port: '80'}]}\n---\n{{ x }}: {\n"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_a_fix_means_is_changed(shop: Path, child: Run, case: str) -> None:
    """The objects after the fix are those before it but for the ports that were in quotes."""
    (shop / "case.yaml").write_bytes(CASES[case].encode())
    child("check", "--fix", "--unsafe-fixes", "case.yaml", cwd=shop)
    written = (shop / "case.yaml").read_bytes()
    before, after = (parse(data, "case.yaml") for data in (CASES[case].encode(), written))
    assert [problem.kind for each in after.documents for problem in each.problems] == [
        problem.kind for each in before.documents for problem in each.problems
    ]
    assert [numbered(each.value) for each in before.documents] == [numbered(each.value) for each in after.documents]
    assert written.count(b"\r\n") == CASES[case].count("\r\n")


def numbered(value: Any) -> Any:
    """A value with the ports that were in quotes as numbers."""
    if isinstance(value, dict):
        return {key: 80 if (key, each) == ("port", "80") else numbered(each) for key, each in value.items()}
    return [numbered(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("broken", [b"port: 8\xff0", b"\xff\xfe\x00"], ids=["no text", "half of UTF-16"])
def test_a_file_that_is_not_all_text_is_never_written(shop: Path, child: Run, broken: bytes) -> None:
    """Be it in another document than the one that could be fixed."""
    data = (
        b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: '80'}]}\n---\n# " + broken + b"\n"
    )
    (shop / "a.yaml").write_bytes(data)
    done = child("check", "--fix", "--unsafe-fixes", cwd=shop)
    assert done.code in (0, 1), done.err
    assert (shop / "a.yaml").read_bytes() == data


def test_a_fix_that_would_not_parse_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a rule or the writer of edits gets wrong: what is read back must be what was meant."""
    from svclint.text import Edit, Span
    from svclint.yaml.changes import Set

    source = parse(b"a: '1'\n---\nb: 2\n", "a.yaml")
    meant = {"a.yaml": [(0, Set(("a",), 1))]}
    good, wrong, other, broken = "1", "2", "1\n---\nc: 3", "{"
    for text, kept in ((good, 1), (wrong, 0), (other, 0), (broken, 0)):
        edits = {"a.yaml": [Edit(Span(3, 6), text)]}
        assert len(fix.choose([fix.Candidate({"a.yaml": source}, meant, edits)])) == kept

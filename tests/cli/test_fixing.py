"""`svclint check --fix` and `--diff`, and what check says where it can't go on."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from svclint import writing
from svclint.cli.progress import AFTER, Watched

Run = Callable[..., Any]

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: %s} # the pods
  ports:
    - port: %s
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
spec:
  containers:
    - {name: web, image: registry.example.com/web:1}
"""


@pytest.fixture
def shop(tmp_path: Path, run: Run) -> Path:
    """A Service with a number in quotes (a safe fix) and a typo in its selector (an unsafe one)."""
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "svc.yaml").write_text(SERVICE % ("wbe", "'80'"))
    return tmp_path


def test_safe_fixes_are_written_and_the_rest_is_reported(shop: Path, run: Run) -> None:
    done = run("check", "--fix", "--output-format", "concise")
    assert done.returncode == 1
    assert "selector-typo" in done.stdout
    assert "wrong-type" not in done.stdout
    assert (shop / "svc.yaml").read_text() == SERVICE % ("wbe", "80")


def test_when_all_is_repaired_the_exit_code_is_0(shop: Path, run: Run) -> None:
    assert run("check", "--fix", "--unsafe-fixes").returncode == 0
    assert (shop / "svc.yaml").read_text() == SERVICE % ("web", "80")
    assert run("check", "--fix", "--unsafe-fixes").returncode == 0


def test_exit_zero(shop: Path, run: Run) -> None:
    assert run("check", "--exit-zero").returncode == 0
    assert run("check", "--exit-zero", "--diff").returncode == 0
    assert run("check", "--diff").returncode == 1


def test_the_diff_can_be_applied_and_is_what_fix_writes(shop: Path, run: Run) -> None:
    done = run("check", "--diff", "--unsafe-fixes")
    assert (shop / "svc.yaml").read_text() == SERVICE % ("wbe", "'80'")
    subprocess.run(["git", "apply", "-"], input=done.stdout, text=True, cwd=shop, check=True)
    assert (shop / "svc.yaml").read_text() == SERVICE % ("web", "80")


def test_only_targets_are_written(shop: Path, run: Run) -> None:
    (shop / "svc.yaml").write_text(SERVICE % ("wbe", 80))
    done = run("check", "--fix", "--unsafe-fixes", "pod.yaml", "--output-format", "concise")
    assert done.returncode == 1
    assert "selector-typo" in done.stdout, "it is told, from this end too"
    assert (shop / "svc.yaml").read_text() == SERVICE % ("wbe", 80)


def test_standard_input_is_a_filter(shop: Path, run: Run) -> None:
    text = (SERVICE % ("wbe", "'80'")).replace("\n", "\r\n")
    done = run("check", "-", "--stdin-filename", "svc.yaml", "--fix", stdin=text.encode())
    assert done.stdout == (SERVICE % ("wbe", "80")).replace("\n", "\r\n")
    assert "selector-typo" in done.stderr
    assert done.returncode == 1
    assert (shop / "svc.yaml").read_text() == SERVICE % ("wbe", "'80'")


def test_standard_input_without_a_fault_comes_back_as_it_is(shop: Path, run: Run) -> None:
    text = SERVICE % ("web", "80")
    assert run("check", "-", "--stdin-filename", "svc.yaml", "--fix", stdin=text.encode()).stdout == text


def test_mode_mark_and_line_ends_stay(shop: Path, run: Run) -> None:
    file = shop / "svc.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + (SERVICE % ("wbe", "'80'")).replace("\n", "\r\n").encode())
    file.chmod(0o600)
    run("check", "--fix")
    assert file.read_bytes() == b"\xef\xbb\xbf" + (SERVICE % ("wbe", "80")).replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_is_exit_2_and_leaves_all_as_it_was(shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    done = run("check", "--fix")
    assert done.returncode == 2
    assert "svc.yaml: No space left on device; nothing written" in done.stderr
    assert (shop / "svc.yaml").read_text() == SERVICE % ("wbe", "'80'")
    assert sorted(os.listdir(shop)) == [".git", "pod.yaml", "svc.yaml"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_writing_leaves_all_as_it_was(
    shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: os.kill(os.getpid(), number))
    before = signal.getsignal(number)
    try:
        done = run("check", "--fix")
    finally:
        signal.signal(number, before)
    assert (done.returncode, done.stderr) == (code, "")
    assert (shop / "svc.yaml").read_text() == SERVICE % ("wbe", "'80'")
    assert sorted(os.listdir(shop)) == [".git", "pod.yaml", "svc.yaml"]


def test_a_file_that_changes_meanwhile_is_exit_2(shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write = writing.replace_all

    def late(root: str, texts: Any) -> None:
        (shop / "svc.yaml").write_text("apiVersion: v1\n")
        write(root, texts)

    monkeypatch.setattr(writing, "replace_all", late)
    done = run("check", "--fix")
    assert done.returncode == 2
    assert "svc.yaml: changed since it was read; nothing written" in done.stderr
    assert (shop / "svc.yaml").read_text() == "apiVersion: v1\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--output-format", "json:no/such/folder/out.json"), "no/such/folder/out.json: No such file or directory"),
        (("--write-baseline", "no/such/folder/known.json"), "no/such/folder/known.json: No such file or directory"),
        (("--baseline", "missing.json"), "missing.json: No such file or directory"),
        (("--output-format", "jsno"), "did you mean 'json'?"),
        (("--output-format", "json:"), "no file after 'json:'"),
        (("--language", "tlh"), "no pages in language 'tlh'"),
        (("--root", "nowhere"), "nowhere"),
        (("--config", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_what_cannot_be_done_is_exit_2_with_a_clear_message(
    shop: Path, run: Run, arguments: tuple[str, ...], says: str
) -> None:
    done = run("check", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_all_formats_are_read_before_anything_is_printed(shop: Path, run: Run) -> None:
    done = run("check", "--output-format", "json", "--output-format", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_configuration_that_names_no_rule_is_exit_2(shop: Path, run: Run) -> None:
    (shop / "svclint.toml").write_text('ignore = ["selector-tpyo"]\n')
    done = run("check")
    assert done.returncode == 2
    assert "`selector-tpyo`" in done.stderr
    assert "selector-typo" in done.stderr


def test_several_formats_at_once(shop: Path, run: Run) -> None:
    done = run("check", "--output-format", "concise", "--output-format", "json:out.json")
    assert "selector-typo" not in done.stdout, "the refusal speaks first"
    assert "wrong-type" in done.stdout
    assert {f["rule"] for f in json.loads((shop / "out.json").read_text())["findings"]} == {"wrong-type"}


def test_the_language_of_the_messages(shop: Path, run: Run) -> None:
    (shop / "svc.yaml").write_text(SERVICE % ("wbe", 80))
    english = run("check", "--output-format", "concise").stdout
    chinese = run("check", "--output-format", "concise", "--language", "zh-CN").stdout
    assert "selector-typo" in english
    assert "selector-typo" in chinese
    assert english.isascii()
    assert not chinese.isascii()


def test_nothing_to_read_is_told_and_is_no_fault(tmp_path: Path, run: Run) -> None:
    done = run("check")
    assert done.returncode == 0
    assert "Warning: no Kubernetes manifests found" in done.stderr


def test_pod_templates_of_the_configuration_count(shop: Path, run: Run) -> None:
    """What a container of a custom kind is told can be judged only where its template is known."""
    (shop / "svc.yaml").write_text(SERVICE % ("web", 80))
    (shop / "shop.yaml").write_text(
        "apiVersion: example.com/v1\nkind: Shop\nmetadata: {name: shop}\nspec:\n  pods:\n    spec:\n      containers:\n"
        "        - {name: web, image: registry.example.com/web:1, env: [{name: API, value: 'http://web:8081'}]}\n"
    )
    assert "dns-wrong-port" not in run("check", "--output-format", "concise").stdout
    (shop / "svclint.toml").write_text(
        '[[workload-kinds]]\ngroup = "example.com"\nkind = "Shop"\ntemplate = "spec.pods"\n'
    )
    assert "dns-wrong-port" in run("check", "--output-format", "concise").stdout


def test_output_that_cannot_be_written_is_exit_2(shop: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "svclint", "check"], cwd=shop, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"Error: output: No space left on device\n"


def test_a_reader_that_goes_away_is_no_fault(shop: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "svclint", "check"], cwd=shop, stdout=pipe, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_tells_how_far_the_reading_is_and_goes_away(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.yaml").write_text(POD)
    from svclint import project
    from svclint.config import Config

    times = iter([0.0, 0.5, AFTER, AFTER + 0.01, AFTER + 0.5])
    stream = Terminal()
    disk = Watched(stream, lambda: next(times))
    project.find([str(tmp_path)], root=str(tmp_path)).load(Config(), disk=disk)
    disk.close()
    shown = stream.getvalue().split("\r\x1b[K")
    assert shown == [
        "",
        "[############------------] 2 of 4 files read",
        "[########################] 4 of 4 files read",
        "",
    ]


def test_short_work_shows_no_line(tmp_path: Path) -> None:
    stream = Terminal()
    disk = Watched(stream, lambda: 0.0)
    (tmp_path / "pod.yaml").write_text(POD)
    disk.read(str(tmp_path), "pod.yaml")
    disk.close()
    assert stream.getvalue() == ""

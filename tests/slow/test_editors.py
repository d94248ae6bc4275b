"""The set-ups of docs/editors.md in the editors themselves, without a screen (`make editors` installs them)."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DRIVERS = ROOT / "editors" / "test"
TRIXIE = ROOT / ".bench" / "editors" / "trixie" / "run"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: main
          image: registry.example.com/web:1.0.0
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: wbe}
  ports:
    - port: 80
"""


def documented(heading: str, language: str) -> str:
    """The code that the page gives below a heading or a line."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(heading)}$.*?^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Service whose selector has a typo."""
    made = tmp_path / "shop"
    made.mkdir()
    (made / ".git").mkdir()
    (made / "deploy.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (made / "service.yaml").write_text(SERVICE, encoding="utf-8")
    return made


def run(command: Sequence[str | Path], project: Path) -> dict[str, Any]:
    """What an editor answers that has a home of its own and finds svclint on PATH."""
    program = shutil.which(str(command[0]))
    if program is None:
        pytest.skip(f"{command[0]} is not installed: `make editors` does it")
    answers = project.parent / "answers.json"
    environment = {
        **os.environ,
        "HOME": str(project.parent),
        "XDG_CONFIG_HOME": str(project.parent),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSWERS": str(answers),
        "MANIFEST": str(project / "service.yaml"),
    }
    ran = subprocess.run([program, *command[1:]], cwd=project, env=environment, capture_output=True, timeout=300)
    assert answers.exists(), ran.stdout + ran.stderr
    shown: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
    assert "error" not in shown, (shown, ran.stdout, ran.stderr)
    return shown


@pytest.mark.parametrize(
    ("neovim", "heading"),
    [("nvim", "0.7, as in Debian 12:"), (str(TRIXIE / "nvim"), "0.8 to 0.10:")],
    ids=["0.7", "0.10"],
)
def test_neovim_shows_the_finding_repairs_it_and_hovers(
    neovim: str, heading: str, project: Path, tmp_path: Path
) -> None:
    start = tmp_path / "init.lua"
    start.write_text(documented(heading, "lua"), encoding="utf-8")
    shown = run([neovim, "--headless", "-n", "-u", start, "service.yaml", "-S", DRIVERS / "repair.lua"], project)
    assert (shown["count"], shown["code"], shown["line"]) == (1, "selector-typo", 5)
    assert shown["actions"][0] == "Write app: web"
    assert shown["text"] + "\n" == SERVICE.replace("wbe", "web")
    assert "Deployment/web** · 2 pods" in shown["hover"]


def test_emacs_shows_the_finding_and_repairs_it(project: Path, tmp_path: Path) -> None:
    start = tmp_path / "init.el"
    start.write_text(documented("## Emacs", "elisp"), encoding="utf-8")
    packages = ["--eval", "(progn (require 'package) (package-initialize) (require 'yaml-mode))"]
    shown = run(["emacs", "--batch", *packages, "-l", start, "-l", DRIVERS / "repair.el"], project)
    assert shown["count"] == 1
    assert "selector-typo" in shown["message"]
    assert shown["action"] == "Write app: web"
    assert shown["text"] == SERVICE.replace("wbe", "web")


class Screen:
    """A program in a terminal of its own; what it draws is read as text, without the places where it is drawn."""

    def __init__(self, command: Sequence[str | Path], project: Path, environment: dict[str, str]) -> None:
        self.text = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(project)
            os.execve(command[0], [str(each) for each in command], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))

    def until(self, what: str) -> None:
        """Reads until something new is drawn."""
        end = time.monotonic() + 60
        while what not in self.text:
            ready, _, _ = select.select([self.terminal], [], [], max(end - time.monotonic(), 0))
            assert ready, f"waited for {what!r}: {self.text[-2000:]}"
            read = os.read(self.terminal, 65536).decode("utf-8", "replace")
            self.text += re.sub(r"\x1b(\[[0-9;:?<>=]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78]|P.*?\x1b\\\\)", "", read)
        self.text = ""

    def type(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def end(self) -> int:
        """Waits until the program is done; gives how it ended."""
        with contextlib.suppress(OSError):  # the terminal is gone with its program
            while os.read(self.terminal, 65536):
                pass
        pid, self.pid = self.pid, 0
        return os.waitpid(pid, 0)[1]

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)


def test_helix_shows_the_finding_and_repairs_it(project: Path, tmp_path: Path) -> None:
    helix = TRIXIE / "hx"
    if not helix.exists():
        pytest.skip("Helix is not installed: `make editors` does it")
    (tmp_path / "helix").mkdir()
    (tmp_path / "helix" / "languages.toml").write_text(documented("## Helix", "toml"), encoding="utf-8")
    environment = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "TERM": "xterm-256color",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    with Screen([helix, "service.yaml"], project, environment) as screen:
        screen.until("●")
        screen.type("]d")
        screen.until("no Pod in namespace")
        screen.type(" a")
        screen.until("Write app: web")
        screen.type("\r:wq\r")
        assert screen.end() == 0
    assert (project / "service.yaml").read_text(encoding="utf-8") == SERVICE.replace("wbe", "web")

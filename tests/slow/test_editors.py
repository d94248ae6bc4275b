"""The set-ups of docs/editors.md in the editors themselves, without a screen (`make editors` installs them)."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DRIVERS = ROOT / "editors" / "test"
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


def run(command: list[str | Path], project: Path) -> dict[str, Any]:
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


def test_neovim_shows_the_finding_repairs_it_and_hovers(project: Path, tmp_path: Path) -> None:
    start = tmp_path / "init.lua"
    start.write_text(documented("0.7, as in Debian 12:", "lua"), encoding="utf-8")
    shown = run(["nvim", "--headless", "-n", "-u", start, "service.yaml", "-S", DRIVERS / "repair.lua"], project)
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

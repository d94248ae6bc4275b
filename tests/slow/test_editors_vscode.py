"""The packaged extension in a real VS Code: code-server's workbench in a headless Chromium (`make vscode` installs them)."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SCRATCH = ROOT / ".bench" / "editors"
MODULES = SCRATCH / "node_modules"
CODE = MODULES / "code-server" / "lib" / "vscode" / "out" / "server-main.js"
EXTENSION = ROOT / "editors" / "vscode"
PACKAGE = EXTENSION / "dist" / "svclint.vsix"
PICTURES = SCRATCH / "pictures"
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
          ports:
            - name: httpx
              containerPort: 8080
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: wbe
  ports:
    - name: http
      port: 80
      targetPort: httpx
"""
SETTINGS = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Light Modern",
    "editor.hover.delay": 100,
    "editor.minimap.enabled": False,
    "git.enabled": False,
    "[yaml]": {"editor.codeActionsOnSave": {"source.fixAll.svclint": "explicit"}},
    "files.autoSave": "off",
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "svclint.trustLocalRules": True,
}


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    missing = [
        what
        for what, there in (("node", shutil.which("node")), (CODE, CODE.exists()), (PACKAGE, PACKAGE.exists()))
        if not there
    ]
    if found is None or missing:
        pytest.skip(f"`make vscode` installs what is missing: {', '.join(map(str, missing)) or 'chromium'}")
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Service whose selector has a typo, and a virtual environment with svclint."""
    made = tmp_path / "shop"
    programs = made / ".venv" / "bin"
    programs.mkdir(parents=True)
    (made / ".git").mkdir()
    (made / "deploy.yaml").write_text(DEPLOYMENT)
    (made / "service.yaml").write_text(SERVICE)
    (programs / "svclint").symlink_to(Path(sys.executable).with_name("svclint"))
    return made


@pytest.fixture
def workbench(tmp_path: Path, chromium: str) -> Iterator[str]:
    """The address of a VS Code that has the extension."""
    data = tmp_path / "data"
    (data / "User").mkdir(parents=True)
    (data / "User" / "settings.json").write_text(json.dumps(SETTINGS))
    folders = ["--extensions-dir", tmp_path / "extensions", "--user-data-dir", data, "--server-data-dir", data]
    code = ["node", CODE, "--accept-server-license-terms", *folders]
    # Nothing of this machine is found by accident: the extension has to find the workspace's own svclint.
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([*code, "--install-extension", PACKAGE], check=True, timeout=300, env=environment)
    started = subprocess.Popen(
        [*code, "--without-connection-token", "--host", "127.0.0.1", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
        start_new_session=True,
    )
    try:
        assert started.stdout is not None
        said = []
        for line in started.stdout:
            said.append(line)
            if port := re.search(r"listening on (\d+)", line):
                Thread(target=started.stdout.read, daemon=True).start()
                yield f"http://127.0.0.1:{port[1]}/"
                break
        else:
            pytest.fail("VS Code did not start: " + "".join(said))
    finally:
        # It would wait for minutes for the browser to come back.
        os.killpg(started.pid, signal.SIGKILL)
        started.wait(60)


def drive(workbench: str, project: Path, chromium: str, scenario: str) -> dict[str, Any]:
    """What VS Code showed of a project."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    driver = EXTENSION / "test" / "workbench.cjs"
    ran = subprocess.run(
        ["node", driver, MODULES, chromium, f"{workbench}?folder={project}", scenario, PICTURES],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert ran.returncode == 0, ran.stderr
    shown: dict[str, Any] = json.loads(ran.stdout)
    assert "error" not in shown, shown
    return shown


def test_a_squiggle_its_quick_fix_and_the_pods_of_a_service(workbench: str, project: Path, chromium: str) -> None:
    shown = drive(workbench, project, chromium, "repair")
    assert shown["squiggles"] == 1
    assert "app=wbe" in shown["message"]
    assert shown["actions"][0] == "Write app: web"
    assert "wbe" not in shown["text"]
    assert "Deployment/web · 2 pods" in " ".join(shown["hover"].split())
    assert "web.default.svc.cluster.local" in shown["hover"]


def test_saving_applies_all_safe_fixes(workbench: str, project: Path, chromium: str) -> None:
    right = SERVICE.replace("wbe", "web") + "      protocol: TCP\n"
    (project / "service.yaml").write_text(right.replace("TCP", "tcp"))
    drive(workbench, project, chromium, "saves")
    assert (project / "service.yaml").read_text() == right + "# saved"


RULE = '''\
"""No Service is called shop."""

from svclint.kube.service import Service
from svclint.rule import Finding, rule


@rule("shop-is-taken", on=Service)
def shop_is_taken(service, cluster):
    if service.name == "shop":
        yield Finding(service.at("metadata", "name"), "shop is taken")
'''


def test_the_projects_own_rules_run_when_they_are_trusted(workbench: str, project: Path, chromium: str) -> None:
    (project / "lint").mkdir()
    (project / "lint" / "shop_is_taken.py").write_text(RULE)
    (project / "svclint.toml").write_text('local-rules = ["lint"]\n')
    (project / "service.yaml").write_text(SERVICE.replace("wbe", "web").replace("name: web", "name: shop"))
    assert "shop is taken" in drive(workbench, project, chromium, "trusted")["message"]


def test_no_svclint_is_told_with_the_way_to_one(workbench: str, project: Path, chromium: str) -> None:
    shutil.rmtree(project / ".venv")
    assert "pipx install 'svclint[lsp]'" in drive(workbench, project, chromium, "missing")["told"]


def program(project: Path, name: str, script: str) -> None:
    """A program in the project's virtual environment."""
    made = project / ".venv" / "bin" / name
    made.unlink(missing_ok=True)
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(0o755)


def test_a_server_that_cannot_start_says_why_and_starts_when_repaired(
    workbench: str, project: Path, chromium: str
) -> None:
    (project / ".venv" / "bin" / "svclint").rename(project / ".venv" / "bin" / "repaired")
    program(project, "svclint", "echo 'Error: the server needs pygls' >&2; exit 1")
    assert "the server needs pygls" in drive(workbench, project, chromium, "broken")["told"]


def test_a_server_that_dies_is_started_again(workbench: str, project: Path, chromium: str) -> None:
    real = Path(sys.executable).with_name("svclint")
    program(project, "svclint", f"echo $$ > '{project}/.venv/bin/pid'; exec '{real}' \"$@\"")
    shown = drive(workbench, project, chromium, "dies")
    assert shown["first"] != shown["second"]

"""docs/ci.md word for word, and the files that pipelines take: action.yml, ci/gitlab.yml, Containerfile."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from svclint.yaml import parse

ROOT = Path(__file__).parents[2]
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: ExternalName, externalName: %s}\n"
BLOCK = re.compile(r"^```sh exit=(\d)\n(.*?)^```", re.M | re.S)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A PATH on which `svclint` is this one, and nothing of git's or a forge's."""
    tool = tmp_path / "bin" / "svclint"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m svclint "$@"\n')
    tool.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "SVCLINT", "PRE_COMMIT"))}
    return kept | {"PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}"}


def bash(script: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-ec", script], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def read(path: str) -> Any:
    (document,) = parse((ROOT / path).read_bytes(), path).documents
    assert not document.problems
    return document.value


def test_the_page_is_true(tmp_path: Path, environment: dict[str, str]) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "ci.md").read_text())
    assert len(blocks) >= 5
    place = tmp_path / "empty"
    place.mkdir()
    for number, (code, script) in enumerate(blocks):
        done = bash(script, place if number == 0 else place / "shop", environment)
        assert done.returncode == int(code), (script, done.stdout, done.stderr)
        if code == "1" and "--output-format" not in script:
            assert "unknown-target-port-name" in done.stdout
    suites = ET.parse(place / "shop" / "svclint-junit.xml").getroot()
    assert suites.find(".//failure") is not None


@pytest.mark.parametrize(("name", "code"), [("shop.example.com", 0), ("10.0.0.1", 1)])
def test_the_action(tmp_path: Path, environment: dict[str, str], name: str, code: int) -> None:
    action = read("action.yml")
    step = action["runs"]["steps"][-1]
    assert set(step["env"].values()) <= {f"${{{{ inputs.{each} }}}}" for each in action["inputs"]}
    place = tmp_path / "repo"
    place.mkdir()
    (place / "web.yaml").write_text(SERVICE % name)
    environment |= {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "RUNNER_TEMP": str(tmp_path),
        "SARIF": "svclint.sarif",
        "ARGS": "--select external-name-* --fail-on warning",
    }
    done = bash(step["run"], place, environment)
    assert done.returncode == code, done.stderr
    assert (tmp_path / "output").read_text() == f"exit-code={code}\n"
    assert "## svclint" in (tmp_path / "summary").read_text()
    results = json.loads((place / "svclint.sarif").read_text())["runs"][0]["results"]
    assert len(results) == code
    assert ("::warning file=web.yaml" in done.stdout) == bool(code)


def test_inputs_are_never_run(tmp_path: Path, environment: dict[str, str]) -> None:
    place = tmp_path / "repo"
    place.mkdir()
    environment |= {
        "GITHUB_ACTION_PATH": str(ROOT),
        "PATHS": "$(touch ran) `touch ran` *",
        "RUNNER_TEMP": str(tmp_path),
    }
    done = bash(read("action.yml")["runs"]["steps"][-1]["run"], place, environment)
    assert done.returncode == 2
    assert not (place / "ran").exists()


@pytest.mark.parametrize(("name", "code"), [("shop.example.com", 0), ("10.0.0.1", 1)])
def test_the_gitlab_job(tmp_path: Path, environment: dict[str, str], name: str, code: int) -> None:
    job = read("ci/gitlab.yml")["svclint"]
    place = tmp_path / "repo"
    place.mkdir()
    (place / "web.yaml").write_text(SERVICE % name)
    done = bash(job["script"][-1], place, environment | job["variables"] | {"SVCLINT_ARGS": "--fail-on warning"})
    assert done.returncode == code, done.stderr
    reports = job["artifacts"]["reports"]
    assert len(json.loads((place / reports["codequality"]).read_text())) == code
    ET.parse(place / reports["junit"])


def test_the_image_holds_what_the_wheel_needs_and_is_not_root() -> None:
    lines = (ROOT / "Containerfile").read_text().splitlines()
    user = max(number for number, line in enumerate(lines) if line.startswith("USER"))
    assert lines[user] == "USER 65534:65534"
    assert not any(line.startswith("USER") for line in lines[user + 1 :])
    copied = {each for line in lines if line.startswith("COPY") and "--from" not in line for each in line.split()[1:-1]}
    assert {"linter", "rules", "schemas", "pyproject.toml", "README.md", "LICENSE"} <= copied
    assert all((ROOT / each).exists() for each in copied)

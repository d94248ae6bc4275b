"""SARIF as an independent validator sees it: Microsoft's SARIF Multitool, from the npm registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile

import pytest

from svclint.diagnostic import Report
from svclint.output import Style, render
from svclint.registry import rules

PACKAGE = "@microsoft/sarif-multitool-linux@5.7.0"


@pytest.fixture(scope="module")
def multitool(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The validator's program, unpacked from its package."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("multitool")
    packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True)
    if packed.returncode:
        pytest.skip(f"{PACKAGE} can't be had: {packed.stderr.strip()[:200]}")
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    program = str(folder / "package" / "Sarif.Multitool")
    os.chmod(program, 0o755)
    return program


@pytest.mark.slow
def test_the_multitool_finds_no_error(multitool: str, report: Report, tmp_path) -> None:
    log = tmp_path / "out.sarif"
    log.write_text(render(report, "sarif", Style(prefix="deploy/", rules=rules)))
    result = tmp_path / "validation.sarif"
    run = subprocess.run(
        [multitool, "validate", str(log), "--output", str(result), "--rule-kind", "Sarif;Ghas"],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = json.loads(result.read_text(encoding="utf-8-sig"))["runs"][0]
    assert "results" in said, run.stdout + run.stderr
    errors = [r for r in said["results"] if r.get("level", "warning") == "error"]
    assert errors == [], run.stdout


@pytest.mark.slow
def test_the_multitool_would_say_so(multitool: str, tmp_path) -> None:
    log = tmp_path / "bad.sarif"
    log.write_text('{"$schema": "https://example.com", "version": "2.1.0", "runs": [{"results": [{"ruleId": "a"}]}]}')
    run = subprocess.run(
        [multitool, "validate", str(log)],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "error" in run.stdout

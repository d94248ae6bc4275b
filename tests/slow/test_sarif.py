"""SARIF as npm's `@microsoft/sarif-multitool` judges it, with GitHub's own rules."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TOOL = "@microsoft/sarif-multitool@5.7.0"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH")
    place = tmp_path_factory.mktemp("npm")
    done = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), TOOL],
        capture_output=True,
        text=True,
        check=False,
    )
    found = sorted(place.glob("node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool"))
    if done.returncode or not found:
        pytest.skip(f"{TOOL} can't be installed: {(done.stdout + done.stderr).strip()[-300:]}")
    return found[0]


def judged(validator: Path, report: Path) -> list[str]:
    """The errors and warnings of the tool; its exit code says nothing."""
    command = [str(validator), "validate", str(report), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "Analysis completed" in said, said
    return [line for line in said.splitlines() if ": error " in line or ": warning " in line]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    found = tmp_path / "svclint.sarif"
    shop = ROOT / "examples" / "shop"
    command = [sys.executable, "-m", "svclint", "check", "--root", str(shop), "--output-format", f"sarif:{found}"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    return found


def test_no_error_and_no_warning(validator: Path, report: Path) -> None:
    assert judged(validator, report) == []


def test_the_validator_sees_what_is_wrong(validator: Path, report: Path) -> None:
    report.write_text(
        report.read_text().replace('"endLine":', '"endLine": 1, "x":', 1).replace('"message"', '"massage"')
    )
    assert judged(validator, report) != []

"""The example rule pack as its author ships it: built as a wheel and installed beside svclint into a fresh venv."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACK = ROOT / "examples" / "rule-pack"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: ExternalName, externalName: a.example}\n"


def pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution" in done.stderr:
        pytest.skip(f"the package registry doesn't answer: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with svclint's wheel and the pack's, both built here."""
    place = tmp_path_factory.mktemp("packs")
    for source in (ROOT, PACK):
        command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(place / "dist"), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and "No matching distribution" in done.stdout + done.stderr:
            pytest.skip("the package registry doesn't have the build backend")
        assert done.returncode == 0, done.stdout + done.stderr
    venv.create(place / "venv", with_pip=True)
    found = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip(found / "python", "pytest", *map(str, sorted((place / "dist").glob("*.whl"))))
    return found


def svclint(bin_folder: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SVCLINT"))}
    command = [str(bin_folder / "svclint"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment, check=False)


def test_check_explain_rules_and_docs_have_it(bin_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(SERVICE)
    (tmp_path / "svclint.toml").write_text('[rules.owner-label]\nlabel = "squad"\n')
    done = svclint(bin_folder, "check", "--output-format", "json", cwd=tmp_path)
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["rule"] == "owner-label"
    assert "has no label squad" in finding["message"]
    assert "Whoever is called at night" in svclint(bin_folder, "explain", "owner-label", cwd=tmp_path).stdout
    assert "\nowner-label " in svclint(bin_folder, "rules", cwd=tmp_path).stdout
    pages = svclint(bin_folder, "explain", "--all", "--output-format", "markdown", cwd=tmp_path).stdout
    assert "# owner-label" in pages and "# lonely-service" in pages


def test_its_pages_are_run_by_its_own_tests(bin_folder: Path, tmp_path: Path) -> None:
    command = [str(bin_folder / "python"), "-m", "pytest", "-q", "-c", os.devnull, str(PACK / "tests")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_pack_that_raises_is_named_and_the_run_goes_on(bin_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "pack"
    (broken / "broken_rules").mkdir(parents=True)
    text = (PACK / "pyproject.toml").read_text().replace("acme_rules", "broken_rules").replace("acme", "broken")
    (broken / "pyproject.toml").write_text(text)
    (broken / "broken_rules" / "__init__.py").write_text("raise RuntimeError('out of luck')\n")
    pip(bin_folder / "python", "--no-deps", "--target", str(tmp_path / "site"), str(broken))
    (tmp_path / "web.yaml").write_text(SERVICE)
    done = subprocess.run(
        [str(bin_folder / "python"), "-m", "svclint", "check", "--output-format", "json", str(tmp_path / "web.yaml")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        check=False,
    )
    report = json.loads(done.stdout)
    assert [each["rule"] for each in report["findings"]] == ["owner-label"]
    assert report["summary"]["crashes"] == [
        "rule pack broken (broken_rules): can't be imported: RuntimeError: out of luck"
    ]
    assert done.returncode == 2

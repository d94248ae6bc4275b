"""`svclint krm` as a real kustomize runs it: as a transformer of a build, and by `kustomize fn run`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MODULE = "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1"
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web # a comment that stays
spec:
  selector:
    app: {app}
  ports:
  - port: 80
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
  - name: web
    image: registry.example.com/web:1
"""
FUNCTION = """\
apiVersion: svclint.dev/v1
kind: Svclint
metadata:
  name: svclint
  annotations:
    config.kubernetes.io/function: |
      exec:
        path: {path}
"""


@pytest.fixture(scope="session")
def kustomize(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """kustomize from SVCLINT_KUSTOMIZE or PATH, else built by Go."""
    found = os.environ.get("SVCLINT_KUSTOMIZE") or shutil.which("kustomize")
    if found:
        return Path(found)
    if shutil.which("go") is None:
        pytest.skip("neither kustomize nor go is on PATH: SVCLINT_KUSTOMIZE names a kustomize to use")
    folder = tmp_path_factory.mktemp("kustomize")
    built = subprocess.run(
        ["go", "install", MODULE], env={**os.environ, "GOBIN": str(folder)}, capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.skip(f"kustomize can't be built: {built.stderr.strip()[-300:]}")
    return folder / "kustomize"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A kustomization with a Service and a Pod, and svclint among its transformers."""
    made = tmp_path / "app"
    made.mkdir()
    function = tmp_path / "svclint-krm"
    function.write_text(f'#!/bin/sh\nexec {sys.executable} -m svclint krm "$@"\n')
    function.chmod(0o755)
    (made / "pod.yaml").write_text(POD)
    (made / "svc.yaml").write_text(SERVICE.format(app="wbe"))
    (made / "svclint.yaml").write_text(FUNCTION.format(path=function))
    (made / "kustomization.yaml").write_text(
        "resources: [svc.yaml, pod.yaml]\ntransformers: [svclint.yaml]\nbuildMetadata: [originAnnotations]\n"
    )
    return made


def build(kustomize: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(kustomize), "build", "--enable-alpha-plugins", "--enable-exec", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_transformer_stops_the_build_and_says_why(kustomize: Path, folder: Path) -> None:
    done = build(kustomize, folder)
    assert done.returncode != 0
    assert "svc.yaml: error[selector-typo] Service default/web, spec.selector.app:" in done.stderr


def test_a_transformer_changes_nothing(kustomize: Path, folder: Path) -> None:
    (folder / "svc.yaml").write_text(SERVICE.format(app="web"))
    done = build(kustomize, folder)
    assert done.returncode == 0, done.stderr
    (folder / "kustomization.yaml").write_text("resources: [svc.yaml, pod.yaml]\nbuildMetadata: [originAnnotations]\n")
    assert done.stdout == build(kustomize, folder).stdout


def test_warnings_are_said_and_stop_nothing(kustomize: Path, folder: Path) -> None:
    (folder / "pod.yaml").write_text(POD.replace("app: web", "app: web\n    tier: back"))
    (folder / "svc.yaml").write_text(SERVICE.format(app="web\n    tier: front"))
    done = build(kustomize, folder)
    assert done.returncode == 0, done.stderr
    assert "svc.yaml: warning[selector-matches-no-pod]" in done.stderr
    assert "kind: Service" in done.stdout


@pytest.mark.parametrize("app", ["wbe", "web"])
def test_a_validator_passes_what_is_right(kustomize: Path, folder: Path, app: str) -> None:
    """kustomize takes a validator that hands items on for one that changed them (kustomize#5036)."""
    (folder / "svc.yaml").write_text(SERVICE.format(app=app))
    with (folder / "svclint.yaml").open("a") as file:
        file.write("spec:\n  mode: validator\n")
    (folder / "kustomization.yaml").write_text("resources: [svc.yaml, pod.yaml]\nvalidators: [svclint.yaml]\n")
    done = build(kustomize, folder)
    assert (done.returncode == 0) == (app == "web"), done.stderr
    assert ("kind: Service" in done.stdout) == (app == "web")


@pytest.mark.parametrize(("app", "severity"), [("wbe", "error"), ("web", None)])
def test_fn_run_writes_results_and_keeps_comments(
    kustomize: Path, folder: Path, tmp_path: Path, app: str, severity: str | None
) -> None:
    (folder / "svc.yaml").write_text(SERVICE.format(app=app))
    for file in ("svclint.yaml", "kustomization.yaml"):
        (folder / file).unlink()
    results = tmp_path / "results"
    results.mkdir()
    command = [str(kustomize), "fn", "run", str(folder), "--enable-exec", "--exec-path", str(tmp_path / "svclint-krm")]
    done = subprocess.run([*command, "--results-dir", str(results)], capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == (severity is not None), done.stderr
    said = "".join(file.read_text() for file in results.iterdir())
    if severity is not None:
        assert f"severity: {severity}" in said
        assert "path: svc.yaml" in said
    assert "# a comment that stays" in (folder / "svc.yaml").read_text()

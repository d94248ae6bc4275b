"""`--render` with real tools: helm and kustomize from PATH, or built by Go."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MODULES = {
    "helm": "helm.sh/helm/v3/cmd/helm@v3.18.4",
    "kustomize": "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1",
}
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: {target}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          ports:
            - name: http
              containerPort: 8080
"""


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with both tools."""
    folder = tmp_path_factory.mktemp("tools")
    for tool, module in MODULES.items():
        found = os.environ.get(f"SVCLINT_{tool.upper()}") or shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
            continue
        if shutil.which("go") is None:
            pytest.skip(f"neither {tool} nor go is on PATH: SVCLINT_{tool.upper()} names a {tool} to use")
        command = ["go", "install", module]
        built = subprocess.run(
            command, env={**os.environ, "GOBIN": str(folder)}, capture_output=True, text=True, check=False
        )
        if built.returncode:
            pytest.skip(f"{tool} can't be built: {built.stderr.strip()[-300:]}")
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def check(root: Path, path: str, *arguments: str) -> dict[str, list[dict[str, object]]]:
    command = [sys.executable, "-m", "svclint", "check", "--output-format", "json", *arguments]
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return found


def places(report: dict[str, list[dict[str, object]]]) -> list[tuple[object, ...]]:
    return [(each["rule"], each["file"], each["line"]) for each in report["findings"]]


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    made = tmp_path / "charts" / "web"
    (made / "templates").mkdir(parents=True)
    (made / "Chart.yaml").write_text('apiVersion: v2\nname: web\nversion: 1.0.0\nkubeVersion: ">=1.30.0"\n')
    (made / "values.yaml").write_text("target: htpt\n")
    (made / "templates" / "service.yaml").write_text(
        "{{- if true }}\n" + SERVICE.format(name="{{ .Release.Name }}", target="{{ .Values.target }}") + "{{- end }}\n"
    )
    (made / "templates" / "deployment.yaml").write_text(DEPLOYMENT)
    return tmp_path


def test_a_chart_is_rendered_only_when_asked(chart: Path, path: str) -> None:
    assert places(check(chart, path)) == []
    found = check(chart, path, "--render=helm")
    assert places(found) == [("unknown-target-port-name", "charts/web/templates/service.yaml", 11)]
    assert not any("when it is rendered" in str(note["message"]) for note in found["notes"])


def test_a_chart_that_lacks_its_subchart_is_told(chart: Path, path: str) -> None:
    with (chart / "charts" / "web" / "Chart.yaml").open("a") as file:
        file.write("dependencies:\n  - {name: redis, version: 1.0.0, repository: https://charts.example.com}\n")
    found = check(chart, path, "--render=helm")
    assert places(found) == []
    (note,) = [each for each in found["notes"] if "not rendered" in str(each["message"])]
    assert note["file"] == "charts/web" and "redis" in str(note["message"])


def test_a_field_is_blamed_on_the_base_or_the_patch_that_set_it(tmp_path: Path, path: str) -> None:
    base, overlay = tmp_path / "base", tmp_path / "overlays" / "prod"
    base.mkdir()
    overlay.mkdir(parents=True)
    (base / "svc.yaml").write_text(SERVICE.format(name="web", target="http"))
    (base / "deploy.yaml").write_text(DEPLOYMENT)
    (base / "kustomization.yaml").write_text("resources: [svc.yaml, deploy.yaml]\n")
    (overlay / "kustomization.yaml").write_text("resources: [../../base]\npatches: [{path: port.yaml}]\n")
    (overlay / "port.yaml").write_text(
        "# theirs\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
        "spec:\n  ports:\n    - port: 80\n      targetPort: htpt\n"
    )
    found = check(tmp_path, path, "--render=kustomize")
    assert places(found) == [("unknown-target-port-name", "overlays/prod/port.yaml", 9)]
    (overlay / "port.yaml").write_text((overlay / "port.yaml").read_text().replace("htpt", "http"))
    assert places(check(tmp_path, path, "--render=kustomize")) == []
    (base / "svc.yaml").write_text(SERVICE.format(name="web", target="htpt"))
    (overlay / "kustomization.yaml").write_text("resources: [../../base]\n")
    (overlay / "port.yaml").unlink()
    found = check(tmp_path, path, "--render=kustomize")
    assert places(found) == [("unknown-target-port-name", "base/svc.yaml", 10)]


def test_pipes(chart: Path, path: str) -> None:
    svclint = f"{sys.executable} -m svclint check - --output-format json"
    for script in (
        "helm template rel charts/web --kube-version 1.36.0",
        "cd charts && helm template web --kube-version 1.36.0",
    ):
        done = subprocess.run(
            ["bash", "-c", f"{script} | {svclint}"],
            cwd=chart,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        (finding,) = json.loads(done.stdout)["findings"]
        assert finding["file"].endswith("web/templates/service.yaml"), done.stderr
        assert finding["line"] == 11

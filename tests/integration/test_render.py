"""What tools render, read from a pipe and told apart; the real tools are in tests/slow/test_render.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from svclint.render import split, stream
from svclint.rendered import nearest

TEMPLATE = """\
{{- if .Values.service.enabled }}
apiVersion: v1
kind: Service
metadata:
  name: {{ template "web.fullname" . }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
spec:
  selector:
    app: web
  ports:
    - port: {{ .Values.service.port }}
      targetPort: {{ .Values.service.target }}
      name: http
    - port: 9090
      targetPort: metrics
      name: metrics
{{- end }}
"""
RENDERED = """\
---
# Source: web/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: x-web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: http
      name: http
    - port: 9090
      targetPort: metrics
      name: metrics
---
# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: x-web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          ports:
            - {name: http, containerPort: 8080}
"""
ORIGINS = """\
apiVersion: v1
kind: Service
metadata:
  annotations:
    config.kubernetes.io/origin: |
      path: ../../base/svc.yaml
  name: web
spec:
  type: ExternalName
  externalName: 10.0.0.1
"""


def check(text: str, cwd: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "svclint", "check", *arguments, "--output-format", "json"],
        input=text,
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def places(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str, int]]:
    return [(each["rule"], each["file"], each["line"]) for each in json.loads(done.stdout)["findings"]]


def test_a_chart_that_is_there_is_pointed_at(tmp_path: Path) -> None:
    chart = tmp_path / "charts" / "web-chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (chart / "templates" / "service.yaml").write_text(TEMPLATE)
    (chart / "templates" / "deployment.yaml").write_text("kind: Deployment\n")
    done = check(RENDERED, tmp_path, "-")
    assert places(done) == [("unknown-target-port-name", "charts/web-chart/templates/service.yaml", 16)]


def test_a_chart_that_is_not_there_has_the_name_that_helm_gave(tmp_path: Path) -> None:
    assert places(check(RENDERED, tmp_path, "-")) == [("unknown-target-port-name", "web/templates/service.yaml", 14)]


def test_origins_of_kustomize(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "svc.yaml").write_text(
        "# ours\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n"
        "  type: ExternalName\n  externalName: 10.0.0.1\n"
    )
    assert places(check(ORIGINS, tmp_path, "-")) == [("external-name-ip-address", "base/svc.yaml", 8)]


@pytest.mark.parametrize(
    "text",
    ["# Source: https://example.com/a.yaml\n" + ORIGINS.replace("config.kubernetes.io", "example.com"), "a: b\n"],
)
def test_any_other_text_is_the_one_file_that_it_is(tmp_path: Path, text: str) -> None:
    assert stream(text.encode(), str(tmp_path)) is None


@pytest.mark.parametrize("name", ["../../etc/templates/x", "/etc/templates/x", "a/../../templates/x"])
def test_no_name_leads_out(name: str) -> None:
    (path,) = split(f"# Source: {name}\nkind: A\n")
    assert not path.startswith(("/", ".."))


@pytest.mark.parametrize(
    ("keys", "said", "line"),
    [
        (("spec", "ports", 0, "targetPort"), "targetPort: http", 12),
        (("spec", "ports", 1, "targetPort"), "targetPort: metrics", 15),
        (("spec", "selector"), "selector:", 8),
        (("metadata", "name"), "name: x-web", 4),
        (("spec", "nowhere"), "", 7),
        ((), "", 0),
    ],
)
def test_the_nearest_line(keys: tuple[str | int, ...], said: str, line: int) -> None:
    assert nearest(TEMPLATE, ("Service", "x-web"), keys, said)[0] == line


def test_a_tool_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (tmp_path / "kustomization.yaml").write_text("resources: []\n")
    nothing = tmp_path / "bin"
    nothing.mkdir()
    done = check("", tmp_path, "--root", ".", "--render", "helm,kustomize", PATH=str(nothing))
    assert done.returncode == 0, done.stderr
    said = {each["message"] for each in json.loads(done.stdout)["notes"]}
    assert {"not rendered: helm is not on PATH", "not rendered: kustomize is not on PATH"} <= said


def test_an_unknown_tool_is_bad_usage(tmp_path: Path) -> None:
    done = check("", tmp_path, "--render", "jsonnet")
    assert done.returncode == 2 and "helm and kustomize" in done.stderr

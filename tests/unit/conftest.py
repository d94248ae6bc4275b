"""A project of several clusters, for tests of what is divided."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {{name: {0}}}\nspec:\n  selector: {{app: {0}}}\n  ports: [{{port: 80}}]\n"
)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}}}
spec:
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec:
      containers:
        - {{name: main, image: "registry.example.com/{0}:1", ports: [{{containerPort: 80}}], env: [{{name: A, value: b}}]}}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {0}}}
spec:
  defaultBackend: {{service: {{name: {0}, port: {{number: 80}}}}}}
"""


def write(root: Path) -> list[str]:
    """A project of several clusters: folders of one, files beside each other, overlays, and one that needs another."""
    texts: dict[str, str] = {}
    for number in range(6):
        for kind, text in (("service", SERVICE), ("deployment", DEPLOYMENT)):
            texts[f"examples/{number}/{kind}.yaml"] = text.format(f"app-{number}")
    texts["examples/1/service.yaml"] = "# svclint: ignore\n" + texts["examples/1/service.yaml"]
    texts["apps/web/service.yaml"] = SERVICE.format("web")
    texts["apps/web/deployment.yaml"] = DEPLOYMENT.format("web")
    texts["apps/web/kustomization.yaml"] = "resources: [service.yaml, deployment.yaml]\n"
    for each in ("dev", "prod"):
        texts[f"overlays/{each}/kustomization.yaml"] = (
            f"namespace: {each}\nresources: [../../apps/web]\npatches: [{{path: patch.yaml}}]\n"
        )
        texts[f"overlays/{each}/patch.yaml"] = (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"
        )
    # `infra` names what only `backend` has.
    texts["infra/v1/ingress.yaml"] = INGRESS.format("api")
    texts["infra/v2/ingress.yaml"] = INGRESS.format("api")
    texts["backend/service.yaml"] = SERVICE.format("api")
    texts["backend/deployment.yaml"] = DEPLOYMENT.format("api")
    texts["values.yaml"] = "app: web\n"
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return sorted(texts)


@pytest.fixture(scope="session")
def clusters() -> Callable[[Path], list[str]]:
    """Writes the project into a folder; gives its files."""
    return write

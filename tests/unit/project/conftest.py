"""Small trees of files, written by the tests themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from svclint import project
from svclint.config import Config
from svclint.project import Project


class Make:
    """Texts of objects, and trees of files read as a project."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def deployment(self, name: str, labels: str = "app: web", metadata: str = "") -> str:
        return (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}{metadata}}}\n"
            f"spec:\n  selector: {{matchLabels: {{{labels}}}}}\n  template:\n    metadata: {{labels: {{{labels}}}}}\n"
            "    spec: {containers: [{name: c, image: nginx}]}\n"
        )

    def service(self, name: str, selector: str = "app: web", metadata: str = "") -> str:
        return (
            f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}{metadata}}}\n"
            f"spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}\n"
        )

    def config_map(self, name: str) -> str:
        return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"

    def write(self, tree: Mapping[str, str]) -> Path:
        for path, text in tree.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return self.root

    def load(self, tree: Mapping[str, str], **settings: tuple[str, ...]) -> Project:
        """The project that the files make."""
        root = self.write(tree)
        return project.find([str(root)], root=str(root)).load(Config(**settings))  # type: ignore[arg-type]

    def scopes(self, tree: Mapping[str, str], **settings: tuple[str, ...]) -> dict[str, list[str]]:
        """The scopes that the files make, with the identities of their objects."""
        found = self.load(tree, **settings)
        return {scope.name: sorted(resource.id for resource in scope.resources) for scope in found.scopes}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return Make(tmp_path)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Counts the files that are parsed."""
    from svclint import yaml

    calls: list[str] = []
    real = yaml.parse

    def parse(data: bytes | str, path: str) -> yaml.Source:
        calls.append(path)
        return real(data, path)

    monkeypatch.setattr(yaml, "parse", parse)
    return lambda: len(calls)

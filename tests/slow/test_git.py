"""`svclint check --staged` as the hook of a real `git commit`, run by a real pre-commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: svclint
        name: svclint
        entry: {python} -m svclint check --staged --output-format concise
        language: system
        pass_filenames: false
        always_run: true
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec: {{containers: [{{name: main, image: registry.example.com/web:1}}]}}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with pre-commit installed, and a Service that meets its Pod."""
    made = tmp_path / "repo"
    made.mkdir()
    git(made, "init", "-q")
    (made / ".pre-commit-config.yaml").write_text(CONFIG.format(python=sys.executable))
    (made / "svc.yaml").write_text(SERVICE)
    (made / "pod.yaml").write_text(POD.format(name="web"))
    (made / "other.yaml").write_text(POD.format(name="wbe"))
    git(made, "add", ".")
    git(made, "commit", "-qm", "start")
    installed = run(made, sys.executable, "-m", "pre_commit", "install")
    assert installed.returncode == 0, installed.stdout
    return made


def run(repo: Path, *command: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment = {**kept, "PRE_COMMIT_HOME": str(repo.parent / "home"), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(
        command, cwd=repo, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, check=False
    )


def git(repo: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(repo, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments)


def test_a_commit_that_deletes_what_a_service_selects_is_refused(repo: Path) -> None:
    git(repo, "rm", "-q", "pod.yaml")
    done = git(repo, "commit", "-m", "gone")
    assert done.returncode == 1, done.stdout
    assert "svc.yaml:4:" in done.stdout and "selector-typo" in done.stdout


def test_only_the_staged_half_of_a_file_counts(repo: Path) -> None:
    """pre-commit puts what isn't staged away; `git commit FILE` has an index of its own."""
    (repo / "pod.yaml").write_text(POD.format(name="gone"))
    (repo / "other.yaml").write_text(POD.format(name="wbe") + "# a comment\n")
    git(repo, "add", "other.yaml")
    done = git(repo, "commit", "-m", "only the other")
    assert done.returncode == 0, done.stdout
    done = git(repo, "commit", "-m", "the pod", "pod.yaml")
    assert done.returncode == 1 and "selector-typo" in done.stdout


def test_a_range_of_commits(repo: Path) -> None:
    git(repo, "rm", "-q", "pod.yaml")
    git(repo, "commit", "--no-verify", "-qm", "gone")
    done = run(repo, sys.executable, "-m", "pre_commit", "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert done.returncode == 1 and "selector-typo" in done.stdout

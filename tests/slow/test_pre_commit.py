"""The hooks as a real `pre-commit try-repo` runs them (docs/pre-commit.md, reference: pre-commit.com)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HOOKS = Path(__file__).parents[2]
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app: {app}
  ports:
    - port: 80
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
        - name: main
          image: registry.example.com/{name}:1
"""


def git(repo: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments], cwd=repo, check=True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one Service and one Deployment that meet, committed."""
    made = tmp_path / "repo"
    (made / "svc").mkdir(parents=True)
    (made / "deploy").mkdir()
    git(made, "init", "-q")
    (made / "svc" / "web.yaml").write_text(SERVICE.format(name="web", app="web"))
    (made / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="web"))
    git(made, "add", ".")
    git(made, "commit", "-qm", "a pair that meets")
    return made


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


def try_repo(repo: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(HOOKS), "svclint", "--verbose", *arguments],
        cwd=repo,
        capture_output=True,
        text=True,
        env={**os.environ, "PRE_COMMIT_HOME": str(home)},
        check=False,
    )


def test_only_the_deployment_half_is_staged(repo: Path, home: Path) -> None:
    changed = DEPLOYMENT.format(name="web") + "          ports: [{containerPort: 80}]\n"
    (repo / "deploy" / "web.yaml").write_text(changed)
    git(repo, "add", ".")
    done = try_repo(repo, home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no findings in 2 objects" in done.stdout


def test_the_staged_half_breaks_the_other(repo: Path, home: Path) -> None:
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(repo, "add", ".")
    done = try_repo(repo, home)
    assert done.returncode == 1
    assert "selector-typo" in done.stdout
    assert "svc/web.yaml" in done.stdout


def test_only_a_deletion(repo: Path, home: Path) -> None:
    (repo / "deploy" / "api.yaml").write_text(DEPLOYMENT.format(name="web2"))
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "another workload")
    git(repo, "rm", "-q", "deploy/web.yaml")
    done = try_repo(repo, home)
    assert done.returncode == 1, done.stdout
    assert "selector-typo" in done.stdout


def test_two_thousand_files(repo: Path, home: Path) -> None:
    for number in range(1000):
        (repo / "svc" / f"service-{number:04}.yaml").write_text(SERVICE.format(name=f"s{number}", app=f"s{number}"))
        (repo / "deploy" / f"deployment-{number:04}.yaml").write_text(DEPLOYMENT.format(name=f"s{number}"))
    git(repo, "add", ".")
    done = try_repo(repo, home, "--all-files")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "no findings in 2002 objects" in done.stdout

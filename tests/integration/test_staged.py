"""`--staged` and `--diff-base` on real repositories: what is committed counts, what breaks elsewhere is shown."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
ME = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT_"))}


def git(repo: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *ME, *arguments], cwd=repo, check=True, capture_output=True, text=True, env=CLEAN)
    return done.stdout


def check(repo: Path, *arguments: str, **environment: str) -> tuple[int, set[tuple[str, str]]]:
    """The exit code, and (rule, file) of each finding."""
    command = [sys.executable, "-m", "svclint", "check", "--output-format", "json", *arguments]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, env=CLEAN | environment, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, {(each["rule"], each["file"]) for each in json.loads(done.stdout)["findings"]}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two pairs that meet (`web`, `api`), and an old fault that nobody touches: `old` is typed `odl`."""
    made = tmp_path / "repo"
    (made / "svc").mkdir(parents=True)
    (made / "deploy").mkdir()
    git(made, "init", "-q", "-b", "main")
    for name, app in (("web", "web"), ("api", "api"), ("old", "odl")):
        (made / "svc" / f"{name}.yaml").write_text(SERVICE.format(name=name, app=app))
        (made / "deploy" / f"{name}.yaml").write_text(DEPLOYMENT.format(name=name))
    git(made, "add", ".")
    git(made, "commit", "-qm", "start")
    return made


OLD = ("selector-typo", "svc/old.yaml")


def test_an_old_fault_is_not_the_commits(repo: Path) -> None:
    assert check(repo) == (1, {OLD})
    assert check(repo, "--staged") == (0, set())
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="web") + "          ports: []\n")
    git(repo, "add", ".")
    assert check(repo, "--staged") == (0, set())


def test_an_old_fault_in_a_changed_file_is_shown(repo: Path) -> None:
    (repo / "deploy" / "old.yaml").write_text(DEPLOYMENT.format(name="old") + "          ports: []\n")
    git(repo, "add", ".")
    assert check(repo, "--staged") == (1, {OLD})  # the Deployment is the finding's other place


def test_a_deletion_shows_where_it_breaks(repo: Path) -> None:
    (repo / "deploy" / "web2.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "another")
    git(repo, "rm", "-q", "deploy/web.yaml")
    assert check(repo, "--staged") == (1, {("selector-typo", "svc/web.yaml")})


def test_the_index_counts_and_not_the_work_tree(repo: Path) -> None:
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    assert check(repo, "--staged") == (0, set())  # not staged
    git(repo, "add", ".")
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="web"))
    assert check(repo, "--staged") == (1, {("selector-typo", "svc/web.yaml")})  # mended, but not in the index


def test_the_configuration_is_the_indexs(repo: Path) -> None:
    config = repo / "svclint.toml"
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(repo, "add", ".")
    broken = {("selector-typo", "svc/web.yaml")}
    config.write_text('ignore = ["selector-typo"]\n')
    assert check(repo, "--staged") == (1, broken)  # git doesn't know it
    assert check(repo, "--staged", "--config", "svclint.toml") == (0, set())  # but it was asked for
    git(repo, "add", ".")
    config.write_text("")
    assert check(repo, "--staged") == check(repo, "--staged", "--config", "svclint.toml") == (0, set())
    git(repo, "rm", "-q", "-f", "--cached", "svclint.toml")
    config.write_text('ignore = ["selector-typo"]\n')
    assert check(repo, "--staged") == (1, broken)


def test_a_linked_configuration_is_followed_in_the_index(repo: Path) -> None:
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    (repo / "config").mkdir()
    (repo / "config" / "lint.toml").write_text('ignore = ["selector-typo"]\n')
    (repo / "svclint.toml").symlink_to("config/lint.toml")
    git(repo, "add", ".")
    (repo / "config" / "lint.toml").write_text("")
    assert check(repo, "--staged") == (0, set())


def test_the_baseline_is_the_indexs(repo: Path) -> None:
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    (repo / "svclint.toml").write_text('baseline = "known.json"\n')
    (repo / "known.json").write_text('{"version": 1, "findings": []}')
    git(repo, "add", ".")
    broken = {("selector-typo", "svc/web.yaml")}
    assert check(repo, "--staged") == (1, broken)
    known = [{"rule": "selector-typo", "subject": "default/Service/web", "field": "spec.selector.app", "count": 1}]
    (repo / "known.json").write_text(json.dumps({"version": 1, "findings": known}))
    assert check(repo, "--staged") == (1, broken)  # not staged
    git(repo, "add", ".")
    (repo / "known.json").write_text('{"version": 1, "findings": []}')
    assert check(repo, "--staged") == check(repo, "--staged", "--baseline", "known.json") == (0, set())


def test_a_baseline_that_git_does_not_hold_is_told(repo: Path) -> None:
    (repo / "svclint.toml").write_text('baseline = "known.json"\n')
    git(repo, "add", ".")
    (repo / "known.json").write_text('{"version": 1, "findings": []}')
    command = [sys.executable, "-m", "svclint", "check", "--staged"]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, env=CLEAN, check=False)
    assert done.returncode == 2 and "known.json: not in git's index" in done.stderr
    assert check(repo, "--staged", "--baseline", "known.json") == (0, set())


def test_an_untracked_file_hides_nothing(repo: Path) -> None:
    (repo / "deploy" / "wbe.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "wbe")
    git(repo, "mv", "deploy/web.yaml", "web.txt")
    (repo / "deploy" / "untracked.yaml").write_text(DEPLOYMENT.format(name="web"))
    assert check(repo, "--staged") == (1, {("selector-typo", "svc/web.yaml")})


def test_a_partial_commit_has_an_index_of_its_own(repo: Path) -> None:
    """`git commit FILE` names a temporary index to its hooks."""
    hook = repo / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m svclint check --staged --output-format concise > hooked\n")
    hook.chmod(0o755)
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    (repo / "svc" / "api.yaml").write_text(SERVICE.format(name="api", app="apj"))
    git(repo, "add", ".")
    done = subprocess.run(
        ["git", *ME, "commit", "-qm", "half", "svc/api.yaml"], cwd=repo, env=CLEAN, capture_output=True, check=False
    )
    assert done.returncode == 1
    said = (repo / "hooked").read_text()
    assert "svc/api.yaml" in said and "svc/web.yaml" not in said


def test_a_pure_rename_is_no_change(repo: Path) -> None:
    git(repo, "mv", "svc/old.yaml", "svc/ancient.yaml")
    assert check(repo, "--diff-base", "HEAD") == (0, set())


def test_a_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "svc.yaml").write_text(SERVICE.format(name="web", app="web") + "---\n" + DEPLOYMENT.format(name="wbe"))
    git(tmp_path, "add", ".")
    assert check(tmp_path, "--staged") == (1, {("selector-typo", "svc.yaml")})


def test_a_sparse_checkout_knows_what_is_not_there(repo: Path) -> None:
    git(repo, "sparse-checkout", "set", "svc")
    assert not (repo / "deploy").exists()
    (repo / "svc" / "web.yaml").write_text(SERVICE.format(name="web", app="wbe"))
    git(repo, "add", ".")
    assert check(repo, "--staged") == (1, {("selector-typo", "svc/web.yaml")})


def test_a_worktree_has_its_own_index(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(repo, "worktree", "add", "-q", "-b", "topic", str(other))
    (other / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(other, "add", ".")
    assert check(other, "--staged") == (1, {("selector-typo", "svc/web.yaml")})
    assert check(repo, "--staged") == (0, set())


def test_a_submodule_is_read_as_it_is_staged(repo: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    (library / "cache.yaml").write_text(SERVICE.format(name="cache", app="cahce"))
    (library / "deploy.yaml").write_text(DEPLOYMENT.format(name="cache"))
    git(library, "add", ".")
    git(library, "commit", "-qm", "cache")
    git(repo, "submodule", "add", "-q", str(library), "library")
    (repo / "library" / "cache.yaml").write_text("")  # not what is staged
    assert check(repo, "--staged") == (1, {("selector-typo", "library/cache.yaml")})
    git(repo, "commit", "-qm", "library")
    git(repo, "submodule", "deinit", "-f", "library")
    (repo / "svc" / "web.yaml").write_text(SERVICE.format(name="web", app="wbe"))
    git(repo, "add", "svc")
    assert check(repo, "--staged") == (1, {("selector-typo", "svc/web.yaml")})


def test_a_folder_of_the_repository_is_a_project(repo: Path) -> None:
    (repo / "svc" / "svclint.toml").write_text("")
    (repo / "svc" / "outside.yaml").write_text(SERVICE.format(name="x", app="x") + "  type: ExternalName\n")
    git(repo, "add", ".")
    code, found = check(repo / "svc", "--staged")
    assert code == 1
    assert {file for _, file in found} == {"outside.yaml"}


def test_paths_are_what_is_reported_on(repo: Path) -> None:
    for name in ("web", "api"):
        (repo / "deploy" / f"{name}.yaml").write_text(DEPLOYMENT.format(name=name[:-1] + "x"))
    git(repo, "add", ".")
    assert check(repo, "--staged", "svc/web.yaml")[1] == {("selector-typo", "svc/web.yaml")}


def test_diff_base_shows_what_a_branch_breaks(repo: Path) -> None:
    git(repo, "checkout", "-qb", "topic")
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(repo, "commit", "-qam", "break")
    git(repo, "checkout", "-q", "main")
    (repo / "svc" / "old.yaml").write_text(SERVICE.format(name="old", app="old"))
    git(repo, "commit", "-qam", "main mends what the branch still has")
    git(repo, "checkout", "-q", "topic")
    assert check(repo, "--diff-base", "main") == (1, {("selector-typo", "svc/web.yaml")})


def test_diff_base_sees_files_that_git_does_not_know(repo: Path) -> None:
    (repo / "svc" / "new.yaml").write_text(SERVICE.format(name="new", app="wbe"))
    assert check(repo, "--diff-base", "HEAD") == (1, {("selector-typo", "svc/new.yaml")})


def test_pre_commit_names_the_base(repo: Path) -> None:
    start = git(repo, "rev-parse", "HEAD").strip()
    (repo / "deploy" / "web.yaml").write_text(DEPLOYMENT.format(name="wbe"))
    git(repo, "commit", "-qam", "break")
    assert check(repo, "--staged") == (0, set())
    assert check(repo, "--staged", PRE_COMMIT_FROM_REF=start) == (1, {("selector-typo", "svc/web.yaml")})


@pytest.mark.parametrize("arguments", [["--staged"], ["--diff-base", "nowhere"], ["--staged", "--fix"]])
def test_what_can_not_be_answered_is_told(tmp_path: Path, arguments: list[str]) -> None:
    if "nowhere" in arguments:
        git(tmp_path, "init", "-q")
    command = [sys.executable, "-m", "svclint", "check", "--root", str(tmp_path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=CLEAN, check=False)
    assert done.returncode == 2
    assert "Error:" in done.stderr and "Traceback" not in done.stderr

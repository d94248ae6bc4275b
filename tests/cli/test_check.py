"""`svclint check` as a user calls it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
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


Svclint = Callable[..., Any]


def findings(done: Any) -> list[dict[str, object]]:
    found = json.loads(done.stdout)["findings"]
    assert isinstance(found, list)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project whose Service has a typo in its selector; Service and Pod live in different folders."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "svc").mkdir()
    (tmp_path / "deploy").mkdir()
    (tmp_path / "svc" / "web.yaml").write_text(SERVICE.format(app="wbe"))
    (tmp_path / "deploy" / "web.yaml").write_text(POD)
    return tmp_path


def test_a_target_is_reported_and_the_whole_project_is_read(svclint: Svclint, shop: Path) -> None:
    done = svclint("check", "svc/web.yaml", "--output-format", "json", cwd=shop)
    (found,) = findings(done)
    assert found["rule"] == "selector-typo"
    assert (found["file"], found["line"], found["column"]) == ("svc/web.yaml", 7, 10)
    assert found["related"][0]["file"] == "deploy/web.yaml"  # type: ignore[index]
    assert found["object"] == {"api_version": "v1", "kind": "Service", "namespace": "default", "name": "web"}
    assert done.returncode == 1


def test_a_finding_shows_from_its_other_end_too(svclint: Svclint, shop: Path) -> None:
    assert len(findings(svclint("check", "deploy/web.yaml", "--output-format", "json", cwd=shop))) == 1


def test_nothing_wrong_is_exit_0(svclint: Svclint, shop: Path) -> None:
    (shop / "svc" / "web.yaml").write_text(SERVICE.format(app="web"))
    done = svclint("check", cwd=shop)
    assert done.returncode == 0
    assert "no findings" in done.stdout


def test_fix_changes_the_file_and_only_the_value(svclint: Svclint, shop: Path) -> None:
    done = svclint("check", "--fix", "--unsafe-fixes", cwd=shop)
    assert done.returncode == 0, done.stdout
    assert (shop / "svc" / "web.yaml").read_text() == SERVICE.format(app="web")


def test_fix_alone_leaves_unsafe_fixes(svclint: Svclint, shop: Path) -> None:
    assert svclint("check", "--fix", cwd=shop).returncode == 1
    assert (shop / "svc" / "web.yaml").read_text() == SERVICE.format(app="wbe")


def test_diff_shows_and_writes_nothing(svclint: Svclint, shop: Path) -> None:
    done = svclint("check", "--diff", "--unsafe-fixes", cwd=shop)
    assert done.returncode == 1
    assert "-    app: wbe\n+    app: web\n" in done.stdout
    assert (shop / "svc" / "web.yaml").read_text() == SERVICE.format(app="wbe")


def test_stdin_replaces_its_file(svclint: Svclint, shop: Path) -> None:
    done = svclint("check", "-", "--stdin-filename", "svc/web.yaml", cwd=shop, stdin=SERVICE.format(app="web"))
    assert done.returncode == 0, done.stdout


def test_select_and_ignore(svclint: Svclint, shop: Path) -> None:
    assert svclint("check", "--ignore", "selector-typo", cwd=shop).returncode == 0
    assert svclint("check", "--select", "duplicate-object", cwd=shop).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "--select", "selector-tpyo"), "selector-typo"),
        (("check", "nowhere.yaml"), "nowhere.yaml"),
        (("check", "--output-format", "jsno"), "json"),
        (("check", "--kubernetes-version", "latest"), "1.36"),
        (("check", "--node-port-range", "70000"), "30000-32767"),
    ],
)
def test_bad_usage_is_exit_2_with_a_hint(svclint: Svclint, shop: Path, arguments: tuple[str, ...], says: str) -> None:
    done = svclint(*arguments, cwd=shop)
    assert done.returncode == 2
    assert says in done.stderr


def test_fail_on(svclint: Svclint, shop: Path) -> None:
    assert svclint("check", "--fail-on", "never", cwd=shop).returncode == 0


def test_broken_input_never_ends_in_a_traceback(svclint: Svclint, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "empty.yaml").write_bytes(b"")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)) * 10 + b"\napiVersion: v1\nkind: Service\n")
    (tmp_path / "latin.yaml").write_bytes("apiVersion: v1\nkind: Service\nmetadata: {name: é}\n".encode("latin-1"))
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web\n---\n" + POD)
    (tmp_path / "list.yaml").write_text("- apiVersion: v1\n  kind: Service\n")
    (tmp_path / "odd.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: 7\nspec: [1, {a: b}]\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    done = svclint("check", "--output-format", "json", cwd=tmp_path)
    assert done.returncode == 1
    rules = {(f["file"], f["rule"]) for f in findings(done)}
    assert ("broken.yaml", "yaml-syntax") in rules
    assert ("odd.yaml", "wrong-type") in rules


def test_output_is_the_same_whatever_the_hash_seed(shop: Path) -> None:
    (shop / "svc" / "more.yaml").write_text("---\n".join(SERVICE.format(app=f"wbe{i}") for i in range(5)))
    outs = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "svclint", "check", "--output-format", "json"],
            cwd=shop,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=False,
        )
        outs.add(done.stdout)
    assert len(outs) == 1


def test_a_baseline_knows_what_was_there(svclint: Svclint, shop: Path) -> None:
    written = svclint("check", "--write-baseline", "known.json", cwd=shop)
    assert written.returncode == 0, written.stderr
    assert svclint("check", "--baseline", "known.json", cwd=shop).returncode == 0
    # Not by line: an edit above doesn't revive it.
    (shop / "svc" / "web.yaml").write_text("# moved down\n" + SERVICE.format(app="wbe"))
    assert svclint("check", "--baseline", "known.json", cwd=shop).returncode == 0
    (shop / "svc" / "more.yaml").write_text(SERVICE.format(app="wbe").replace("name: web", "name: more"))
    assert svclint("check", "--baseline", "known.json", cwd=shop).returncode == 1


def test_a_stale_entry_of_a_baseline_is_told(svclint: Svclint, shop: Path) -> None:
    svclint("check", "--write-baseline", "known.json", cwd=shop)
    (shop / "svc" / "web.yaml").write_text(SERVICE.format(app="web"))
    done = svclint("check", "--baseline", "known.json", cwd=shop)
    assert done.returncode == 0
    assert "stale: selector-typo of default/Service/web" in done.stdout


def test_a_broken_baseline_is_exit_2(svclint: Svclint, shop: Path) -> None:
    (shop / "known.json").write_text("[]")
    done = svclint("check", "--baseline", "known.json", cwd=shop)
    assert done.returncode == 2
    assert "not a baseline" in done.stderr


def test_policies_of_a_file_outside_are_asked(
    svclint: Svclint, shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    policy = tmp_path_factory.mktemp("policies") / "policy.yaml"
    policy.write_text(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: no-pods}\n"
        "spec:\n  matchConstraints:\n    resourceRules:\n"
        '      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}\n'
        "  validations:\n    - {expression: object.metadata.name != 'web', message: not this one}\n"
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n"
        "metadata: {name: no-pods}\nspec: {policyName: no-pods, validationActions: [Warn]}\n"
    )
    (shop / "svc" / "web.yaml").write_text(SERVICE.format(app="web"))
    (found,) = findings(svclint("check", "--policy", str(policy), "--output-format", "json", cwd=shop))
    assert (found["rule"], found["severity"], found["file"]) == ("admission-policy", "warning", "deploy/web.yaml")
    assert found["field"] == "metadata.name"
    policy.write_text(policy.read_text().replace("object.metadata.name != 'web'", "objekt.metadata.name != 'web'"))
    done = svclint("check", "--policy", str(policy), cwd=shop)
    assert done.returncode == 2 and "undeclared reference to 'objekt'" in done.stderr

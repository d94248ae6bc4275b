"""`svclint cel`: value or error, with the place; recorded cases in one go."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from svclint.cli.cel import cel


def run(*args: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cel, list(args), input=stdin)


def deployment(folder: Path) -> str:
    path = folder / "web.yaml"
    path.write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: 3\n"
        "  selector: {matchLabels: {app: web}}\n"
        "  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}\n"
    )
    return str(path)


def test_values(tmp_path: Path) -> None:
    path = deployment(tmp_path)
    said = run("object.spec.replicas * 2", "--object", path)
    assert (said.exit_code, said.output) == (0, "int: 6\n")
    said = run("{'a': [object.metadata.name], 'b': []}", "--object", path)
    assert said.output == 'map: {"a": ["web"], "b": []}\n'
    said = run("optional.none()", "--object", path, "--output-format", "json")
    assert json.loads(said.output) == {"type": "optional", "value": None}
    said = run(
        "object.spec.replicas - oldObject.spec.replicas + params.spec.replicas",
        "--object",
        path,
        "--old-object",
        path,
        "--params",
        path,
    )
    assert said.output == "int: 3\n"


def test_errors_show_their_place(tmp_path: Path) -> None:
    path = deployment(tmp_path)
    said = run("object.spec.nope + 1", "--object", path)
    assert (said.exit_code, said.output) == (1, "ERROR: no such key: nope\n | object.spec.nope + 1\n | ...........^\n")
    said = run("objekt.spec", "--object", path)
    assert said.exit_code == 1
    assert said.output.endswith("\n | objekt.spec\n | ^\n")


def test_the_request_is_there_and_the_object_has_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n"
    )
    said = run(
        "request.operation + ' ' + request.namespace + ' ' + namespaceObject.metadata.name", "--object", str(path)
    )
    assert said.output == 'string: "CREATE shop shop"\n'
    assert (
        run("object.spec.ports[0].protocol + object.spec.type", "--object", str(path)).output
        == 'string: "TCPClusterIP"\n'
    )
    path.write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 0}]}\n")
    said = run("object.spec.ports[0].port", "--object", str(path))
    assert said.exit_code == 0
    assert "int: 0" in said.output


def test_versions(tmp_path: Path) -> None:
    assert run("semver('1.2.3').minor()").output == "int: 2\n"
    assert "undeclared reference to 'semver'" in run("semver('1.2.3')", "--kubernetes-version", "1.32").output
    assert run("1", "--kubernetes-version", "newest").exit_code == 2


def test_cases_in_one_go(tmp_path: Path) -> None:
    environments = tmp_path / "environments.json"
    environments.write_text(
        json.dumps(
            {
                "objects": {"one": {"env": "vap", "object": {"a": 1}}},
                "variables": [{"name": "b", "expression": "object.a + 1"}],
            }
        )
    )
    cases = [{"expression": text, "object": "one"} for text in ("variables.b", "object.b", "nope")]
    said = run("-f", "-", "--environments", str(environments), stdin="".join(json.dumps(case) + "\n" for case in cases))
    value, failed, refused = json.loads(said.output)
    assert value == {"type": "int", "value": 2}
    assert failed == {"eval_error": "no such key: b"}
    assert refused["compile_error"].startswith("ERROR: <input>:1:1: undeclared reference to 'nope'")


def test_bad_usage(tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("")
    for args in ([], ["-f", "-"], ["1", "--object", str(empty)], ["1", "--object", str(tmp_path / "none.yaml")]):
        said = run(*args)
        assert said.exit_code == 2, (args, said.output)
        assert "Traceback" not in said.output


_POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
  validations:
  - {expression: "request.operation != 'UPDATE' || object.spec.replicas >= oldObject.spec.replicas", message: shrinks}
  - {expression: "request.userInfo.username != 'alice'", messageExpression: "'no ' + request.userInfo.username"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: p, validationActions: [Deny]}
"""


def test_admit_asks_the_policies(tmp_path: Path) -> None:
    from svclint.cli.admit import admit

    path, policy, old = deployment(tmp_path), tmp_path / "policy.yaml", tmp_path / "old.yaml"
    policy.write_text(_POLICY)
    old.write_text(Path(path).read_text().replace("replicas: 3", "replicas: 5"))

    def ask(*args: str) -> tuple[int, str]:
        said = CliRunner().invoke(admit, [path, "--policy", str(policy), *args])
        return said.exit_code, said.output

    assert ask() == (0, f"{path}:1:1: deployment.apps/web created\n")
    code, said = ask("--operation", "UPDATE", "--old-object", str(old))
    assert code == 1 and said.endswith("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: shrinks\n")
    code, said = ask("--user", "alice", "--group", "dev")
    assert code == 1 and said.endswith("denied request: no alice\n")
    assert ask("--operation", "DELETE", "--old-object", str(old))[0] == 0

    policy.write_text(_POLICY.replace("request.userInfo.username !=", "username !="))
    code, said = ask("--user", "alice", "--group", "dev")
    assert code == 1 and "undeclared reference to 'username'" in said
    policy.write_text("x: [")
    assert ask() == (1, f"Error: {policy}: yaml: line 1: did not find expected node content\n")

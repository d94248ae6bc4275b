"""`svclint admit`: the shape of its answers, text as kubectl prints it, policies, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from svclint.cli.admit import admit

GOOD = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
  - port: 80
    nodePort: 30080
  type: NodePort
"""
CLASH = GOOD.replace("name: web", "name: other", 1)
BAD = """\
# a list is taken apart as kubectl does
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
  spec: {ports: [{port: "80"}]}
- {apiVersion: v1, kind: Namespace, metadata: {name: A, namespace: x}}
"""
POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-web}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services]}
  validations:
  - {expression: "object.metadata.name != 'web'", message: no webs}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-web}
spec: {policyName: no-web, validationActions: [Deny]}
"""


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(admit, arguments, input=stdin)


def test_json(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(f"{GOOD}---\n# nothing\n---\n{CLASH}---\nfoo: 1\n")
    (tmp_path / "notes.txt").write_text(GOOD)
    result = run("--output-format", "json", str(tmp_path))
    first, second = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (
        first.items()
        >= {
            "file": str(tmp_path / "web.yaml"),
            "document": 0,
            "api_version": "v1",
            "kind": "Service",
            "namespace": "default",
            "name": "web",
            "accepted": True,
            "code": None,
            "causes": [],
            "message": None,
            "warnings": [],
        }.items()
    )
    assert first["stored"]["clusterIP"] == "<allocated>"
    assert (second["document"], second["accepted"], second["code"], second["stored"]) == (1, False, 422, None)
    [cause] = second["causes"]
    assert cause == {
        "field": "spec.ports[0].nodePort",
        "reason": "FieldValueInvalid",
        "message": "Invalid value: 30080: provided port is already allocated",
    }


def test_each_file_is_its_own_cluster(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yaml").write_text(CLASH)
    assert run(str(tmp_path)).exit_code == 0


def test_text(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    result = run(str(file))
    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{file}:8:19: Error from server (BadRequest): Service in version")
    assert second.startswith(f'{file}:9:48: The Namespace "A" is invalid: metadata.name: Invalid value: "A"')


def test_several_causes_stand_on_lines_of_their_own() -> None:
    result = run("-", stdin=GOOD.replace("port: 80\n", "port: 0\n"))
    assert result.stdout == (
        '<stdin>:8:5: The Service "web" is invalid:\n'
        "  * spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n"
        "  * spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive\n"
    )


def test_accepted_with_warnings() -> None:
    result = run("-", stdin=GOOD + "  externalIPs: [1.2.3.4]\n")
    warning, created = result.stdout.splitlines()
    assert warning.startswith("<stdin>:11:3: Warning: spec.externalIPs is deprecated")
    assert created == "<stdin>:1:1: service/web created"
    assert result.exit_code == 0


@pytest.mark.parametrize("body", ["apiVersion: 1\nkind: Service\n", "apiVersion: v1\nkind: [Service]\n"])
def test_a_body_of_no_kind_is_quoted(body: str) -> None:
    [entry] = json.loads(run("--output-format", "json", "-", stdin=body).stdout)
    assert entry["code"] == 400
    assert f"({body.encode()[:30].hex()}" in entry["message"]


def test_text_that_cannot_be_read_is_refused() -> None:
    [entry] = json.loads(run("--output-format", "json", "-", stdin="apiVersion: v1\nkind: Pod\n  x: [\n").stdout)
    assert (entry["accepted"], entry["code"], entry["kind"]) == (False, 400, None)
    assert entry["message"].startswith("the object provided is unrecognized (must be of type Pod): yaml: line ")


def test_what_is_no_manifest_gets_no_entry() -> None:
    assert json.loads(run("--output-format", "json", "-", stdin="kind: Service\n---\n[]\n---\n1\n").stdout) == []


def test_policies(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    arguments = ("--policy", str(policy), "--output-format", "json", "-")
    [denied] = json.loads(run(*arguments, stdin=GOOD).stdout)
    assert (denied["accepted"], denied["code"]) == (False, 422)
    assert denied["message"] == (
        "services \"web\" is forbidden: ValidatingAdmissionPolicy 'no-web' with binding 'no-web' denied request: no webs"
    )
    [allowed] = json.loads(run(*arguments, stdin=CLASH).stdout)
    assert allowed["accepted"]
    [later] = json.loads(run("--operation", "UPDATE", *arguments, stdin=GOOD).stdout)
    assert later["accepted"], "the policy is asked of creations only"


def test_a_policy_that_the_server_refuses_is_a_refusal(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    assert run("--policy", str(policy), "-", stdin=CLASH).exit_code == 0
    policy.write_text(POLICY.replace("name: no-web", "name: No_web", 1))
    result = run("--policy", str(policy), "--output-format", "json", "-", stdin=CLASH)
    assert result.exit_code == 1
    assert [entry["accepted"] for entry in json.loads(result.stdout)] == [True]
    assert 'The ValidatingAdmissionPolicy "No_web" is invalid: metadata.name' in result.stderr


def test_a_path_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    result = run(str(tmp_path / "gone.yaml"))
    assert result.exit_code == 1 and "gone.yaml" in result.output

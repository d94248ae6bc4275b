"""What the recorded policies don't show: matching, parameters, failing closed or open, budgets, places, annotations."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.policy.evaluate import PolicyOutcome, PolicySet
from svclint.apiserver.policy.match import selects
from svclint.apiserver.policy.request import Request, Target, User
from svclint.apiserver.policy.seen import as_admission_sees
from svclint.kube.facts import Facts

SERVICE = Target("", "v1", "Service", "services", True)
NODE = Target("", "v1", "Node", "nodes", False)
SHOP: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "shop", "labels": {"tier": "prod"}},
}


def service(name: str = "web", namespace: str = "shop", **spec: object) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def policy(*expressions: str | dict[str, Any], rules: dict[str, Any] | None = None, **spec: object) -> dict[str, Any]:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["*"], **(rules or {})}
    constraints = {"resourceRules": [rule], **spec.pop("constraints", {})}  # type: ignore[dict-item]
    validations = [{"expression": e} if isinstance(e, str) else e for e in expressions]
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {"matchConstraints": constraints, "validations": validations, **spec},
    }


def binding(name: str = "b", **spec: object) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": "p", "validationActions": ["Deny"], **spec},
    }


def ask(*manifests: dict[str, Any], request: Request | None = None) -> PolicyOutcome:
    policies = PolicySet([*manifests, SHOP], (1, 36), lambda api_version, kind: None if "." in api_version else True)
    assert policies.refused == []
    return policies.evaluate(request or Request(SERVICE, service()))


def denied(outcome: PolicyOutcome) -> bool:
    return outcome.denied_message is not None


@pytest.mark.parametrize(
    ("rules", "matches"),
    [
        ({}, True),
        ({"apiGroups": ["apps"]}, False),
        ({"apiVersions": ["v2"]}, False),
        ({"operations": ["UPDATE"]}, False),
        ({"resources": ["pods", "services"]}, True),
        ({"resources": ["services/status"]}, False),
        ({"resources": ["services/*"]}, True),
        ({"resources": ["*/*"]}, True),
        ({"resourceNames": ["web"]}, True),
        ({"resourceNames": ["other"]}, False),
        ({"scope": "Namespaced"}, True),
        ({"scope": "Cluster"}, False),
    ],
)
def test_rules(rules: dict[str, Any], matches: bool) -> None:
    assert denied(ask(policy("false", rules=rules), binding())) is matches


@pytest.mark.parametrize(
    ("constraints", "matches"),
    [
        ({"namespaceSelector": {"matchLabels": {"tier": "prod"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"tier": "dev"}}}, False),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}, True),
        ({"objectSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}, True),
        ({"objectSelector": {"matchLabels": {"app": "db"}}}, False),
        ({"excludeResourceRules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}]}, False),
    ],
)  # fmt: skip
def test_constraints(constraints: dict[str, Any], matches: bool) -> None:
    assert denied(ask(policy("false", constraints=constraints), binding())) is matches
    assert denied(ask(policy("false"), binding(matchResources=constraints))) is matches


def test_objects_without_a_namespace_meet_no_namespace_selector() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
    constraints = {"namespaceSelector": {"matchLabels": {"tier": "dev"}}}
    assert denied(ask(policy("false", constraints=constraints), binding(), request=Request(NODE, node)))


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({}, True),
        (None, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
        ({"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "a", "operator": "Gt"}]}, False),
    ],
)
def test_selectors(selector: object, chosen: bool) -> None:
    assert selects(selector, {"a": "1"}) is chosen


def test_policies_are_not_asked_about_policies() -> None:
    target = Target(
        "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", False
    )
    everything = policy("false", rules={"apiGroups": ["*"], "apiVersions": ["*"]})
    assert not denied(ask(everything, binding(), request=Request(target, policy("true"))))


def test_equivalent_resources() -> None:
    old = Target("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True)
    request = Request(old, {"metadata": {"name": "h", "namespace": "shop"}})
    rules = {"apiGroups": ["autoscaling"], "apiVersions": ["v2"], "resources": ["horizontalpodautoscalers"]}
    said = policy(
        {"expression": "false", "messageExpression": "request.kind.version + request.requestKind.version"}, rules=rules
    )
    assert (ask(said, binding(), request=request).denied_message or "").endswith("denied request: v2v1")
    exact = policy("false", rules=rules, constraints={"matchPolicy": "Exact"})
    assert not denied(ask(exact, binding(), request=request))


@pytest.mark.parametrize(
    ("conditions", "failure", "message"),
    [
        (["true"], "Fail", "failed expression: false"),
        (["false", "object.nope == 1"], "Fail", None),
        (["object.nope == 1"], "Fail", "expression 'object.nope == 1' resulted in error: no such key: nope"),
        (["object.nope == 1"], "Ignore", None),
        (
            ["object.a == 1", "object.b == 1"],
            "Fail",
            "[expression 'object.a == 1' resulted in error: no such key: a, "
            "expression 'object.b == 1' resulted in error: no such key: b]",
        ),
        (["namespaceObject == null"], "Fail", "failed expression: false"),
    ],
)
def test_match_conditions(conditions: list[str], failure: str, message: str | None) -> None:
    named = [{"name": f"c{i}", "expression": text} for i, text in enumerate(conditions)]
    outcome = ask(policy("false", matchConditions=named, failurePolicy=failure), binding())
    expected = "services \"web\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
    assert outcome.denied_message == (None if message is None else expected + message)


def test_a_failing_expression_denies_unless_failures_are_ignored() -> None:
    assert denied(ask(policy("object.nope == 1"), binding()))
    assert not denied(ask(policy("object.nope == 1", failurePolicy="Ignore"), binding()))
    assert denied(ask(policy("object.nope == 1", "false", failurePolicy="Ignore"), binding()))


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        ({"message": " said "}, "said"),
        ({"messageExpression": "' made '"}, "made"),
        ({"messageExpression": "'a\\nb'", "message": "said"}, "said"),
        ({"messageExpression": "''", "message": "said"}, "said"),
        ({"messageExpression": "string(object.nope)", "message": "said"}, "said"),
        ({"messageExpression": "string(object.nope)"}, "failed expression: false"),
    ],
)
def test_messages(validation: dict[str, Any], message: str) -> None:
    outcome = ask(policy({"expression": " false ", **validation}), binding())
    assert (outcome.denied_message or "").endswith(f"denied request: {message}")


@pytest.mark.parametrize(
    ("reason", "code"), [(None, 422), ("Invalid", 422), ("Forbidden", 403), ("RequestEntityTooLarge", 413)]
)
def test_reasons_have_codes(reason: str | None, code: int) -> None:
    validation = {"expression": "false"} | ({} if reason is None else {"reason": reason})
    outcome = ask(policy(validation), binding())
    assert (outcome.code, outcome.reason) == (code, reason or "Invalid")


def test_one_denial_is_reported_and_all_warnings() -> None:
    said = policy({"expression": "false", "message": "one"}, {"expression": "false", "message": "two"})
    outcome = ask(said, binding(validationActions=["Warn", "Audit"]), binding("c"))
    assert (outcome.denied_message or "").endswith("binding 'c' denied request: one")
    head = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': "
    assert outcome.warnings == (head + "one", head + "two")
    assert [(f.binding, f.actions, f.message) for f in outcome.failures] == [
        ("b", ("Warn", "Audit"), "one"), ("b", ("Warn", "Audit"), "two"), ("c", ("Deny",), "one"), ("c", ("Deny",), "two"),
    ]  # fmt: skip


def config_map(name: str, namespace: str = "shop", labels: dict[str, str] | None = None, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "data": data,
    }


KIND = {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}
LIMITED = {
    "expression": "object.metadata.name.size() <= int(params.data.max)",
    "messageExpression": "string(params.metadata.name)",
}


def test_parameters_by_name_and_by_selector() -> None:
    limited = policy(LIMITED, **KIND)
    small, large = config_map("small", labels={"x": "y"}, max="1"), config_map("large", labels={"x": "y"}, max="9")
    by_name = {"name": "small", "parameterNotFoundAction": "Deny"}
    assert denied(ask(limited, small, large, binding(paramRef=by_name)))
    assert not denied(ask(limited, small, large, binding(paramRef={**by_name, "name": "large"})))
    chosen = {"selector": {"matchLabels": {"x": "y"}}, "parameterNotFoundAction": "Deny"}
    assert (ask(limited, large, small, binding(paramRef=chosen)).denied_message or "").endswith("denied request: small")


def test_parameters_live_in_the_requests_namespace_or_the_named_one() -> None:
    limited = policy(LIMITED, **KIND)
    elsewhere = config_map("cap", namespace="policies", max="1")
    ref = {"name": "cap", "parameterNotFoundAction": "Allow"}
    assert not denied(ask(limited, elsewhere, binding(paramRef=ref)))
    assert denied(ask(limited, elsewhere, binding(paramRef={**ref, "namespace": "policies"})))
    missing = ask(limited, elsewhere, binding(paramRef={**ref, "parameterNotFoundAction": "Deny"}))
    text = "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
    assert (missing.denied_message or "").endswith(text)
    assert denied(ask(policy("params == null && false", **KIND), binding()))


def test_namespaced_parameters_and_objects_without_a_namespace() -> None:
    node = Request(NODE, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})
    limited = policy(LIMITED, **KIND)
    outcome = ask(limited, binding(paramRef={"name": "cap", "parameterNotFoundAction": "Allow"}), request=node)
    assert "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources" in str(outcome)


def test_variables_are_lazy_and_evaluated_once() -> None:
    variables = [
        {"name": "broken", "expression": "object.nope"},
        {"name": "ports", "expression": "object.spec.ports.map(p, p.port)"},
        {"name": "first", "expression": "variables.ports[0]"},
    ]
    said = policy("variables.first == 80 && variables.ports.size() == 1", "variables.broken == 1", variables=variables)
    outcome = ask(said, binding(), request=Request(SERVICE, service(ports=[{"port": 80}])))
    message = (
        "'variables.broken == 1' resulted in error: composited variable \"broken\" fails to evaluate: no such key: nope"
    )
    assert (outcome.denied_message or "").endswith(message)
    assert len(outcome.failures) == 1


def test_expressions_share_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svclint.apiserver.policy.policy.PER_OBJECT_BUDGET", 2000)
    dear = "lists.range(100).all(a, a >= 0)"
    outcome = ask(policy(*[dear] * 4), binding())
    text = "validation failed due to running out of cost budget, no further validation rules will be run"
    assert (outcome.denied_message or "").endswith(f"denied request: {text}")
    assert not denied(ask(policy(*[dear] * 2), binding()))
    costly = [{"name": f"v{i}", "expression": dear} for i in range(4)]
    assert denied(
        ask(policy("variables.v0 && variables.v1 && variables.v2 && variables.v3", variables=costly), binding())
    )


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ("object.spec.type == 'ClusterIP'", [("spec", "type")]),
        ("object.metadata.name == 'web' && object.spec.type == 'ClusterIP'", [("spec", "type")]),
        ("object.spec.ports.all(p, p.port < 100)", [("spec", "ports", 1, "port")]),
        ("!object.spec.ports.exists(p, p.name == 'https')", [("spec", "ports", 1, "name")]),
        ("object.spec.ports[0].port > 100", [("spec", "ports", 0, "port")]),
        ("object.spec.nope == 1", [("spec", "nope")]),
        ("has(object.metadata.annotations)", [("metadata", "annotations")]),
        ("object.metadata.?annotations[?'a'].orValue('') == 'b'", [("metadata", "annotations")]),
        ("variables.type == 'ClusterIP'", [("spec", "type")]),
        ("object.spec.type == 'A' || object.metadata.name == 'b'", [("spec", "type"), ("metadata", "name")]),
        ("object.spec.type == 'NodePort' ? object.metadata.name == 'x' : true", [("spec", "type"), ("metadata", "name")]),
    ],
)  # fmt: skip
def test_a_failure_points_at_what_was_read(expression: str, paths: list[tuple[str | int, ...]]) -> None:
    subject = service(type="NodePort", ports=[{"name": "http", "port": 80}, {"name": "https", "port": 443}])
    said = policy(expression, variables=[{"name": "type", "expression": "object.spec.type"}])
    [failure] = ask(said, binding(), request=Request(SERVICE, subject)).failures
    assert list(failure.paths) == paths
    assert failure.expression == expression


def test_a_failure_points_at_one_of_two_parts_that_are_one_value() -> None:
    port = {"name": "http", "port": 80}
    subject = service(ports=[port, port])
    [failure] = ask(policy("object.spec.ports[1].port > 100"), binding(), request=Request(SERVICE, subject)).failures
    assert failure.paths == (("spec", "ports", 1, "port"),)


def test_audit_annotations() -> None:
    annotations = [
        {"key": "name", "valueExpression": "'name is ' + object.metadata.name"},
        {"key": "none", "valueExpression": "object.metadata.name == 'x' ? 'x' : ''"},
    ]
    outcome = ask(policy("true", auditAnnotations=annotations), binding())
    assert outcome.annotations == (("p/name", "name is web"),)
    broken = [{"key": "bad", "valueExpression": "'x' + string(object.nope)"}]
    outcome = ask(policy("true", auditAnnotations=broken), binding(validationActions=["Audit"]))
    assert "resulted in error: no such key: nope" in str(outcome.denied_message)


def test_users_and_operations() -> None:
    said = policy(
        {"expression": "false", "messageExpression": "request.operation + ' by ' + request.userInfo.username"}
    )
    request = Request(SERVICE, None, service(), "DELETE", User("mira", ("dev",)))
    assert (ask(said, binding(), request=request).denied_message or "").endswith("DELETE by mira")
    gone = policy("object != null", "oldObject == null")
    assert len(ask(gone, binding(), request=request).failures) == 2


def test_bad_policies_are_refused_and_not_asked() -> None:
    policies = PolicySet([policy("1 +"), binding(validationActions=[])], (1, 36), lambda *_: True)
    assert [(bad.kind, bad.name, len(bad.errors)) for bad in policies.refused] == [
        ("ValidatingAdmissionPolicy", "p", 1),
        ("ValidatingAdmissionPolicyBinding", "b", 1),
    ]
    assert policies.evaluate(Request(SERVICE, service())) == PolicyOutcome()


def test_a_service_as_admission_sees_it() -> None:
    stored = service(
        clusterIP="<allocated>", clusterIPs=["<allocated>"], ipFamilies=["IPv6"], ports=[{"nodePort": "<allocated>"}]
    )
    seen = as_admission_sees(stored, "", Facts(service_cidrs=("10.0.0.0/16", "fd00::/112")))
    assert seen["spec"]["clusterIPs"] == ["fd00::"]
    assert isinstance(seen["spec"]["ports"][0]["nodePort"], int)
    assert seen["status"] == {"loadBalancer": {}}
    assert stored["spec"]["ports"][0]["nodePort"] == "<allocated>"


def test_a_pod_as_admission_sees_it() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}}
    seen = as_admission_sees(pod, "", Facts())
    assert seen["spec"]["containers"] == [{"name": "c", "resources": {}}]
    assert [t["key"] for t in seen["spec"]["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]
    assert seen["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    assert pod["spec"] == {"containers": [{"name": "c"}]}

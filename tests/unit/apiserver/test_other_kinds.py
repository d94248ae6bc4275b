"""Kinds beside the wiring that the server validates by hand."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from svclint.apiserver.admit import admit_one
from svclint.kube.facts import Facts

RBAC = "rbac.authorization.k8s.io"


def texts(api_version: str, kind: str, **fields: Any) -> list[str]:
    value = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}, **fields}
    return [f"{cause.field}: {cause.body}" for cause in admit_one(value, Facts()).causes]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("ClusterRole", {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]}, []),
        ("Role", {"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]}, []),
        ("Role", {"rules": [{}]}, [
            "rules[0].verbs: Required value: verbs must contain at least one value",
            "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
            "rules[0].resources: Required value: resource rules must supply at least one resource",
        ]),
        ("Role", {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]}, [
            'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
        ]),
        ("RoleBinding", {"roleRef": {"kind": "Role", "name": "x"}, "subjects": [{"kind": "User", "name": "u"}]}, []),
        ("ClusterRoleBinding", {"roleRef": {"kind": "Role", "name": "x"}, "subjects": [{"kind": "ServiceAccount", "name": "s"}, {"kind": "Robot", "name": "r"}]}, [
            'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
            "subjects[0].namespace: Required value",
            'subjects[1].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
        ]),
        ("RoleBinding", {"roleRef": {"apiGroup": "rbac", "kind": "Role"}}, [
            f'roleRef.apiGroup: Unsupported value: "rbac": supported values: "{RBAC}"',
            "roleRef.name: Required value",
        ]),
    ],
)  # fmt: skip
def test_rbac(kind: str, fields: dict[str, Any], expected: list[str]) -> None:
    assert texts(f"{RBAC}/v1", kind, **fields) == expected


def test_names_of_roles_need_only_do_in_a_url() -> None:
    value = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": "system:A_b"}}
    assert admit_one(value, Facts()).accepted
    value["metadata"] = {"name": "a/b"}
    assert [cause.body for cause in admit_one(value, Facts()).causes] == ["Invalid value: \"a/b\": may not contain '/'"]


def test_config_maps() -> None:
    assert texts("v1", "ConfigMap", data={"a.b": "c"}, binaryData={"x": "AA=="}) == []
    assert texts("v1", "ConfigMap", data={"..": "c"})[0].startswith('data[..]: Invalid value: "..": must not be')
    assert texts("v1", "ConfigMap", data={"a": ""}, binaryData={"a": ""}) == [
        'data[a]: Invalid value: "a": duplicate of key present in binaryData',
        'binaryData[a]: Invalid value: "a": duplicate of key present in data',
    ]
    assert "may not be more than 1048576 bytes" in texts("v1", "ConfigMap", data={"a": "x" * (1 << 20) + "y"})[0]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stringData": {"a": "b"}}, []),
        ({"type": "kubernetes.io/tls", "stringData": {"tls.crt": "x"}}, ["data[tls.key]: Required value"]),
        ({"type": "kubernetes.io/basic-auth"}, ["data[username]: Required value", "data[password]: Required value"]),
        ({"type": "kubernetes.io/basic-auth", "data": {"username": encoded("u")}}, []),
        ({"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": encoded("{}")}}, []),
        ({"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": encoded("{")}}, [
            'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid JSON',
        ]),
        ({"type": "kubernetes.io/service-account-token"}, [
            "metadata.annotations[kubernetes.io/service-account.name]: Required value",
        ]),
    ],
)  # fmt: skip
def test_secrets(fields: dict[str, Any], expected: list[str]) -> None:
    assert texts("v1", "Secret", **fields) == expected


def test_autoscalers() -> None:
    spec = {"maxReplicas": 2, "minReplicas": 3, "scaleTargetRef": {"kind": "Deployment"}}
    assert texts("autoscaling/v2", "HorizontalPodAutoscaler", spec=spec) == [
        "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
        "spec.scaleTargetRef.name: Required value",
    ]


def test_disruption_budgets() -> None:
    spec = {"minAvailable": 1, "maxUnavailable": "x"}
    both, percent = texts("policy/v1", "PodDisruptionBudget", spec=spec)
    assert both == (
        'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"x",'
        '"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set'
    )
    assert percent.startswith('spec.maxUnavailable: Invalid value: "x": a valid percent string')
    assert texts("policy/v1", "PodDisruptionBudget", spec={"minAvailable": "50%"}) == []

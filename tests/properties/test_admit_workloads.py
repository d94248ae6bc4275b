"""Whatever JSON stands in the fields of a workload, the API server on paper has an answer: never an exception."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint.apiserver.admit import admit_one
from svclint.apiserver.types import types
from svclint.apiserver.validation import containers, podspec, security
from svclint.apiserver.warnings import pod, podvolumes
from svclint.kube.facts import Facts

TABLE = types((1, 36))
FACTS = (Facts(), Facts(kubernetes_version=(1, 33)), Facts(kubernetes_version=(1, 29)))
KINDS = (
    ("v1", "Pod", "core.v1.PodSpec"),
    ("v1", "ReplicationController", "core.v1.ReplicationControllerSpec"),
    ("apps/v1", "Deployment", "apps.v1.DeploymentSpec"),
    ("apps/v1", "StatefulSet", "apps.v1.StatefulSetSpec"),
    ("apps/v1", "DaemonSet", "apps.v1.DaemonSetSpec"),
    ("apps/v1", "ReplicaSet", "apps.v1.ReplicaSetSpec"),
    ("batch/v1", "Job", "batch.v1.JobSpec"),
    ("batch/v1", "CronJob", "batch.v1.CronJobSpec"),
)
# fmt: off
WORDS = (
    "", "a", "A", "a/b", "../x", "/x", "..", "a:b", "a\\b", "x\n", "é", "1", "100%", "-5%", "1Gi", "cpu", "memory",
    "hugepages-2Mi", "example.com/gpu", "Always", "Never", "OnFailure", "RollingUpdate", "Recreate", "OnDelete", "None",
    "Localhost", "linux", "windows", "In", "Exists", "Gt", "Equal", "NoExecute", "NoSchedule", "DoNotSchedule", "v1",
    "metadata.name", "metadata.labels['a']", "status.podIP", "limits.cpu", "requests.memory", "TCP", "http", "HTTP",
    "Indexed", "Ignore", "FailIndex", "1,3-5", "5-1", "*/5 * * * *", "@every 1h", "1-2-3 * * * *", "TZ=UTC * * * * *",
    "Europe/London", "Managed", "iqn.2001-04.com.example:storage", "localhost/x", "RuntimeDefault", "ReadWriteOnce",
    "ReadWriteOncePod", "Bidirectional", "Unmasked", "net.core.somaxconn", "kernel/shm", "10.0.0.1", "010.0.0.1",
)
ANNOTATIONS = (
    "a", "A/b", "kubernetes.io/config.mirror", "controller.kubernetes.io/pod-deletion-cost",
    "scheduler.alpha.kubernetes.io/tolerations", "container.apparmor.security.beta.kubernetes.io/a",
    "seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/a",
)
QUANTITIES = ("0", "1", "-1", "1.5", "100m", "0.1m", "1Gi", "1.5Ki", "1e3", "1n", "9E", ".5", 2, 1.5, "x", "")
# fmt: on
texts = st.sampled_from(WORDS)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
numbers = st.integers(-2, 3) | st.sampled_from([30, 80, 100_001, 70_000, 2**31 - 1])


def scalar(code: str) -> st.SearchStrategy[Any]:
    match code[0]:
        case "s" | "y":
            return texts
        case "b":
            return st.booleans()
        case "i" | "l" | "f":
            return numbers
        case "x":
            return numbers | texts
        case "q":
            return st.sampled_from(QUANTITIES)
        case "t" | "m":
            return st.just("2026-01-01T00:00:00Z")
    return anything


@st.composite
def shaped(draw: st.DrawFn, code: str, strange: bool, depth: int = 0) -> Any:
    """A value of the type; where it may be `strange`, now and then of another."""
    bare = code.partition("=")[0]
    if strange and draw(st.integers(0, 29)) == 0:
        return draw(anything)
    if bare[0] == "[":
        return [draw(shaped(bare[1:], strange, depth + 1)) for _ in range(draw(st.integers(0, 2)))]
    if bare == "{s" and depth > 2:
        return draw(st.dictionaries(st.sampled_from(ANNOTATIONS), texts, max_size=2))
    if bare[0] == "{":
        return {draw(texts): draw(shaped(bare[1:], strange, depth + 1)) for _ in range(draw(st.integers(0, 2)))}
    if bare[0] != "@":
        return draw(scalar(bare))
    fields = TABLE.fields(bare[1:])
    if not fields:
        return {}
    # What leads to a container is taken more often than the rest.
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), max_size=6, unique=True))
    chosen += [name for name in ("template", "spec", "jobTemplate", "containers") if name in fields]
    return {name: draw(shaped(fields[name].code, strange, depth + 1)) for name in dict.fromkeys(chosen)}


class Unguarded(frozenset[str]):
    """Fields that are taken to be there, so that the rules about them are asked whether they are there or not."""

    def isdisjoint(self, other: object) -> bool:
        return False


# What spares a validator the questions about fields that an object doesn't have.
GUARDS = (
    (podspec, "GATES_AND_SPREAD"),
    (podspec, "IDENTITY"),
    (containers, "HOOKS_AND_PROBES"),
    (security, "OTHER_PROFILES"),
    (pod, "PLACEMENT"),
    (pod, "ADDRESSES"),
    (podvolumes, "DOUBTFUL"),
    (podvolumes, "WITH_ITEMS"),
)


def stands(value: Any, place: tuple[Any, ...]) -> bool:
    """Whether a place leads to something, or to what is missing from a mapping (null is as good as missing)."""
    for step in place:
        if value is None:
            return True
        if isinstance(value, dict):
            if step not in value:
                return isinstance(step, str)
        elif not isinstance(value, list) or not isinstance(step, int) or not 0 <= step < len(value):
            return False
        value = value[step]
    return True


@settings(max_examples=250, deadline=None)
@given(st.data(), st.sampled_from(KINDS), st.sampled_from(FACTS), st.booleans())
def test_any_workload_has_an_answer(
    data: st.DataObject, kind: tuple[str, str, str], facts: Facts, strange: bool
) -> None:
    api_version, name, definition = kind
    value = {
        "apiVersion": api_version,
        "kind": name,
        "metadata": data.draw(shaped("@meta.v1.ObjectMeta", strange)),
        "spec": data.draw(shaped("@" + definition, strange)),
    }
    before = json.dumps(value)
    verdict = admit_one(value, facts)
    assert verdict.accepted or (verdict.code and verdict.message)
    for cause in verdict.causes:
        assert cause.field and stands(value, cause.place), cause
    for warning in verdict.warnings:
        assert warning.message and stands(value, warning.place), warning
    assert json.dumps(value) == before, "what was read is never changed"


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(FACTS), st.dictionaries(st.sampled_from(ANNOTATIONS), texts, max_size=1))
def test_what_is_not_asked_would_say_nothing(data: st.DataObject, facts: Facts, annotations: dict[str, str]) -> None:
    """One field of an ordinary pod is whatever its type allows."""
    container: dict[str, Any] = {"name": "a", "image": "a", "securityContext": {}}
    spec: dict[str, Any] = {"containers": [container], "volumes": [{"name": "a"}], "securityContext": {}}
    definition, holder = data.draw(
        st.sampled_from(
            (
                ("core.v1.PodSpec", spec),
                ("core.v1.Container", container),
                ("core.v1.Volume", spec["volumes"][0]),
                ("core.v1.PodSecurityContext", spec["securityContext"]),
                ("core.v1.SecurityContext", container["securityContext"]),
            )
        )
    )
    fields = TABLE.fields(definition)
    name = data.draw(st.sampled_from(sorted(fields)))
    holder[name] = data.draw(shaped(fields[name].code, False))
    value = {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": "a"},
        "spec": {"template": {"metadata": {"labels": {"a": "a"}, "annotations": annotations}, "spec": spec}},
    }
    verdict = admit_one(value, facts)
    with ExitStack() as stack:
        for module, guard in GUARDS:
            stack.enter_context(patch.object(module, guard, Unguarded(getattr(module, guard))))
        assert admit_one(value, facts) == verdict


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(FACTS))
def test_any_json_in_any_field_of_a_deployment_has_an_answer(data: st.DataObject, facts: Facts) -> None:
    """One field of an ordinary Deployment, at any depth, is anything at all."""
    deployment: dict[str, Any] = json.loads(DEPLOYMENT)
    holders: list[Any] = [deployment]
    for holder in holders:
        holders.extend(
            part
            for part in (holder.values() if isinstance(holder, dict) else holder)
            if part and isinstance(part, (dict, list))
        )
    holder = data.draw(st.sampled_from(holders))
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[data.draw(st.sampled_from(keys))] = data.draw(anything)
    verdict = admit_one(deployment, facts)
    assert verdict.accepted or verdict.message


DEPLOYMENT = """{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"app": "web"}},
 "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app",
 "operator": "In", "values": ["web"]}]}, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%",
 "maxUnavailable": 1}}, "template": {"metadata": {"labels": {"app": "web"}, "annotations": {"a": "b"}}, "spec": {
 "securityContext": {"runAsUser": 1000, "sysctls": [{"name": "net.core.somaxconn", "value": "1"}]},
 "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
 {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}]}}},
 "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}],
 "volumes": [{"name": "v", "configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}}, {"name": "p", "projected":
 {"sources": [{"serviceAccountToken": {"path": "t"}}]}}],
 "containers": [{"name": "web", "image": "nginx", "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}],
 "env": [{"name": "A", "value": "b"}, {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
 "envFrom": [{"secretRef": {"name": "s"}}], "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "100m"}},
 "readinessProbe": {"httpGet": {"port": "http"}}, "lifecycle": {"preStop": {"exec": {"command": ["x"]}}},
 "volumeMounts": [{"name": "v", "mountPath": "/v"}], "securityContext": {"privileged": false}}]}}}}"""

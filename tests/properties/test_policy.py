"""What holds of NetworkPolicies whatever they say (k8s.io/api/networking/v1 types.go: policies only add up)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint.cluster.index import Index
from svclint.cluster.pods import Pod, make_pods
from svclint.cluster.policy import PolicyIndex
from svclint.kube.facts import Facts
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.resource import Resource
from svclint.kube.workload import Workload
from svclint.yaml import parse

DOCUMENT = parse("{}", "w.yaml").documents[0]
NAMESPACES = ("a", "b")
KEYS = ("app", "tier")
VALUES = ("x", "y", "")

labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))
expression = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(KEYS),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(VALUES), min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries({"key": st.sampled_from(KEYS), "operator": st.sampled_from(["Exists", "DoesNotExist"])}),
)
selector = st.fixed_dictionaries(
    {}, optional={"matchLabels": labels, "matchExpressions": st.lists(expression, max_size=1)}
)
block = st.sampled_from(
    [
        {"cidr": "10.0.0.0/8"},
        {"cidr": "0.0.0.0/0", "except": ["10.1.0.0/16"]},
        {"cidr": "203.0.113.0/24"},
        {"cidr": "::/0"},
    ]
)
peer = st.one_of(
    st.fixed_dictionaries({"podSelector": selector}, optional={"namespaceSelector": selector}),
    st.fixed_dictionaries({"namespaceSelector": selector}),
    st.fixed_dictionaries({"ipBlock": block}),
)
policy_port = st.fixed_dictionaries(
    {},
    optional={"protocol": st.sampled_from(["TCP", "UDP"]), "port": st.sampled_from([80, 81, "http", "dns"])},
)


def rule(key: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {}, optional={key: st.lists(peer, max_size=2), "ports": st.lists(policy_port, max_size=2)}
    )


policy_spec = st.fixed_dictionaries(
    {"podSelector": selector},
    optional={
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), unique=True),
        "ingress": st.lists(rule("from"), max_size=2),
        "egress": st.lists(rule("to"), max_size=2),
    },
)


@st.composite
def worlds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Pods and policies in two namespaces, of which one may not be among the manifests."""
    objects: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": draw(labels)}}
        for name in draw(st.lists(st.sampled_from(NAMESPACES), unique=True))
    ]
    for number in range(draw(st.integers(2, 4))):
        metadata = {"name": f"pod-{number}", "namespace": draw(st.sampled_from(NAMESPACES)), "labels": draw(labels)}
        ports = [
            {"name": "http", "containerPort": draw(st.sampled_from([80, 81]))},
            {"name": "dns", "containerPort": 80, "protocol": "UDP"},
        ]
        spec = {
            "hostNetwork": draw(st.integers(0, 5)) == 0,
            "containers": [{"name": "c", "image": "i", "ports": ports}],
        }
        pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        if draw(st.booleans()):
            pod["status"] = {"podIP": f"10.{draw(st.integers(0, 2))}.0.{number + 1}"}
        objects.append(pod)
    policies = [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"policy-{number}", "namespace": draw(st.sampled_from(NAMESPACES))},
            "spec": draw(policy_spec),
        }
        for number in range(draw(st.integers(0, 4)))
    ]
    return objects + policies


Answers = dict[tuple[str, str, int, str], tuple[bool | None, str]]


def answers(objects: list[dict[str, Any]]) -> Answers:
    """Every connection of every pair of pods and two outsiders, with verdict and reason."""
    index = Index(Resource(DOCUMENT, (), value) for value in objects)
    policies = PolicyIndex(index.of(NetworkPolicy), index.of_kind("", "Namespace"))
    workloads = [workload for item in index.of_kind("", "Pod") for workload in Workload.read(item)]
    parties: dict[str, Pod | str | None] = {pod.id: pod for pod in make_pods(workloads, Facts())}
    parties |= {"outside": None, "203.0.113.9": "203.0.113.9"}
    found: Answers = {}
    for client_name, client in parties.items():
        for server_name, server in parties.items():
            for port, protocol in ((80, "TCP"), (81, "TCP"), (80, "UDP")):
                decision = policies.decide(client, server, port, protocol)
                found[client_name, server_name, port, protocol] = (decision.allowed, decision.reason)
    return found


@settings(max_examples=60, deadline=None)
@given(worlds(), st.sampled_from(NAMESPACES), st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]))
def test_a_default_deny_only_takes_paths_away(objects: list[dict[str, Any]], namespace: str, types: list[str]) -> None:
    deny = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": types},
    }
    before, after = answers(objects), answers([*objects, deny])
    strength = {False: 0, None: 1, True: 2}
    for connection, (allowed, _) in after.items():
        assert strength[allowed] <= strength[before[connection][0]], connection


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_allow_all_opens_everything(objects: list[dict[str, Any]]) -> None:
    for namespace in NAMESPACES:
        spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [{}], "egress": [{}]}
        metadata = {"name": "allow-all", "namespace": namespace}
        policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
        objects = [*objects, policy]
    assert {allowed for allowed, _ in answers(objects).values()} == {True}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_order_of_the_objects_changes_nothing(data: st.DataObject) -> None:
    objects = data.draw(worlds())
    assert answers(data.draw(st.permutations(objects))) == answers(objects)

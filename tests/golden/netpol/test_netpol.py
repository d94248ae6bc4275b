"""Which pod may connect to which: 200 worlds of policies, 5,061 connections, confirmed by independent engines."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from svclint.cluster.index import Index
from svclint.cluster.pods import make_pods
from svclint.cluster.policy import PolicyIndex
from svclint.kube.facts import Facts
from svclint.kube.network_policy import NetworkPolicy
from svclint.kube.resource import resources
from svclint.kube.workload import Workload
from svclint.yaml import parse

WORLDS: list[dict[str, Any]] = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "netpol.jsonl.gz").read_bytes()).decode().splitlines()
]


def test_all_worlds_are_here() -> None:
    assert len(WORLDS) == 200
    assert sum(len(world["queries"]) for world in WORLDS) == 5061


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world["name"])
def test_world(world: dict[str, Any]) -> None:
    objects = [item for document in parse(world["manifests"], "w.yaml").documents for item in resources(document)]
    index = Index(objects)
    workloads = [workload for item in index.of_kind("", "Pod") for workload in Workload.read(item)]
    pods = {f"{pod.namespace}/{pod.name}": pod for pod in make_pods(workloads, Facts())}
    policies = PolicyIndex(index.of(NetworkPolicy), index.of_kind("", "Namespace"))

    said = []
    for query in world["queries"]:
        decision = policies.decide(pods[query["from"]], pods[query["to"]], query["port"], query["protocol"])
        said.append({**query, "allowed": decision.allowed})
        assert decision.reason
        assert decision.policies or decision.allowed, "only a policy forbids"
        if decision.policy is not None:
            assert decision.place is not None and decision.place.path[0] == "spec"
    assert said == world["queries"]

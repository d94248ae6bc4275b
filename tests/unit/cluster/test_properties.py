"""What holds of every world: the order of documents changes nothing, and no value of any type stops anything."""

from __future__ import annotations

import copy
import gzip
import json
import pathlib
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svclint.atlas.data import services_json
from svclint.atlas.graph import graph
from svclint.cluster import Cluster
from svclint.kube.facts import Facts
from svclint.kube.resource import Resource, resources
from svclint.yaml import parse

RECORDED = pathlib.Path(__file__).parents[2] / "golden" / "simulate" / "simulate.jsonl.gz"


def worlds() -> list[dict[str, Any]]:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return [world for world in map(json.loads, lines) if not world["rejected"]]


WORLDS = worlds()


def objects(world: dict[str, Any]) -> list[Resource]:
    return [item for document in parse(world["manifests"], "w.yaml").documents for item in resources(document)]


def facts(world: dict[str, Any], **more: Any) -> Facts:
    return Facts(not_ready=frozenset(world["not_ready"]), dual_stack=bool(world.get("dual")))._replace(**more)


def answers(world: dict[str, Any], cluster: Cluster) -> list[Any]:
    """All that the cluster says to the questions that were recorded."""
    said: list[Any] = [services_json(cluster)]
    for question in world["dns"]:
        answer = cluster.dns.query(question["name"], question["type"])
        said.append((answer.rcode, sorted(map(str, (record.json() for record in answer.answers)))))
    for service in sorted(cluster.services, key=lambda item: (item.namespace, item.name)):
        for port in service.ports:
            for target in (f"{service.name}.{service.namespace}:{port.port}/{port.protocol}", f"node:{port.node_port}"):
                trace = cluster.resolve(target, "outside" if target.startswith("node") else "pod")
                said.append((trace.verdict, sorted(map(str, trace.reaches))))
    return said


@pytest.mark.parametrize("number", range(0, len(WORLDS), 6))
def test_the_order_of_documents_changes_nothing(number: int) -> None:
    world = WORLDS[number]
    found = objects(world)
    expected = answers(world, Cluster(found, facts(world)))
    random.Random(number).shuffle(found)
    assert answers(world, Cluster(found, facts(world))) == expected


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2**40),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["None", "Local", "10.0.0.1", "::1", "node-b", "Always", "IPv6", "a/b/c", "\ud800"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=2)), max_size=2),
    st.dictionaries(st.text(max_size=2), st.one_of(st.none(), st.text(max_size=2)), max_size=2),
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*path, key))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_value_stops_anything(data: st.DataObject) -> None:
    world = data.draw(st.sampled_from(WORLDS), label="world")
    found = []
    for document in parse(world["manifests"], "w.yaml").documents:
        value = copy.deepcopy(document.value)
        for _ in range(2):
            path = data.draw(st.sampled_from(list(paths(value))), label="path")
            parent = value
            for step in path[:-1]:
                parent = parent[step]
            parent[path[-1]] = data.draw(JUNK, label="junk")
        document.value = value
        found += list(resources(document))
    mode = data.draw(st.sampled_from(["iptables", "nftables", "ipvs", "userspace"]))
    cluster = Cluster(found, facts(world, proxy_mode=mode))
    said = answers(world, cluster)
    json.dumps(said)
    graph(cluster)
    for service in cluster.services:
        cluster.selection(service)
        for address in (*service.cluster_ips, *service.external_ips):
            cluster.resolve(f"{address}:80")
    for workload in cluster.workloads:
        name = f"{workload.namespace}/{workload.kind}/{workload.name}"
        cluster.resolve(f"{name}:80", name)

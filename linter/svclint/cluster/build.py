"""From objects to the cluster that would exist: what the API server refuses takes no part."""

from __future__ import annotations

from collections.abc import Iterable

from svclint.apiserver.admit import ApiServer, Verdict
from svclint.cluster import Cluster
from svclint.kube.facts import Facts
from svclint.kube.resource import Resource


def admitted(resources: Iterable[Resource], facts: Facts) -> tuple[list[Resource], list[tuple[Resource, Verdict]]]:
    """The objects that are accepted, created one after the other, and those that are refused."""
    server = ApiServer(facts)
    accepted: list[Resource] = []
    refused: list[tuple[Resource, Verdict]] = []
    for resource in resources:
        verdict = server.admit(resource)
        if verdict.accepted:
            accepted.append(resource)
        else:
            refused.append((resource, verdict))
    return accepted, refused


def build(resources: Iterable[Resource], facts: Facts) -> tuple[Cluster, list[tuple[Resource, Verdict]]]:
    """The cluster of the objects that are accepted, where nothing else may exist; and those that are refused."""
    accepted, refused = admitted(resources, facts)
    return Cluster(accepted, facts), refused

"""From objects to the cluster that would exist: what the API server refuses takes no part."""

from __future__ import annotations

from collections.abc import Iterable

from svclint.apiserver.admit import ApiServer, Verdict
from svclint.cluster import Cluster
from svclint.cluster.completeness import Completeness, Elsewhere, Gap
from svclint.kube.custom_workloads import TemplateAt
from svclint.kube.facts import Facts
from svclint.kube.resource import Resource


def build(
    resources: Iterable[Resource],
    facts: Facts,
    gaps: Iterable[Gap] = (),
    templates: dict[tuple[str, str], tuple[TemplateAt, ...]] | None = None,
    elsewhere: Elsewhere | None = None,
    assumed: Iterable[Resource] = (),
) -> tuple[Cluster, list[tuple[Resource, Verdict]]]:
    """The cluster of the objects that are accepted, created one after the other, and those that are refused.

    `assumed` are created last, what else may be given is as for `Cluster`."""
    server = ApiServer(facts)
    accepted: list[Resource] = []
    refused: list[tuple[Resource, Verdict]] = []
    stubs = tuple(assumed)
    for resource in (*resources, *stubs):
        verdict = server.admit(resource)
        if verdict.accepted:
            accepted.append(resource)
        else:
            refused.append((resource, verdict))
    cluster = Cluster(accepted, facts, Completeness(gaps), templates, elsewhere, assumed=frozenset(stubs))
    return cluster, refused

"""The client's side of DNS (pkg/kubelet/network/dns/dns.go; resolv.conf of glibc and musl)."""

from __future__ import annotations

import pytest

from svclint.cluster import Cluster
from svclint.cluster.resolver import CLUSTER, NODE, Libc, ResolvConf, candidates, lookup, resolv_conf
from svclint.kube.pod import PodTemplate
from svclint.kube.resource import resources
from svclint.yaml import parse

Z = "cluster.local"
SEARCH = (f"shop.svc.{Z}", f"svc.{Z}", Z)


def conf(spec: str) -> ResolvConf:
    document = parse(f"{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {spec}}}", "f").documents[0]
    (found,) = resources(document)
    return resolv_conf("shop", PodTemplate(found, found.value), Z)


@pytest.mark.parametrize(
    ("spec", "servers", "search", "ndots"),
    [
        ("{}", (CLUSTER,), SEARCH, 5),
        ("{hostNetwork: true}", (NODE,), (), 1),
        ("{hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet}", (CLUSTER,), SEARCH, 5),
        ("{dnsPolicy: Default}", (NODE,), (), 1),
        ("{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [a.b.]}}", ("1.1.1.1",), ("a.b",), 1),
        ("{dnsConfig: {searches: [x.y, svc.cluster.local]}}", (CLUSTER,), (*SEARCH, "x.y"), 5),
        ("{dnsConfig: {options: [{name: ndots, value: '2'}, {name: edns0}]}}", (CLUSTER,), SEARCH, 2),
        ("{dnsConfig: {options: [{name: ndots, value: x}]}}", (CLUSTER,), SEARCH, 5),
        ("{dnsConfig: {nameservers: [a, b, c]}}", (CLUSTER, "a", "b"), SEARCH, 5),
    ],
)
def test_resolv_conf(spec: str, servers: tuple[str, ...], search: tuple[str, ...], ndots: int) -> None:
    found = conf(spec)
    assert (found.nameservers, found.search, found.ndots) == (servers, search, ndots)


def test_who_is_asked() -> None:
    assert conf("{}").asks_cluster is True
    assert conf("{dnsPolicy: Default}").asks_cluster is False
    assert conf("{dnsPolicy: None, dnsConfig: {nameservers: [10.96.0.10]}}").asks_cluster is None


@pytest.mark.parametrize(
    ("name", "tried"),
    [
        ("web", [f"web.shop.svc.{Z}.", f"web.svc.{Z}.", f"web.{Z}.", "web."]),
        ("web.", ["web."]),
        ("a.b.c.d.e.f", ["a.b.c.d.e.f.", *(f"a.b.c.d.e.f.{domain}." for domain in SEARCH)]),
    ],
)
def test_candidates(name: str, tried: list[str]) -> None:
    assert list(candidates(name, conf("{}"))) == tried


ALIAS = """
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {type: ExternalName, externalName: nope.shop.svc.cluster.local}
"""


@pytest.mark.parametrize(
    ("libc", "outcomes"), [("glibc", ["NODATA", "NXDOMAIN", "NXDOMAIN", "REFUSED"]), ("musl", ["NODATA"])]
)
def test_musl_stops_at_no_data(libc: Libc, outcomes: list[str]) -> None:
    found = [item for document in parse(ALIAS, "w.yaml").documents for item in resources(document)]
    result = lookup("a", conf("{}"), Cluster(found).dns, libc)
    assert [attempt.outcome for attempt in result.attempts] == outcomes
    assert result.answer is None


def test_a_namespace_named_like_a_top_level_domain_takes_names() -> None:
    text = "{apiVersion: v1, kind: Service, metadata: {name: example, namespace: com}, spec: {ports: [{port: 80}]}}"
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    result = lookup("example.com", conf("{}"), Cluster(found).dns)
    assert result.answer is not None
    assert result.answer.name == "example.com.svc.cluster.local."

"""Facts about the cluster that manifests don't hold; what is not set is unknown and is held against nobody."""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """A node of the paper cluster."""

    name: str
    zone: str | None = None


class Facts(NamedTuple):
    """What the flags and the configuration say of the cluster."""

    kubernetes_version: tuple[int, int] = (1, 36)
    namespace: str = "default"
    node_port_range: tuple[int, int] = (30000, 32767)
    service_cidrs: tuple[str, ...] = ()
    cluster_domain: str = "cluster.local"
    proxy_mode: str = "iptables"
    ipvs_scheduler: str = "rr"
    network_policies: bool = True
    dual_stack: bool = False
    not_ready: frozenset[str] = frozenset()
    succeeded: frozenset[str] = frozenset()
    default_ingress_class: str | None = None
    nodes: tuple[Node, ...] = (Node("node-a", "zone-a"), Node("node-b", "zone-b"))

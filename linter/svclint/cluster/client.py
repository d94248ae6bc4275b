"""Where a connection starts: some pod, a pod of a workload, or outside of the cluster."""

from __future__ import annotations

from typing import NamedTuple

from svclint.cluster import Cluster
from svclint.cluster.pods import Pod, pod_families
from svclint.kube.facts import Node
from svclint.kube.pod import PodTemplate
from svclint.kube.read import mapping
from svclint.kube.resource import Resource
from svclint.kube.workload import BUILT_IN, Workload

_SOME_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: some-pod, namespace: default}\nspec: {containers: [{name: shell}]}\n"
)


class ClientError(ValueError):
    """The text names nobody in the cluster."""


class Client(NamedTuple):
    """Somebody who connects: a pod, or None for outside. The node is the one whose kube-proxy meets the packet."""

    text: str
    pod: Pod | None
    node: Node
    made_up: bool = False

    @property
    def outside(self) -> bool:
        return self.pod is None

    @property
    def namespace(self) -> str:
        return self.pod.namespace if self.pod is not None else ""

    @property
    def template(self) -> PodTemplate | None:
        return self.pod.template if self.pod is not None else None


def client(cluster: Cluster, where: str) -> Client:
    """Reads `pod`, `outside` or `NAMESPACE/KIND/NAME`. Raises ClientError for an object that isn't there."""
    first = cluster.facts.nodes[0] if cluster.facts.nodes else Node("node")
    if where == "outside":
        return Client(where, None, first)
    if where in ("pod", ""):
        return Client("pod", _some_pod(cluster, first), first, made_up=True)
    parts = where.split("/")
    if len(parts) != 3 or not all(parts):
        raise ClientError(f"{where!r} is not `pod`, `outside` or NAMESPACE/KIND/NAME")
    pods = pods_of(cluster, *parts)
    pod = next((item for item in pods if item.node == first), pods[0] if pods else None)
    if pod is None:
        workload = workload_named(cluster, *parts)
        if workload is None:
            raise ClientError(f"there is no {parts[1]} {parts[2]} in namespace {parts[0]}")
        # It makes no pods at present: one as it would make.
        pod = Pod(workload, node=first, ready=True, families=pod_families(cluster.facts))
    return Client(where, pod, pod.node or first)


def workload_named(cluster: Cluster, namespace: str, kind: str, name: str) -> Workload | None:
    """The workload of that kind and name; the kind's case doesn't matter."""
    for workload in cluster.workloads_named(namespace, name):
        if workload.kind.lower() == kind.lower():
            return workload
    return None


def pods_of(cluster: Cluster, namespace: str, kind: str, name: str) -> tuple[Pod, ...]:
    """The pods of a workload, or the one pod of that name."""
    workload = workload_named(cluster, namespace, kind, name)
    found = cluster.pods_of(workload) if workload is not None else ()
    return found or (cluster.pods_named(namespace, name) if kind.lower() == "pod" else ())


def _some_pod(cluster: Cluster, node: Node) -> Pod:
    from svclint.yaml import parse

    document = parse(_SOME_POD, "<some pod>").documents[0]
    workload = Workload(Resource(document, (), mapping(document.value)), BUILT_IN["", "Pod"])
    return Pod(workload, name="some-pod", node=node, ready=True, families=pod_families(cluster.facts))

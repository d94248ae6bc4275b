"""Names of Services in what Pods and controllers are told: env values, args, commands, ConfigMaps, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from svclint.cluster import Cluster
from svclint.kube.ingress import Ingress
from svclint.kube.pod import Container
from svclint.kube.read import mapping, sequence
from svclint.kube.resource import Path, Place, Resource, View, below
from svclint.kube.service import Service
from svclint.kube.workload import Workload

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*\.?"
_MENTION = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]{{0,30}})://(?:[^@/\s'\"]*@)?(?P<url_host>{_HOST})(?::(?P<url_port>\d{{1,5}}))?(?![\w$({{])"
    rf"|(?<![\w./:@$-])(?P<host>(?=[a-z0-9.-]*[a-z]){_HOST}):(?P<port>\d{{2,5}})(?![\w.:])"
    rf"|(?<![\w.@$-])(?P<fqdn>{_LABEL}(?:\.{_LABEL})?\.{_LABEL}\.svc(?:\.{_LABEL})*)(?![\w-])"
)
# What every match of _MENTION holds.
_ANCHOR = re.compile(r"://|:\d\d|\.svc")
_END = re.compile(r"[ \n]")
_HINT = re.compile(
    r"(?:^|[_-])(?:HOST|HOSTS|HOSTNAME|ADDR|ADDRESS|ENDPOINT|SERVER|SERVERS|URL|URI|BROKER|BROKERS)(?:$|[_-])", re.I
)
_LOCAL = frozenset({"localhost", "host", "example", "none", "null", "true", "false", "all", "any", "default", "auto"})

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

Evidence = Literal["fqdn", "url", "host-port", "hint"]


class Mention(NamedTuple):
    """A host, and a port where one is given, inside a string that a Pod gets."""

    resource: Resource
    path: Path
    offset: int
    host: str
    port: int | None
    port_offset: int
    scheme: str
    evidence: Evidence

    @property
    def place(self) -> Place:
        """The string."""
        return Place(self.resource.document, self.path)

    def host_place(self) -> Place:
        """The host's own characters."""
        return self.place._replace(slice=(self.offset, self.offset + len(self.host)))

    def port_place(self) -> Place:
        """The port's own characters."""
        return self.place._replace(slice=(self.port_offset, self.port_offset + len(str(self.port))))


class Target(NamedTuple):
    """The Service that a host means for a client of one namespace; `suffix` is what stands behind the name."""

    name: str
    namespace: str
    pod: str | None
    labels: int


_KNOWN: WeakKeyDictionary[Cluster, tuple[Mention, ...]] = WeakKeyDictionary()
_TOLD: WeakKeyDictionary[Cluster, dict[tuple[str, str], list[Mention]]] = WeakKeyDictionary()


def mentions(cluster: Cluster) -> tuple[Mention, ...]:
    """Every mention in the strings that the workloads and ConfigMaps of a scope hold, and the whole names (`….svc`) in
    the annotations of workloads, their Pods and Ingresses; looked for once."""
    found = _KNOWN.get(cluster)
    if found is None:
        found = _KNOWN[cluster] = tuple(_mentions(cluster))
    return found


def _mentions(cluster: Cluster) -> Iterator[Mention]:
    for workload in cluster.workloads:
        if workload.told is None:
            workload.told = tuple(_of_workload(workload))
        yield from workload.told
    for ingress in cluster.of(Ingress):
        yield from _in_annotations(ingress.resource.annotations, ingress)
    for resource in cluster.index.of_kind("", "ConfigMap"):
        yield from resource.once("mentions", lambda each: tuple(_of_config_map(each)))


def _of_workload(workload: Workload) -> Iterator[Mention]:
    if workload.is_hook:
        return
    for container in workload.template.containers:
        for index, env in enumerate(sequence(container.value.get("env"))):
            value, name = (env.get("value"), str(env.get("name"))) if isinstance(env, dict) else (None, "")
            if isinstance(value, str) and _may_mention(value, name):
                yield from in_text(value, workload.resource, _inside(container, "env", index, "value"), name)
        for field in ("command", "args"):
            for index, value in enumerate(sequence(container.value.get(field))):
                if isinstance(value, str) and _may_mention(value, ""):
                    yield from in_text(value, workload.resource, _inside(container, field, index), "")
    yield from _in_annotations(workload.template.annotations, workload.template)
    if workload.template.path:
        yield from _in_annotations(workload.resource.annotations, workload)


def _inside(container: Container, *steps: str | int) -> Place:
    return Place(container.resource.document, below(container.resource.path + container.path, *steps))


def _of_config_map(resource: Resource) -> Iterator[Mention]:
    for key, value in mapping(resource.get("data")).items():
        if isinstance(value, str) and isinstance(key, str) and _may_mention(value, key):
            yield from in_text(value, resource, resource.at("data", key), key)


def _in_annotations(annotations: Mapping[str, str], view: View) -> Iterator[Mention]:
    """An annotation may say anything: only a name that can't be another thing counts."""
    for key, value in annotations.items():
        if ".svc" in value and key != _APPLIED:
            for mention in in_text(value, view.resource, view.at("metadata", "annotations", key), ""):
                if mention.evidence == "fqdn":
                    yield mention


def _may_mention(text: str, name: str) -> bool:
    """Whether it is worth while to look: most strings hold no name of a host."""
    if ":" not in text and ".svc" not in text:
        return _HINT.search(name) is not None
    return _ANCHOR.search(text) is not None


def in_text(text: str, resource: Resource, place: Place, name: str) -> Iterator[Mention]:
    """The mentions in one string; a string that is a single name counts where `name` says that it is a host."""
    if ":" not in text and ".svc" not in text:
        if _HINT.search(name) and re.fullmatch(_HOST, text) and not text.isdigit() and text not in _LOCAL:
            yield Mention(resource, place.path, 0, text.rstrip("."), None, 0, "", "hint")
        return
    for match in _matches(text):
        which = "url_host" if match["url_host"] else "host" if match["host"] else "fqdn"
        host = intern(match[which])
        if host in _LOCAL or host.replace(".", "").isdigit():
            continue
        port_group = {"url_host": "url_port", "host": "port"}.get(which)
        port = match[port_group] if port_group else None
        evidence: Evidence = "fqdn" if ".svc" in host else "url" if which == "url_host" else "host-port"
        yield Mention(
            resource,
            place.path,
            match.start(which),
            host.rstrip("."),
            int(port) if port else None,
            match.start(port_group) if port and port_group else 0,
            intern(match["scheme"] or ""),
            evidence,
        )


def _matches(text: str) -> Iterator[re.Match[str]]:
    """The matches of _MENTION, looked for only in words that hold what each of them has: none goes beyond a word."""
    end = 0
    while anchor := _ANCHOR.search(text, end):
        at = anchor.start()
        start = max(text.rfind(" ", end, at), text.rfind("\n", end, at)) + 1 or end
        stop = _END.search(text, anchor.end())
        end = len(text) if stop is None else stop.start()
        yield from _MENTION.finditer(text, start, end)


def target(mention: Mention, cluster: Cluster) -> Target | None:
    """The Service that a host can only mean; None for a name outside the cluster, or one that may be."""
    labels = mention.host.split(".")
    own = mention.resource.namespace
    domain = cluster.facts.cluster_domain.split(".")
    if labels[-len(domain) :] == domain and len(labels) > len(domain) + 2 and labels[-len(domain) - 1] == "svc":
        labels = labels[: -len(domain)]
    if len(labels) in (3, 4) and labels[-1] == "svc":
        pod = labels[0] if len(labels) == 4 else None
        return Target(labels[-3], labels[-2], pod, len(labels))
    if len(labels) == 1:
        return Target(labels[0], own, None, 1)
    if len(labels) == 2:
        if cluster.service_named(own, labels[1]) is not None and re.search(r"-\d+$", labels[0]):
            return Target(labels[1], own, labels[0], 2)
        if cluster.services_in(labels[1]):
            return Target(labels[0], labels[1], None, 2)
    return None


def found(mention: Mention, cluster: Cluster) -> Service | None:
    """The Service that a mention meets."""
    meant = target(mention, cluster)
    return None if meant is None else cluster.service_named(meant.namespace, meant.name)


def told(cluster: Cluster) -> Mapping[tuple[str, str], list[Mention]]:
    """The mentions that meet a Service, by its namespace and name; worked out once."""
    known = _TOLD.get(cluster)
    if known is None:
        known = _TOLD[cluster] = {}
        for mention in mentions(cluster):
            service = found(mention, cluster)
            if service is not None:
                known.setdefault((service.namespace, service.name), []).append(mention)
    return known

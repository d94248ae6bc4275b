"""Completion: labels, ports, names and DNS names that really exist, and rules behind `svclint: ignore[`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.lsp.context import Context, context
from svclint.lsp.positions import Text
from svclint.lsp.snapshot import Snapshot
from svclint.text import Span

_HOST_START = re.compile(r"(?<![a-z0-9.-])[a-z0-9.-]*+$")
_IGNORE = re.compile(r"#\s*svclint:\s*ignore\s*\[([^\]\[]*+)$")
_NAMED = {
    ("configMapRef", "name"): ("", "ConfigMap"),
    ("configMapKeyRef", "name"): ("", "ConfigMap"),
    ("configMap", "name"): ("", "ConfigMap"),
    ("secretRef", "name"): ("", "Secret"),
    ("secretKeyRef", "name"): ("", "Secret"),
    ("secret", "secretName"): ("", "Secret"),
    ("tls", "secretName"): ("", "Secret"),
    ("persistentVolumeClaim", "claimName"): ("", "PersistentVolumeClaim"),
    ("spec", "serviceAccountName"): ("", "ServiceAccount"),
    ("spec", "ingressClassName"): ("networking.k8s.io", "IngressClass"),
    ("parentRefs", "name"): ("gateway.networking.k8s.io", "Gateway"),
}
_SERVICE = {("service", "name"), ("backendRefs", "name"), ("backendRef", "name"), ("spec", "serviceName")}
_POD_PORTS = {("httpGet", "port"), ("tcpSocket", "port")}

Proposal = tuple[str, str, types.CompletionItemKind]
_Kind = types.CompletionItemKind


def completions(snapshot: Snapshot, path: str, text: Text, position: types.Position) -> list[types.CompletionItem]:
    """What fits at a position of a buffer, which need not be readable."""
    offset = text.offset(position)
    number = text.line_of(offset)
    line = text.line_span(number)
    before = text.text[line.start : offset]
    naming = _IGNORE.search(before)
    if naming is not None:
        start = offset - len(naming[1].rpartition(",")[2].lstrip())
        return _items(
            text, Span(start, offset), ((name, r.severity, _Kind.Value) for name, r in snapshot.rules.items())
        )
    cluster = _cluster(snapshot, path)
    if cluster is None:
        return []
    at = context(text.rows(), number, len(before))
    namespace = at.namespace or snapshot.facts.namespace
    start = line.start + at.start
    if (at.path and at.path[-1] in ("value", "externalName")) or _in_strings(at):
        start = offset - len((_HOST_START.search(at.typed) or [""])[0])
        return _items(text, Span(start, offset), _hosts(cluster, namespace, at))
    return _items(text, Span(start, offset), _proposals(cluster, namespace, at))


def _in_strings(at: Context) -> bool:
    return (not at.in_key and at.kind == "ConfigMap" and at.path[:1] == ("data",)) or "args" in at.path


def _cluster(snapshot: Snapshot, path: str) -> Cluster | None:
    """The cluster of the file; of one that can't be read now, the nearest."""
    scope = snapshot.scope(path)
    if scope is None and snapshot.project.scopes:
        folder = path.rpartition("/")[0]

        def near(files: frozenset[str]) -> int:
            return max((_common(folder, file) for file in files), default=0)

        scope = max(snapshot.project.scopes, key=lambda each: near(each.files))
    return snapshot.cluster(scope) if scope is not None else None


def _common(folder: str, file: str) -> int:
    count = 0
    for one, other in zip(folder.split("/"), file.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def _items(text: Text, span: Span, proposals: Iterator[Proposal]) -> list[types.CompletionItem]:
    at = text.range(span)
    made: dict[str, types.CompletionItem] = {}
    for label, detail, kind in proposals:
        made.setdefault(
            label,
            types.CompletionItem(
                label, kind=kind, detail=detail, text_edit=types.TextEdit(at, label), filter_text=label
            ),
        )
    return list(made.values())


def _proposals(cluster: Cluster, namespace: str, at: Context) -> Iterator[Proposal]:
    path = at.path
    holder, key = (path, "") if at.in_key else (path[:-1], path[-1] if path else "")
    if holder[-1:] == ("matchLabels",) or (holder == ("spec", "selector") and at.kind == "Service"):
        own = at.kind == "ServiceMonitor"
        yield from _labels(_service_labels(cluster, namespace) if own else _pod_labels(cluster, namespace), key)
        return
    if at.in_key:
        return
    pair = path[-2:]
    if pair in _SERVICE:
        for service in cluster.services_in(namespace):
            yield service.name, ", ".join(map(str, service.ports)) or service.type, _Kind.Interface
    elif pair in _NAMED:
        group, kind = _NAMED[pair]
        for resource in cluster.index.of_kind(group, kind):
            if resource.namespace in ("", namespace) or kind == "Gateway":
                yield resource.name, kind, _Kind.Reference
    elif pair == ("scaleTargetRef", "name"):
        for workload in cluster.workloads_in(namespace):
            yield workload.name, workload.kind, _Kind.Class
    elif pair == ("metadata", "namespace") or key == "namespace":
        for name in sorted(cluster.namespaces):
            yield name, "Namespace", _Kind.Module
    elif key == "targetPort" or pair in _POD_PORTS or (pair == ("ports", "port") and at.kind == "NetworkPolicy"):
        yield from _container_ports(cluster, namespace)
    elif pair == ("podMetricsEndpoints", "port"):
        yield from (found for found in _container_ports(cluster, namespace) if found[2] is _Kind.Field)
    elif pair == ("endpoints", "port") and at.kind == "ServiceMonitor":
        yield from _service_ports(cluster, namespace, number=False)
    elif path[-3:] in (("service", "port", "name"), ("service", "port", "number")) or pair == ("backendRefs", "port"):
        yield from _service_ports(cluster, namespace, number=key != "name")


def _pod_labels(cluster: Cluster, namespace: str) -> Iterator[tuple[str, dict[str, str]]]:
    for workload in cluster.workloads_in(namespace):
        yield workload.display_name, workload.template.labels


def _service_labels(cluster: Cluster, namespace: str) -> Iterator[tuple[str, dict[str, str]]]:
    for service in cluster.services_in(namespace):
        yield f"Service/{service.name}", service.resource.labels


def _labels(labelled: Iterable[tuple[str, dict[str, str]]], key: str) -> Iterator[Proposal]:
    """The values that there are of a label; whole pairs where no key is written yet."""
    for whose, labels in labelled:
        for name, value in labels.items():
            if not key:
                yield f"{name}: {_scalar(value)}", whose, _Kind.Property
            elif name == key:
                yield _scalar(value), whose, _Kind.Value


def _scalar(value: str) -> str:
    """A label value as YAML text: in quotes where it would be read as something else."""
    from svclint.yaml import parse

    document = next(iter(parse(value, "").documents), None)
    return value if document is not None and document.value == value else f'"{value}"'


def _container_ports(cluster: Cluster, namespace: str) -> Iterator[Proposal]:
    for workload in cluster.workloads_in(namespace):
        for port in workload.template.ports():
            detail = f"{port.port} in {workload.display_name}"
            if port.port_name:
                yield port.port_name, detail, _Kind.Field
            if port.port:
                yield str(port.port), f"{port.port_name or 'port'} in {workload.display_name}", _Kind.Value


def _service_ports(cluster: Cluster, namespace: str, number: bool) -> Iterator[Proposal]:
    for service in cluster.services_in(namespace):
        for port in service.ports:
            word = str(port.port) if number else port.port_name
            if word:
                yield word, f"{port} of {service.name}", _Kind.Field


def _hosts(cluster: Cluster, namespace: str, at: Context) -> Iterator[Proposal]:
    """The names by which a pod of the namespace reaches each Service, the shortest that is enough first."""
    domain = cluster.facts.cluster_domain
    for service in cluster.services:
        full = f"{service.name}.{service.namespace}.svc.{domain}"
        detail = ", ".join(map(str, service.ports)) or service.type
        if at.path[-1:] != ("externalName",):
            if service.namespace == namespace:
                yield service.name, detail, _Kind.Interface
            yield f"{service.name}.{service.namespace}", detail, _Kind.Interface
        yield full, detail, _Kind.Interface

"""Hover: what the cluster would make of the thing under the pointer, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.cluster.mentions import Mention, target
from svclint.cluster.resolver import lookup, resolv_conf
from svclint.cluster.target import SCHEME_PORTS
from svclint.explain import rule_page
from svclint.kube.references import Monitor
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.lsp.callers import workload_of
from svclint.lsp.cards import (
    container_port_card,
    listed,
    missing_card,
    monitor_card,
    own_selector_card,
    port_line,
    selector_card,
    service_card,
    workload_card,
)
from svclint.lsp.hosts import host_at
from svclint.lsp.navigate import links
from svclint.lsp.selectors import Selectors
from svclint.lsp.snapshot import Cursor, Snapshot
from svclint.lsp.things import OBJECT, SERVICE_PORT, Occurrence
from svclint.suppression import ANNOTATION
from svclint.text import Span

_ANSWER = re.compile(rf"#\s*svclint\s*:|{re.escape(ANNOTATION)}[\"']?\s*:")
_WORD = re.compile(r"[a-z][a-z0-9-]*")
_PARTS = (("kind",), ("metadata", "name"), ("spec",))


def hover(snapshot: Snapshot, path: str, position: types.Position) -> types.Hover | None:
    """What is shown at a position."""
    comment = _rule(snapshot, path, position)
    if comment is not None:
        return comment
    cursor, scope = snapshot.cursor(path, position), snapshot.scope(path)
    if cursor is None or scope is None:
        return None
    cluster = snapshot.cluster(scope)
    resource = snapshot.resource(scope, cursor)
    text = _own(cluster, resource, cursor) if resource is not None else None
    text = text or _referred(snapshot, cluster, cursor)
    if text is None:
        return None
    span = cursor.document.span(cursor.path, "key" if cursor.part == "key" else "value")
    at = snapshot.text(cursor.source).range(span)
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, text), at if at.start.line == at.end.line else None
    )


def _rule(snapshot: Snapshot, path: str, position: types.Position) -> types.Hover | None:
    """The page of the rule that a suppressing comment or annotation names."""
    source = snapshot.source(path)
    if source is None:
        return None
    text = snapshot.text(source)
    offset = text.offset(position)
    line = text.line_span(text.line_of(offset))
    comment = _ANSWER.search(source.text, line.start, line.end)
    for word in _WORD.finditer(source.text, comment.end(), line.end) if comment is not None else ():
        if word.start() <= offset <= word.end() and word[0] in snapshot.rules:
            page = rule_page(snapshot.rules[word[0]]).markdown
            return types.Hover(
                types.MarkupContent(types.MarkupKind.Markdown, page), text.range(Span(word.start(), word.end()))
            )
    return None


def _own(cluster: Cluster, resource: Resource, cursor: Cursor) -> str | None:
    """The card of the object that the cursor stands in, or of its selector."""
    inside = cursor.path[len(resource.path) :]
    if Service.reads(resource):
        if any(inside[: len(part)] == part for part in _PARTS):
            service = cluster.service_named(resource.namespace, resource.name)
            return service_card(cluster, service or Service(resource))
        return None
    for selector in Selectors(cluster).of(resource):
        if inside[: len(selector.path)] == selector.path:
            return selector_card(cluster, selector)
    if Monitor.reads(resource) and inside[:2] == ("spec", "selector"):
        return monitor_card(cluster, Monitor(resource))
    workload = workload_of(cluster, resource)
    if workload is not None and inside[:2] == ("spec", "selector"):
        return own_selector_card(cluster, workload) or workload_card(cluster, resource)
    for container in workload.template.containers if workload is not None else ():
        for port in container.ports:
            if workload is not None and inside[: len(port.path)] == port.path:
                return container_port_card(cluster, workload, port)
    if "labels" in inside or inside in (("kind",), ("metadata", "name")):
        return workload_card(cluster, resource)
    return None


def _referred(snapshot: Snapshot, cluster: Cluster, cursor: Cursor) -> str | None:
    """What is to be said of the Service that is named here, or of its port; and of the host that names it."""
    mention = host_at(cluster, cursor)
    if mention is not None:
        return "\n\n".join(_host(cluster, mention))
    found = links(snapshot, cluster).at(Place(cursor.document, cursor.path), cursor.offset)
    out = dict.fromkeys(said for each in found for said in _service_or_port(cluster, each))
    return "\n\n".join(sorted(out, key=lambda said: said.startswith("**Service "))) or None


def _service_or_port(cluster: Cluster, found: Occurrence) -> Iterator[str]:
    for thing in found.things:
        if thing[:3] == (OBJECT, "", "Service"):
            namespace, name = str(thing[3]), str(thing[4])
            service = cluster.service_named(namespace, name)
            yield missing_card(cluster, namespace, name) if service is None else service_card(cluster, service)
        elif thing[0] == SERVICE_PORT and len(thing) == 5 and not found.defines:
            service = cluster.service_named(str(thing[1]), str(thing[2]))
            word = thing[4]
            if service is not None and isinstance(word, (int, str)):
                yield port_line(cluster, service, word)
                yield service_card(cluster, service)


def _host(cluster: Cluster, mention: Mention) -> Iterator[str]:
    """What DNS answers to those who are told a host, whom they reach, and what that is."""
    workload = workload_of(cluster, mention.resource)
    template = workload.template if workload is not None else None
    conf = resolv_conf(mention.resource.namespace, template, cluster.dns.zone)
    asked = lookup(mention.host, conf, cluster.dns) if conf.asks_cluster is not False else None
    lines = []
    for attempt in asked.attempts if asked is not None else ():
        records = [record for answer in (attempt.a, attempt.aaaa) for record in answer.answers]
        said = ", ".join(dict.fromkeys(f"{record.type} {record.data}" for record in records)) or attempt.outcome
        lines.append(f"- `{attempt.name}` → {said}")
    who = f"{mention.resource.kind}/{mention.resource.name}"
    yield f"`{mention.host}` as {who} asks for it:\n" + listed(lines or [f"- {conf.nameservers[0]} is asked"])
    meant = target(mention, cluster)
    service = cluster.service_named(meant.namespace, meant.name) if meant is not None else None
    port = mention.port or SCHEME_PORTS.get(mention.scheme)
    if workload is not None and port is not None:
        yield from _reach(cluster, f"{mention.host}:{port}", workload.resource)
    if service is not None:
        yield service_card(cluster, service)
    elif meant is not None and (asked is None or asked.answer is None):
        yield missing_card(cluster, meant.namespace, meant.name)


def _reach(cluster: Cluster, where: str, resource: Resource) -> Iterator[str]:
    trace = cluster.resolve(where, f"{resource.namespace}/{resource.kind}/{resource.name}")
    steps = [f"- {step.topic}: {step.text}" for step in trace.steps if step.topic not in ("dns", "client")]
    yield f"A connection to `{where}`: **{trace.verdict}**\n" + listed(steps)

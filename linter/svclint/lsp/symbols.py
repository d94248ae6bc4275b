"""Symbols: the objects of a file with their parts, and all objects of a project by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from svclint.kube.resource import Resource
from svclint.kube.service import Service
from svclint.lsp.callers import workload_of
from svclint.lsp.snapshot import Snapshot

if TYPE_CHECKING:
    from svclint.project import Scope

MOST = 500
_KINDS = {
    "ConfigMap": types.SymbolKind.Constant,
    "CronJob": types.SymbolKind.Class,
    "DaemonSet": types.SymbolKind.Class,
    "Deployment": types.SymbolKind.Class,
    "Job": types.SymbolKind.Class,
    "Namespace": types.SymbolKind.Namespace,
    "NetworkPolicy": types.SymbolKind.Event,
    "Pod": types.SymbolKind.Class,
    "Secret": types.SymbolKind.Key,
    "Service": types.SymbolKind.Interface,
    "StatefulSet": types.SymbolKind.Class,
}


def of_file(snapshot: Snapshot, path: str) -> list[types.DocumentSymbol]:
    """The objects of a file, each with its ports or containers."""
    seen: dict[tuple[int, object], types.DocumentSymbol] = {}
    for scope in snapshot.scopes(path):
        for resource in snapshot.resources_of(scope, path):
            key = (id(resource.document), resource.path)
            if key not in seen:
                seen[key] = _symbol(snapshot, resource, _parts(snapshot, scope, resource))
    return list(seen.values())


def _parts(snapshot: Snapshot, scope: Scope, resource: Resource) -> list[types.DocumentSymbol]:
    """The ports of a Service, the containers of a workload."""
    made = []
    if Service.reads(resource):
        for port in Service(resource).ports:
            at = snapshot.range(port.at())
            made.append(types.DocumentSymbol(str(port), types.SymbolKind.Field, at, at))
        return made
    workload = workload_of(snapshot.cluster(scope), resource)
    for container in workload.template.containers if workload is not None else ():
        at = snapshot.range(container.at())
        name = container.container_name or "container"
        made.append(types.DocumentSymbol(name, types.SymbolKind.Object, at, at, detail=container.image))
    return made


def _symbol(snapshot: Snapshot, resource: Resource, parts: list[types.DocumentSymbol]) -> types.DocumentSymbol:
    whole = snapshot.range(resource.at())
    named = snapshot.range(resource.at("metadata", "name"))
    inside = (whole.start.line, whole.start.character) <= (named.start.line, named.start.character) and (
        named.end.line,
        named.end.character,
    ) <= (whole.end.line, whole.end.character)
    return types.DocumentSymbol(
        name=resource.name or resource.kind or "?",
        kind=_KINDS.get(resource.kind, types.SymbolKind.Object),
        range=whole,
        selection_range=named if inside else types.Range(whole.start, whole.start),
        detail=" ".join(filter(None, (resource.kind, resource.namespace))),
        children=parts,
    )


def matching(snapshot: Snapshot, query: str) -> Iterator[tuple[Resource, str]]:
    """The objects whose `NAMESPACE/KIND/NAME` holds all words of the query, with that name."""
    words = query.lower().replace("/", " ").split()
    seen: set[tuple[int, object]] = set()
    for scope in snapshot.project.scopes:
        for resource in scope.resources:
            key = (id(resource.document), resource.path)
            full = f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name
            text = f"{full} {resource.kind}".lower()
            if key not in seen and all(word in text for word in words):
                seen.add(key)
                yield resource, full
                if len(seen) >= MOST:
                    return


def kind_of(resource: Resource) -> types.SymbolKind:
    """The symbol kind of an object's kind."""
    return _KINDS.get(resource.kind, types.SymbolKind.Object)

"""Scopes: the clusters that a project's manifests make (docs/design/scopes.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from svclint.cluster.completeness import PODS, Gap
from svclint.kube.resource import Place, Resource
from svclint.project.elsewhere import Elsewhere, Neighbours, Told
from svclint.project.ignore import globs
from svclint.project.manifest import is_kustomization
from svclint.project.scopes import Key, alternatives, group, looks_like_patch, parent

if TYPE_CHECKING:
    from svclint.project.kustomize import Built, Graph, Kustomization
    from svclint.project.load import Project
    from svclint.project.transform import Item
    from svclint.yaml import Source

_KIND = re.compile(r"^kind:[ \t]*[\"']?([A-Za-z]{1,80})", re.M)
_API_VERSION = re.compile(r"^apiVersion:[ \t]*[\"']?([a-z0-9./-]{1,200})", re.M)
_WORD = re.compile(r"[:,\[{-][ \t]+(?:y|n|yes|no|on|off)[ \t]*(?:$|[,\]}#])", re.M | re.I)
_WITHOUT_PODS = frozenset(
    {
        ("", "ConfigMap"),
        ("", "Endpoints"),
        ("", "Secret"),
        ("", "Service"),
        ("", "ServiceAccount"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("networking.k8s.io", "Ingress"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
    }
)


class Division(NamedTuple):
    """What one scope is made from: the folders of kustomizations that are built, and plain files in their order."""

    name: str
    built: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Scope:
    """One cluster: its objects, and what of it can't be known.

    `name` is its folder (`.` for the root), or a file where a folder holds several; `files` are the sources that it is
    made from, by its `division`, and `patches` those that only change what these hold. `uncertain` are the resources
    that a kustomization changes in a way that is not followed. `gaps` say what of a kustomization is not followed,
    `missing` holds these and the documents that can't be read, each with the kinds that it may hold. `assumed` are the
    objects that the configuration says live elsewhere; `elsewhere` tells what other scopes of the project have.
    """

    __slots__ = (
        "assumed",
        "division",
        "elsewhere",
        "files",
        "gaps",
        "missing",
        "name",
        "patches",
        "resources",
        "uncertain",
    )

    def __init__(
        self,
        name: str,
        resources: tuple[Resource, ...],
        files: frozenset[str] = frozenset(),
        uncertain: frozenset[Resource] = frozenset(),
        gaps: tuple[str, ...] = (),
        missing: tuple[Gap, ...] = (),
        division: Division | None = None,
        patches: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.division = division or Division(name)
        self.patches = patches
        self.resources = resources
        self.files = files
        self.uncertain = uncertain
        self.gaps = gaps
        self.missing = missing
        self.assumed: tuple[Resource, ...] = ()
        self.elsewhere: Elsewhere | Told | None = None

    @property
    def reached(self) -> frozenset[str]:
        """Every file that this comes from; what a kustomization generates is in none of `files`."""
        return self.files.union(self.patches, (resource.document.source.path for resource in self.resources))

    def __repr__(self) -> str:
        return f"<Scope {self.name}: {len(self.resources)} resources>"


def scopes_of(project: Project, configured: tuple[str, ...]) -> tuple[Scope, ...]:
    """The scopes of a project; `configured` are the folders that the configuration names as scopes."""
    scoping = _Scoping(project)
    divisions = scoping.divisions(configured) if project.divisions is None else project.divisions
    scopes = tuple(scope for scope in map(scoping.scope, divisions) if scope.resources)
    assumed = tuple(resource for source in project.assumed for resource in project.objects(source))
    for scope in scopes:
        scope.assumed = assumed
    if len(scopes) > 1 and project.divisions is None:
        neighbours = Neighbours(scopes, project.namespace)
        for number, scope in enumerate(scopes):
            scope.elsewhere = Elsewhere(neighbours, number)
    return scopes


class _Scoping:
    """The work of dividing one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        found: tuple[Kustomization, ...] = ()
        if any(is_kustomization(source.path) for source in project.sources):
            from svclint.project.kustomize import kustomizations

            found = kustomizations(project.sources)
        kustomized = {each.document.source.path for each in found}
        self.objects: dict[str, tuple[Resource, ...]] = {
            source.path: tuple(project.objects(source)) for source in project.sources if source.path not in kustomized
        }
        self.keys: dict[str, tuple[Key, ...]] = {
            path: tuple((r.kind, _written_namespace(r), r.name) for r in objects if r.name)
            for path, objects in self.objects.items()
        }
        self.unread = {source.path: gaps for source in project.sources if (gaps := tuple(_unread(source)))}
        self.graph: Graph | None = None
        self.plain = set(self.objects)
        self.patches: set[str] = set()
        if found:
            from svclint.project.kustomize import Graph

            self.graph = Graph(found, project.read, self._items)
            self.patches = self.graph.patches
            self.plain -= self.graph.mentioned | self.patches
            self._adopt(self.graph)

    def _items(self, source: Source) -> Iterable[Item]:
        from svclint.project.transform import Item

        known = self.objects.get(source.path)
        for resource in self.project.objects(source) if known is None else known:
            yield Item(resource.document, resource.path, _as_kustomize_reads(resource))

    def _adopt(self, graph: Graph) -> None:
        """A manifest that stands beside a kustomization, without being listed anywhere, is read as if it was."""
        beside: dict[str, list[str]] = {}
        for path in sorted(self.plain):
            if parent(path) in graph.all:
                beside.setdefault(parent(path), []).append(path)
        listed: dict[str, list[str]] = {}
        for path in graph.mentioned:
            listed.setdefault(parent(path), []).append(path)
        for folder, paths in beside.items():
            patches = [path for path in paths if looks_like_patch(path)]
            self.plain.difference_update(patches)
            own = [path for path in listed.get(folder, ()) if path in self.keys]
            rest = {path: self.keys[path] for path in (*own, *paths) if path not in patches}
            first = alternatives(rest, frozenset(own))[:1]
            adopted = tuple(path for path in (first[0] if first else ()) if path not in own)
            self.plain.difference_update(adopted)
            graph.add_loose(folder, adopted)

    def divisions(self, configured: tuple[str, ...]) -> list[Division]:
        """How the project is divided, sorted by name."""
        graph = self.graph
        roots = graph.roots() if graph is not None else []
        kustomized = graph.all if graph is not None else {}
        if configured:
            return self._configured(configured, roots)
        defined: dict[str, set[Key]] = {}
        for path, keys in self.keys.items():
            if path not in self.patches:
                defined.setdefault(parent(path), set()).update(keys)
        boundaries = {*self.project.boundaries, *kustomized}
        divisions = [Division(folder, (folder,)) for folder in roots]
        groups = group({path: self.keys[path] for path in self.plain}, defined, boundaries)
        if any(each.beside is not None for each in groups):
            from svclint.project.joining import joined

            groups = joined(groups, self.objects, self.keys)
        for each in groups:
            name = each.files[0] if each.name in kustomized else each.name
            divisions.append(Division(name, (), each.files))
        return sorted(divisions, key=lambda each: each.name or ".")

    def _configured(self, configured: tuple[str, ...], roots: Iterable[str]) -> list[Division]:
        """The folders that the configuration names: each holds what lies below it and below none that is nearer."""
        named = globs(tuple(each.rstrip("/") for each in configured if each.rstrip("/") not in (".", "")))

        def home(folder: str) -> str:
            while folder and not (named is not None and named.decide(folder, True)):
                folder = parent(folder)
            return folder

        kustomized: dict[str, list[str]] = {}
        plain: dict[str, list[str]] = {}
        for folder in roots:
            kustomized.setdefault(home(folder), []).append(folder)
        for path in sorted(self.plain):
            plain.setdefault(home(parent(path)), []).append(path)
        return [
            Division(name, tuple(kustomized.get(name, ())), tuple(plain.get(name, ())))
            for name in sorted({*kustomized, *plain})
        ]

    def scope(self, division: Division) -> Scope:
        """The scope that a division makes."""
        resources: list[Resource] = []
        uncertain: list[Resource] = []
        gaps: dict[str, None] = {}
        files: set[str] = set()
        patches: set[str] = set()
        for folder in division.built:
            result = self._build(folder)
            for item in result.items:
                resource = self._resource(item)
                resources.append(resource)
                if item.uncertain:
                    uncertain.append(resource)
            gaps.update(dict.fromkeys(result.gaps))
            files |= result.files
            patches |= result.patches
        for path in division.files:
            resources += self.objects[path]
            files.add(path)
        missing = (*map(Gap, gaps), *(gap for path in sorted(files) for gap in self.unread.get(path, ())))
        return Scope(
            division.name or ".",
            tuple(resources),
            frozenset(files),
            frozenset(uncertain),
            tuple(gaps),
            missing,
            division,
            frozenset(patches),
        )

    def _build(self, folder: str) -> Built:
        assert self.graph is not None
        return self.graph.build(folder)

    def _resource(self, item: Item) -> Resource:
        value: dict[str, Any] = item.value
        group, kind = str(value.get("apiVersion")).rpartition("/")[0], value.get("kind")
        return Resource(
            item.document,
            item.path,
            value,
            default_namespace=self.project.namespace,
            namespaced=self.project.known.get((group, str(kind))),
        )


def _as_kustomize_reads(resource: Resource) -> dict[str, Any]:
    """The object with the booleans of YAML 1.1 (`yes`, `off` …) as the strings that they are in YAML 1.2.

    Source: sigs.k8s.io/kustomize/kyaml reads with go-yaml v3 and writes such words in quotes.
    """
    document = resource.document
    if not _WORD.search(document.text):
        return resource.value

    def read(value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: read(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [read(item, (*path, number)) for number, item in enumerate(value)]
        if isinstance(value, bool):
            span = document.span(path)
            word = document.source.text[span.start : span.end]
            return value if word.lower() in ("true", "false") else word
        return value

    found: dict[str, Any] = read(resource.value, resource.path)
    return found


def _unread(source: Source) -> Iterator[Gap]:
    """What the documents that can't be read may hold: objects of the kind that they name, or any."""
    for document in source.documents:
        if document.value is None and document.problems:
            kinds: frozenset[tuple[str, str]] | None = None
            kind, api_version = _KIND.search(document.text), _API_VERSION.search(document.text)
            if kind and api_version and kind[1] != "List":
                group = api_version[1].rpartition("/")[0]
                # What makes pods is not told from the text of a document that can't be read.
                plain = (group, kind[1]) in _WITHOUT_PODS
                kinds = frozenset({(group, kind[1])}) | (frozenset() if plain else PODS)
            yield Gap("a document can't be read", None, kinds, Place(document, ()))


def _written_namespace(resource: Resource) -> str:
    namespace = resource.metadata.get("namespace")
    return namespace if isinstance(namespace, str) else ""

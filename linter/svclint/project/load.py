"""Sources and targets: what is read, what is reported on, and which objects are one cluster."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from svclint import yaml
from svclint.kube.resource import Resource, resources
from svclint.project.disk import Disk
from svclint.project.files import Problem
from svclint.project.manifest import is_chart_template

if TYPE_CHECKING:
    from svclint.project.location import Location, Settings
    from svclint.project.scope import Division, Scope


class Note(NamedTuple):
    """Something that is no finding and that the reader should know: a file that was skipped, and why."""

    file: str
    message: str


class Project:
    """What was read. `sources` are the files that hold manifests, sorted by path; `targets` the paths to report on
    (None: all of them); `scopes` the clusters, worked out when they are asked for."""

    __slots__ = (
        "_disk",
        "_overlay",
        "_read",
        "_scopes",
        "_settings",
        "assumed",
        "boundaries",
        "divisions",
        "known",
        "namespace",
        "notes",
        "problems",
        "root",
        "sources",
        "targets",
    )

    def __init__(
        self,
        root: str,
        sources: tuple[yaml.Source, ...],
        assumed: tuple[yaml.Source, ...],
        targets: frozenset[str] | None,
        notes: tuple[Note, ...],
        problems: tuple[Problem, ...],
        boundaries: tuple[str, ...],
        settings: Settings,
        namespace: str,
        overlay: Mapping[str, bytes],
        disk: Disk,
    ) -> None:
        self.root = root
        self.sources = sources
        self.assumed = assumed
        self.targets = targets
        self.notes = notes
        self.problems = problems
        self.boundaries = boundaries
        self.namespace = namespace
        self.known = custom_scopes((*sources, *assumed))
        self.divisions: tuple[Division, ...] | None = None
        """How it is divided, where an earlier run knows; of other scopes nothing is known then."""
        self._settings = settings
        self._overlay = overlay
        self._disk = disk
        self._read: dict[str, yaml.Source | None] = {source.path: source for source in sources}
        self._scopes: tuple[Scope, ...] | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The clusters of this project, sorted by name."""
        if self._scopes is None:
            from svclint.project.scope import scopes_of

            self._scopes = scopes_of(self, self._settings.scopes)
        return self._scopes

    def part(self, files: Collection[str]) -> Project:
        """This project as far as some files reach, which hold each scope whole or not at all."""
        part = copy(self)
        part.sources = tuple(source for source in self.sources if source.path in files)
        part._scopes = tuple(scope for scope in self.scopes if not scope.reached.isdisjoint(files))
        return part

    def read(self, path: str) -> yaml.Source | None:
        """A file under the root, whether it holds manifests or not; None if it isn't there or can't be read.

        Nothing outside the root is read, by `..` or by a symbolic link.
        """
        if path not in self._read:
            data: bytes | Problem | None = self._overlay.get(path)
            if data is None and not path.startswith("../") and not path.startswith("/"):
                data = self._disk.reach(self.root, path)
            self._read[path] = yaml.parse(data, path) if isinstance(data, bytes) else None
        return self._read[path]

    def objects(self, source: yaml.Source) -> Iterable[Resource]:
        """The objects that an API server would be sent of this file, in order, as they are written."""
        return self._disk.objects(source, self.namespace, self.known)


def load(
    location: Location,
    settings: Settings,
    overlay: Mapping[str, bytes],
    namespace: str = "default",
    disk: Disk | None = None,
) -> Project:
    """Reads all sources of a project.

    In: what `find` gave, the configuration, texts that stand in for files (editor buffers, standard input; by path
    relative to the root), the namespace of documents that name none, and the disk to read from. Raises nothing: a file
    that can't be read is among `problems` and `notes`.
    """
    disk = disk or Disk()
    walks = disk.walks(location, settings)
    named = {*location.files, *overlay, *((location.stdin,) if location.stdin is not None else ())}
    assumed, problems = _assumed(location.root, settings.assume, disk)
    stubs = {source.path for source in assumed}
    paths = [path for path in sorted(named.union(*(walk.files for walk in walks))) if path not in stubs]
    problems += [problem for walk in walks for problem in walk.problems]
    charts = frozenset(chart for walk in walks for chart in walk.charts)
    sources, notes = _sources(location, paths, charts, overlay, problems, disk)
    notes += [Note(problem.path, problem.message) for problem in problems]
    return Project(
        location.root,
        tuple(sources),
        assumed,
        _targets(location, paths, bool(assumed)),
        tuple(sorted(set(notes))),
        tuple(sorted(set(problems))),
        tuple(sorted({boundary for walk in walks for boundary in walk.boundaries})),
        settings,
        namespace,
        overlay,
        disk,
    )


def _targets(location: Location, paths: list[str], assuming: bool) -> frozenset[str] | None:
    """The paths to report on; None for all of them (not where something is assumed, which is never reported on)."""
    asked = {*location.files, *((location.stdin,) if location.stdin is not None else ())}
    if "" in location.folders or not (asked or location.folders):
        return frozenset(paths) if assuming else None
    below = tuple(folder + "/" for folder in location.folders)
    return frozenset(path for path in paths if path in asked or path.startswith(below))


def _sources(
    location: Location,
    paths: list[str],
    charts: frozenset[str],
    overlay: Mapping[str, bytes],
    problems: list[Problem],
    disk: Disk,
) -> tuple[list[yaml.Source], list[Note]]:
    """The files that hold manifests, and what is to be said of the others; what can't be read joins `problems`."""
    sources: list[yaml.Source] = []
    notes: list[Note] = []
    templates: dict[str, int] = {}
    for path in paths:
        if is_chart_template(path, charts):
            chart = path.partition("/templates/")[0] if "/templates/" in path else ""
            templates[chart] = templates.get(chart, 0) + 1
            if path in location.files:
                notes.append(Note(path, "a Helm template: render the chart and check what comes out"))
            continue
        data = overlay.get(path)
        found = disk.read(location.root, path) if data is None else data
        source = found if isinstance(found, Problem) else disk.source(found, path)
        if isinstance(source, Problem):
            problems.append(source)
        elif source is not None:
            sources.append(source)
            notes += _template_notes(source)
        elif path in location.files:
            empty = isinstance(found, bytes) and not found.strip()
            notes.append(Note(path, "empty" if empty else "not a Kubernetes manifest"))
    for chart, count in sorted(templates.items()):
        what = "template is" if count == 1 else f"{count} templates are"
        notes.append(Note(chart or ".", f"a Helm chart: its {what} read only when it is rendered"))
    return sources, notes


def _template_notes(source: yaml.Source) -> Iterator[Note]:
    if any(problem.kind == "template" for document in source.documents for problem in document.problems):
        yield Note(source.path, "holds template marks: skipped until it is rendered")


def _assumed(root: str, paths: Iterable[str], disk: Disk) -> tuple[tuple[yaml.Source, ...], list[Problem]]:
    """The stub manifests of the configuration (`assume`): objects that live elsewhere and that every scope meets."""
    sources: list[yaml.Source] = []
    problems: list[Problem] = []
    for path in paths:
        for each in disk.below(root, path):
            data = disk.read(root, each)
            if isinstance(data, Problem):
                problems.append(data)
            else:
                sources.append(yaml.parse(data, each))
    return tuple(sources), problems


def custom_scopes(sources: Iterable[yaml.Source]) -> dict[tuple[str, str], bool]:
    """Which custom kinds are namespaced, as the CustomResourceDefinitions among the sources say."""
    known: dict[tuple[str, str], bool] = {}
    for source in sources:
        for document in source.documents:
            value = document.value
            if not isinstance(value, dict) or value.get("kind") not in ("CustomResourceDefinition", "List"):
                continue
            for resource in resources(document):
                if resource.kind == "CustomResourceDefinition":
                    group, kind = resource.get("spec", "group"), resource.get("spec", "names", "kind")
                    if isinstance(group, str) and isinstance(kind, str):
                        known[group, kind] = resource.get("spec", "scope") != "Cluster"
    return known

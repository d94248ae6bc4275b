"""Sources and targets: what is read, what is reported on, and which objects are one cluster."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from svclint import yaml
from svclint.kube.resource import Resource, resources
from svclint.project import files
from svclint.project.files import Problem
from svclint.project.manifest import is_binary, is_chart_template, is_for_tool, is_kustomization, may_be_manifest
from svclint.project.root import find_root

if TYPE_CHECKING:
    from svclint.project.scope import Scope

STDIN = "<stdin>"


class ProjectError(Exception):
    """svclint can't start: a PATH that isn't there, or standard input asked for twice."""


class Settings(Protocol):
    """What of the configuration decides which files are read and what belongs together (`svclint.config.Config`)."""

    @property
    def sources(self) -> tuple[str, ...]: ...
    @property
    def exclude(self) -> tuple[str, ...]: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def assume(self) -> tuple[str, ...]: ...


class Note(NamedTuple):
    """Something that is no finding and that the reader should know: a file that was skipped, and why."""

    file: str
    message: str


class Location(NamedTuple):
    """Where the project is and what is asked of it; `find` makes one, `load` reads.

    `files` and `folders` are the targets, relative to the root; `alone`: nothing else is read.
    """

    root: str
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    stdin: str | None = None
    alone: bool = False

    def overlay(self, stdin: bytes | None) -> dict[str, bytes]:
        """What stands in for files: the text on standard input, if it was read."""
        return {self.stdin: stdin} if self.stdin is not None and stdin is not None else {}

    def load(self, settings: Settings, overlay: Mapping[str, bytes] = {}, namespace: str = "default") -> Project:
        """Reads the project; see `load`."""
        return load(self, settings, overlay, namespace)


class Project:
    """What was read. `sources` are the files that hold manifests, sorted by path; `targets` the paths to report on
    (None: all of them); `scopes` the clusters, worked out when they are asked for."""

    __slots__ = (
        "_overlay",
        "_read",
        "_scopes",
        "_settings",
        "assumed",
        "boundaries",
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
        self._settings = settings
        self._overlay = overlay
        self._read: dict[str, yaml.Source | None] = {source.path: source for source in sources}
        self._scopes: tuple[Scope, ...] | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The clusters of this project, sorted by name."""
        if self._scopes is None:
            from svclint.project.scope import scopes_of

            self._scopes = scopes_of(self, self._settings.scopes)
        return self._scopes

    def read(self, path: str) -> yaml.Source | None:
        """A file under the root, whether it holds manifests or not; None if it isn't there or can't be read.

        Nothing outside the root is read, by `..` or by a symbolic link.
        """
        if path not in self._read:
            data: bytes | Problem | None = self._overlay.get(path)
            if data is None and not path.startswith("../") and not path.startswith("/"):
                real = os.path.realpath(os.path.join(self.root, path))
                if real.startswith(os.path.realpath(self.root) + os.sep) and os.path.isfile(real):
                    data = files.read(self.root, path)
            self._read[path] = yaml.parse(data, path) if isinstance(data, bytes) else None
        return self._read[path]

    def objects(self, source: yaml.Source) -> Iterator[Resource]:
        """The objects that an API server would be sent of this file, in order, as they are written."""
        for document in source.documents:
            for resource in resources(document, self.namespace, self.known):
                if not is_for_tool(resource.value):
                    yield resource


def find(
    paths: Sequence[str], *, root: str | None = None, stdin_filename: str | None = None, alone: bool = False
) -> Location:
    """Where the project is and what of it is a target.

    In: the PATH arguments (`-` is standard input), `--root`, `--stdin-filename`; `alone` for the verbs that read their
    PATHs and nothing else. Raises ProjectError for a PATH that isn't there.
    """
    on_disk = [path for path in paths if path != "-"]
    for path in on_disk:
        if not os.path.lexists(path):
            raise ProjectError(f"no such file or folder: {path}")
    asks_stdin = len(on_disk) < len(paths)
    if asks_stdin and stdin_filename is None and not on_disk:
        return Location(os.path.abspath(root or "."), stdin=STDIN, alone=True)
    first = on_disk or ([stdin_filename] if stdin_filename is not None and asks_stdin else [])
    if alone and on_disk and root is None:
        top = os.path.commonpath([_folder_of(os.path.abspath(path)) for path in on_disk])
    else:
        top = find_root(first, root)
    if not os.path.isdir(top):
        raise ProjectError(f"no such folder: {top}")
    named: list[str] = []
    folders: list[str] = []
    for path in on_disk:
        relative = _relative(top, path)
        (folders if os.path.isdir(path) else named).append(relative)
    stdin = None
    if asks_stdin:
        stdin = STDIN if stdin_filename is None else _relative(top, stdin_filename)
    return Location(top, tuple(named), tuple(folders), stdin, alone)


def _folder_of(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)


def _relative(root: str, path: str) -> str:
    relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
    return "" if relative == "." else relative


def load(location: Location, settings: Settings, overlay: Mapping[str, bytes], namespace: str = "default") -> Project:
    """Reads all sources of a project.

    In: what `find` gave, the configuration, texts that stand in for files (editor buffers, standard input; by path
    relative to the root), and the namespace of documents that name none. Raises nothing: a file that can't be read is
    among `problems` and `notes`.
    """
    root = location.root
    everything = not (location.files or location.folders or location.stdin)
    if location.alone:
        walks = [files.walk(root, (), (), folder) for folder in (location.folders or (("",) if everything else ()))]
    else:
        walks = [files.walk(root, settings.sources, settings.exclude)]
        # A folder that the walk leaves out (hidden, ignored) is read when it is asked for by name.
        missing = [f for f in location.folders if f and not any(path.startswith(f + "/") for path in walks[0].files)]
        walks += [files.walk(root, (), (), folder) for folder in missing]
    named = {*location.files, *overlay}
    if location.stdin is not None:
        named.add(location.stdin)
    paths = sorted(named.union(*(walk.files for walk in walks)))
    charts = frozenset(chart for walk in walks for chart in walk.charts)
    problems = [problem for walk in walks for problem in walk.problems]
    notes: list[Note] = []
    templates: dict[str, int] = {}
    sources: list[yaml.Source] = []
    for path in paths:
        if is_chart_template(path, charts):
            chart = path.partition("/templates/")[0] if "/templates/" in path else ""
            templates[chart] = templates.get(chart, 0) + 1
            if path in location.files:
                notes.append(Note(path, "a Helm template: render the chart and check what comes out"))
            continue
        data = overlay.get(path)
        found = files.read(root, path) if data is None else data
        if isinstance(found, Problem):
            problems.append(found)
            continue
        if not (may_be_manifest(found) or is_kustomization(path)):
            if path in location.files:
                notes.append(Note(path, "not a Kubernetes manifest" if found.strip() else "empty"))
            continue
        if is_binary(found):
            problems.append(Problem(path, "not text"))
            continue
        source = yaml.parse(found, path)
        if is_kustomization(path) or _is_manifest(source):
            sources.append(source)
            notes += _template_notes(source)
        elif path in location.files:
            notes.append(Note(path, "not a Kubernetes manifest"))
    for chart, count in sorted(templates.items()):
        what = "1 template" if count == 1 else f"{count} templates"
        notes.append(Note(chart or ".", f"a Helm chart: its {what} are read only when it is rendered"))
    assumed, more = _assumed(root, settings.assume)
    problems += more
    notes += [Note(problem.path, problem.message) for problem in problems]
    # What is assumed is never reported on: the targets are then told one by one.
    targets = frozenset(paths) | {problem.path for problem in problems} if assumed else None
    if not everything and "" not in location.folders:
        below = tuple(folder + "/" for folder in location.folders)
        asked = {*location.files, *((location.stdin,) if location.stdin is not None else ())}
        targets = frozenset(path for path in paths if path in asked or path.startswith(below))
    boundaries = tuple(sorted({boundary for walk in walks for boundary in walk.boundaries}))
    return Project(
        root,
        tuple(sources),
        assumed,
        targets,
        tuple(sorted(set(notes))),
        tuple(sorted(set(problems))),
        boundaries,
        settings,
        namespace,
        overlay,
    )


def _is_manifest(source: yaml.Source) -> bool:
    """Whether some document is an object, or can't be read and so may be one."""
    for document in source.documents:
        value = document.value
        if value is None and document.problems:
            return True
        if isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str):
            return True
    return False


def _template_notes(source: yaml.Source) -> Iterator[Note]:
    if any(problem.kind == "template" for document in source.documents for problem in document.problems):
        yield Note(source.path, "holds template marks: skipped until it is rendered")


def _assumed(root: str, paths: Iterable[str]) -> tuple[tuple[yaml.Source, ...], list[Problem]]:
    """The stub manifests of the configuration (`assume`): objects that live elsewhere and that every scope meets."""
    sources: list[yaml.Source] = []
    problems: list[Problem] = []
    for path in paths:
        folder = os.path.isdir(os.path.join(root, path))
        for each in files.walk(root, (), (), path.strip("/")).files if folder else (path,):
            data = files.read(root, each)
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

"""One moment of a project: what every feature answers from. Nothing in it changes; what it works out is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from svclint.lsp.positions import Encoding, Text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from lsprotocol import types

    from svclint.cluster import Cluster
    from svclint.diagnostic import Diagnostic, Report
    from svclint.kube.facts import Facts
    from svclint.kube.resource import Place, Resource
    from svclint.project import Project, Scope
    from svclint.rule import Rule, Spot
    from svclint.session import Selection
    from svclint.yaml import Document, Source


class Cursor(NamedTuple):
    """Where somebody points: the document, the path to the innermost key or value, and which of both."""

    source: Source
    document: Document
    path: tuple[str | int, ...]
    part: str
    offset: int


class Said:
    """A report in the client's way of counting: all that diagnostics need, be it of this moment or of the last run."""

    __slots__ = ("_diagnostics", "_texts", "encoding", "report")

    def __init__(self, report: Report, encoding: Encoding) -> None:
        self.report = report
        self.encoding = encoding
        self._texts: dict[str, Text] = {}
        self._diagnostics: dict[str, list[Diagnostic]] | None = None

    def text_of(self, path: str, text: str) -> Text:
        """The text of a file with the client's way of counting."""
        found = self._texts.get(path)
        if found is None or found.text is not text:
            found = self._texts[path] = Text(text, self.encoding)
        return found

    def diagnostics(self, path: str) -> list[Diagnostic]:
        """The diagnostics of one file, in order."""
        if self._diagnostics is None:
            self._diagnostics = {}
            for each in self.report.diagnostics:
                self._diagnostics.setdefault(each.region.file, []).append(each)
        return self._diagnostics.get(path, [])


class Snapshot(Said):
    """A project as it was read, its report, and the buffers that stood in for files (by path, with their URI)."""

    __slots__ = ("_clusters", "_sources", "_templates", "buffers", "facts", "kept", "project", "rules")

    def __init__(
        self,
        project: Project,
        report: Report,
        facts: Facts,
        selection: Selection,
        rules: Mapping[str, Rule],
        encoding: Encoding,
        buffers: Mapping[str, str],
    ) -> None:
        super().__init__(report, encoding)
        self.project = project
        self.facts = facts
        self._templates = selection.templates
        self.rules = rules
        self.buffers = buffers
        self._sources = {source.path: source for source in (*project.sources, *project.assumed)}
        self._clusters: dict[str, Cluster] = {}
        self.kept: dict[Hashable, Any] = {}

    def source(self, path: str) -> Source | None:
        """The source at a path relative to the root."""
        return self._sources.get(path)

    def text(self, source: Source) -> Text:
        """A source's text with the client's way of counting."""
        return self.text_of(source.path, source.text)

    def cursor(self, path: str, position: types.Position) -> Cursor | None:
        """What stands at a position; None between documents, and in a document that can't be read."""
        source = self.source(path)
        if source is None:
            return None
        offset = self.text(source).offset(position)
        for document in source.documents:
            if document.start <= offset <= document.end and document.value is not None:
                at, part = document.positions.path_at(offset)
                return Cursor(source, document, at, part, offset)
        return None

    def scope(self, path: str) -> Scope | None:
        """The first scope that a file is part of."""
        return next((scope for scope in self.project.scopes if path in scope.files), None)

    def scopes(self, path: str) -> Iterable[Scope]:
        """The scopes that a file is part of."""
        return [scope for scope in self.project.scopes if path in scope.files]

    def cluster(self, scope: Scope) -> Cluster:
        """The paper cluster of a scope."""
        found = self._clusters.get(scope.name)
        if found is None:
            from svclint.session import cluster_of

            found = self._clusters[scope.name] = cluster_of(scope, self.facts, frozenset(), self._templates)
        return found

    def resource(self, scope: Scope, cursor: Cursor) -> Resource | None:
        """The object of the scope that the cursor stands in."""
        for resource in scope.resources:
            if resource.document is cursor.document and cursor.path[: len(resource.path)] == resource.path:
                return resource
        return None

    def resources_of(self, scope: Scope, path: str) -> list[Resource]:
        """The objects of a scope that one file defines."""
        return [resource for resource in scope.resources if resource.document.source.path == path]

    def range(self, place: Place | Spot) -> types.Range:
        """Where a place stands, as the client counts."""
        from svclint.locate import locate

        source, span = locate(place)
        return self.text(source).range(span)

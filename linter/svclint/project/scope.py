"""Scopes: the clusters that a project's manifests make (docs/design/scopes.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svclint.kube.resource import Resource
from svclint.project.scopes import Key, group, parent

if TYPE_CHECKING:
    from svclint.project.load import Project


class Scope:
    """One cluster: its objects, and what of it can't be known.

    `name` is its folder (`.` for the root), or a file where a folder holds several. `uncertain` are the resources that
    a kustomization changes in a way that is not followed; `gaps` say why further objects may belong here.
    """

    __slots__ = ("gaps", "name", "resources", "uncertain")

    def __init__(
        self,
        name: str,
        resources: tuple[Resource, ...],
        uncertain: frozenset[Resource] = frozenset(),
        gaps: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.resources = resources
        self.uncertain = uncertain
        self.gaps = gaps

    def __repr__(self) -> str:
        return f"<Scope {self.name}: {len(self.resources)} resources>"


def scopes_of(project: Project, configured: tuple[str, ...]) -> tuple[Scope, ...]:
    """The scopes of a project; `configured` are the folders that the configuration names as scopes."""
    objects = {source.path: tuple(project.objects(source)) for source in project.sources}
    keys: dict[str, tuple[Key, ...]] = {
        path: tuple((r.kind, _written_namespace(r), r.name) for r in found if r.name) for path, found in objects.items()
    }
    defined: dict[str, set[Key]] = {}
    for path, of_file in keys.items():
        defined.setdefault(parent(path), set()).update(of_file)
    return tuple(
        Scope(each.name or ".", tuple(r for path in each.files for r in objects[path]))
        for each in group(keys, defined, project.boundaries)
    )


def _written_namespace(resource: Resource) -> str:
    namespace = resource.metadata.get("namespace")
    return namespace if isinstance(namespace, str) else ""

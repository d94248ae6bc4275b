"""One object of a document, and the places inside it (docs/design/architecture.md, "The way of the data")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from svclint.kube.read import find, mapping, text, texts
from svclint.kube.scope import is_namespaced

if TYPE_CHECKING:
    from svclint.yaml import Document

T = TypeVar("T")
V = TypeVar("V", bound="ObjectView")
Path = tuple[str | int, ...]
Part = Literal["value", "key"]


class Place(NamedTuple):
    """A document and a path in it: the value or the key there, or a slice (start, end) of the scalar's characters."""

    document: Document
    path: Path
    part: Part = "value"
    slice: tuple[int, int] | None = None


class Resource:
    """One object: where it begins in its document, what it says and who it is.

    `namespace` is the effective one, "" for cluster-scoped kinds. `value` is shared and never mutated; with a
    kustomization it holds what that adds, so a path in it need not exist in the document.
    """

    __slots__ = (
        "_known",
        "_view",
        "api_version",
        "document",
        "group",
        "kind",
        "name",
        "namespace",
        "path",
        "value",
    )

    def __init__(
        self,
        document: Document,
        path: Path,
        value: dict[str, Any],
        *,
        default_namespace: str = "default",
        namespaced: bool | None = None,
    ) -> None:
        """Reads an object; `namespaced` overrides the table of kinds (a CRD among the sources says so)."""
        self._known: tuple[Any, ...] = ()
        self._view: ObjectView | None = None
        self.document = document
        self.path = path
        self.value = value
        self.api_version = text(value.get("apiVersion")) or ""
        self.group = group_version(self.api_version)[0]
        self.kind = text(value.get("kind")) or ""
        metadata = mapping(value.get("metadata"))
        self.name = text(metadata.get("name")) or ""
        if namespaced is None:
            namespaced = is_namespaced(self.group, self.kind)
        self.namespace = (text(metadata.get("namespace")) or default_namespace) if namespaced else ""

    def __repr__(self) -> str:
        return f"<Resource {self.api_version} {self.id}>"

    @property
    def id(self) -> str:
        """`NAMESPACE/KIND/NAME`, `KIND/NAME` for cluster-scoped kinds."""
        return f"{self.namespace}/{self.kind}/{self.name}" if self.namespace else f"{self.kind}/{self.name}"

    @property
    def version(self) -> str:
        """The second part of the apiVersion."""
        return group_version(self.api_version)[1]

    @property
    def metadata(self) -> dict[str, Any]:
        return mapping(self.value.get("metadata"))

    @property
    def labels(self) -> dict[str, str]:
        return texts(self.metadata.get("labels"))

    @property
    def annotations(self) -> dict[str, str]:
        return texts(self.metadata.get("annotations"))

    def get(self, *path: str | int) -> Any:
        """What stands at the path, None where it isn't there."""
        return find(self.value, *path)

    def once(self, key: object, make: Callable[[Resource], T]) -> T:
        """What `make` gives of this object alone, kept under the key: an object outlives its clusters in an editor."""
        known = self._known  # Keys and values in turn: two or three of them, in a third of a dictionary's memory.
        for at in range(0, len(known), 2):
            if known[at] is key or known[at] == key:
                found: T = known[at + 1]
                return found
        found = make(self)
        self._known += (key, found)
        return found

    def as_(self, view: type[V]) -> V:
        """The object as a view: always the same one. Most objects are read as one view only, which needs no key."""
        found = self._view
        if type(found) is view:
            return found
        if found is not None:
            return self.once(view, view)
        made = self._view = view(self)
        return made

    def at(self, *path: str | int, key: bool = False, slice: tuple[int, int] | None = None) -> Place:
        """The place of a path inside this object."""
        return Place(self.document, self.path + path, "key" if key else "value", slice)


@lru_cache(1024)
def group_version(api_version: str) -> tuple[str, str]:
    """An apiVersion's two parts: `apps/v1` is of the group `apps`, `v1` of the group "". One pair for all objects."""
    group, _, version = api_version.rpartition("/")
    return group, version


@lru_cache(1024)
def below(path: Path, *steps: str | int) -> Path:
    """A path and what follows: one tuple for all objects of one shape."""
    return path + steps


class View:
    """A typed reading of (a part of) a Resource: never raises, a field of the wrong type reads as absent."""

    __slots__ = ("path", "resource", "value")

    def __init__(self, resource: Resource, value: Any = None, path: Path = ()) -> None:
        """A view of the whole resource, or of the part `value` at `path` in it."""
        self.resource = resource
        self.value: dict[str, Any] = resource.value if not path and value is None else mapping(value)
        self.path = path

    def __repr__(self) -> str:
        inside = " " + ".".join(map(str, self.path)) if self.path else ""
        return f"<{type(self).__name__} {self.resource.id}{inside}>"

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def namespace(self) -> str:
        return self.resource.namespace

    @property
    def kind(self) -> str:
        return self.resource.kind

    def get(self, *path: str | int) -> Any:
        """What stands at the path below this view, None where it isn't there."""
        return find(self.value, *path)

    def at(self, *path: str | int, key: bool = False, slice: tuple[int, int] | None = None) -> Place:
        """The place of a path below this view."""
        return self.resource.at(*self.path, *path, key=key, slice=slice)


class ObjectView(View):
    """A view of a whole object of one kind; `GROUP_KINDS` says of which."""

    __slots__ = ()
    GROUP_KINDS: tuple[tuple[str, str], ...] = ()

    @classmethod
    def reads(cls, resource: Resource) -> bool:
        """Whether this view is for the resource's kind."""
        return (resource.group, resource.kind) in cls.GROUP_KINDS


def resources(
    document: Document, default_namespace: str = "default", scopes: dict[tuple[str, str], bool] | None = None
) -> Iterator[Resource]:
    """The objects of a document: itself, or the items of a `List` (nested ones too); `scopes` tells custom kinds."""
    yield from _resources(document, (), document.value, default_namespace, scopes or {}, 0)


def _resources(
    document: Document, path: Path, value: Any, namespace: str, scopes: dict[tuple[str, str], bool], depth: int
) -> Iterator[Resource]:
    if not isinstance(value, dict):
        return
    kind, items = value.get("kind"), value.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list) and depth < 8:
        for index, item in enumerate(items):
            if isinstance(item, dict) and kind != "List" and "kind" not in item:
                # Items of a typed list (`ServiceList`) may leave out what the list says of all of them.
                item = {"apiVersion": value.get("apiVersion"), "kind": kind[:-4], **item}
            yield from _resources(document, (*path, "items", index), item, namespace, scopes, depth + 1)
        return
    if isinstance(kind, str) and isinstance(value.get("apiVersion"), str):
        group = value["apiVersion"].rpartition("/")[0]
        yield Resource(
            document, path, value, default_namespace=namespace, namespaced=scopes.get((group, kind)) if scopes else None
        )

"""kustomize's built-in transformers on plain values: labels, annotations, names, namespaces, name references.

Sources: kubernetes-sigs/kustomize api/internal/konfig/builtinpluginconsts (which fields), api/filters (what is done).
Values are shared and never mutated: what changes is copied on the way down to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from svclint.kube.read import mapping, text
from svclint.kube.scope import is_namespaced
from svclint.yaml import Document

Path = tuple[str | int, ...]


class Identity(NamedTuple):
    """What an object was called at some stage; `namespace` is "" where none is written."""

    group: str
    kind: str
    namespace: str
    name: str


class Item:
    """An object on its way through a kustomization: where it comes from, what it is now and what it was called."""

    __slots__ = ("affixes", "document", "former", "path", "uncertain", "value")

    def __init__(
        self,
        document: Document,
        path: Path,
        value: dict[str, Any],
        former: tuple[Identity, ...] = (),
        affixes: tuple[str, ...] = (),
        uncertain: bool = False,
    ) -> None:
        self.document = document
        self.path = path
        self.value = value
        self.former = former
        self.affixes = affixes
        self.uncertain = uncertain

    def copy(self) -> Item:
        """Another way through another kustomization; the value is shared."""
        return Item(self.document, self.path, self.value, self.former, self.affixes, self.uncertain)

    @property
    def identity(self) -> Identity:
        """What the object is called now."""
        return identity_of(self.value)

    def set_metadata(self, key: str, value: str) -> None:
        """Gives the object a name or a namespace; what it was called before is remembered."""
        before = self.identity
        self.value = change(self.value, ("metadata", key), lambda _: value)
        if self.identity != before:
            self.former = (*self.former, before)


def identity_of(value: dict[str, Any]) -> Identity:
    """What an object (or a partial one) is called."""
    metadata = mapping(value.get("metadata"))
    group = (text(value.get("apiVersion")) or "").rpartition("/")[0]
    kind = text(value.get("kind")) or ""
    return Identity(group, kind, text(metadata.get("namespace")) or "", text(metadata.get("name")) or "")


class FieldSpec(NamedTuple):
    """A field of some kinds, as kustomize's configuration names it; "" is any group or kind."""

    path: tuple[str, ...]
    create: bool = False
    kind: str = ""
    group: str = ""

    def holds_for(self, identity: Identity) -> bool:
        return self.kind in ("", identity.kind) and self.group in ("", identity.group)


def change(value: Any, path: tuple[str, ...], by: Callable[[Any], Any], create: bool = True) -> Any:
    """The value with the field at `path` changed; lists on the way are gone through item by item.

    Without `create`, a field that isn't there stays so. What is of an unexpected type stays as it is.
    """
    if isinstance(value, list):
        items = [change(item, path, by, create) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if not path:
        return by(value)
    if not isinstance(value, dict):
        return value
    step, rest = path[0].removesuffix("[]"), path[1:]
    child = value.get(step)
    if child is None:
        if not create or path[0].endswith("[]"):
            return value
        child = {} if rest else None
    changed = by(child) if not rest and not isinstance(child, list) else change(child, rest, by, create)
    return value if changed is child else {**value, step: changed}


def _spec(path: str, create: bool, *kinds: str) -> list[FieldSpec]:
    return [FieldSpec(tuple(path.split("/")), create, kind) for kind in kinds]


_TEMPLATED = ("ReplicationController", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job")
METADATA_LABELS = (FieldSpec(("metadata", "labels"), True),)
TEMPLATE_LABELS = (
    *_spec("spec/template/metadata/labels", True, *_TEMPLATED),
    *_spec("spec/jobTemplate/metadata/labels", True, "CronJob"),
    *_spec("spec/jobTemplate/spec/template/metadata/labels", True, "CronJob"),
    *_spec("spec/volumeClaimTemplates[]/metadata/labels", True, "StatefulSet"),
)
_AFFINITIES = tuple(
    f"spec/affinity/{affinity}/{term}/labelSelector/matchLabels"
    for affinity in ("podAffinity", "podAntiAffinity")
    for term in (
        "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "requiredDuringSchedulingIgnoredDuringExecution",
    )
)
SELECTOR_LABELS = (
    *_spec("spec/selector", True, "Service", "ReplicationController"),
    *_spec("spec/selector/matchLabels", True, "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"),
    *_spec("spec/selector/matchLabels", False, "Job", "PodDisruptionBudget"),
    *_spec("spec/jobTemplate/spec/selector/matchLabels", False, "CronJob"),
    *_spec("spec/podSelector/matchLabels", False, "NetworkPolicy"),
    *_spec("spec/ingress/from/podSelector/matchLabels", False, "NetworkPolicy"),
    *_spec("spec/egress/to/podSelector/matchLabels", False, "NetworkPolicy"),
    *(each for path in _AFFINITIES for each in _spec("spec/template/" + path, False, "Deployment", "StatefulSet")),
    *_spec(
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", False, "Deployment", "StatefulSet"
    ),
)
COMMON_ANNOTATIONS = (
    FieldSpec(("metadata", "annotations"), True),
    *(
        spec._replace(path=(*spec.path[:-1], "annotations"))
        for spec in TEMPLATE_LABELS
        if "volumeClaim" not in spec.path[1]
    ),
)


def add_labels(items: Iterable[Item], labels: dict[str, Any], specs: Iterable[FieldSpec]) -> None:
    """Lays the labels (or annotations) over the maps that the specs name."""
    by_kind: dict[Identity, list[FieldSpec]] = {}
    specs = tuple(specs)

    def lay(old: Any) -> Any:
        if old is not None and not isinstance(old, dict):
            return old
        return {**(old or {}), **labels}

    for item in items:
        identity = item.identity
        key = Identity(identity.group, identity.kind, "", "")
        fitting = by_kind.get(key)
        if fitting is None:
            fitting = by_kind[key] = [spec for spec in specs if spec.holds_for(identity)]
        for spec in fitting:
            item.value = change(item.value, spec.path, lay, spec.create)


_NEVER_RENAMED = frozenset({"CustomResourceDefinition", "Namespace", "APIService"})


def add_affixes(items: Iterable[Item], prefix: str, suffix: str) -> None:
    """namePrefix and nameSuffix."""
    for item in items:
        identity = item.identity
        if identity.kind not in _NEVER_RENAMED and identity.name:
            item.set_metadata("name", prefix + identity.name + suffix)
            item.affixes = (*item.affixes, prefix, suffix)


_SERVICE_NAMESPACES = (
    FieldSpec(("spec", "service", "namespace"), True, "APIService"),
    FieldSpec(("webhooks", "clientConfig", "service", "namespace"), False, "ValidatingWebhookConfiguration"),
    FieldSpec(("webhooks", "clientConfig", "service", "namespace"), False, "MutatingWebhookConfiguration"),
    FieldSpec(
        ("spec", "conversion", "webhook", "clientConfig", "service", "namespace"), False, "CustomResourceDefinition"
    ),
)


def set_namespace(items: Iterable[Item], namespace: str, only_unset: bool = False) -> None:
    """The `namespace` of a kustomization: every namespaced object, and the name of a Namespace."""
    for item in items:
        identity = item.identity
        if identity.kind == "Namespace" and identity.group == "":
            item.set_metadata("name", namespace)
        elif is_namespaced(identity.group, identity.kind) and not (only_unset and identity.namespace):
            item.set_metadata("namespace", namespace)
        for spec in _SERVICE_NAMESPACES:
            if spec.holds_for(identity):
                item.value = change(item.value, spec.path, lambda _: namespace, spec.create)

"""Which objects a patch or a replacement of a kustomization is for."""

from __future__ import annotations

from typing import Any, NamedTuple

from svclint.kube.read import mapping, text, texts
from svclint.project.transform import Identity, Item, identity_of

_FIELDS = ("group", "kind", "namespace", "name")


class Selector(NamedTuple):
    """A `target` of kustomize (api/types/selector.go): fields that are regular expressions, anchored at both ends.

    Only alternatives (`a|b`) and `.*` are followed, which is what people write; for any other expression the answer is
    unknown, so that no expression of a repository is ever run.
    """

    fields: Identity
    labels: str = ""
    annotations: str = ""
    exact: bool = False

    @classmethod
    def of(cls, value: Any) -> Selector:
        """What a `target` or `select` says."""
        found = mapping(value)
        fields = Identity(*(text(found.get(field)) or "" for field in _FIELDS))
        labels, annotations = text(found.get("labelSelector")) or "", text(found.get("annotationSelector")) or ""
        return cls(fields, labels, annotations)

    @classmethod
    def exactly(cls, patch: dict[str, Any]) -> Selector:
        """The one object that a partial object speaks of."""
        return cls(identity_of(patch), exact=True)

    def matches(self, item: Item) -> bool | None:
        """Whether the object is meant, by what it is called or was called before; None if that can't be told."""
        answers = [self._names(identity) for identity in (item.identity, *item.former)]
        answer = True if True in answers else None if None in answers else False
        if answer is False or self.exact:
            return answer
        metadata = mapping(item.value.get("metadata"))
        for selector, field in ((self.labels, "labels"), (self.annotations, "annotations")):
            fits = _selects(selector, texts(metadata.get(field)))
            if fits is False:
                return False
            if fits is None:
                answer = None
        return answer

    def _names(self, identity: Identity) -> bool | None:
        if self.exact:
            group, kind, namespace, name = self.fields
            same = (namespace or "default") == (identity.namespace or "default")
            return (group, kind, name) == (identity.group, identity.kind, identity.name) and same
        answer: bool | None = True
        for pattern, value in zip(self.fields, identity, strict=True):
            fits = _fits(pattern, value)
            if fits is False:
                return False
            if fits is None:
                answer = None
        return answer


def _fits(pattern: str, value: str) -> bool | None:
    if not pattern:
        return True
    unknown = False
    for alternative in pattern.removeprefix("^").removesuffix("$").removeprefix("(").removesuffix(")").split("|"):
        parts = alternative.split(".*")
        if any(letter in part for part in parts for letter in "[](){}*+?\\^$"):
            unknown = True
        elif _glob(parts, value):
            return True
    return None if unknown else False


def _glob(parts: list[str], value: str) -> bool:
    """Whether the parts follow each other in the value, the first at its start and the last at its end."""
    if len(parts) == 1:
        return parts[0] == value
    if not value.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        at = value.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(value) - len(parts[-1]) >= at and value.endswith(parts[-1])


def _selects(selector: str, labels: dict[str, str]) -> bool | None:
    answer: bool | None = True
    for part in filter(None, (each.strip() for each in selector.split(","))):
        if any(letter in part for letter in "() !") and "!=" not in part:
            answer = None
            continue
        key, operator, value = part.partition("!=" if "!=" in part else "=")
        value = value.removeprefix("=").strip()
        holds = labels.get(key.strip()) == value if operator else key in labels
        if holds is (operator == "!="):
            return False
    return answer

"""Labels and selectors as k8s.io/apimachinery/pkg/labels matches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from svclint.kube.read import mapping, sequence, strings, text, texts


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Equality-based selection (labels.SelectorFromSet): every key is there with its value; an empty one takes all."""
    return selector.items() <= labels.items()


Values = str | tuple[str, ...]


def keys_and_values(labels: Mapping[str, str]) -> tuple[tuple[str, ...], Values]:
    """The same for the same labels: the keys, and the values in their order. Of one label, as most selectors have, the
    value is alone: sorted by both, many thousands of selectors take a word each."""
    if len(labels) == 1:
        ((key, value),) = labels.items()
        return (key,), value
    keys = tuple(sorted(labels))
    return keys, tuple(labels[key] for key in keys)


def written(labels: Mapping[str, str]) -> str:
    """`a=b,c=d`, as kubectl writes a selector."""
    return ",".join(f"{key}={value}" for key, value in labels.items())


class Requirement(NamedTuple):
    """One item of matchExpressions."""

    key: str
    operator: str
    values: tuple[str, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """labels.Requirement.Matches: NotIn takes objects without the key; an unknown operator takes nothing."""
        if self.operator == "In":
            return self.key in labels and labels[self.key] in self.values
        if self.operator == "NotIn":
            return self.key not in labels or labels[self.key] not in self.values
        if self.operator == "Exists":
            return self.key in labels
        if self.operator == "DoesNotExist":
            return self.key not in labels
        return False

    def __str__(self) -> str:
        if self.operator in ("In", "NotIn"):
            return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
        return self.key if self.operator == "Exists" else f"!{self.key}"


class LabelSelector(NamedTuple):
    """A metav1.LabelSelector: all of matchLabels and matchExpressions; an empty one takes everything."""

    labels: dict[str, str]
    requirements: tuple[Requirement, ...]

    @classmethod
    def read(cls, value: Any) -> LabelSelector:
        """Reads a selector; what has the wrong type reads as absent."""
        value = mapping(value)
        return cls(
            texts(value.get("matchLabels")),
            tuple(
                Requirement(text(item.get("key")) or "", text(item.get("operator")) or "", strings(item.get("values")))
                for item in sequence(value.get("matchExpressions"))
                if isinstance(item, dict)
            ),
        )

    @property
    def empty(self) -> bool:
        return not self.labels and not self.requirements

    def matches(self, labels: Mapping[str, str]) -> bool:
        return matches(self.labels, labels) and all(item.matches(labels) for item in self.requirements)

    def __str__(self) -> str:
        return ",".join([*(f"{key}={value}" for key, value in self.labels.items()), *map(str, self.requirements)])

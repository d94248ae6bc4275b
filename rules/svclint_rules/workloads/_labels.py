"""Which Pods a label selector that takes none was made for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from svclint.cluster import Cluster, Presence
from svclint.kube.labels import LabelSelector
from svclint.kube.resource import Place, View
from svclint.rule import Fix, distance, rename_key, set_value
from svclint_rules.selectors._diagnosis import alike


class Near(NamedTuple):
    """The labels that were most likely meant: whose they are, the one key that differs (None: more than one), and the
    key that is there in its place where the key itself is mistyped."""

    view: View
    labels: Mapping[str, str]
    key: str | None
    right_key: str | None
    typo: bool

    def fix(self, selector: LabelSelector, place: Place) -> Fix | None:
        """The change of the one key of matchLabels (at `place`) that differs."""
        if self.key is None:
            return None
        at = place._replace(path=(*place.path, self.key))
        if self.right_key is not None:
            return Fix(f"write {self.right_key}", (rename_key(at, self.right_key),))
        right = self.labels.get(self.key)
        return Fix(f"write {self.key}: {right}", (set_value(at, right),)) if right is not None else None


def nearest_labels(selector: LabelSelector, candidates: Iterable[tuple[View, Mapping[str, str]]]) -> Near | None:
    """The candidate whose labels differ from the selector's in a way that people mistype or forget to follow.

    Every key that differs must have a value akin, or be absent where another label agrees. None where no candidate is
    like that, or where two are that differ.
    """
    best: tuple[tuple[int, int], Near] | None = None
    tie = False
    for view, labels in candidates:
        found = _compare(selector, view, labels)
        if found is None:
            continue
        if best is None or found[0] > best[0]:
            best, tie = found, False
        elif found[0] == best[0] and any(found[1].labels.get(k) != best[1].labels.get(k) for k in selector.labels):
            tie = True
    return None if best is None or tie else best[1]


def service_asks_the_same(namespace: str, selector: LabelSelector, near: Near, cluster: Cluster) -> bool:
    """Whether a Service asks for the same label in vain: then the Pods' label is at fault, and the Service says so."""
    wrong = {item for item in selector.labels.items() if near.labels.get(item[0]) != item[1]}
    return any(
        not wrong.isdisjoint(service.selector.items()) and cluster.selection(service).presence is Presence.ABSENT
        for service in cluster.services_in(namespace)
    )


def _compare(selector: LabelSelector, view: View, labels: Mapping[str, str]) -> tuple[tuple[int, int], Near] | None:
    wanted = selector.labels
    wrong = [key for key, value in wanted.items() if labels.get(key) != value]
    same = len(wanted) - len(wrong)
    if not wrong or selector.requirements:
        return None
    typos = 0
    right_key = None
    for key in wrong:
        have = labels.get(key)
        if have is not None:
            if not _akin(wanted[key], have):
                return None
            typos += alike(wanted[key], have)
            continue
        right_key = next(
            (
                k
                for k, v in labels.items()
                if v == wanted[key] and k not in wanted and distance(k.lower(), key.lower(), 2) <= 2
            ),
            None,
        )
        if right_key is None and not same:
            return None
        typos += right_key is not None
    only = wrong[0] if len(wrong) == 1 else None
    return (same, typos), Near(view, labels, only, right_key if only else None, typos == len(wrong))


def _akin(a: str, b: str) -> bool:
    """One mistyped for the other, or the other with a word more."""
    short, long = sorted((a, b), key=len)
    return alike(a, b) or (len(short) > 1 and long.startswith((short + "-", short + "_")))

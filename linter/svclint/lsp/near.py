"""What a selector that takes nothing most likely meant, and by which labels that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from svclint.kube.labels import LabelSelector
from svclint.rule import MOST_CANDIDATES, distance

Candidate = tuple[str, str, Mapping[str, str]]
"""What could be meant: how it is shown, its name, its labels."""


def nearest(selector: LabelSelector, name: str, candidates: Iterable[Candidate]) -> Candidate | None:
    """The candidate whose labels are most like the selector, and then whose name is; None if none is like it."""

    def likeness(candidate: Candidate) -> float:
        _, own_name, has = candidate
        score = 1.0 if own_name == name else 0.0
        for key, value in selector.labels.items():
            score += _likeness(key, (value,), has)
        for each in selector.requirements:
            if each.operator == "In":
                score += _likeness(each.key, each.values, has)
        return score

    best = max(islice(candidates, MOST_CANDIDATES), key=likeness, default=None)
    return best if best is not None and likeness(best) else None


def _likeness(key: str, values: tuple[str, ...], has: Mapping[str, str]) -> float:
    if key not in has:
        return 0
    if has[key] in values:
        return 2
    return 1 if any(distance(has[key], value, 2) <= 2 for value in values) else 0.25


def difference(selector: LabelSelector, has: Mapping[str, str]) -> Iterator[str]:
    """The lines of a diff from what a selector asks for to what some labels are."""
    wrong = [key for key, value in selector.labels.items() if has.get(key) != value]
    yield from (f"  {key}: {value}" for key, value in selector.labels.items() if key not in wrong)
    for key in wrong:
        yield f"- {key}: {selector.labels[key]}"
        if key in has:
            yield f"+ {key}: {has[key]}"
    for each in selector.requirements:
        if each.matches(has):
            yield f"  {each}"
        else:
            yield f"- {each}"
            if each.key in has:
                yield f"+ {each.key}: {has[each.key]}"

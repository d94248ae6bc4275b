"""Where a bad value was written that the file doesn't hold: what the server filled in is blamed on its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from svclint.apiserver.field import Error, Step

Place = tuple[Step, ...]

_JOB_LABELS = ("job-name", "batch.kubernetes.io/job-name")
# Kind -> (place of what was filled in, "*" for any index; the places that it may be made of, the first that is there).
# What is left over of a longer place (an index of a list that isn't there) falls away.
ORIGINS: dict[str, tuple[tuple[Place, tuple[Place, ...]], ...]] = {
    "Service": (
        (("spec", "clusterIPs"), (("spec", "clusterIP"),)),
        (("spec", "ipFamilyPolicy"), (("spec", "ipFamilies"), ("spec", "clusterIPs"))),
        (("spec", "ports", "*", "targetPort"), (("spec", "ports", "*", "port"),)),
        (("spec", "ports", "*", "nodePort"), (("spec", "ports", "*", "port"),)),
    ),
    "Job": tuple(
        ((*labels, name), (("metadata", "name"),))
        for labels in (("metadata", "labels"), ("spec", "template", "metadata", "labels"))
        for name in _JOB_LABELS
    ),
}


def as_written(errors: Sequence[Error], value: Any, kind: str) -> list[Error]:
    """The errors, each at a place that is in the object if it stems from one."""
    origins = ORIGINS.get(kind)
    if origins is None:
        return list(errors)
    return [error._replace(place=_written(error.place, value, origins)) for error in errors]


def _written(place: Place, value: Any, origins: tuple[tuple[Place, tuple[Place, ...]], ...]) -> Place:
    for pattern, sources in origins:
        start = place[: len(pattern)]
        if not _matches(start, pattern) or _holds(value, start):
            continue
        indexes = [step for step, wanted in zip(start, pattern, strict=True) if wanted == "*"]
        for source in sources:
            left = iter(indexes)
            found = tuple(next(left) if step == "*" else step for step in source)
            if _holds(value, found):
                return found
    return place


def _matches(place: Place, pattern: Place) -> bool:
    return len(place) == len(pattern) and all(
        wanted == "*" or step == wanted for step, wanted in zip(place, pattern, strict=True)
    )


def _holds(value: Any, place: Place) -> bool:
    for step in place:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return value is not None

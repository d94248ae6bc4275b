"""What can be asked of `patch`: changes of a document's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from svclint.yaml.scalars import Json

if TYPE_CHECKING:
    from svclint.yaml.document import Path


class Set(NamedTuple):
    """Gives the value at `path`, which may be a new key of an existing mapping."""

    path: Path
    value: Json


class Insert(NamedTuple):
    """Adds to the mapping (`key` a string) or to the sequence (`key` an index, None for the end) at `parent`."""

    parent: Path
    key: str | int | None
    value: Json


class Remove(NamedTuple):
    """Takes away a key or an item."""

    path: Path


class RenameKey(NamedTuple):
    """Gives the key at the end of `path` another name."""

    path: Path
    key: str


class KeepLast(NamedTuple):
    """Takes away what stands under the same key before the one at `path` that counts; the value stays the same."""

    path: Path


class SetSlice(NamedTuple):
    """Replaces the characters `start` to `end` of the string at `path`."""

    path: Path
    start: int
    end: int
    text: str


Change: TypeAlias = Set | Insert | Remove | RenameKey | KeepLast | SetSlice


class PatchError(ValueError):
    """A change that the text doesn't allow; the message says why."""


def at_path(value: Json, path: Path) -> Json:
    """What stands at `path`. Raises PatchError if nothing does."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                raise PatchError("nothing stands there")
            value = value[step]
        else:
            if not isinstance(value, list) or not -1 < step < len(value):
                raise PatchError("nothing stands there")
            value = value[step]
    return value


def same(left: Json, right: Json) -> bool:
    """Equality that tells `1`, `1.0` and `true` apart."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right

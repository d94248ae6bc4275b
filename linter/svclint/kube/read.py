"""Tolerant readers of plain JSON: a value of the wrong type reads as absent (the API server's part reports it)."""

from __future__ import annotations

from typing import Any

JSON = Any
_NONE: dict[str, Any] = {}


def text(value: JSON) -> str | None:
    """The string, or None for anything else."""
    return value if isinstance(value, str) else None


def number(value: JSON) -> int | None:
    """The integer, or None for anything else (a boolean is not a number)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(value: JSON) -> bool | None:
    """The boolean, or None for anything else."""
    return value if isinstance(value, bool) else None


def mapping(value: JSON) -> dict[str, JSON]:
    """The mapping, or an empty one for anything else. It is shared: never mutate it."""
    return value if isinstance(value, dict) else _NONE


def sequence(value: JSON) -> list[JSON]:
    """The list, or an empty one for anything else. It is shared: never mutate it."""
    return value if isinstance(value, list) else []


def texts(value: JSON) -> dict[str, str]:
    """A map of strings such as labels: null reads as "" (as the server's decoder does), other types are left out. It is
    shared: never mutate it."""
    if not isinstance(value, dict):
        return _NONE
    for key, item in value.items():
        if type(key) is not str or type(item) is not str:
            break
    else:
        return value
    return {
        key: "" if item is None else item
        for key, item in value.items()
        if isinstance(key, str) and (item is None or isinstance(item, str))
    }


def strings(value: JSON) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(item for item in sequence(value) if isinstance(item, str))


def find(value: JSON, *path: str | int) -> JSON:
    """What stands at the path, None where it isn't there."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        else:
            if not isinstance(value, list) or not -len(value) <= step < len(value):
                return None
            value = value[step]
    return value

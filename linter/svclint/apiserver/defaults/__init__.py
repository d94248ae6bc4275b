"""Defaults of each kind, as the API server fills them in before it validates."""

from __future__ import annotations

from collections.abc import Container
from typing import Any


def drop_zero(fields: dict[str, Any], pointers: Container[str] = ()) -> None:
    """Leaves out what Go's `omitempty` leaves out: "", 0, false, [] and {} of fields whose type is no pointer."""
    if all(fields.values()):
        return
    for name in [name for name, value in fields.items() if not value and name not in pointers]:
        del fields[name]

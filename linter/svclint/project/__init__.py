"""Sources and targets: the project root, its files, and the scopes that they make.

What only says where a project is costs no import of what reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svclint.project.location import Location, ProjectError, Settings, find

if TYPE_CHECKING:
    from svclint.project.load import Note, Project
    from svclint.project.scope import Scope

__all__ = ["Location", "Note", "Project", "ProjectError", "Scope", "Settings", "find"]


def __getattr__(name: str) -> Any:
    """`Note`, `Project` and `Scope`: what reading gives."""
    if name == "Scope":
        from svclint.project.scope import Scope

        return Scope
    if name in __all__:
        from svclint.project import load

        return getattr(load, name)
    raise AttributeError(name)

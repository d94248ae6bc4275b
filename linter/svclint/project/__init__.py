"""Sources and targets: the project root, its files, and the scopes that they make."""

from __future__ import annotations

from svclint.project.load import Location, Note, Project, ProjectError, Settings, find, load
from svclint.project.scope import Scope

__all__ = ["Location", "Note", "Project", "ProjectError", "Scope", "Settings", "find", "load"]

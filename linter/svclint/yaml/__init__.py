"""YAML as Kubernetes reads it, with places: text in, plain values out. Knows no Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from svclint.yaml.document import Document, Problem, Source, parse

__all__ = ["Document", "Problem", "Source", "parse"]


def __getattr__(name: str) -> Any:
    """What reads documents is imported when it is used: who only decodes bytes needs none of it."""
    if name in __all__:
        from svclint.yaml import document

        return getattr(document, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""YAML as Kubernetes reads it, with places: text in, plain values out. Knows no Kubernetes."""

from __future__ import annotations

from svclint.yaml.document import Document, Problem, Source, parse

__all__ = ["Document", "Problem", "Source", "parse"]

"""The backends of an Ingress, each with the URL that leads there."""

from __future__ import annotations

from collections.abc import Iterator

from svclint.kube.ingress import Ingress, IngressBackend


def backends(ingress: Ingress) -> Iterator[tuple[IngressBackend, str]]:
    """Backend and `host/path` (`*` for every host); the default backend first."""
    if ingress.default_backend is not None:
        yield ingress.default_backend, "anything else"
    for rule in ingress.rules:
        for path in rule.paths:
            yield path.backend, f"{rule.host or '*'}{path.path_text or '/'}"

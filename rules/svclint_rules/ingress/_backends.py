"""The backends of an Ingress, each with the URL that leads there."""

from __future__ import annotations

from collections.abc import Iterator

from svclint.kube.ingress import Ingress, IngressBackend

_ACTION = "use-annotation"


def backends(ingress: Ingress) -> Iterator[tuple[IngressBackend, str]]:
    """Backend and `host/path` (`*` for every host); the default backend first. Backends that stand for an action in an
    annotation (AWS Load Balancer Controller, `alb.ingress.kubernetes.io/actions.NAME`) are no Services."""
    default = ingress.default_backend
    if default is not None and default.port != _ACTION:
        yield default, "anything else"
    for rule in ingress.rules:
        for path in rule.paths:
            if path.backend.port != _ACTION:
                yield path.backend, f"{rule.host or '*'}{path.path_text or '/'}"

"""The environment variables that the kubelet makes of Services (pkg/kubelet/envvars/envvars.go, FromServices)."""

from __future__ import annotations

from collections.abc import Iterator

from svclint.kube.pod import Container
from svclint.kube.read import sequence
from svclint.kube.resource import Place
from svclint.kube.service import Service


def variable_name(service_name: str) -> str:
    """`my-db` → `MY_DB`."""
    return service_name.upper().replace("-", "_")


def service_name(variable: str) -> str:
    """`MY_DB` → `my-db`: a Service's name has no underscore, so that the way back is known."""
    return variable.lower().replace("_", "-")


def has_address(service: Service) -> bool:
    """Whether the kubelet makes variables of the Service: only of those with a cluster IP."""
    return not service.headless and not service.is_external_name


def texts(container: Container, holding: str) -> Iterator[tuple[str, Place]]:
    """The strings in which Kubernetes or a shell expands variables (values of env, command, args), where they hold
    something."""
    for index, env in enumerate(sequence(container.value.get("env"))):
        value = env.get("value") if isinstance(env, dict) else None
        if isinstance(value, str) and holding in value:
            yield value, container.at("env", index, "value")
    for field in ("command", "args"):
        for index, value in enumerate(sequence(container.value.get(field))):
            if isinstance(value, str) and holding in value:
                yield value, container.at(field, index)


def names(container: Container) -> set[str]:
    """The names of a container's own variables."""
    return {name for env in container.env if isinstance(name := env.get("name"), str)}

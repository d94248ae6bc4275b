"""Ingresses and IngressClasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from svclint.kube.read import flag, mapping, number, sequence, strings, text
from svclint.kube.resource import ObjectView, View

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_CLASS_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"


class IngressBackend(View):
    """A backend; `resource_ref` is set for those that are not a Service."""

    __slots__ = ()

    @property
    def service_name(self) -> str | None:
        return text(mapping(self.value.get("service")).get("name"))

    @property
    def port(self) -> int | str | None:
        """The Service port's number or name."""
        port = mapping(mapping(self.value.get("service")).get("port"))
        return text(port.get("name")) or number(port.get("number")) or None

    @property
    def resource_ref(self) -> dict[str, object] | None:
        value = self.value.get("resource")
        return value if isinstance(value, dict) else None


class IngressPath(View):
    """One item of a rule's http.paths."""

    __slots__ = ()

    @property
    def path_text(self) -> str:
        return text(self.value.get("path")) or ""

    @property
    def path_type(self) -> str:
        return text(self.value.get("pathType")) or ""

    @property
    def backend(self) -> IngressBackend:
        return IngressBackend(self.resource, self.value.get("backend"), (*self.path, "backend"))


class IngressRule(View):
    """One item of spec.rules."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """ "" means every host."""
        return text(self.value.get("host")) or ""

    @property
    def paths(self) -> tuple[IngressPath, ...]:
        return tuple(
            IngressPath(self.resource, item, (*self.path, "http", "paths", index))
            for index, item in enumerate(sequence(mapping(self.value.get("http")).get("paths")))
        )


class IngressTLS(NamedTuple):
    """One item of spec.tls."""

    hosts: tuple[str, ...]
    secret_name: str | None


class Ingress(ObjectView):
    """An Ingress of networking.k8s.io/v1."""

    __slots__ = ()
    GROUP_KINDS = (("networking.k8s.io", "Ingress"),)

    @property
    def class_name(self) -> str | None:
        """spec.ingressClassName, or the old annotation."""
        return text(self.get("spec", "ingressClassName")) or self.resource.annotations.get(CLASS_ANNOTATION)

    @property
    def default_backend(self) -> IngressBackend | None:
        value = self.get("spec", "defaultBackend")
        return IngressBackend(self.resource, value, ("spec", "defaultBackend")) if isinstance(value, dict) else None

    @property
    def rules(self) -> tuple[IngressRule, ...]:
        return tuple(
            IngressRule(self.resource, item, ("spec", "rules", index))
            for index, item in enumerate(sequence(self.get("spec", "rules")))
        )

    @property
    def tls(self) -> tuple[IngressTLS, ...]:
        return tuple(
            IngressTLS(strings(mapping(item).get("hosts")), text(mapping(item).get("secretName")))
            for item in sequence(self.get("spec", "tls"))
        )

    def backends(self) -> Iterator[IngressBackend]:
        """The default backend, then those of the rules in order."""
        if (default := self.default_backend) is not None:
            yield default
        for rule in self.rules:
            for path in rule.paths:
                yield path.backend


class IngressClass(ObjectView):
    """An IngressClass."""

    __slots__ = ()
    GROUP_KINDS = (("networking.k8s.io", "IngressClass"),)

    @property
    def controller(self) -> str:
        return text(self.get("spec", "controller")) or ""

    @property
    def is_default(self) -> bool:
        annotation = self.resource.annotations.get(DEFAULT_CLASS_ANNOTATION)
        return annotation == "true" or flag(annotation) is True

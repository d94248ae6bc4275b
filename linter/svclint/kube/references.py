"""Objects that point at others by name or by labels: autoscalers, budgets, monitors, webhooks, RBAC-free ones only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from svclint.kube.labels import LabelSelector
from svclint.kube.pod import PodTemplate
from svclint.kube.read import mapping, number, sequence, strings, text
from svclint.kube.resource import ObjectView, Place, Resource, View


class Reference(NamedTuple):
    """One name that an object says: of which kind, in which namespace, where it is written, and whether the referrer
    does without it."""

    group: str
    kind: str
    namespace: str
    name: str
    place: Place
    optional: bool = False


class HorizontalPodAutoscaler(ObjectView):
    """A HorizontalPodAutoscaler (or a KEDA ScaledObject): what it scales."""

    __slots__ = ()
    GROUP_KINDS = (("autoscaling", "HorizontalPodAutoscaler"), ("keda.sh", "ScaledObject"))

    @property
    def target(self) -> Reference | None:
        reference = mapping(self.get("spec", "scaleTargetRef"))
        name = text(reference.get("name"))
        if not name:
            return None
        keda = self.resource.group == "keda.sh"
        api_version = text(reference.get("apiVersion")) or ("apps/v1" if keda else "")
        kind = text(reference.get("kind")) or ("Deployment" if keda else "")
        place = self.at("spec", "scaleTargetRef", "name")
        return Reference(api_version.rpartition("/")[0], kind, self.namespace, name, place)


class PodDisruptionBudget(ObjectView):
    """A PodDisruptionBudget."""

    __slots__ = ()
    GROUP_KINDS = (("policy", "PodDisruptionBudget"),)

    @property
    def selector(self) -> LabelSelector | None:
        """None selects nothing, an empty one every pod of the namespace."""
        value = self.get("spec", "selector")
        return LabelSelector.read(value) if isinstance(value, dict) else None


class MonitorEndpoint(View):
    """One item of a ServiceMonitor's endpoints or a PodMonitor's podMetricsEndpoints."""

    __slots__ = ()

    @property
    def port(self) -> str | None:
        """The name of a Service port (ServiceMonitor) or container port (PodMonitor)."""
        return text(self.value.get("port"))

    @property
    def target_port(self) -> int | str | None:
        return text(self.value.get("targetPort")) or number(self.value.get("targetPort"))


class Monitor(ObjectView):
    """A ServiceMonitor or a PodMonitor."""

    __slots__ = ()
    GROUP_KINDS = (("monitoring.coreos.com", "ServiceMonitor"), ("monitoring.coreos.com", "PodMonitor"))

    @property
    def selector(self) -> LabelSelector:
        return LabelSelector.read(self.get("spec", "selector"))

    @property
    def namespaces(self) -> tuple[str, ...] | None:
        """Where it looks; None means in every namespace."""
        selector = mapping(self.get("spec", "namespaceSelector"))
        if selector.get("any") is True:
            return None
        return strings(selector.get("matchNames")) or (self.namespace,)

    @property
    def endpoints(self) -> tuple[MonitorEndpoint, ...]:
        key = "endpoints" if self.kind == "ServiceMonitor" else "podMetricsEndpoints"
        return tuple(
            MonitorEndpoint(self.resource, item, ("spec", key, index))
            for index, item in enumerate(sequence(self.get("spec", key)))
        )


_WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def service_references(resource: Resource) -> Iterator[tuple[Reference, int | str | None, Place]]:
    """Services that webhooks, API services and CRD conversions name: the reference, the port (443 by default) and its
    place."""
    if resource.kind in _WEBHOOKS:
        for index, item in enumerate(sequence(resource.value.get("webhooks"))):
            if isinstance(item, dict):
                yield from _client_config(resource, ("webhooks", index, "clientConfig", "service"))
    elif resource.kind == "APIService":
        yield from _client_config(resource, ("spec", "service"))
    elif resource.kind == "CustomResourceDefinition":
        yield from _client_config(resource, ("spec", "conversion", "webhook", "clientConfig", "service"))


def _client_config(
    resource: Resource, path: tuple[str | int, ...]
) -> Iterator[tuple[Reference, int | str | None, Place]]:
    service = mapping(resource.get(*path))
    name, namespace = text(service.get("name")), text(service.get("namespace"))
    if name and namespace:
        port = number(service.get("port"))
        reference = Reference("", "Service", namespace, name, resource.at(*path, "name"))
        yield reference, 443 if port is None else port, resource.at(*path, "port")


def pod_references(template: PodTemplate) -> Iterator[Reference]:
    """ConfigMaps, Secrets, claims and the service account that a pod template names."""
    namespace = template.resource.namespace
    if text(template.spec.get("serviceAccountName")):
        place = template.at("spec", "serviceAccountName")
        yield Reference("", "ServiceAccount", namespace, template.service_account, place)
    for index, item in enumerate(sequence(template.spec.get("imagePullSecrets"))):
        if name := text(mapping(item).get("name")):
            place = template.at("spec", "imagePullSecrets", index, "name")
            yield Reference("", "Secret", namespace, name, place, optional=True)
    for index, item in enumerate(sequence(template.spec.get("volumes"))):
        yield from _volume_references(template, mapping(item), ("spec", "volumes", index))
    for container in template.containers:
        for view in container.env:
            source = mapping(view.get("valueFrom"))
            for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                chosen = mapping(source.get(key))
                if name := text(chosen.get("name")):
                    place = view.at("valueFrom", key, "name")
                    yield Reference("", kind, namespace, name, place, chosen.get("optional") is True)
        for index, item in enumerate(sequence(container.get("envFrom"))):
            for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                chosen = mapping(mapping(item).get(key))
                if name := text(chosen.get("name")):
                    place = container.at("envFrom", index, key, "name")
                    yield Reference("", kind, namespace, name, place, chosen.get("optional") is True)


_VOLUMES = (
    ("configMap", "name", "ConfigMap"),
    ("secret", "secretName", "Secret"),
    ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"),
)


def _volume_references(
    template: PodTemplate, volume: dict[str, object], path: tuple[str | int, ...]
) -> Iterator[Reference]:
    namespace = template.resource.namespace
    for key, field, kind in _VOLUMES:
        source = mapping(volume.get(key))
        if name := text(source.get(field)):
            place = template.at(*path, key, field)
            yield Reference("", kind, namespace, name, place, source.get("optional") is True)
    for index, item in enumerate(sequence(mapping(volume.get("projected")).get("sources"))):
        for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            source = mapping(mapping(item).get(key))
            if name := text(source.get("name")):
                place = template.at(*path, "projected", "sources", index, key, "name")
                yield Reference("", kind, namespace, name, place, source.get("optional") is True)

"""Workloads: what makes pods, how many, and with which labels."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from svclint.kube import custom_workloads
from svclint.kube.custom_workloads import OperatedPods, TemplateAt
from svclint.kube.labels import LabelSelector
from svclint.kube.pod import PodTemplate
from svclint.kube.read import find, mapping, number, text, texts
from svclint.kube.resource import ObjectView, Place, Resource

_CONTROLLER_REVISION = ("controller-revision-hash",)

_JOB_LABELS = (
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
)

_TEMPLATE = ("spec", "template")

BUILT_IN: dict[tuple[str, str], TemplateAt] = {
    ("apps", "Deployment"): TemplateAt(_TEMPLATE, added=("pod-template-hash",)),
    ("apps", "ReplicaSet"): TemplateAt(_TEMPLATE),
    ("apps", "StatefulSet"): TemplateAt(
        _TEMPLATE,
        added=("apps.kubernetes.io/pod-index", *_CONTROLLER_REVISION, "statefulset.kubernetes.io/pod-name"),
        stateful=True,
    ),
    ("apps", "DaemonSet"): TemplateAt(
        _TEMPLATE, replicas=None, added=(*_CONTROLLER_REVISION, "pod-template-generation"), per_node=True
    ),
    ("", "ReplicationController"): TemplateAt(_TEMPLATE),
    ("batch", "Job"): TemplateAt(_TEMPLATE, replicas=None, added=_JOB_LABELS),
    ("batch", "CronJob"): TemplateAt(
        ("spec", "jobTemplate", "spec", "template"), replicas=None, selector=None, added=_JOB_LABELS
    ),
    ("", "Pod"): TemplateAt((), replicas=None, selector=None),
}


class PodLabels(NamedTuple):
    """The labels of a workload's pods: those known, the keys added with values that manifests don't tell, and whether
    that is all (`complete`)."""

    labels: dict[str, str]
    added: frozenset[str]
    complete: bool

    def matches(self, selector: dict[str, str]) -> bool | None:
        """Whether a Service's selector takes these pods; None when it can't be known."""
        unknown = False
        for key, value in selector.items():
            known = self.labels.get(key)
            if known == value:
                continue
            if key in self.added or (known is None and not self.complete):
                unknown = True
                continue
            return False
        return None if unknown else True


class Workload(ObjectView):
    """An object that makes pods from one template."""

    __slots__ = ("_pod_labels", "_template", "source", "told")
    GROUP_KINDS = tuple(BUILT_IN)

    def __init__(self, resource: Resource, source: TemplateAt | OperatedPods) -> None:
        super().__init__(resource)
        self.source = source
        self._template: PodTemplate | None = None
        self._pod_labels: PodLabels | None = None
        self.told: tuple[Any, ...] | None = None
        """What its Pods are told of Services, once `cluster.mentions` has looked."""

    @classmethod
    def read(
        cls, resource: Resource, extra: dict[tuple[str, str], tuple[TemplateAt, ...]] | None = None
    ) -> tuple[Workload, ...]:
        """The workloads of a resource: one for most, several where a custom resource has several templates, none for
        other kinds. `extra` is what the configuration adds to the table of custom kinds."""
        return resource.once("workloads", cls._read) if not extra else cls._read(resource, extra)

    @classmethod
    def _read(
        cls, resource: Resource, extra: dict[tuple[str, str], tuple[TemplateAt, ...]] | None = None
    ) -> tuple[Workload, ...]:
        kind = (resource.group, resource.kind)
        built_in = BUILT_IN.get(kind)
        if built_in is not None:
            return (cls(resource, built_in),)
        operated = custom_workloads.OPERATED.get(kind)
        if operated is not None:
            return (cls(resource, operated),)
        sources = (extra or {}).get(kind) or custom_workloads.TEMPLATES.get(kind, ())
        return tuple(
            cls(resource, source) for source in sources if isinstance(find(resource.value, *source.path), dict)
        )

    @property
    def built_in(self) -> bool:
        """Whether Kubernetes itself makes the pods, and not an operator."""
        return (self.resource.group, self.resource.kind) in BUILT_IN

    @property
    def display_name(self) -> str:
        """`KIND/NAME`, as maps and traces name a workload."""
        return f"{self.resource.kind}/{self.resource.name}"

    @property
    def template(self) -> PodTemplate:
        """The pod template; an empty one when it is missing, an operator's own when it isn't in the resource."""
        if self._template is None:
            if isinstance(self.source, OperatedPods):
                self._template = _OperatedTemplate(self.resource, self.source)
            else:
                value = mapping(find(self.resource.value, *self.source.path))
                self._template = PodTemplate(self.resource, value, self.source.path)
        return self._template

    @property
    def pod_labels(self) -> PodLabels:
        """The labels of the pods, those that controllers add included (their values, where the manifest tells)."""
        if self._pod_labels is None:
            self._pod_labels = self._read_labels()
        return self._pod_labels

    def _read_labels(self) -> PodLabels:
        source = self.source
        if isinstance(source, OperatedPods):
            labels = {key: value.format(name=self.name) for key, value in source.labels.items()}
            given = texts(find(self.value, *source.pod_metadata, "labels"))
            added = frozenset({"app.kubernetes.io/version", *_CONTROLLER_REVISION, "apps.kubernetes.io/pod-index"})
            return PodLabels({**given, **labels}, added | {"statefulset.kubernetes.io/pod-name"}, True)
        labels = self.template.labels
        if self.kind == "Job" and self.built_in:
            added_keys = set(source.added)
            if self.name:
                labels = dict(labels)
                for key in ("batch.kubernetes.io/job-name", "job-name"):
                    labels[key] = self.name
                    added_keys.discard(key)
                if text(self.get("spec", "completionMode")) == "Indexed":
                    added_keys.add("batch.kubernetes.io/job-completion-index")
            return PodLabels(labels, frozenset(added_keys), source.labels_known)
        if self.kind == "ReplicationController" and not labels and self.built_in:
            labels = texts(self.get("spec", "selector"))
        return PodLabels(labels, _keys(source.added), source.labels_known)

    @property
    def is_stateful_set(self) -> bool:
        """Pods have ordinals, names that are known and hostnames."""
        return isinstance(self.source, OperatedPods) or self.source.stateful

    @property
    def per_node(self) -> bool:
        return isinstance(self.source, TemplateAt) and self.source.per_node

    @property
    def pods_name(self) -> str:
        """The name that pods' names begin with."""
        if isinstance(self.source, OperatedPods):
            return self.source.stateful_name.format(name=self.name)
        return self.name

    @property
    def replicas(self) -> int:
        """spec.replicas with its default 1 (0 or negative means none); 1 for kinds without it."""
        path = self.source.replicas
        value = None if path is None else number(find(self.value, *path))
        return 1 if value is None else max(value, 0)

    @property
    def first_ordinal(self) -> int:
        """spec.ordinals.start of a StatefulSet."""
        return max(number(self.get("spec", "ordinals", "start")) or 0, 0)

    @property
    def ordered_ready(self) -> bool:
        """A StatefulSet that waits for each pod before it makes the next."""
        return self.is_stateful_set and text(self.get("spec", "podManagementPolicy")) != "Parallel"

    @property
    def service_name(self) -> str:
        """spec.serviceName of a StatefulSet: the subdomain of its pods."""
        if isinstance(self.source, OperatedPods):
            return text(self.get("spec", "serviceName")) or self.source.service_name
        return text(self.get("spec", "serviceName")) or "" if self.is_stateful_set else ""

    @property
    def selector(self) -> LabelSelector | None:
        """The label selector; None when there is none. A ReplicationController's is a plain map, its template's
        labels when absent."""
        if isinstance(self.source, OperatedPods) or self.source.selector is None:
            return None
        value: Any = find(self.value, *self.source.selector)
        if self.kind == "ReplicationController" or self.kind == "DeploymentConfig":
            return LabelSelector(texts(value) or self.template.labels, ())
        return LabelSelector.read(value) if isinstance(value, dict) else None

    @property
    def is_hook(self) -> bool:
        """Made by Helm at an event (a test, an upgrade) and taken away again: no part of what runs."""
        return "helm.sh/hook" in self.resource.annotations

    @property
    def restart_policy(self) -> str:
        return text(self.template.spec.get("restartPolicy")) or "Always"

    def at_labels(self, name: str | None = None, *, key: bool = False) -> Place:
        """The place of the pods' labels, or of one of them."""
        return self.template.at_labels(name, key=key)


@cache
def _keys(added: tuple[str, ...]) -> frozenset[str]:
    """One set for all workloads of a kind."""
    return frozenset(added)


class _OperatedTemplate(PodTemplate):
    """The template that an operator makes from a custom resource that doesn't hold one."""

    __slots__ = ()

    def __init__(self, resource: Resource, source: OperatedPods) -> None:
        ports = [{"name": name, "containerPort": port, "protocol": protocol} for name, port, protocol in source.ports]
        named = text(find(resource.value, *source.port_name)) if source.port_name else None
        if named:
            ports[0]["name"] = named
        labels = {key: value.format(name=resource.name) for key, value in source.labels.items()}
        value = {
            "metadata": {"labels": {**texts(find(resource.value, *source.pod_metadata, "labels")), **labels}},
            "spec": {"containers": [{"name": resource.kind.lower(), "ports": ports}]},
        }
        super().__init__(resource, value, ("spec",))

    def at(self, *path: str | int, key: bool = False, slice: tuple[int, int] | None = None) -> Place:
        return self.resource.at("kind")

"""Name references: whoever names an object that a kustomization renames, names it by its new name.

Source: kubernetes-sigs/kustomize api/internal/konfig/builtinpluginconsts/namereference.go, for the kinds that svclint
asks about; api/filters/nameref for which of several candidates is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from svclint.kube.read import find, mapping
from svclint.project.transform import Item, change

_POD_SPECS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        ("spec", "template", "spec"),
    ),
}
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_OF_POD: dict[str, tuple[tuple[str, ...], ...]] = {
    "ConfigMap": (
        ("volumes", "configMap", "name"),
        ("volumes", "projected", "sources", "configMap", "name"),
        *((field, "env", "valueFrom", "configMapKeyRef", "name") for field in _CONTAINERS),
        *((field, "envFrom", "configMapRef", "name") for field in _CONTAINERS),
    ),
    "Secret": (
        ("volumes", "secret", "secretName"),
        ("volumes", "projected", "sources", "secret", "name"),
        ("imagePullSecrets", "name"),
        *((field, "env", "valueFrom", "secretKeyRef", "name") for field in _CONTAINERS),
        *((field, "envFrom", "secretRef", "name") for field in _CONTAINERS),
    ),
    "ServiceAccount": (("serviceAccountName",),),
    "PersistentVolumeClaim": (("volumes", "persistentVolumeClaim", "claimName"),),
}
_BACKEND = ("backend", "service", "name"), ("backend", "serviceName")
_INGRESS = (
    *(("spec", "rules", "http", "paths", *path) for path in _BACKEND),
    ("spec", "defaultBackend", "service", "name"),
    ("spec", "backend", "serviceName"),
)
_OTHERS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "StatefulSet": (("Service", ("spec", "serviceName")),),
    "Ingress": (
        *(("Service", path) for path in _INGRESS),
        ("Secret", ("spec", "tls", "secretName")),
        ("IngressClass", ("spec", "ingressClassName")),
    ),
    "APIService": (("Service", ("spec", "service", "name")),),
    "ValidatingWebhookConfiguration": (("Service", ("webhooks", "clientConfig", "service", "name")),),
    "MutatingWebhookConfiguration": (("Service", ("webhooks", "clientConfig", "service", "name")),),
    "ServiceAccount": (("Secret", ("secrets", "name")), ("Secret", ("imagePullSecrets", "name"))),
}
_SCALED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})


def _fields_of(kind: str) -> list[tuple[str, tuple[str, ...]]]:
    fields = list(_OTHERS.get(kind, ()))
    pod = _POD_SPECS.get(kind)
    if pod is not None:
        fields += [(target, (*pod, *path)) for target, paths in _OF_POD.items() for path in paths]
    return fields


_FIELDS = {kind: _fields_of(kind) for kind in {*_OTHERS, *_POD_SPECS}}


def follow_names(items: list[Item]) -> None:
    """Updates every reference to an object that has been renamed on the way."""
    renamed: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        now = item.identity
        for name in {former.name for former in item.former} | {now.name}:
            renamed.setdefault((now.kind, name), []).append(item)
    if not any(item.former for item in items):
        return
    for item in items:
        identity = item.identity
        for target, path in _FIELDS.get(identity.kind, ()):
            item.value = change(item.value, path, _Renaming(renamed, target, item, identity.namespace), create=False)
        if identity.kind == "HorizontalPodAutoscaler":
            target = find(item.value, "spec", "scaleTargetRef", "kind")
            if target in _SCALED:
                path = ("spec", "scaleTargetRef", "name")
                item.value = change(
                    item.value, path, _Renaming(renamed, target, item, identity.namespace), create=False
                )


class _Renaming:
    """What becomes of a name in one field of one object."""

    __slots__ = ("by", "namespace", "renamed", "target")

    def __init__(self, renamed: dict[tuple[str, str], list[Item]], target: str, by: Item, namespace: str) -> None:
        self.renamed = renamed
        self.target = target
        self.by = by
        self.namespace = namespace

    def __call__(self, old: Any) -> Any:
        if not isinstance(old, str):
            return old
        return _meant(self.renamed.get((self.target, old), []), self.by, self.namespace, old)


def resolve_vars(items: list[Item], variables: Iterable[dict[str, Any]]) -> None:
    """`vars`: `$(NAME)` in the commands, arguments and environment of containers becomes the name of an object.

    A variable that stands for another field than a name is left as it is: whoever reads `$(NAME)` finds it unknown.
    """
    names: dict[str, str] = {}
    for variable in variables:
        meant = mapping(variable.get("objref"))
        if find(variable, "fieldref", "fieldpath") not in (None, "metadata.name"):
            continue
        for item in items:
            now = item.identity
            known = {now.name, *(former.name for former in item.former)}
            if now.kind == meant.get("kind") and meant.get("name") in known:
                names["$(" + str(variable.get("name")) + ")"] = now.name
    if not names:
        return

    def resolved(old: Any) -> Any:
        if isinstance(old, str) and "$(" in old:
            for variable, name in names.items():
                old = old.replace(variable, name)
        return old

    for item in items:
        pod = _POD_SPECS.get(item.identity.kind)
        if pod is not None:
            for field in _CONTAINERS:
                for path in (("command",), ("args",), ("env", "value")):
                    item.value = change(item.value, (*pod, field, *path), resolved, create=False)


def _meant(candidates: list[Item], by: Item, namespace: str, old: str) -> str:
    """The present name of the object that `old` means: of several, the one that came the same way as who names it."""
    if len(candidates) > 1:
        near = [each for each in candidates if each.identity.namespace == namespace] or candidates
        candidates = [each for each in near if each.affixes == by.affixes] or near
    names = {each.identity.name for each in candidates}
    return names.pop() if len(names) == 1 else old

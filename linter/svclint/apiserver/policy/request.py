"""A request as admission sees it, and the variables that expressions have of it.

Upstream: apiserver pkg/admission/plugin/cel/condition.go (CreateAdmissionRequest, CreateNamespaceObject),
activation.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from svclint.cel.library import authz

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}
_PUBLIC = ("/healthz", "/livez", "/readyz", "/version")


class User(NamedTuple):
    """Who asks."""

    name: str = "admin"
    groups: tuple[str, ...] = (MASTERS, AUTHENTICATED)


class Target(NamedTuple):
    """What kind of object is spoken of."""

    group: str
    version: str
    kind: str
    resource: str
    namespaced: bool


class Request(NamedTuple):
    """A request: the object as it is about to be stored (None on a deletion) and as it was (None on a creation)."""

    target: Target
    object: Mapping[str, Any] | None
    old_object: Mapping[str, Any] | None = None
    operation: str = "CREATE"
    user: User = User()

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The object's metadata, or the old one's."""
        subject = self.object if self.object is not None else self.old_object
        metadata = subject.get("metadata") if subject is not None else None
        return metadata if isinstance(metadata, dict) else {}

    @property
    def name(self) -> str:
        """The object's name."""
        return str(self.metadata.get("name") or "")

    @property
    def namespace(self) -> str:
        """The request's namespace: for a Namespace its own name, "" for other cluster-scoped kinds."""
        if self.is_namespace:
            return self.name
        return str(self.metadata.get("namespace") or "") if self.target.namespaced else ""

    @property
    def is_namespace(self) -> bool:
        """Whether the object is a Namespace."""
        return self.target.kind == "Namespace" and not self.target.group


def labels_of(subject: Mapping[str, Any] | None) -> dict[str, str]:
    """An object's labels."""
    metadata = subject.get("metadata") if subject is not None else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if not isinstance(labels, dict):
        return {}
    return {key: value for key, value in labels.items() if isinstance(key, str) and isinstance(value, str)}


def request_variable(request: Request, matched: Target) -> dict[str, object]:
    """`request`, as JSON. `matched` is the kind that the policy's rule named."""

    def kind(target: Target) -> dict[str, object]:
        return {"group": target.group, "version": target.version, "kind": target.kind}

    def resource(target: Target) -> dict[str, object]:
        return {"group": target.group, "version": target.version, "resource": target.resource}

    user: dict[str, object] = {}
    if request.user.name:
        user["username"] = request.user.name
    if request.user.groups:
        user["groups"] = list(request.user.groups)
    out: dict[str, object] = {
        "uid": "",
        "kind": kind(matched),
        "resource": resource(matched),
        "requestKind": kind(request.target),
        "requestResource": resource(request.target),
        "name": request.name,
        "namespace": request.namespace,
        "operation": request.operation,
        "userInfo": user,
        "object": None,
        "oldObject": None,
        # svclint only asks: what it models is a dry run.
        "dryRun": True,
        "options": {
            "kind": _OPTIONS.get(request.operation, "CreateOptions"),
            "apiVersion": "meta.k8s.io/v1",
            "dryRun": ["All"],
        },
    }
    return {key: value for key, value in out.items() if value != "" or key == "uid"}


def namespace_variable(manifest: Mapping[str, Any] | None, name: str) -> dict[str, object]:
    """`namespaceObject`: a Namespace's manifest as the server stores it; without one, what every namespace has."""
    metadata: dict[str, object] = {}
    spec: object = None
    if manifest is not None and isinstance(manifest.get("metadata"), dict):
        known = ("name", "generateName", "annotations", "finalizers", "creationTimestamp", "deletionTimestamp")
        metadata = {key: manifest["metadata"][key] for key in known if manifest["metadata"].get(key) is not None}
        spec = manifest.get("spec")
    metadata["name"] = name
    metadata["labels"] = {**labels_of(manifest), "kubernetes.io/metadata.name": name}
    finalizers = spec.get("finalizers") if isinstance(spec, dict) else None
    return {
        "metadata": metadata,
        "spec": {"finalizers": finalizers if isinstance(finalizers, list) else ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def decider(groups: Sequence[str]) -> authz.Decide:
    """What RBAC says where manifests don't tell: masters may do everything, others only see the server's health."""

    def decide(question: authz.Question) -> authz.Answer:
        if MASTERS in groups and not question.user:
            return authz.Answer(True)
        return authz.Answer(question.verb == "get" and question.path.startswith(_PUBLIC))

    return decide


def authorizer_variables(request: Request) -> dict[str, object]:
    """`authorizer` and `authorizer.requestResource`."""
    decide = decider(request.user.groups)
    target = request.target
    question = authz.Question(
        group=target.group, resource=target.resource, namespace=request.namespace, name=request.name
    )
    return {
        "authorizer": authz.authorizer(decide),
        "authorizer.requestResource": authz.request_resource(decide, question),
    }

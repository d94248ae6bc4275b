"""The parameters that a binding names.

Upstream: apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go (CollectParams).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from svclint.apiserver.policy.match import selects
from svclint.apiserver.policy.request import Request, labels_of

# (apiVersion, kind) -> whether such objects live in a namespace; None where nobody knows.
Scope = Callable[[str, str], bool | None]
Manifest = Mapping[str, Any]


class ConfigurationError(Exception):
    """A binding that can't be used; the text is the server's."""


def _metadata(manifest: Manifest) -> Mapping[str, Any]:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


class Params:
    """The objects that may be parameters."""

    __slots__ = ("_by_kind", "_default_namespace", "_scope")

    def __init__(self, objects: Iterable[Manifest], scope: Scope, default_namespace: str) -> None:
        self._by_kind: dict[tuple[object, object], list[Manifest]] = {}
        for manifest in objects:
            kind = (manifest.get("apiVersion"), manifest.get("kind"))
            if all(isinstance(part, str) for part in kind):
                self._by_kind.setdefault(kind, []).append(manifest)
        self._scope = scope
        self._default_namespace = default_namespace

    def collect(self, param_kind: object, ref: object, request: Request) -> list[Manifest | None]:
        """The parameters, [None] where there is nothing to name. Raises ConfigurationError."""
        if not isinstance(param_kind, dict) or not isinstance(ref, dict):
            return [None]
        api_version, kind = param_kind.get("apiVersion"), param_kind.get("kind")
        candidates = self._by_kind.get((api_version, kind), [])
        namespaced = self._scope(str(api_version), str(kind))
        if namespaced is None:
            namespaced = bool(ref.get("namespace")) or any(_metadata(m).get("namespace") for m in candidates)
        if namespaced:
            namespace = ref.get("namespace") or ("" if request.is_namespace else request.namespace)
            if not namespace:
                message = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                raise ConfigurationError(message)
            candidates = [m for m in candidates if self._namespace(m) == namespace]
        elif ref.get("namespace"):
            raise ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
        found = self._select(candidates, ref)
        if not found and ref.get("parameterNotFoundAction") == "Deny":
            message = "no params found for policy binding with `Deny` parameterNotFoundAction"
            raise ConfigurationError(message)
        return found

    def _namespace(self, manifest: Manifest) -> str:
        return str(_metadata(manifest).get("namespace") or self._default_namespace)

    def _select(self, candidates: list[Manifest], ref: Mapping[str, Any]) -> list[Manifest | None]:
        name, selector = ref.get("name"), ref.get("selector")
        if name:
            if selector is not None:
                raise ConfigurationError("paramRef.name and paramRef.selector are mutually exclusive")
            return [*[m for m in candidates if _metadata(m).get("name") == name][:1]]
        if selector is None:
            raise ConfigurationError("one of name or selector must be provided")
        chosen = [m for m in candidates if selects(selector, labels_of(m))]
        return [*sorted(chosen, key=lambda m: str(_metadata(m).get("name")))]

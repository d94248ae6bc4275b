"""Asks ValidatingAdmissionPolicies about a request, and words the answer as the API server does.

Upstream: apiserver pkg/admission/plugin/policy/validating/dispatcher.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from svclint.apiserver.field import Error
from svclint.apiserver.policy.match import is_exempt, match_resources
from svclint.apiserver.policy.params import ConfigurationError, Params, Scope
from svclint.apiserver.policy.policy import Decision, Policy, paths_read
from svclint.apiserver.policy.request import (
    Request,
    Target,
    authorizer_variables,
    labels_of,
    namespace_variable,
    request_variable,
)
from svclint.cel.environment import Version

API_GROUP = "admissionregistration.k8s.io"
_CODES = {"Forbidden": 403, "Unauthorized": 401, "RequestEntityTooLarge": 413}


class Failure(NamedTuple):
    """A validation that failed: what the server says, what the binding makes of it (Deny, Warn, Audit), the failing
    expression (None if the policy as a whole failed) and the places in the object that decided it, nearest last."""

    policy: str
    binding: str
    actions: tuple[str, ...]
    message: str
    reason: str
    expression: str | None
    paths: tuple[tuple[str | int, ...], ...]


class PolicyOutcome(NamedTuple):
    """The answer: of several denials one is reported; warnings and failures are all there."""

    denied_message: str | None = None
    code: int | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()


class Refused(NamedTuple):
    """A policy or binding that the API server doesn't take, and why."""

    kind: str
    name: str
    errors: tuple[Error, ...]


def _name(manifest: Mapping[str, Any]) -> str:
    metadata = manifest.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _spec(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = manifest.get("spec")
    return spec if isinstance(spec, dict) else {}


class PolicySet:
    """Policies, bindings, parameters and Namespaces out of manifests; other objects are parameters if they are named.

    `scope` tells which kinds live in a namespace. Policies that the server refuses are in `refused` and don't count.
    """

    def __init__(
        self, manifests: Iterable[Mapping[str, Any]], version: Version, scope: Scope, default_namespace: str = "default"
    ) -> None:
        from svclint.apiserver.policy.validate import manifest_errors

        self.policies: dict[str, Policy] = {}
        self.bindings: dict[str, list[Mapping[str, Any]]] = {}
        self.namespaces: dict[str, Mapping[str, Any]] = {}
        self.refused: list[Refused] = []
        others: list[Mapping[str, Any]] = []
        for manifest in manifests:
            api_version, kind = str(manifest.get("apiVersion", "")), manifest.get("kind")
            ours = api_version.startswith(f"{API_GROUP}/")
            if ours and kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"):
                errors = manifest_errors(manifest, version)
                if errors:
                    self.refused.append(Refused(kind, _name(manifest), tuple(errors)))
                elif kind == "ValidatingAdmissionPolicy":
                    self.policies[_name(manifest)] = Policy(manifest, version)
                else:
                    policy = str(_spec(manifest).get("policyName", ""))
                    self.bindings.setdefault(policy, []).append(manifest)
                continue
            if api_version == "v1" and kind == "Namespace":
                self.namespaces[_name(manifest)] = manifest
            others.append(manifest)
        self._params = Params(others, scope, default_namespace)

    def evaluate(self, request: Request) -> PolicyOutcome:
        """What the policies say to a request."""
        if is_exempt(request.target):
            return PolicyOutcome()
        return _Dispatch(self, request).run()

    def params(self, policy: Policy, binding: Mapping[str, Any], request: Request) -> list[Any]:
        """The parameters of a binding. Raises ConfigurationError."""
        return [*self._params.collect(policy.spec.get("paramKind"), _spec(binding).get("paramRef"), request)]


class _Dispatch:
    """One request on its way through all policies."""

    def __init__(self, policies: PolicySet, request: Request) -> None:
        self.policies = policies
        self.request = request
        self.denials: list[tuple[str, str]] = []
        self.warnings: list[str] = []
        self.failures: list[Failure] = []
        self.annotations: dict[str, list[str]] = {}
        namespace = request.namespace
        manifest = policies.namespaces.get(namespace)
        self.namespace: dict[str, object] | None = None
        if request.is_namespace:
            self.namespace_labels = labels_of(request.object if request.operation != "DELETE" else manifest)
        else:
            self.namespace = namespace_variable(manifest, namespace) if namespace else None
            self.namespace_labels = labels_of(self.namespace) if self.namespace is not None else {}

    def run(self) -> PolicyOutcome:
        for policy in self.policies.policies.values():
            target = match_resources(policy.spec.get("matchConstraints"), self.request, self.namespace_labels)
            if target is not None:
                for binding in self.policies.bindings.get(policy.name, ()):
                    self.bound(policy, binding, target)
        message = code = reason = None
        if self.denials:
            text, reason = self.denials[0]
            reason = reason or "Invalid"
            code = _CODES.get(reason, 422)
            resource, group = self.request.target.resource, self.request.target.group
            plural = f"{resource}.{group}" if group else resource
            message = f'{plural} "{self.request.name}" is forbidden: {text}'
        annotations = tuple((key, ", ".join(values)) for key, values in self.annotations.items())
        return PolicyOutcome(message, code, reason, tuple(self.warnings), tuple(self.failures), annotations)

    def deny(self, policy: Policy, binding: str, message: str, reason: str) -> None:
        self.denials.append(
            (f"ValidatingAdmissionPolicy '{policy.name}' with binding '{binding}' denied request: {message}", reason)
        )

    def bound(self, policy: Policy, binding: Mapping[str, Any], target: Target) -> None:
        name, spec = _name(binding), _spec(binding)
        if match_resources(spec.get("matchResources"), self.request, self.namespace_labels) is None:
            return
        actions = tuple(str(action) for action in spec.get("validationActions") or ())
        try:
            params = self.policies.params(policy, binding, self.request)
        except ConfigurationError as wrong:
            if policy.fails_closed:
                message = f"failed to configure binding: {wrong}"
                self.deny(policy, name, message, "")
                self.failures.append(Failure(policy.name, name, ("Deny",), message, "Invalid", None, ()))
            return
        given: dict[str, object] = {
            "object": self.request.object,
            "oldObject": self.request.old_object,
            "request": request_variable(self.request, target),
            "namespaceObject": self.namespace,
            **authorizer_variables(self.request),
        }
        for param in params:
            for decision in policy.decide(given, param):
                self.decided(policy, name, actions, decision, given, param)
            annotations, errors = policy.annotate(given, param)
            for key, value in annotations.items():
                known = self.annotations.setdefault(f"{policy.name}/{key}", [])
                if value not in known:
                    known.append(value)
            for message in errors:
                self.deny(policy, name, message, "")
                self.failures.append(Failure(policy.name, name, ("Deny",), message, "Invalid", None, ()))

    def decided(
        self,
        policy: Policy,
        binding: str,
        actions: tuple[str, ...],
        decision: Decision,
        given: Mapping[str, object],
        param: object,
    ) -> None:
        for action in actions:
            if action == "Deny":
                self.deny(policy, binding, decision.message, decision.reason)
            elif action == "Warn":
                head = f"Validation failed for ValidatingAdmissionPolicy '{policy.name}' with binding '{binding}'"
                self.warnings.append(f"{head}: {decision.message}")
        expression: str | None = None
        paths: list[tuple[str | int, ...]] = []
        if decision.validation is not None:
            compiled = decision.validation.condition
            expression = compiled.expression
            if compiled.program is not None and self.request.object is not None:
                # Equal parts of an object may be one value; asked once more, each part has a place of its own.
                subject = _apart(self.request.object)
                reads, _ = compiled.program.explain(policy.bindings({**given, "object": subject}, param))
                paths = paths_read(reads, subject)
        reason = decision.reason or "Invalid"
        self.failures.append(Failure(policy.name, binding, actions, decision.message, reason, expression, tuple(paths)))


def _apart(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _apart(part) for key, part in value.items()}
    return [_apart(part) for part in value] if isinstance(value, list) else value


def evaluate_policies(
    policies: Iterable[Mapping[str, Any]], request: Request, version: Version, scope: Scope
) -> PolicyOutcome:
    """What policies say to one request; for many requests make a PolicySet once."""
    return PolicySet(policies, version, scope).evaluate(request)

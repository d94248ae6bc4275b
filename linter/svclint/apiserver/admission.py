"""Validating admission: what ValidatingAdmissionPolicies say once the server itself has accepted an object.

Source: k8s.io/apiserver pkg/endpoints/handlers/create.go (validation comes before validating admission).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from svclint.apiserver.context import Warning
from svclint.apiserver.field import Error
from svclint.apiserver.kinds import plural
from svclint.apiserver.policy.evaluate import Failure, PolicyOutcome, PolicySet
from svclint.apiserver.policy.request import Request, Target, User
from svclint.apiserver.policy.seen import as_admission_sees
from svclint.apiserver.types import types
from svclint.apiserver.verdict import Verdict
from svclint.kube.facts import Facts

CustomScopes = Mapping[tuple[str, str], bool]
ADMINISTRATOR = User()


class Admission:
    """The policies of one cluster and who asks. `old_objects` are what the objects of the same name were before."""

    __slots__ = ("_facts", "_old", "_operation", "_policies", "_scopes", "_user")

    def __init__(
        self,
        manifests: Iterable[Mapping[str, Any]],
        facts: Facts,
        *,
        scopes: CustomScopes,
        operation: str = "CREATE",
        user: User = ADMINISTRATOR,
        old_objects: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        """`manifests`: policies, bindings, parameters and Namespaces; `scopes`: (apiVersion, kind) of custom kinds ->
        whether they live in a namespace."""
        self._facts = facts
        self._scopes = scopes
        self._operation = operation
        self._user = user
        self._policies = PolicySet(manifests, facts.kubernetes_version, self._namespaced, facts.namespace)
        self._old = {_identity(old, facts): old for old in old_objects}

    @property
    def refused(self) -> list[str]:
        """The policies and bindings that the server doesn't take: they don't count."""
        return [
            f'{bad.kind} "{bad.name}" is invalid: ' + ", ".join(f"{error.field}: {error.body}" for error in bad.errors)
            for bad in self._policies.refused
        ]

    def _namespaced(self, api_version: str, kind: str) -> bool | None:
        known = types(self._facts.kubernetes_version).kind(api_version, kind)
        return known.scope == "namespaced" if known is not None else self._scopes.get((api_version, kind))

    def ask(self, value: Mapping[str, Any], verdict: Verdict) -> Verdict:
        """The verdict on an object, once the policies have been asked too."""
        if not verdict.accepted:
            return verdict
        outcome = self._outcome(value, verdict)
        warnings = verdict.warnings + tuple(map(Warning, outcome.warnings))
        if outcome.denied_message is not None:
            said = outcome.denied_message.partition(" is forbidden: ")[2]
            causes = (Error("", "", said, ()),)
            return Verdict(False, outcome.code, outcome.reason, outcome.denied_message, causes, warnings=warnings)
        return verdict._replace(warnings=warnings)

    def failures(self, value: Mapping[str, Any], verdict: Verdict) -> tuple[Failure, ...]:
        """Every validation that fails on an object which the server itself accepts."""
        return tuple(self._outcome(value, verdict).failures) if verdict.accepted else ()

    def _outcome(self, value: Mapping[str, Any], verdict: Verdict) -> PolicyOutcome:
        api_version, kind = str(value.get("apiVersion", "")), str(value.get("kind", ""))
        group, _, version = api_version.rpartition("/")
        namespaced = self._namespaced(api_version, kind)
        seen = dict(value) if verdict.stored is None else as_admission_sees(verdict.stored, group, self._facts)
        target = Target(group, version, kind, plural(kind), namespaced is not False)
        old = self._old.get(_identity(value, self._facts))
        if self._operation == "DELETE":
            request = Request(target, None, seen if old is None else old, "DELETE", self._user)
        else:
            request = Request(target, seen, old, self._operation, self._user)
        return self._policies.evaluate(request)


def _identity(value: Mapping[str, Any], facts: Facts) -> tuple[str, str, str, str]:
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    group = str(value.get("apiVersion", "")).rpartition("/")[0]
    namespace = metadata.get("namespace") or facts.namespace
    return group, str(value.get("kind", "")), str(namespace), str(metadata.get("name", ""))

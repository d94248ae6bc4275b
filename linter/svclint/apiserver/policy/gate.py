"""Policies as a gate behind the API server's own verdicts: what `svclint admit --policy` puts the objects through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from svclint.apiserver.context import Warning
from svclint.apiserver.field import Error
from svclint.apiserver.policy.evaluate import PolicyOutcome, PolicySet
from svclint.apiserver.policy.request import Request, Target, User
from svclint.apiserver.policy.seen import as_admission_sees
from svclint.apiserver.verdict import Verdict
from svclint.kube.facts import Facts
from svclint.kube.scope import CLUSTER_SCOPED, is_namespaced

if TYPE_CHECKING:
    from svclint.apiserver.custom import CustomKind

CustomKinds = Mapping[tuple[str, str], "CustomKind"]


class Gate:
    """A set of policies and the circumstances of the requests that they are asked about."""

    __slots__ = ("_custom", "_facts", "_old", "_operation", "_user", "policies")

    def __init__(
        self,
        manifests: Iterable[Mapping[str, Any]],
        facts: Facts,
        custom: CustomKinds,
        operation: str = "CREATE",
        user: User | None = None,
        old_object: Mapping[str, Any] | None = None,
    ) -> None:
        self._facts = facts
        self._custom = custom
        self._operation = operation
        self._user = user or User()
        self._old = old_object
        self.policies = PolicySet(manifests, facts.kubernetes_version, self._scope, facts.namespace)

    def _scope(self, api_version: str, kind: str) -> bool | None:
        known = self._custom.get((api_version, kind))
        if known is not None:
            return known.namespaced
        group = api_version.rpartition("/")[0]
        if (group, kind) in CLUSTER_SCOPED:
            return False
        # A group with a dot that isn't Kubernetes' own is a custom resource, of which nobody knows.
        return None if "." in group and not group.endswith(".k8s.io") else is_namespaced(group, kind)

    def target(self, value: Mapping[str, Any]) -> Target:
        """The kind of an object."""
        from svclint.apiserver.admit import _resource

        api_version, kind = str(value.get("apiVersion", "")), str(value.get("kind", ""))
        group, _, version = api_version.rpartition("/")
        namespaced = self._scope(api_version, kind)
        if namespaced is None:
            metadata = value.get("metadata")
            namespaced = isinstance(metadata, dict) and bool(metadata.get("namespace"))
        return Target(group, version, kind, _resource("", kind), namespaced)

    def ask(self, value: Mapping[str, Any], stored: Mapping[str, Any] | None) -> PolicyOutcome:
        """What the policies say to an object that the API server itself accepts."""
        target = self.target(value)
        seen: Mapping[str, Any] | None = (
            value if stored is None else as_admission_sees(stored, target.group, self._facts)
        )
        old = self._stored(self._old, target) if self._old is not None else None
        if self._operation == "DELETE":
            seen, old = None, old if old is not None else seen
        return self.policies.evaluate(Request(target, seen, old, self._operation, self._user))

    def _stored(self, value: Mapping[str, Any], target: Target) -> Mapping[str, Any]:
        from svclint.apiserver.admit import admit_one

        verdict = admit_one(dict(value), self._facts, None, self._custom)
        return value if verdict.stored is None else as_admission_sees(verdict.stored, target.group, self._facts)

    def judge(self, value: Mapping[str, Any], verdict: Verdict) -> Verdict:
        """The verdict with what the policies add."""
        if not verdict.accepted:
            return verdict
        outcome = self.ask(value, verdict.stored)
        warnings = (*verdict.warnings, *(Warning(message) for message in outcome.warnings))
        if outcome.denied_message is None:
            return verdict._replace(warnings=warnings)
        text = outcome.denied_message.partition(" is forbidden: ")[2]
        return Verdict(
            False,
            outcome.code,
            outcome.reason,
            outcome.denied_message,
            causes=(Error("", "", text, ()),),
            warnings=warnings,
        )

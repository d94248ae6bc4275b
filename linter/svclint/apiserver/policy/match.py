"""Which policies and bindings a request matches.

Upstream: apiserver pkg/admission/plugin/policy/matching/matching.go, pkg/admission/plugin/webhook/predicates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver.policy.request import Request, Target, labels_of

_EXEMPT = frozenset(
    {
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
    }
)
# Resources that the server keeps once and serves under several names: what `matchPolicy: Equivalent` finds.
_EQUIVALENT = (
    (("autoscaling", "v1", "horizontalpodautoscalers"), ("autoscaling", "v2", "horizontalpodautoscalers")),
    (("", "v1", "events"), ("events.k8s.io", "v1", "events")),
)


def is_exempt(target: Target) -> bool:
    """Whether no policy is asked about such objects."""
    return target.group == "admissionregistration.k8s.io" and target.kind in _EXEMPT


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def selects(selector: object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes these labels; an empty or absent one takes all, an ill-formed one nothing."""
    wanted = _mapping(selector)
    if any(labels.get(key) != value for key, value in _mapping(wanted.get("matchLabels")).items()):
        return False
    for requirement in map(_mapping, _list(wanted.get("matchExpressions"))):
        key, operator, values = requirement.get("key"), requirement.get("operator"), _list(requirement.get("values"))
        value = labels.get(key) if isinstance(key, str) else None
        if operator == "In":
            good = value in values
        elif operator == "NotIn":
            good = value not in values
        elif operator == "Exists":
            good = value is not None
        else:
            good = operator == "DoesNotExist" and value is None
        if not good:
            return False
    return True


def _is_empty(selector: object) -> bool:
    wanted = _mapping(selector)
    return not wanted.get("matchLabels") and not wanted.get("matchExpressions")


def _wildcard(items: object, value: str) -> bool:
    return any(item in ("*", value) for item in _list(items))


def _in_scope(rule: Mapping[str, Any], request: Request) -> bool:
    scope = rule.get("scope") or "*"
    clustered = request.is_namespace or not request.namespace
    return bool(scope == "*" or scope == ("Cluster" if clustered else "Namespaced"))


def _names_resource(rule: Mapping[str, Any], target: Target) -> bool:
    for item in _list(rule.get("resources")):
        resource, _, sub = str(item).partition("/")
        if resource in ("*", target.resource) and sub in ("", "*"):
            return True
    return False


def _rule_matches(rule: Mapping[str, Any], request: Request, target: Target) -> bool:
    names = _list(rule.get("resourceNames"))
    return (
        _in_scope(rule, request)
        and _wildcard(rule.get("operations"), request.operation)
        and _wildcard(rule.get("apiGroups"), target.group)
        and _wildcard(rule.get("apiVersions"), target.version)
        and _names_resource(rule, target)
        and (not names or request.name in names)
    )


def _equivalents(target: Target) -> list[Target]:
    own = (target.group, target.version, target.resource)
    return [
        target._replace(group=group, version=version, resource=resource)
        for names in _EQUIVALENT
        if own in names
        for group, version, resource in names
        if (group, version, resource) != own
    ]


def _match_rules(rules: object, policy: object, request: Request) -> Target | None:
    targets = [request.target]
    if policy in (None, "Equivalent"):
        targets += _equivalents(request.target)
    for target in targets:
        if any(_rule_matches(_mapping(rule), request, target) for rule in _list(rules)):
            return target
    return None


def match_resources(resources: object, request: Request, namespace_labels: Mapping[str, str]) -> Target | None:
    """The kind that a `matchConstraints` or `matchResources` takes the request for, None if it doesn't match."""
    wanted = _mapping(resources)
    if (
        request.namespace
        and not _is_empty(wanted.get("namespaceSelector"))
        and not selects(wanted.get("namespaceSelector"), namespace_labels)
    ):
        return None
    selector = wanted.get("objectSelector")
    if not _is_empty(selector) and not any(
        subject is not None and selects(selector, labels_of(subject))
        for subject in (request.object, request.old_object)
    ):
        return None
    policy = wanted.get("matchPolicy")
    if _match_rules(wanted.get("excludeResourceRules"), policy, request) is not None:
        return None
    rules = _list(wanted.get("resourceRules"))
    return _match_rules(rules, policy, request) if rules else request.target

"""Validation of ValidatingAdmissionPolicies and their bindings.

Upstream: kubernetes pkg/apis/admissionregistration/validation/validation.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_selector, validate_object_meta
from svclint.apiserver.policy.compiled import ANYTHING, BOOLEAN, TEXT, TEXT_OR_NULL, Compiled, compile_typed
from svclint.apiserver.policy.environment import compatible, policy_environment, with_variable
from svclint.cel.environment import Environment, Version
from svclint.cel.lexer import RESERVED
from svclint.cel.types import Type
from svclint.kube.facts import Facts

Object = Mapping[str, Any]
METADATA = Path().child("metadata")
SPEC = Path().child("spec")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ("Audit", "Deny", "Warn")
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_MAX_CONDITIONS = 64
_MAX_ANNOTATIONS = 20
_MAX_VALUE_EXPRESSION = 5 * 1024


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> Iterator[tuple[int, Object]]:
    for i, item in enumerate(_list(value)):
        if isinstance(item, dict):
            yield i, item


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def validate_policy(obj: Object, context: Context) -> list[Error]:
    """What is wrong with a ValidatingAdmissionPolicy."""
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, False, context)
    spec = obj.get("spec")
    metadata = obj.get("metadata")
    name = _text(metadata.get("name")) if isinstance(metadata, dict) else ""
    return errors + _Spec(spec if isinstance(spec, dict) else {}, name, context).errors()


def validate_binding(obj: Object, context: Context) -> list[Error]:
    """What is wrong with a ValidatingAdmissionPolicyBinding."""
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, False, context)
    spec = obj.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    path = SPEC.child("policyName")
    policy = _text(spec.get("policyName"))
    if not policy:
        errors.append(field.required(path))
    errors += [
        field.invalid(path, policy, message) for message in (names.is_dns1123_subdomain(policy) if policy else ())
    ]
    if isinstance(spec.get("paramRef"), dict):
        errors += _param_ref(spec["paramRef"], SPEC.child("paramRef"), context)
    if isinstance(spec.get("matchResources"), dict):
        # Upstream misspells the path.
        errors += _match_resources(
            spec["matchResources"], SPEC.child("matchResouces", place=("matchResources",)), context
        )
    return errors + _actions(spec.get("validationActions"), SPEC.child("validationActions"), context)


def manifest_errors(manifest: Object, version: Version) -> list[Error]:
    """Why the API server refuses a policy or a binding out of a manifest, whatever its shape; nothing if it doesn't."""
    from svclint.apiserver.admit import admit_one

    verdict = admit_one(dict(manifest), Facts(kubernetes_version=version))
    if verdict.accepted:
        return []
    return list(verdict.causes) or [Error("", verdict.reason or "", verdict.message or "", ())]


def _strings(value: object) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str)]


def _slice(values: list[str], context: Context) -> object:
    return context.shown(values, "[]string")


def _param_ref(ref: Object, path: Path, context: Context) -> list[Error]:
    errors: list[Error] = []
    name, selector = _text(ref.get("name")), ref.get("selector")
    exclusive = "name and selector are mutually exclusive"
    if name:
        errors += [field.invalid(path.child("name"), name, m) for m in names.is_valid_path_segment_name(name)]
        if selector is not None:
            errors.append(field.forbidden(path.child("name"), exclusive))
    if selector is not None:
        errors += validate_label_selector(selector, path.child("selector"), context)
        if name:
            errors.append(field.forbidden(path.child("selector"), exclusive))
    if not name and selector is None:
        errors.append(field.required(path, "one of name or selector must be specified"))
    action = ref.get("parameterNotFoundAction")
    at = path.child("parameterNotFoundAction")
    if not action:
        errors.append(field.required(at))
    elif action not in ("Deny", "Allow"):
        errors.append(field.not_supported(at, action, ("Deny", "Allow")))
    return errors


def _actions(value: object, path: Path, context: Context) -> list[Error]:
    errors: list[Error] = []
    actions = _strings(value)
    for i, action in enumerate(actions):
        if action not in _ACTIONS:
            errors.append(field.not_supported(path.index(i), action, _ACTIONS))
        if action in actions[:i]:
            errors.append(field.duplicate(path.index(i), action))
    if "Deny" in actions and "Warn" in actions:
        shown = context.shown(actions, "[]admissionregistration.ValidationAction")
        why = "repeating the same validation failure information in the API response and headers serves no purpose"
        errors.append(field.invalid(path, shown, f"must not contain both Deny and Warn ({why})"))
    if not actions:
        errors.append(field.required(path, "at least one validation action is required"))
    return errors


def _match_resources(resources: Object, path: Path, context: Context) -> list[Error]:
    errors: list[Error] = []
    policy = resources.get("matchPolicy")
    if policy is not None and policy not in ("Equivalent", "Exact"):
        errors.append(field.not_supported(path.child("matchPolicy"), policy, ("Equivalent", "Exact")))
    for name in ("namespaceSelector", "objectSelector"):
        errors += validate_label_selector(resources.get(name), path.child(name), context)
    for name in ("resourceRules", "excludeResourceRules"):
        for i, rule in _objects(resources.get(name)):
            errors += _rule(rule, path.child(name).index(i), context)
    return errors


def _rule(rule: Object, path: Path, context: Context) -> list[Error]:
    errors: list[Error] = []
    resource_names = _strings(rule.get("resourceNames"))
    for i, name in enumerate(resource_names):
        at = path.child("resourceNames").index(i)
        errors += [field.invalid(at, name, message) for message in names.is_valid_path_segment_name(name)]
        if name in resource_names[:i]:
            errors.append(field.duplicate(at, name))
    operations = _strings(rule.get("operations"))
    at = path.child("operations")
    if not operations:
        errors.append(field.required(at))
    if len(operations) > 1 and "*" in operations:
        shown = context.shown(operations, "[]admissionregistration.OperationType")
        errors.append(field.invalid(at, shown, "if '*' is present, must not specify other operations"))
    errors += [
        field.not_supported(at.index(i), operation, _OPERATIONS)
        for i, operation in enumerate(operations)
        if operation not in _OPERATIONS
    ]
    for key, what in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = _strings(rule.get(key))
        if not values:
            errors.append(field.required(path.child(key)))
        if len(values) > 1 and "*" in values:
            message = f"if '*' is present, must not specify other {what}"
            errors.append(field.invalid(path.child(key), _slice(values, context), message))
    errors += [
        field.required(path.child("apiVersions").index(i))
        for i, version in enumerate(_strings(rule.get("apiVersions")))
        if not version
    ]
    errors += _resources(_strings(rule.get("resources")), path.child("resources"), context)
    scope = rule.get("scope")
    if scope is not None and scope not in _SCOPES:
        errors.append(field.not_supported(path.child("scope"), scope, _SCOPES))
    return errors


def _resources(resources: list[str], path: Path, context: Context) -> list[Error]:
    errors: list[Error] = []
    if not resources:
        errors.append(field.required(path))
    with_all_subs: set[str] = set()
    subs_of_all: set[str] = set()
    plain = False
    for i, text in enumerate(resources):
        if not text:
            errors.append(field.required(path.index(i)))
            continue
        resource, slash, sub = text.partition("/")
        if not slash:
            plain = text != "*"
            continue
        if resource in with_all_subs:
            message = f"if '{resource}/*' is present, must not specify {text}"
            errors.append(field.invalid(path.index(i), text, message))
        if sub in subs_of_all:
            errors.append(field.invalid(path.index(i), text, f"if '*/{sub}' is present, must not specify {text}"))
        if sub == "*":
            with_all_subs.add(resource)
        if resource == "*":
            subs_of_all.add(sub)
    if len(resources) > 1 and "*/*" in resources:
        message = "if '*/*' is present, must not specify other resources"
        errors.append(field.invalid(path, _slice(resources, context), message))
    if "*" in resources and plain:
        message = "if '*' is present, must not specify other resources without subresources"
        errors.append(field.invalid(path, _slice(resources, context), message))
    return errors


class _Spec:
    """The spec of a policy on its way through validation; expressions see the variables declared before them."""

    def __init__(self, spec: Object, name: str, context: Context) -> None:
        self.spec = spec
        self.name = name
        self.context = context
        self.params = isinstance(spec.get("paramKind"), dict)
        self.version = compatible(context.version)
        composed = bool(_list(spec.get("variables")))
        self.full = policy_environment(self.version, self.params, True, composed)
        self.silent = policy_environment(self.version, self.params, False, composed)

    def errors(self) -> list[Error]:
        spec = self.spec
        errors: list[Error] = []
        failure = spec.get("failurePolicy")
        if failure is not None and failure not in ("Fail", "Ignore"):
            errors.append(field.not_supported(SPEC.child("failurePolicy"), failure, ("Fail", "Ignore")))
        if self.params:
            errors += _param_kind(spec["paramKind"], SPEC.child("paramKind"))
        constraints = spec.get("matchConstraints")
        at = SPEC.child("matchConstraints")
        if not isinstance(constraints, dict):
            errors.append(field.required(at))
        else:
            errors += _match_resources(constraints, at, self.context)
            if not _list(constraints.get("resourceRules")):
                errors.append(field.required(at.child("resourceRules")))
        errors += self.conditions()
        errors += self.variables()
        if not _list(spec.get("validations")) and not _list(spec.get("auditAnnotations")):
            message = "validations or auditAnnotations must contain at least one item"
            errors += [field.required(SPEC.child(name), message) for name in ("validations", "auditAnnotations")]
            return errors
        for i, validation in _objects(spec.get("validations")):
            errors += self.validation(validation, SPEC.child("validations").index(i))
        return errors + self.annotations()

    def compiled(self, path: Path, expression: str, env: Environment, wanted: tuple[Type, ...]) -> list[Error]:
        return _compile_error(path, expression, compile_typed(expression, env, wanted))

    def conditions(self) -> list[Error]:
        errors: list[Error] = []
        path = SPEC.child("matchConditions")
        conditions = _list(self.spec.get("matchConditions"))
        if len(conditions) > _MAX_CONDITIONS:
            errors.append(field.too_many(path, len(conditions), _MAX_CONDITIONS))
        env = policy_environment(self.version, self.params, True, False)
        seen: set[str] = set()
        for i, condition in _objects(conditions):
            at = path.index(i)
            expression, name = _text(condition.get("expression")).strip(), _text(condition.get("name"))
            if not expression:
                errors.append(field.required(at.child("expression")))
            else:
                errors += self.compiled(at.child("expression"), expression, env, BOOLEAN)
            if not name:
                errors.append(field.required(at.child("name")))
                continue
            errors += [field.invalid(at.child("name"), name, m) for m in names.is_qualified_name(name)]
            if name in seen:
                errors.append(field.duplicate(at.child("name"), name))
            seen.add(name)
        return errors

    def variables(self) -> list[Error]:
        errors: list[Error] = []
        for i, variable in _objects(self.spec.get("variables")):
            at = SPEC.child("variables").index(i)
            name, expression = _text(variable.get("name")), _text(variable.get("expression"))
            if not name.strip():
                errors.append(field.required(at.child("name"), "name is not specified"))
            elif not _IDENTIFIER.fullmatch(name) or name in RESERVED:
                errors.append(field.invalid(at.child("name"), name, "name is not a valid CEL identifier"))
            if not expression.strip():
                errors.append(field.required(at.child("expression"), "expression is not specified"))
                continue
            compiled = compile_typed(expression, self.full, ANYTHING)
            errors += _compile_error(at.child("expression"), expression, compiled)
            type_ = None if compiled.program is None else compiled.program.type
            self.full = with_variable(self.full, name, type_)
            self.silent = with_variable(self.silent, name, type_)
        return errors

    def validation(self, validation: Object, path: Path) -> list[Error]:
        errors: list[Error] = []
        expression = _text(validation.get("expression"))
        if not expression.strip():
            errors.append(field.required(path.child("expression"), "expression is not specified"))
        else:
            errors += self.compiled(path.child("expression"), expression, self.full, BOOLEAN)
        text = _text(validation.get("messageExpression"))
        at = path.child("messageExpression")
        if text and not text.strip():
            errors.append(field.invalid(at, text, "must be non-empty if specified"))
        elif text:
            errors += self.compiled(at, text, self.silent, TEXT)
        message = _text(validation.get("message"))
        if message and not message.strip():
            errors.append(field.invalid(path.child("message"), message, "must be non-empty if specified"))
        elif re.search(r"[\n\r]", message.strip()):
            errors.append(field.invalid(path.child("message"), message, "must not contain line breaks"))
        reason = validation.get("reason")
        if reason is not None and reason not in _REASONS:
            errors.append(field.not_supported(path.child("reason"), reason, _REASONS))
        return errors

    def annotations(self) -> list[Error]:
        errors: list[Error] = []
        path = SPEC.child("auditAnnotations")
        annotations = _list(self.spec.get("auditAnnotations"))
        if len(annotations) > _MAX_ANNOTATIONS:
            message = f"must not have more than {_MAX_ANNOTATIONS} auditAnnotations"
            errors.append(field.invalid(path, annotations, message))
        seen: set[str] = set()
        for i, annotation in _objects(annotations):
            at = path.index(i)
            key, expression = _text(annotation.get("key")), _text(annotation.get("valueExpression")).strip()
            whole = f"{self.name}/{key}"
            if self.name:
                errors += [field.invalid(at.child("key"), whole, m) for m in names.is_qualified_name(whole)]
            else:
                errors.append(field.invalid(at.child("key"), key, "requires metadata.name be non-empty"))
            value = at.child("valueExpression")
            if not expression:
                errors.append(field.required(value, "valueExpression is not specified"))
            elif len(expression.encode("utf-8", "replace")) > _MAX_VALUE_EXPRESSION:
                errors.append(field.required(value, f"must not exceed {_MAX_VALUE_EXPRESSION} bytes in length"))
            else:
                errors += self.compiled(value, expression, self.full, TEXT_OR_NULL)
            if key in seen:
                errors.append(field.duplicate(at.child("key"), key))
            seen.add(key)
        return errors


def _compile_error(path: Path, expression: str, compiled: Compiled) -> list[Error]:
    if compiled.program is not None:
        return []
    if compiled.internal:
        return [Error(str(path), "InternalError", f"Internal error: {compiled.error}", path.place)]
    return [field.invalid(path, expression, compiled.error)]


def _param_kind(kind: Object, path: Path) -> list[Error]:
    errors: list[Error] = []
    api_version, name = _text(kind.get("apiVersion")), _text(kind.get("kind"))
    at = path.child("apiVersion")
    if not api_version:
        errors.append(field.required(at))
    elif api_version.count("/") > 1:
        errors.append(field.invalid(at, api_version, f"unexpected GroupVersion string: {api_version}"))
    else:
        group, _, version = api_version.rpartition("/")
        if group and (messages := names.is_dns1123_subdomain(group)):
            errors.append(field.invalid(at, group, ",".join(messages)))
        if not version:
            errors.append(field.invalid(at, api_version, "version must be specified"))
        elif messages := names.is_dns1035_label(version):
            errors.append(field.invalid(at, version, ",".join(messages)))
    if not name:
        errors.append(field.required(path.child("kind")))
    elif messages := names.is_dns1035_label(name.lower()):
        text = "may have mixed case, but should otherwise match: " + ",".join(messages)
        errors.append(field.invalid(path.child("kind"), name, text))
    return errors

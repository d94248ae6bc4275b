"""One ValidatingAdmissionPolicy: compiled once, asked about many requests.

Upstream: apiserver pkg/admission/plugin/policy/validating/validator.go, plugin.go;
pkg/admission/plugin/webhook/matchconditions/matcher.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from svclint.apiserver.policy.compiled import BOOLEAN, TEXT, TEXT_OR_NULL, Compiled, compile_typed
from svclint.apiserver.policy.environment import VARIABLES_TYPE, policy_environment
from svclint.apiserver.policy.variables import Variables, compile_variables
from svclint.cel.cost import PER_OBJECT_BUDGET
from svclint.cel.environment import Version
from svclint.cel.errors import CostExceeded, EvalError
from svclint.cel.values import type_name

MATCH_BUDGET = PER_OBJECT_BUDGET // 4
MESSAGE_LIMIT = 5 * 1024
_NO_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run"
Bindings = dict[str, object]


class OutOfBudget(Exception):
    """The expressions of a policy have together cost too much."""


class Validation(NamedTuple):
    """One of a policy's validations."""

    condition: Compiled
    message: str
    message_expression: Compiled | None
    reason: str


class Decision(NamedTuple):
    """What a validation says of an object: `message` and `reason` of a denial. `validation` is None if the policy as a
    whole failed."""

    message: str
    reason: str
    validation: Validation | None


class _Budget:
    """What is left to spend; the cost of variables counts with the expression that read them first."""

    __slots__ = ("left", "variables")

    def __init__(self, left: int, variables: Variables) -> None:
        self.left = left
        self.variables = variables

    def evaluate(self, compiled: Compiled, bindings: Bindings) -> object:
        """The value. Raises EvalError with the server's text, and OutOfBudget."""
        if compiled.program is None:
            raise EvalError(f"compilation error: {compiled.error}")
        before = self.variables.cost
        try:
            value, cost = compiled.program.evaluate(bindings)
        except (EvalError, CostExceeded) as wrong:
            self.left -= self.variables.cost - before
            message = f"expression '{compiled.expression}' resulted in error: {wrong.message}"
            raise EvalError(message) from None
        self.left -= cost + self.variables.cost - before
        if self.left < 0:
            raise OutOfBudget(_NO_BUDGET)
        return value


def _entries(spec: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    items = spec.get(name)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item


class Policy:
    """A policy that the API server has accepted."""

    __slots__ = ("_annotations", "_conditions", "_variables", "fails_closed", "name", "spec", "validations")

    def __init__(self, manifest: Mapping[str, Any], version: Version) -> None:
        self.name = str(manifest["metadata"]["name"])
        spec: Mapping[str, Any] = manifest["spec"]
        self.spec = spec
        self.fails_closed = spec.get("failurePolicy") != "Ignore"
        params = isinstance(spec.get("paramKind"), dict)
        named = [(str(v.get("name", "")), str(v.get("expression", ""))) for v in _entries(spec, "variables")]
        env, self._variables = compile_variables(policy_environment(version, params), named)
        silent = policy_environment(version, params, authorizer=False)
        silent = silent.extend({}, {VARIABLES_TYPE: env.structs[VARIABLES_TYPE]})
        self._conditions = [
            compile_typed(str(c.get("expression", "")).strip(), env, BOOLEAN) for c in _entries(spec, "matchConditions")
        ]
        self.validations = [
            Validation(
                compile_typed(str(v.get("expression", "")), env, BOOLEAN),
                str(v.get("message") or "").strip(),
                compile_typed(str(v["messageExpression"]), silent, TEXT) if v.get("messageExpression") else None,
                str(v.get("reason") or "Invalid"),
            )
            for v in _entries(spec, "validations")
        ]
        self._annotations = [
            (str(a.get("key", "")), compile_typed(str(a.get("valueExpression", "")).strip(), env, TEXT_OR_NULL))
            for a in _entries(spec, "auditAnnotations")
        ]

    def bindings(self, given: Mapping[str, object], params: object) -> Bindings:
        """The variables of this policy's expressions."""
        bindings = {**given, "params": params}
        bindings["variables"] = Variables(self._variables, bindings)
        return bindings

    def matches(self, given: Mapping[str, object], params: object) -> bool:
        """Whether the match conditions hold. Raises EvalError where they fail and the policy fails closed."""
        if not self._conditions:
            return True
        # Upstream gives match conditions no namespace object.
        bindings = self.bindings({**given, "namespaceObject": None}, params)
        variables = bindings["variables"]
        assert isinstance(variables, Variables)
        budget = _Budget(MATCH_BUDGET, variables)
        errors: list[str] = []
        try:
            for condition in self._conditions:
                try:
                    if budget.evaluate(condition, bindings) is False:
                        return False
                except EvalError as wrong:
                    errors.append(wrong.message)
        except OutOfBudget as wrong:
            errors = [str(wrong)]
        if not errors:
            return True
        if not self.fails_closed:
            return False
        distinct = list(dict.fromkeys(errors))
        raise EvalError(distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]")

    def decide(self, given: Mapping[str, object], params: object) -> list[Decision]:
        """The denials of one object with one parameter."""
        try:
            if not self.matches(given, params):
                return []
        except EvalError as wrong:
            return [Decision(wrong.message, "", None)]
        bindings = self.bindings(given, params)
        variables = bindings["variables"]
        assert isinstance(variables, Variables)
        budget = _Budget(PER_OBJECT_BUDGET, variables)
        results: list[object] = []
        try:
            for validation in self.validations:
                try:
                    results.append(budget.evaluate(validation.condition, bindings))
                except EvalError as wrong:
                    results.append(wrong)
        except OutOfBudget as wrong:
            return [Decision(str(wrong), "", None)] if self.fails_closed else []
        decisions: list[Decision] = []
        for validation, result in zip(self.validations, results, strict=True):
            if isinstance(result, EvalError):
                if self.fails_closed:
                    decisions.append(Decision(result.message, "", validation))
            elif result is not True:
                message = self._message(validation, bindings, budget)
                decisions.append(Decision(message, validation.reason, validation))
        return decisions

    def _message(self, validation: Validation, bindings: Bindings, budget: _Budget) -> str:
        message = ""
        if validation.message_expression is not None:
            try:
                value = budget.evaluate(validation.message_expression, bindings)
            except EvalError:
                value = None
            except OutOfBudget as wrong:
                return f"failed messageExpression: {wrong}"
            message = value.strip() if type(value) is str else ""
            if len(message.encode("utf-8", "replace")) > MESSAGE_LIMIT or "\n" in message:
                message = ""
        return message or validation.message or f"failed expression: {validation.condition.expression.strip()}"

    def annotate(self, given: Mapping[str, object], params: object) -> tuple[dict[str, str], list[str]]:
        """The audit annotations and the errors that deny the request."""
        annotations: dict[str, str] = {}
        errors: list[str] = []
        if not self._annotations:
            return annotations, errors
        bindings = self.bindings(given, params)
        variables = bindings["variables"]
        assert isinstance(variables, Variables)
        budget = _Budget(PER_OBJECT_BUDGET, variables)
        for key, compiled in self._annotations:
            try:
                value = budget.evaluate(compiled, bindings)
            except EvalError as wrong:
                errors += [wrong.message] if self.fails_closed else []
                continue
            except OutOfBudget as wrong:
                return annotations, [*errors, str(wrong)] if self.fails_closed else errors
            if type(value) is str:
                if value.strip():
                    annotations[key] = value.strip()
            elif value is not None:
                head = f"valueExpression '{compiled.expression}' resulted in unsupported return type"
                errors.append(f"{head}: {type_name(value)}. Return type must be either string or null.")
        return annotations, errors


def paths_read(reads: Sequence[tuple[object, object]], root: object) -> list[tuple[str | int, ...]]:
    """Where in an object an evaluation has read, in order, each place once; the last is nearest to the verdict."""
    places: dict[int, tuple[str | int, ...]] = {}
    pending: list[tuple[object, tuple[str | int, ...]]] = [(root, ())]
    while pending:
        node, path = pending.pop()
        if isinstance(node, dict):
            places[id(node)] = path
            pending += [(item, (*path, key)) for key, item in node.items() if isinstance(item, dict | list)]
        elif isinstance(node, list):
            places[id(node)] = path
            pending += [(item, (*path, i)) for i, item in enumerate(node) if isinstance(item, dict | list)]
    out: dict[tuple[str | int, ...], None] = {}
    todo = list(reversed(reads))
    depth = 0
    while todo and depth < 10_000:
        depth += 1
        container, key = todo.pop()
        if isinstance(container, Variables):
            todo += reversed(container.reads(key))
        elif id(container) in places and type(key) in (str, int):
            path = (*places[id(container)], key)  # type: ignore[arg-type]
            out.pop(path, None)
            out[path] = None
    paths = list(out)
    # A step on the way to a longer path says nothing more.
    return [path for path in paths if not any(other != path and other[: len(path)] == path for other in paths)]

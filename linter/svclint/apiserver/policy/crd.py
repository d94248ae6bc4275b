"""The validation rules of custom resources (x-kubernetes-validations).

Upstream: apiextensions-apiserver pkg/apiserver/schema/cel/validation.go, compilation.go, maplist.go.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from svclint.apiserver import field
from svclint.apiserver.custom import EMBEDDED, RULES
from svclint.apiserver.field import Error, Path
from svclint.apiserver.policy.environment import compatible, rule_environment
from svclint.apiserver.policy.policy import MESSAGE_LIMIT
from svclint.cel import ast
from svclint.cel.cost import PER_OBJECT_BUDGET
from svclint.cel.environment import Environment, Version
from svclint.cel.errors import CompileError, CostExceeded, EvalError
from svclint.cel.program import Program, compile_expression
from svclint.cel.schema import Schema, additional, properties, typed, with_meta
from svclint.cel.types import BOOL, STRING
from svclint.cel.values import NONE, Optional

_NO_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run"
_OMITS_VALUES: Version = (1, 34)


class _Rule(NamedTuple):
    """A compiled rule; `error` tells why it has no program."""

    source: Mapping[str, Any]
    program: Program | None
    message: Program | None
    error: str
    uses_old: bool

    @property
    def optional_old(self) -> bool:
        return self.source.get("optionalOldSelf") is True

    @property
    def shown(self) -> str:
        """How messages name the rule."""
        return str(self.source.get("message") or self.source.get("rule") or "").strip()


class _OutOfBudget(Exception):
    """No rule is run any more."""


def _uses(node: ast.Node, name: str) -> bool:
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Ident) and part.reference == name:
            return True
        pending += ast.children(part)
    return False


def _rules(schema: Schema) -> Iterator[Mapping[str, Any]]:
    rules = schema.get(RULES)
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and str(rule.get("rule") or "").strip():
            yield rule


def _compile(rule: Mapping[str, Any], env: Environment) -> _Rule:
    try:
        program = compile_expression(str(rule["rule"]), env)
    except CompileError as wrong:
        text = f"compilation failed: {wrong.text}" if wrong.issues else wrong.text
        return _Rule(rule, None, None, text, False)
    if program.type != BOOL:
        return _Rule(rule, None, None, "cel expression must evaluate to a bool", False)
    message: Program | None = None
    if rule.get("messageExpression"):
        try:
            message = compile_expression(str(rule["messageExpression"]), env)
        except CompileError:
            message = None
        if message is not None and message.type != STRING:
            message = None
    return _Rule(rule, program, message, "", _uses(program.tree, "oldSelf"))


@lru_cache(maxsize=256)
def _compiled(text: str, resource: bool, version: Version) -> tuple[_Rule, ...]:
    schema = json.loads(text)
    known = compatible(version)
    plain = rule_environment(known, schema, resource, False)
    optional = rule_environment(known, schema, resource, True)
    return tuple(_compile(r, optional if r.get("optionalOldSelf") is True else plain) for r in _rules(schema))


def _has_rules(schema: Schema) -> bool:
    pending = [schema]
    while pending:
        part = pending.pop()
        if part.get(RULES):
            return True
        pending += [*properties(part).values()]
        pending += [inner for inner in (additional(part), part.get("items")) if isinstance(inner, dict)]
    return False


class _Validator:
    """One object on its way through its schema's rules."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.budget = PER_OBJECT_BUDGET
        self.errors: list[Error] = []

    def validate(self, schema: Schema, value: object, old: object, path: Path, resource: bool) -> None:
        if value is None:
            return
        if any(True for _ in _rules(schema)):
            self.run(schema, value, old, path, resource)
        if isinstance(value, list):
            items = schema.get("items")
            if isinstance(items, dict) and _has_rules(items):
                find = _correlated(schema, old)
                for i, item in enumerate(value):
                    self.validate(items, item, find(item), path.index(i), bool(items.get(EMBEDDED)))
        elif isinstance(value, dict):
            before = old if isinstance(old, dict) else {}
            inner = additional(schema)
            known = properties(schema)
            for key, item in value.items():
                if not isinstance(key, str):
                    continue
                if inner is not None:
                    self.validate(inner, item, before.get(key), path.key(key), bool(inner.get(EMBEDDED)))
                elif key in known:
                    sub = known[key]
                    self.validate(sub, item, before.get(key), path.child(key), bool(sub.get(EMBEDDED)))

    def run(self, schema: Schema, value: object, old: object, path: Path, resource: bool) -> None:
        kind = str(schema.get("type") or "")
        if self.budget <= 0:
            self.errors.append(field.invalid(path, kind, _NO_BUDGET))
            raise _OutOfBudget
        seen = with_meta(schema) if resource else schema
        for rule in _compiled(json.dumps(schema, sort_keys=True, default=str), resource, self.version):
            if rule.program is None:
                self.errors.append(field.invalid(path, kind, f"rule compile error: {rule.error}"))
                continue
            if rule.uses_old and old is None and not rule.optional_old:
                continue
            try:
                bindings = _bindings(seen, value, old, rule.optional_old)
                result = self.spend(rule.program, bindings, path, kind)
            except EvalError as wrong:
                self.errors.append(field.invalid(path, kind, _failure(wrong.message, rule)))
                continue
            except CostExceeded as wrong:
                what = "no further validation rules will be run due to call cost exceeds limit for rule"
                self.errors.append(field.invalid(path, kind, f"'{wrong.message}': {what}: {rule.shown}"))
                raise _OutOfBudget from None
            if result is not True:
                self.refuse(rule, bindings, value, kind, path)

    def spend(self, program: Program, bindings: Mapping[str, object], path: Path, kind: str) -> object:
        value, cost = program.evaluate(bindings)
        self.budget -= cost
        if self.budget < 0:
            self.errors.append(field.invalid(path, kind, _NO_BUDGET))
            raise _OutOfBudget
        return value

    def refuse(self, rule: _Rule, bindings: Mapping[str, object], value: object, kind: str, path: Path) -> None:
        detail = ""
        if rule.message is not None:
            try:
                made = self.spend(rule.message, bindings, path, kind)
            except (EvalError, CostExceeded):
                made = None
            detail = made.strip() if isinstance(made, str) else ""
            if "\n" in detail or len(detail.encode("utf-8", "replace")) > MESSAGE_LIMIT:
                detail = ""
        own = str(rule.source.get("message") or "").strip()
        detail = detail or own or f"failed rule: {rule.shown}"
        at = _below(path, str(rule.source.get("fieldPath") or ""))
        reason = rule.source.get("reason")
        if reason == "FieldValueForbidden":
            self.errors.append(field.forbidden(at, detail))
        elif reason == "FieldValueRequired":
            self.errors.append(field.required(at, detail))
        elif reason == "FieldValueDuplicate":
            self.errors.append(field.duplicate(at, value))
        elif self.version < _OMITS_VALUES:
            self.errors.append(field.invalid(at, kind, detail))
        elif kind in ("object", "array"):
            self.errors.append(Error(str(at), "FieldValueInvalid", f"Invalid value: {detail}", at.place))
        else:
            self.errors.append(field.invalid(at, value, detail))


def _failure(message: str, rule: _Rule) -> str:
    if message.startswith("no such overload"):
        what = "call arguments did not match a supported operator, function or macro signature for rule"
        return f"'{message}': {what}: {rule.shown}"
    return f"{message} evaluating rule: {rule.shown}"


def _bindings(schema: Schema, value: object, old: object, optional: bool) -> dict[str, object]:
    bindings: dict[str, object] = {"self": typed(value, schema)}
    if optional:
        bindings["oldSelf"] = NONE if old is None else Optional(typed(old, schema))
    elif old is not None:
        bindings["oldSelf"] = typed(old, schema)
    return bindings


def _correlated(schema: Schema, old: object) -> Any:
    """A function from an item to the old item with the same keys; only maps correlate."""
    keys = schema.get("x-kubernetes-list-map-keys")
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(keys, list) or not isinstance(old, list):
        return lambda item: None

    def key_of(item: object) -> str:
        return repr([item.get(key) for key in keys]) if isinstance(item, dict) else ""

    known = {key_of(item): item for item in old}
    return lambda item: known.get(key_of(item))


def _below(path: Path, field_path: str) -> Path:
    """The path with a rule's fieldPath (`.a.b['c']`) appended."""
    rest = field_path
    while rest:
        if rest.startswith("['"):
            end = rest.find("']")
            if end < 0:
                return path
            name, rest = rest[2:end].replace("\\'", "'"), rest[end + 2 :]
        elif rest.startswith("."):
            end = next((i for i in range(1, len(rest)) if rest[i] in ".["), len(rest))
            name, rest = rest[1:end], rest[end:]
        else:
            return path
        path = path.child(name)
    return path


def validate_crd_rules(
    schema: Schema, value: object, old: object = None, version: Version = (1, 36), path: Path | None = None
) -> list[Error]:
    """What the rules of a structural schema refuse of a custom resource: the errors in the server's words.

    `old`: the object before an update. The value must satisfy the schema otherwise. Never raises.
    """
    if not _has_rules(schema):
        return []
    validator = _Validator(version)
    with contextlib.suppress(_OutOfBudget, RecursionError):
        validator.validate(schema, value, old, path or Path(), True)
    return validator.errors

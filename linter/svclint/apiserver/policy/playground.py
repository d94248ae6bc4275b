"""Expressions tried on objects: what `svclint cel` gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from svclint.apiserver.admit import admit_one
from svclint.apiserver.kinds import plural
from svclint.apiserver.policy.environment import policy_environment, rule_environment
from svclint.apiserver.policy.request import Request, Target, namespace_variable, request_variable
from svclint.apiserver.policy.seen import as_admission_sees
from svclint.apiserver.policy.variables import Variable, Variables, compile_variables
from svclint.cel.encode import encode
from svclint.cel.environment import Environment, Version
from svclint.cel.errors import CompileError, CostExceeded, EvalError, excerpt
from svclint.cel.library import authz
from svclint.cel.program import Program, compile_expression
from svclint.cel.schema import typed, with_meta
from svclint.cel.values import NONE, Optional
from svclint.kube.facts import Facts
from svclint.kube.scope import is_namespaced

Result = dict[str, object]


def decide(question: authz.Question) -> authz.Answer:
    """The playground's authorizer: everybody may get, and see /healthz; secrets are closed; on nodes it fails."""
    if question.verb == "get" and not question.path:
        return authz.Answer(True, "everyone may get")
    if question.path.startswith("/healthz"):
        return authz.Answer(True, "health is public")
    if question.resource == "secrets":
        return authz.Answer(False, "secrets are closed")
    if question.resource == "nodes":
        return authz.Answer(False, "", "authorizer is not available")
    return authz.Answer(False)


class Playground:
    """Named environments and the programs compiled for them."""

    def __init__(self, environments: Mapping[str, Any], version: Version) -> None:
        self.objects: Mapping[str, Any] = environments.get("objects", {})
        expressions = [(v["name"], v["expression"]) for v in environments.get("variables", [])]
        self.version = version
        self.policy, self.variables = compile_variables(policy_environment(version), expressions)
        self._bound: dict[str, tuple[Environment, dict[str, object]]] = {}
        self._programs: dict[tuple[str, str], Program | CompileError] = {}

    def evaluate(self, expression: str, name: str) -> Result:
        """The value, or the error, of an expression in a named environment."""
        program = self._program(expression, name)
        if isinstance(program, CompileError):
            return {"compile_error": program.text}
        try:
            return dict(encode(program.evaluate(self._bindings(name))[0]))
        except (EvalError, CostExceeded) as wrong:
            return {"eval_error": wrong.message}

    def place(self, expression: str, name: str) -> int | None:
        """Where in an expression its evaluation fails, None if it doesn't or nobody knows."""
        program = self._program(expression, name)
        if isinstance(program, CompileError):
            return None
        error = program.explain(self._bindings(name))[1]
        return None if error is None else error.offset

    def static_type(self, expression: str, name: str) -> str | None:
        """What the checker says an expression gives, None if it doesn't compile."""
        program = self._program(expression, name)
        return None if isinstance(program, CompileError) else str(program.type)

    def cost(self, expression: str, name: str) -> int | None:
        """What evaluating an expression costs, None if it gives an error."""
        program = self._program(expression, name)
        if isinstance(program, CompileError):
            return None
        try:
            return program.evaluate(self._bindings(name))[1]
        except (EvalError, CostExceeded):
            return None

    def _program(self, expression: str, name: str) -> Program | CompileError:
        if name not in self._bound:
            self._bound[name] = self._bind(self.objects.get(name, {}))
        env = self._bound[name][0]
        key = (expression, "" if env is self.policy else name)
        if key not in self._programs:
            try:
                self._programs[key] = compile_expression(expression, env)
            except CompileError as wrong:
                self._programs[key] = wrong
        return self._programs[key]

    def _bindings(self, name: str) -> dict[str, object]:
        env, bindings = self._bound[name]
        return policy_bindings(bindings, self.variables) if env is self.policy else bindings

    def _bind(self, given: Mapping[str, Any]) -> tuple[Environment, dict[str, object]]:
        kind = given.get("env", "vap")
        if kind == "vap":
            names = ("object", "oldObject", "params", "request", "namespaceObject")
            return self.policy, {name: given.get(name) for name in names}
        optional = kind == "crd-optional"
        env = rule_environment(self.version, given["schema"], True, optional)
        schema = with_meta(given["schema"])
        bindings: dict[str, object] = {"self": typed(given["self"], schema)}
        old = given.get("oldSelf")
        if optional:
            # The recorded environment gives the old object as it stands, without its schema.
            bindings["oldSelf"] = NONE if old is None else Optional(old)
        elif old is not None:
            bindings["oldSelf"] = typed(old, schema)
        return env, bindings


def circumstances(subject: object, old: object, params: object, version: Version) -> tuple[dict[str, object], str]:
    """The environment of one object: as the server would have it, and the request that brings it.

    The second value says why the server refuses the object; it is then taken as written.
    """
    given: dict[str, object] = {"env": "vap", "object": subject, "oldObject": old, "params": params}
    if not isinstance(subject, dict) or not all(isinstance(subject.get(k), str) for k in ("apiVersion", "kind")):
        return given, ""
    facts = Facts(kubernetes_version=version)
    seen, note = _seen(subject, facts)
    group, _, api_version = subject["apiVersion"].rpartition("/")
    kind = subject["kind"]
    target = Target(group, api_version, kind, plural(kind), is_namespaced(group, kind))
    before = _seen(old, facts)[0] if isinstance(old, dict) else None
    request = Request(target, seen, before, "CREATE" if before is None else "UPDATE")
    given |= {"object": seen, "oldObject": before, "request": request_variable(request, target)}
    if request.namespace and not request.is_namespace:
        given["namespaceObject"] = namespace_variable(None, request.namespace)
    return given, note


def _seen(value: dict[str, Any], facts: Facts) -> tuple[Mapping[str, Any], str]:
    verdict = admit_one(value, facts)
    if verdict.stored is None:
        return value, "" if verdict.accepted else verdict.message or ""
    return as_admission_sees(verdict.stored, str(value.get("apiVersion", "")).rpartition("/")[0], facts), ""


def policy_bindings(given: Mapping[str, object], variables: list[Variable]) -> dict[str, object]:
    """The bindings of an admission policy's expressions, with the playground's authorizer."""
    bindings = dict(given)
    request = given.get("request")
    question = authz.Question()
    if isinstance(request, dict):
        resource = request.get("resource")
        if isinstance(resource, dict):
            group, plural = str(resource.get("group", "")), str(resource.get("resource", ""))
            question = question._replace(group=group, resource=plural)
        names = {key: str(request.get(key) or "") for key in ("namespace", "name")}
        question = question._replace(subresource=str(request.get("subResource") or ""), **names)
    bindings["authorizer"] = authz.authorizer(decide)
    bindings["authorizer.requestResource"] = authz.request_resource(decide, question)
    bindings["variables"] = Variables(variables, bindings)
    return bindings


def answer(expression: str, result: Result, place: int | None) -> str:
    """A result as text; an error with a caret under its place."""
    if "compile_error" in result:
        return str(result["compile_error"])
    if "eval_error" in result:
        return f"ERROR: {result['eval_error']}{'' if place is None else excerpt(expression, place)}"
    return f"{result['type']}: {json.dumps(_readable(result), ensure_ascii=False)}"


def _readable(result: Any) -> Any:
    value = result["value"]
    if result["type"] == "list":
        return [_readable(item) for item in value]
    if result["type"] == "map":
        return {str(_readable(key)): _readable(item) for key, item in value}
    if result["type"] == "optional":
        return None if value is None else _readable(value)
    return value

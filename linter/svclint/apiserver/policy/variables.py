"""`variables` of an admission policy: evaluated when first read, once an object.

Upstream: apiserver pkg/admission/plugin/cel/composition.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from svclint.apiserver.policy.compiled import ANYTHING, Compiled, compile_typed
from svclint.apiserver.policy.environment import with_variable
from svclint.cel.environment import Environment
from svclint.cel.errors import CostExceeded, EvalError
from svclint.cel.gotext import quote
from svclint.cel.values import MapLike, no_overload


class Variable(NamedTuple):
    """A named expression."""

    name: str
    compiled: Compiled


def compile_variables(env: Environment, expressions: Sequence[tuple[str, str]]) -> tuple[Environment, list[Variable]]:
    """The environment with the variables declared, each seeing those before it, and the variables."""
    made: list[Variable] = []
    for name, expression in expressions:
        compiled = compile_typed(expression, env, ANYTHING)
        made.append(Variable(name, compiled))
        env = with_variable(env, name, None if compiled.program is None else compiled.program.type)
    return env, made


class Variables(MapLike):
    """The value of `variables` for one object. `cost` is what evaluating them has cost so far."""

    __slots__ = ("_bindings", "_known", "_variables", "cost")

    def __init__(self, variables: Sequence[Variable], bindings: Mapping[str, object]) -> None:
        self._variables = {variable.name: variable for variable in variables}
        self._bindings = bindings
        self._known: dict[str, object] = {}
        self.cost = 0

    def reads(self, name: object) -> list[tuple[object, object]]:
        """What a variable's expression has read."""
        variable = self._variables.get(name) if isinstance(name, str) else None
        program = variable.compiled.program if variable is not None else None
        return [] if program is None else program.explain(self._bindings)[0]

    def find(self, key: object) -> tuple[bool, object]:
        if type(key) is not str:
            raise no_overload()
        variable = self._variables.get(key)
        if variable is None:
            return False, None
        if key not in self._known:
            try:
                self._known[key] = self._evaluate(variable)
            except EvalError as wrong:
                self._known[key] = wrong
        value = self._known[key]
        if isinstance(value, EvalError):
            raise value
        return True, value

    def _evaluate(self, variable: Variable) -> object:
        name, compiled = quote(variable.name), variable.compiled
        if compiled.program is None:
            raise EvalError(f"composited variable {name} fails to compile: {compiled.error}")
        try:
            value, cost = compiled.program.evaluate(self._bindings)
        except (EvalError, CostExceeded) as wrong:
            raise EvalError(f"composited variable {name} fails to evaluate: {wrong}") from None
        self.cost += cost
        return value

    def keys(self) -> list[object]:
        return list(self._variables)

    def size(self) -> int:
        return len(self._variables)

    def equal(self, other: object) -> bool:
        raise no_overload()

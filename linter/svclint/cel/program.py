"""Expressions compiled once and evaluated on many objects."""

from collections.abc import Mapping

from svclint.cel import ast
from svclint.cel.checker import check
from svclint.cel.compiler import MISSING, Closure, Compiler, Read, Run
from svclint.cel.cost import PER_CALL_LIMIT
from svclint.cel.environment import Environment
from svclint.cel.errors import CompileError, CostExceeded, EvalError
from svclint.cel.parser import parse
from svclint.cel.types import Type
from svclint.cel.validators import validate


class Program:
    """A compiled expression. `type` is what the checker says it gives."""

    __slots__ = ("_closure", "_compiler", "_traced", "env", "source", "tree", "type")

    def __init__(self, source: str, env: Environment, tree: ast.Node, type_: Type) -> None:
        self.source = source
        self.env = env
        self.tree = tree
        self.type = type_
        self._compiler = Compiler(env, traced=False)
        self._closure = self._compiler.compile(tree)
        self._traced: tuple[Compiler, Closure] | None = None

    def evaluate(self, bindings: Mapping[str, object], limit: int = PER_CALL_LIMIT) -> tuple[object, int]:
        """(value, cost) with these variables. Raises EvalError and CostExceeded."""
        return _evaluate(self._compiler, self._closure, bindings, Run(limit))

    def explain(self, bindings: Mapping[str, object]) -> tuple[list[Read], EvalError | None]:
        """What decided the value or the error, and the error with its place in the expression.

        Reads are pairs of the container that was read and the key, in order; containers are the very objects of the
        bindings. Of &&, ||, all and exists only the term that decided counts.
        """
        if self._traced is None:
            compiler = Compiler(self.env, traced=True)
            self._traced = compiler, compiler.compile(self.tree)
        run = Run(PER_CALL_LIMIT, [])
        error: EvalError | None = None
        try:
            _evaluate(*self._traced, bindings, run)
        except EvalError as wrong:
            error = wrong
        except CostExceeded:
            pass
        return run.reads or [], error


def _evaluate(compiler: Compiler, closure: Closure, bindings: Mapping[str, object], run: Run) -> tuple[object, int]:
    slots = run.slots = [MISSING] * compiler.size
    for name, index in compiler.variables.items():
        if name in bindings:
            slots[index] = bindings[name]
    try:
        value = closure(run)
    except RecursionError:
        raise EvalError("expression recursion limit exceeded") from None
    if run.cost > run.limit:
        raise CostExceeded
    return value, run.cost


def compile_expression(source: str, env: Environment) -> Program:
    """Parses, checks, validates and plans an expression. Raises CompileError with the API server's text."""
    tree = parse(source, env.macros, env.optional_syntax)
    type_ = check(source, tree, env)
    try:
        if env.literal_checks:
            validate(source, tree)
        return Program(source, env, tree, type_)
    except RecursionError:
        raise CompileError("program instantiation failed: max recursion depth exceeded") from None

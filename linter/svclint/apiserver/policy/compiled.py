"""A policy's expressions, compiled as the API server compiles them, with its words for what doesn't.

Upstream: apiserver pkg/admission/plugin/cel/compile.go, pkg/admission/plugin/policy/validating/plugin.go.
"""

from __future__ import annotations

from typing import NamedTuple

from svclint.cel.environment import Environment
from svclint.cel.errors import CompileError
from svclint.cel.program import Program, compile_expression
from svclint.cel.types import BOOL, NULL, STRING, Type


class Compiled(NamedTuple):
    """An expression with its program, or the reason why it has none; `internal` tells the server's own failures."""

    expression: str
    program: Program | None
    error: str = ""
    internal: bool = False


BOOLEAN = (BOOL,)
TEXT = (STRING,)
TEXT_OR_NULL = (STRING, NULL)
ANYTHING: tuple[Type, ...] = ()


def compile_typed(expression: str, env: Environment, wanted: tuple[Type, ...]) -> Compiled:
    """Compiles an expression that must give one of these types; ANYTHING takes all."""
    try:
        program = compile_expression(expression, env)
    except CompileError as wrong:
        if wrong.issues:
            return Compiled(expression, None, f"compilation failed: {wrong.text}")
        return Compiled(expression, None, wrong.text, True)
    if wanted and program.type not in wanted:
        names = " ".join(map(str, wanted))
        one_of = names if len(wanted) == 1 else f"one of [{names}]"
        return Compiled(expression, None, f"must evaluate to {one_of} but got {program.type}")
    return Compiled(expression, program)

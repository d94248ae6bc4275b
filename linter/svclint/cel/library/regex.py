"""find and findAll, and Go's regular expressions. Upstream: apiserver pkg/cel/library/regex.go."""

import re
from functools import lru_cache

from svclint.cel.automaton import Pattern
from svclint.cel.decls import Function, function, member
from svclint.cel.errors import EvalError
from svclint.cel.re2 import PatternError, parse
from svclint.cel.types import INT, STRING, list_of


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Pattern | str:
    try:
        return Pattern(parse(pattern))
    except PatternError as wrong:
        return str(wrong)
    except (re.error, RecursionError, OverflowError):
        return f"error parsing regexp: invalid regexp: `{pattern}`"


def compile_pattern(pattern: str) -> Pattern:
    """Go's regexp.Compile. Raises EvalError with Go's message."""
    made = _compiled(pattern)
    if isinstance(made, str):
        raise EvalError(made)
    return made


def _search(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern)
    except EvalError as wrong:
        raise EvalError(f"Illegal regex: {wrong.message}") from None


def _find(text: str, pattern: str) -> str:
    found = _search(pattern).search(text)
    return text[found[0] : found[1]] if found else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[object]:
    compiled = _search(pattern)
    out: list[object] = []
    at, before = 0, -1
    while at <= len(text) and (limit < 0 or len(out) < limit):
        found = compiled.search(text, at)
        if found is None:
            break
        start, end = found
        # Go leaves out an empty match that abuts a preceding match.
        if end > at or start != before:
            out.append(text[start:end])
        at = end if end > at else at + 1
        before = end
    return out


FUNCTIONS: tuple[Function, ...] = (
    function("find", member("string_find_string", (STRING, STRING), STRING, _find)),
    function(
        "findAll",
        member("string_find_all_string", (STRING, STRING), list_of(STRING), _find_all),
        member("string_find_all_string_int", (STRING, STRING, INT), list_of(STRING), _find_all),
    ),
)

"""find and findAll, and Go's regular expressions. Upstream: apiserver pkg/cel/library/regex.go."""

import re
from functools import lru_cache

from svclint.cel.decls import Function, function, member
from svclint.cel.errors import EvalError
from svclint.cel.re2 import PatternError, translate
from svclint.cel.types import INT, STRING, list_of


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str] | str:
    try:
        return re.compile(translate(pattern))
    except PatternError as wrong:
        return str(wrong)
    except (re.error, RecursionError, OverflowError):
        return f"error parsing regexp: invalid regexp: `{pattern}`"


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Go's regexp.Compile. Raises EvalError with Go's message."""
    made = _compiled(pattern)
    if isinstance(made, str):
        raise EvalError(made)
    return made


def _search(pattern: str) -> re.Pattern[str]:
    try:
        return compile_pattern(pattern)
    except EvalError as wrong:
        raise EvalError(f"Illegal regex: {wrong.message}") from None


def _find(text: str, pattern: str) -> str:
    found = _search(pattern).search(text)
    return found.group() if found else ""


def _find_all(text: str, pattern: str, limit: int = -1) -> list[object]:
    out: list[object] = []
    end = -1
    for found in _search(pattern).finditer(text):
        if limit >= 0 and len(out) >= limit:
            break
        # Go leaves out an empty match that abuts a preceding match.
        if found.start() == found.end() == end:
            continue
        out.append(found.group())
        end = found.end()
    return out


FUNCTIONS: tuple[Function, ...] = (
    function("find", member("string_find_string", (STRING, STRING), STRING, _find)),
    function(
        "findAll",
        member("string_find_all_string", (STRING, STRING), list_of(STRING), _find_all),
        member("string_find_all_string_int", (STRING, STRING, INT), list_of(STRING), _find_all),
    ),
)

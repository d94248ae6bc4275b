"""Errors of expressions: what the compiler refuses and what an evaluation gives, with cel-go's texts.

Upstream: cel-go common/error.go, common/errors.go.
"""

from typing import NamedTuple

MAX_REPORTED = 100
MAX_SNIPPET = 16384


class Issue(NamedTuple):
    """One complaint about an expression. `offset` counts characters; -1 means no place is known."""

    offset: int
    message: str


class CompileError(Exception):
    """An expression that the API server refuses.

    `str(error)` is the server's text; `issues` are its parts (empty when the program could not be instantiated).
    """

    def __init__(self, text: str, issues: tuple[Issue, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.issues = issues


class EvalError(Exception):
    """An evaluation that ended in an error; `str(error)` is cel-go's text. ||, &&, all and exists may absorb it.

    `offset` is the place in the expression, where it has been looked for (Program.explain).
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.offset: int | None = None


class CostExceeded(Exception):
    """The evaluation was cancelled because it cost too much; nothing absorbs it."""

    def __init__(self) -> None:
        self.message = "operation cancelled: actual cost limit exceeded"
        super().__init__(self.message)


def line_and_column(source: str, offset: int) -> tuple[int, int]:
    """The line (from 1) and the column (from 0) of an offset; (-1, -1) for -1."""
    if offset < 0:
        return -1, -1
    line = source.count("\n", 0, offset) + 1
    return line, offset - (source.rfind("\n", 0, offset) + 1)


def excerpt(source: str, offset: int) -> str:
    """The line of an expression with a caret under the place, as cel-go draws it; "" if there is none to draw."""
    line, column = line_and_column(source, offset)
    snippet = source.split("\n")[line - 1] if line > 0 else ""
    if line < 1 or len(snippet) > MAX_SNIPPET:
        return ""
    snippet = snippet.replace("\t", " ")
    dots = "".join("．" if ord(c) > 127 else "." for c in snippet[:column])
    mark = "＾" if column < len(snippet) and ord(snippet[column]) > 127 else "^"
    return f"\n | {snippet}\n | {dots}{mark}"


def _display(source: str, issue: Issue) -> str:
    line, column = line_and_column(source, issue.offset)
    return f"ERROR: <input>:{line}:{column + 1}: {issue.message}{excerpt(source, issue.offset)}"


def compile_error(source: str, issues: list[Issue]) -> CompileError:
    """The error for these issues, sorted by place as cel-go prints them."""
    ordered = sorted(issues[:MAX_REPORTED], key=lambda issue: line_and_column(source, issue.offset))
    lines = [_display(source, issue) for issue in ordered]
    if len(issues) > MAX_REPORTED:
        lines.append(f"{len(issues) - MAX_REPORTED} more errors were truncated")
    return CompileError("\n".join(lines), tuple(ordered))

"""Hosts and paths of HTTP requests, as Ingresses and Gateway API routes compare them."""

from __future__ import annotations

_SPECIAL = frozenset("*(){}[]|\\^$+?")


def plain_host(host: str) -> str:
    """The Host header without port and final dot, in lower case."""
    return host.lower().partition(":")[0].rstrip(".")


def elements(path: str) -> list[str]:
    """The elements of a path; a final slash is ignored."""
    return [] if path in ("", "/") else path.removeprefix("/").removesuffix("/").split("/")


def has_prefix(path: str, prefix: str) -> bool:
    """Whether a path has a prefix, element by element: /aaa/bbb has /aaa and /aaa/, but not /aa."""
    claimed = elements(prefix)
    return elements(path)[: len(claimed)] == claimed


def is_expression(text: str) -> bool:
    """Whether the text is more than a plain path."""
    return any(character in _SPECIAL for character in text)


def literal_start(expression: str) -> str:
    """What every text begins with that a regular expression (or a glob) matches, as far as it is written literally."""
    expression = expression.removeprefix("^")
    for index, character in enumerate(expression):
        if character in _SPECIAL:
            if character == "|":
                return ""
            # A quantifier belongs to the character before it.
            return expression[: max(index - 1, 0)] if character in "*?{" else expression[:index]
        if character == "." and expression[index + 1 : index + 2] in ("*", "+", "?", "{"):
            return expression[:index]
    return expression

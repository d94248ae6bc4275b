"""Tokens with a cursor, and ANTLR's way out of errors: skip a superfluous token, make up a missing one, or
give a rule up.

Upstream: ANTLR 4 DefaultErrorStrategy, as cel-go uses it.
"""

from svclint.cel import ast
from svclint.cel.errors import Issue
from svclint.cel.lexer import EOF, ORDER, Token, tokenize

OPERATORS = frozenset({"==", "!=", "in", "<", "<=", ">=", ">", "+", "-", "*", "/", "%", "&&", "||", "?"})


class Mismatch(Exception):
    """A rule that can't go on; its caller recovers."""


def _expecting(kinds: frozenset[str]) -> str:
    names = [k if k == EOF or k.isupper() else f"'{k}'" for k in ORDER if k in kinds]
    return names[0] if len(names) == 1 else "{" + ", ".join(names) + "}"


class Cursor:
    """The tokens of one expression and the issues so far. `follow` holds what may come after the open rules."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens, self.issues = tokenize(source)
        self.at = 0
        self.recovering = False
        self.follow: list[frozenset[str]] = [frozenset({EOF})]

    def token(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token()
        if token.kind != EOF:
            self.at += 1
        self.recovering = False
        return token

    def report(self, message: str, token: Token) -> None:
        if not self.recovering:
            self.issues.append(Issue(token.start, f"Syntax error: {message}"))
        self.recovering = True

    def error(self, pos: int, message: str) -> ast.Node:
        self.issues.append(Issue(pos, message))
        return ast.Literal(pos, None)

    def following(self) -> frozenset[str]:
        return OPERATORS.union(*self.follow)

    def recover(self) -> None:
        stop = self.following()
        while self.token().kind not in stop and self.token().kind != EOF:
            self.at += 1

    def match(self, kind: str, then: frozenset[str]) -> Token:
        """Takes a token of that kind; `then` is what may come after it."""
        token = self.token()
        if token.kind == kind:
            return self.take()
        if self.token(1).kind == kind and token.kind != EOF:
            self.report(f"extraneous input '{token.text}' expecting {_expecting(frozenset({kind}))}", token)
            self.at += 1
            return self.take()
        if token.kind in then:
            self.report(f"missing {_expecting(frozenset({kind}))} at '{token.text}'", token)
            return token
        self.report(f"mismatched input '{token.text}' expecting {_expecting(frozenset({kind}))}", token)
        raise Mismatch

    def sync(self, expected: frozenset[str]) -> None:
        """What ANTLR does before a decision: skips one superfluous token, or gives up."""
        token = self.token()
        if token.kind in expected:
            return
        if self.token(1).kind in expected and token.kind != EOF:
            self.report(f"extraneous input '{token.text}' expecting {_expecting(expected)}", token)
            self.at += 1
            return
        self.report(f"mismatched input '{token.text}' expecting {_expecting(expected)}", token)
        raise Mismatch

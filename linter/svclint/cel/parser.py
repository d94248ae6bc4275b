"""The parser: recursive descent that recovers from errors, and words them, as ANTLR does for cel-go's grammar.

Upstream: cel-go parser/parser.go, parser/gen/CEL.g4; ANTLR 4 DefaultErrorStrategy.
"""

from collections.abc import Sequence

from svclint.cel import ast
from svclint.cel.errors import Issue, compile_error
from svclint.cel.gotext import parse_int, parse_uint
from svclint.cel.lexer import EOF, RESERVED, Token, unescape
from svclint.cel.macros import MacroError, Macros
from svclint.cel.recovery import Cursor, Mismatch

MAX_SIZE = 100_000
MAX_DEPTH = 250
INT_MAX = 2**63 - 1

_UNARY_FIRST = frozenset(
    {"[", "{", "(", ".", "-", "!", "true", "false", "null"}
    | {"NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"}
)
_BINARY = {
    "==": (1, "_==_"), "!=": (1, "_!=_"), "in": (1, "@in"), "<": (1, "_<_"), "<=": (1, "_<=_"), ">=": (1, "_>=_"),
    ">": (1, "_>_"), "+": (2, "_+_"), "-": (2, "_-_"), "*": (3, "_*_"), "/": (3, "_/_"), "%": (3, "_%_"),
}  # fmt: skip


class _TooDeep(Exception):
    """More nesting than the server's parser takes."""


class _Parser(Cursor):
    """The rules of the grammar."""

    def __init__(self, source: str, macros: Macros, optional_syntax: bool) -> None:
        super().__init__(source)
        self.macros = macros
        self.optional_syntax = optional_syntax
        self.depth = 0

    def start(self) -> ast.Node:
        node = self.expr()
        token = self.token()
        if token.kind != EOF:
            if self.token(1).kind == EOF:
                self.report(f"extraneous input '{token.text}' expecting <EOF>", token)
            else:
                self.report(f"mismatched input '{token.text}' expecting <EOF>", token)
        return node

    def expr(self) -> ast.Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeep
        try:
            condition = self.or_()
            if self.token().kind != "?":
                return condition
            op = self.take()
            self.follow.append(frozenset({":"}))
            try:
                yes = self.or_()
            finally:
                self.follow.pop()
            try:
                self.match(":", frozenset())
            except Mismatch:
                self.recover()
                return condition
            no = self.expr()
            return ast.Call(op.start, "_?_:_", None, [condition, yes, no])
        finally:
            self.depth -= 1

    def or_(self) -> ast.Node:
        return self.logic("||", "_||_")

    def logic(self, kind: str, function: str) -> ast.Node:
        part = self.and_ if kind == "||" else lambda: self.binary(1)
        terms = [part()]
        places: list[int] = []
        while self.token().kind == kind:
            places.append(self.take().start)
            terms.append(part())
        if len(terms) == 1:
            return terms[0]
        return _balanced(function, terms, places, 0, len(places) - 1)

    def and_(self) -> ast.Node:
        return self.logic("&&", "_&&_")

    def binary(self, level: int) -> ast.Node:
        left = self.unary()
        chain = 0
        while True:
            known = _BINARY.get(self.token().kind)
            if known is None or known[0] < level:
                return left
            op = self.take()
            right = self.binary(known[0] + 1)
            chain += 1
            if chain > MAX_DEPTH:
                raise _TooDeep
            left = ast.Call(op.start, known[1], None, [left, right])

    def unary(self) -> ast.Node:
        first = self.token()
        try:
            self.sync(_UNARY_FIRST)
            first = self.token()
            if first.kind not in "!-" or (first.kind == "-" and self.token(1).kind in ("NUM_INT", "NUM_FLOAT")):
                return self.member()
            count = 0
            while self.token().kind == first.kind:
                self.take()
                count += 1
            if first.kind == "-" and self.token().kind not in _UNARY_FIRST - {"!"}:
                text = self.source[self.tokens[self.at - 1].start : self.token().end]
                self.report(f"no viable alternative at input '{text}'", self.token())
                raise Mismatch
            self.sync(_UNARY_FIRST)
            operand = self.member()
        except Mismatch:
            self.recover()
            return ast.Literal(first.start, None)
        if count % 2 == 0:
            return operand
        return ast.Call(first.start, "!_" if first.kind == "!" else "-_", None, [operand])

    def member(self) -> ast.Node:
        node = self.primary()
        chain = 0
        while True:
            kind = self.token().kind
            if kind == ".":
                node = self.selection(node)
            elif kind == "[":
                node = self.index(node)
            else:
                return node
            chain += 1
            if chain > MAX_DEPTH:
                raise _TooDeep

    def selection(self, operand: ast.Node) -> ast.Node:
        dot = self.token()
        after = self.token(1)
        if after.kind not in ("IDENTIFIER", "ESC_IDENTIFIER", "?"):
            self.at += 1
            text = self.source[dot.start : after.end]
            if after.kind in ("true", "false", "null") and len(text) == len(after.text) + 1:
                self.report(f"mismatched input '{after.text}' expecting IDENTIFIER", after)
            else:
                self.report(f"no viable alternative at input '{text}'", after)
            raise Mismatch
        self.take()
        optional = self.token().kind == "?"
        if optional:
            self.take()
        name = self.token()
        if name.kind not in ("IDENTIFIER", "ESC_IDENTIFIER"):
            self.report(f"no viable alternative at input '{name.text}'", name)
            raise Mismatch
        self.take()
        if not optional and name.kind == "IDENTIFIER" and self.token().kind == "(":
            opening = self.take()
            args = self.arguments()
            return self.call(opening.start, name.text, operand, args)
        field = name.text if name.kind == "IDENTIFIER" else name.text[1:-1]
        if name.kind == "ESC_IDENTIFIER":
            # The API server's environment doesn't switch the escaped form on.
            self.error(name.start, "unsupported syntax: '`'")
        if not optional:
            return ast.Select(dot.start, operand, field)
        if not self.optional_syntax:
            return self.error(dot.start, "unsupported syntax '.?'")
        return ast.Call(dot.start, "_?._", None, [operand, ast.Literal(name.start, field)])

    def index(self, operand: ast.Node) -> ast.Node:
        opening = self.take()
        optional = self.token().kind == "?"
        if optional:
            self.take()
        self.follow.append(frozenset({"]"}))
        try:
            key = self.expr()
        finally:
            self.follow.pop()
        self.match("]", self.following() | {".", "["})
        if optional and not self.optional_syntax:
            return self.error(opening.start, "unsupported syntax '[?'")
        return ast.Call(opening.start, "_[?_]" if optional else "_[_]", None, [operand, key])

    def arguments(self) -> list[ast.Node]:
        args: list[ast.Node] = []
        self.sync(_UNARY_FIRST | {")"})
        self.follow.append(frozenset({")", ","}))
        try:
            if self.token().kind != ")":
                args.append(self.expr())
                while self.token().kind == ",":
                    self.take()
                    args.append(self.expr())
        finally:
            self.follow.pop()
        self.match(")", self.following() | {".", "["})
        return args

    def call(self, pos: int, function: str, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
        try:
            made = self.macros.expand(pos, function, target, args)
        except MacroError as wrong:
            return self.error(wrong.pos, wrong.message)
        return made or ast.Call(pos, function, target, args)

    def primary(self) -> ast.Node:
        token = self.token()
        kind = token.kind
        if kind == "(":
            self.take()
            self.follow.append(frozenset({")"}))
            try:
                node = self.expr()
            finally:
                self.follow.pop()
            self.match(")", self.following() | {".", "["})
            return node
        if kind == "[":
            return self.list_()
        if kind == "{":
            return self.map_()
        if kind in ("IDENTIFIER", "."):
            return self.name()
        return self.literal()

    def name(self) -> ast.Node:
        dot = self.token().kind == "."
        first = self.token(1) if dot else self.token()
        if first.kind != "IDENTIFIER":
            self.at += 1
            self.report(
                f"no viable alternative at input '{self.source[self.tokens[self.at - 1].start : first.end]}'", first
            )
            raise Mismatch
        if dot:
            self.take()
        self.take()
        names = self.message_name(first)
        if names is not None:
            return self.message(("." if dot else "") + names)
        name = ("." if dot else "") + first.text
        if self.token().kind == "(":
            opening = self.take()
            args = self.arguments()
            if first.text in RESERVED:
                return self.error(first.start, f"reserved identifier: {first.text}")
            return self.call(opening.start, name, None, args)
        if first.text in RESERVED:
            return self.error(first.start, f"reserved identifier: {first.text}")
        return ast.Ident(first.start, name)

    def message_name(self, first: Token) -> str | None:
        """The name before a `{`, with the tokens after its first part taken; None if no message follows."""
        names, ahead = [first.text], 0
        while self.token(ahead).kind == "." and self.token(ahead + 1).kind == "IDENTIFIER":
            names.append(self.token(ahead + 1).text)
            ahead += 2
        if self.token(ahead).kind != "{":
            return None
        self.at += ahead
        return ".".join(names)

    def list_(self) -> ast.Node:
        opening = self.take()
        elements: list[ast.Node] = []
        optional: set[int] = set()
        self.sync(_UNARY_FIRST | {"]", ",", "?"})
        self.follow.append(frozenset({"]", ","}))
        try:
            while self.token().kind not in ("]", ",", EOF):
                if self.token().kind == "?":
                    mark = self.take()
                    if self.optional_syntax:
                        optional.add(len(elements))
                    else:
                        self.error(mark.start, "unsupported syntax '?'")
                elements.append(self.expr())
                if self.token().kind != "," or self.token(1).kind == "]":
                    break
                self.take()
        finally:
            self.follow.pop()
        self.close("]")
        return ast.ListExpr(opening.start, elements, frozenset(optional))

    def close(self, kind: str) -> None:
        """`','? kind`"""
        self.sync(frozenset({kind, ","}))
        if self.token().kind == ",":
            self.take()
        self.match(kind, self.following() | {".", "["})

    def map_(self) -> ast.Node:
        opening = self.take()
        entries: list[ast.Entry] = []
        self.sync(_UNARY_FIRST | {"}", ",", "?"})
        self.follow.append(frozenset({"}", ",", ":"}))
        try:
            while self.token().kind not in ("}", ",", EOF):
                optional = self.optional_mark()
                key = self.expr()
                colon = self.match(":", frozenset())
                entries.append(ast.Entry(colon.start, key, self.expr(), optional))
                if self.token().kind != "," or self.token(1).kind == "}":
                    break
                self.take()
        finally:
            self.follow.pop()
        self.close("}")
        return ast.MapExpr(opening.start, entries)

    def optional_mark(self) -> bool:
        if self.token().kind != "?":
            return False
        mark = self.take()
        if not self.optional_syntax:
            self.error(mark.start, "unsupported syntax '?'")
        return self.optional_syntax

    def message(self, name: str) -> ast.Node:
        opening = self.take()
        fields: list[ast.Entry] = []
        self.sync(frozenset({"}", ",", "?", "IDENTIFIER", "ESC_IDENTIFIER"}))
        self.follow.append(frozenset({"}", ","}))
        try:
            while self.token().kind not in ("}", ",", EOF):
                optional = self.optional_mark()
                field = self.token()
                if field.kind not in ("IDENTIFIER", "ESC_IDENTIFIER"):
                    self.sync(frozenset({"IDENTIFIER", "ESC_IDENTIFIER"}))
                    field = self.token()
                self.take()
                colon = self.match(":", frozenset())
                key = ast.Literal(field.start, field.text.strip("`"))
                fields.append(ast.Entry(colon.start, key, self.expr(), optional))
                if self.token().kind != "," or self.token(1).kind == "}":
                    break
                self.take()
        finally:
            self.follow.pop()
        self.close("}")
        return ast.StructExpr(opening.start, name, fields)

    def literal(self) -> ast.Node:
        token = self.take()
        pos, text, kind = token.start, token.text, token.kind
        if kind == "-":
            token = self.take()
            text, kind = "-" + token.text, token.kind
        if kind == "NUM_INT":
            number = int(text, 16) if "0x" in text else parse_int(text)
            if number is None or not -INT_MAX - 1 <= number <= INT_MAX:
                return self.error(pos, "invalid int literal")
            return ast.Literal(pos, number)
        if kind == "NUM_UINT":
            from svclint.cel.values import Uint

            number = int(text[:-1], 16) if "0x" in text else parse_uint(text[:-1])
            if number is None or number >= 2**64:
                return self.error(pos, "invalid uint literal")
            return ast.Literal(pos, Uint(number))
        if kind == "NUM_FLOAT":
            value = float(text)
            if value in (float("inf"), float("-inf")):
                return self.error(pos, "invalid double literal")
            return ast.Literal(pos, value)
        if kind in ("STRING", "BYTES"):
            try:
                return ast.Literal(pos, unescape(text[kind == "BYTES" :], kind == "BYTES"))
            except ValueError as wrong:
                return self.error(pos, str(wrong))
        return ast.Literal(pos, {"true": True, "false": False}.get(kind))


def _balanced(function: str, terms: Sequence[ast.Node], places: Sequence[int], low: int, high: int) -> ast.Node:
    """cel-go balances long chains, so that their depth stays small (parser/helper.go)."""
    middle = (low + high + 1) // 2
    left = terms[middle] if middle == low else _balanced(function, terms, places, low, middle - 1)
    right = terms[middle + 1] if middle == high else _balanced(function, terms, places, middle + 1, high)
    return ast.Call(places[middle], function, None, [left, right])


def parse(source: str, macros: Macros, optional_syntax: bool = True) -> ast.Node:
    """The tree of an expression. Raises CompileError."""
    if len(source) > MAX_SIZE:
        message = f"expression code point size exceeds limit: size: {len(source)}, limit {MAX_SIZE}"
        raise compile_error(source, [Issue(-1, message)])
    parser = _Parser(source, macros, optional_syntax)
    try:
        node = parser.start()
    except (RecursionError, _TooDeep):
        raise compile_error(source, [Issue(-1, f"expression recursion limit exceeded: {MAX_DEPTH}")]) from None
    if parser.issues:
        raise compile_error(source, parser.issues)
    return node

"""What the API server checks of a typed expression besides its types.

Upstream: cel-go cel/validator.go, ext/formatting.go (stringFormatValidator).
"""

from svclint.cel import ast
from svclint.cel.convert import convert
from svclint.cel.errors import EvalError, Issue, compile_error
from svclint.cel.gotime import parse_duration
from svclint.cel.library.formatting import FormatError, interpolate, wrong_type
from svclint.cel.library.regex import compile_pattern
from svclint.cel.types import DYN, Type, equivalent, show

_KINDS = {
    "s": frozenset(
        ["list", "map", "int", "uint", "double", "bool", "string", "timestamp", "bytes", "duration", "type", "null"]
    ),
    "d": frozenset({"int", "uint"}),
    "f": frozenset({"double", "string"}),
    "e": frozenset({"double", "string"}),
    "b": frozenset({"int", "uint", "bool"}),
    "x": frozenset({"int", "uint", "string", "bytes"}),
    "o": frozenset({"int", "uint"}),
}


class _Wrong(Exception):
    def __init__(self, node: ast.Node) -> None:
        super().__init__()
        self.node = node


class _Validator:
    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def walk(self, node: ast.Node, exempt: bool) -> None:
        if isinstance(node, ast.Call):
            self.call(node)
            exempt = exempt or node.function == "format"
        elif not exempt and isinstance(node, ast.ListExpr):
            self.list_(node)
        elif not exempt and isinstance(node, ast.MapExpr):
            self.map_(node)
        for child in ast.children(node):
            self.walk(child, exempt)

    def call(self, node: ast.Call) -> None:
        first = node.args[0] if node.args else None
        if node.function in ("duration", "timestamp", "matches") and isinstance(first, ast.Literal):
            if not _good_literal(node.function, first.value):
                self.issues.append(Issue(first.pos, f"invalid {node.function} argument"))
        elif (
            node.function == "format"
            and "string_format" in node.overloads
            and isinstance(node.target, ast.Literal)
            and isinstance(first, ast.ListExpr)
            and isinstance(node.target.value, str)
        ):
            self.format(node, node.target.value, first.elements)

    def format(self, node: ast.Call, text: str, args: list[ast.Node]) -> None:
        place: list[ast.Node] = [node]

        def clause_of(index: int, clause: str, _: int | None) -> str:
            arg = args[index]
            wrong = _unprintable(arg) if clause == "s" else None
            if clause != "s" and not _one_of(arg, clause):
                wrong = arg
            if wrong is not None:
                place[0] = wrong
                raise wrong_type(clause, wrong.type.name if wrong.type is not None else "dyn")
            return ""

        try:
            _, used = interpolate(text, len(args), clause_of)
        except FormatError as wrong:
            self.issues.append(Issue(place[0].pos, wrong.message))
            return
        if len(args) > used:
            message = f"too many arguments supplied to string.format (expected {used}, got {len(args)})"
            self.issues.append(Issue(node.pos, message))

    def differ(self, node: ast.Node, expected: Type, found: Type) -> bool:
        if equivalent(expected, found):
            return False
        self.issues.append(Issue(node.pos, f"expected type '{show(expected)}' but found '{show(found)}'"))
        return True

    def list_(self, node: ast.ListExpr) -> None:
        wanted: Type | None = None
        for i, item in enumerate(node.elements):
            found = _type(item, i in node.optional)
            if wanted is None:
                wanted = found
            elif self.differ(item, wanted, found):
                return

    def map_(self, node: ast.MapExpr) -> None:
        wanted: tuple[Type, Type] | None = None
        for entry in node.entries:
            found = (_type(entry.key, False), _type(entry.value, entry.optional))
            if wanted is None:
                wanted = found
                continue
            self.differ(entry.key, wanted[0], found[0])
            self.differ(entry.value, wanted[1], found[1])


def _type(node: ast.Node, optional: bool) -> Type:
    t = node.type or DYN
    return t.params[0] if optional and t.params else t


def _one_of(node: ast.Node, clause: str) -> bool:
    return node.type is None or node.type.kind == "dyn" or node.type.kind in _KINDS[clause.lower()]


def _unprintable(node: ast.Node) -> ast.Node | None:
    """The part of an argument that %s can't print."""
    if not _one_of(node, "s"):
        return node
    parts = ast.children(node) if isinstance(node, ast.ListExpr | ast.MapExpr) else []
    return next(filter(None, map(_unprintable, parts)), None)


def _good_literal(function: str, value: object) -> bool:
    if function == "matches":
        if not isinstance(value, str):
            return True
        try:
            compile_pattern(value)
        except EvalError:
            return False
        return True
    if function == "duration":
        return not isinstance(value, str) or parse_duration(value) is not None
    try:
        convert(value, "google.protobuf.Timestamp")
    except EvalError:
        return False
    return True


def validate(source: str, node: ast.Node) -> None:
    """Raises CompileError."""
    validator = _Validator()
    validator.walk(node, False)
    if validator.issues:
        raise compile_error(source, validator.issues)

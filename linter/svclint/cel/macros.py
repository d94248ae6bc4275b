"""Macros: calls that become other expressions before types are checked.

Upstream: cel-go parser/macro.go, ext/comprehensions.go, ext/lists.go (sortBy), cel/library.go (optMap, optFlatMap).
"""

from collections.abc import Callable

from svclint.cel import ast

ACCU = "@result"
_UNUSED = "#unused"


class MacroError(Exception):
    """A macro with arguments that it can't take."""

    def __init__(self, pos: int, message: str) -> None:
        super().__init__(message)
        self.pos = pos
        self.message = message


Expander = Callable[[int, ast.Node | None, list[ast.Node]], ast.Node]


def _call(pos: int, function: str, *args: ast.Node) -> ast.Node:
    return ast.Call(pos, function, None, list(args))


def _accu(pos: int) -> ast.Node:
    return ast.Ident(pos, ACCU)


def _variable(node: ast.Node, message: str) -> str:
    if not isinstance(node, ast.Ident):
        raise MacroError(node.pos, message)
    if node.name in (ACCU, "__result__"):
        raise MacroError(node.pos, "iteration variable overwrites accumulator variable")
    return node.name


def _pair(args: list[ast.Node]) -> tuple[str, str]:
    for arg in args[:2]:
        if not isinstance(arg, ast.Ident):
            raise MacroError(arg.pos, "argument must be a simple name")
    first, second = args[0], args[1]
    assert isinstance(first, ast.Ident)
    assert isinstance(second, ast.Ident)
    if first.name == second.name:
        raise MacroError(second.pos, f"duplicate variable name: {first.name}")
    message = "argument must be a simple name"
    return _variable(first, message), _variable(second, message)


def _has(pos: int, _: ast.Node | None, args: list[ast.Node]) -> ast.Node:
    arg = args[0]
    if not isinstance(arg, ast.Select) or arg.test_only:
        raise MacroError(arg.pos, "invalid argument to has() macro")
    return ast.Select(pos, arg.operand, arg.field, test_only=True)


def _quantified(kind: str, pos: int, target: ast.Node, names: tuple[str, str], predicate: ast.Node) -> ast.Node:
    init: ast.Node
    if kind == "all":
        init = ast.Literal(pos, True)
        cond = _call(pos, "@not_strictly_false", _accu(pos))
        step = _call(pos, "_&&_", _accu(pos), predicate)
    elif kind == "exists":
        init = ast.Literal(pos, False)
        cond = _call(pos, "@not_strictly_false", _call(pos, "!_", _accu(pos)))
        step = _call(pos, "_||_", _accu(pos), predicate)
    else:
        init = ast.Literal(pos, 0)
        cond = ast.Literal(pos, True)
        more = _call(pos, "_+_", _accu(pos), ast.Literal(pos, 1))
        step = _call(pos, "_?_:_", predicate, more, _accu(pos))
    result = _accu(pos)
    if kind == "exists_one":
        result = _call(pos, "_==_", result, ast.Literal(pos, 1))
    return ast.Fold(pos, target, names[0], names[1], ACCU, init, cond, step, result)


def _quantifier(kind: str, variables: int) -> Expander:
    def expand(pos: int, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
        assert target is not None
        names = _pair(args) if variables == 2 else (_variable(args[0], "argument must be a simple name"), "")
        return _quantified(kind, pos, target, names, args[-1])

    return expand


def _collected(
    pos: int, target: ast.Node, names: tuple[str, str], init: ast.Node, step: ast.Node, condition: ast.Node | None
) -> ast.Node:
    if condition is not None:
        step = _call(pos, "_?_:_", condition, step, _accu(pos))
    return ast.Fold(pos, target, *names, ACCU, init, ast.Literal(pos, True), step, _accu(pos))


def _map(pos: int, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
    assert target is not None
    name = _variable(args[0], "argument is not an identifier")
    step = _call(pos, "_+_", _accu(pos), ast.ListExpr(pos, [args[-1]]))
    return _collected(pos, target, (name, ""), ast.ListExpr(pos, []), step, args[1] if len(args) == 3 else None)


def _filter(pos: int, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
    assert target is not None
    name = _variable(args[0], "argument is not an identifier")
    step = _call(pos, "_+_", _accu(pos), ast.ListExpr(pos, [args[0]]))
    return _collected(pos, target, (name, ""), ast.ListExpr(pos, []), step, args[1])


def _transform(kind: str) -> Expander:
    def expand(pos: int, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
        assert target is not None
        names = _pair(args)
        condition = args[2] if len(args) == 4 else None
        init: ast.Node = ast.MapExpr(pos, [])
        if kind == "list":
            init = ast.ListExpr(pos, [])
            step = _call(pos, "_+_", _accu(pos), ast.ListExpr(pos, [args[-1]]))
        elif kind == "map":
            step = _call(pos, "cel.@mapInsert", _accu(pos), ast.Ident(pos, names[0]), args[-1])
        else:
            step = _call(pos, "cel.@mapInsert", _accu(pos), args[-1])
        return _collected(pos, target, names, init, step, condition)

    return expand


def _bound(pos: int, name: str, value: ast.Node, body: ast.Node) -> ast.Node:
    """`body` with `name` standing for `value`: a fold over nothing."""
    return ast.Fold(
        pos,
        ast.ListExpr(pos, []),
        _UNUSED,
        "",
        name,
        value,
        ast.Literal(pos, False),
        ast.Ident(pos, name),
        body,
    )


def _optional(name: str) -> Expander:
    def expand(pos: int, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
        assert target is not None
        variable = args[0]
        if not isinstance(variable, ast.Ident):
            raise MacroError(variable.pos, f"{name}() variable name must be a simple identifier")
        body = _bound(pos, variable.name, ast.Call(pos, "value", target, []), args[1])
        if name == "optMap":
            body = _call(pos, "optional.of", body)
        return _call(pos, "_?_:_", ast.Call(pos, "hasValue", target, []), body, _call(pos, "optional.none"))

    return expand


def _sort_by(pos: int, target: ast.Node | None, args: list[ast.Node]) -> ast.Node:
    if not isinstance(target, ast.ListExpr | ast.Select | ast.Ident | ast.Fold | ast.Call):
        assert target is not None
        message = "sortBy can only be applied to a list, identifier, comprehension, call or select expression"
        raise MacroError(target.pos, message)
    name = "@__sortBy_input__"
    keys = _map(pos, ast.Ident(pos, name), args)
    return _bound(pos, name, target, ast.Call(pos, "@sortByAssociatedKeys", ast.Ident(pos, name), [keys]))


STANDARD: dict[tuple[str, int, bool], Expander] = {
    ("has", 1, False): _has,
    ("all", 2, True): _quantifier("all", 1),
    ("exists", 2, True): _quantifier("exists", 1),
    ("exists_one", 2, True): _quantifier("exists_one", 1),
    ("map", 2, True): _map,
    ("map", 3, True): _map,
    ("filter", 2, True): _filter,
}
OPTIONAL: dict[tuple[str, int, bool], Expander] = {
    ("optMap", 2, True): _optional("optMap"),
    ("optFlatMap", 2, True): _optional("optFlatMap"),
}
TWO_VARIABLES: dict[tuple[str, int, bool], Expander] = {
    ("all", 3, True): _quantifier("all", 2),
    ("exists", 3, True): _quantifier("exists", 2),
    ("existsOne", 3, True): _quantifier("exists_one", 2),
    ("exists_one", 3, True): _quantifier("exists_one", 2),
    ("transformList", 3, True): _transform("list"),
    ("transformList", 4, True): _transform("list"),
    ("transformMap", 3, True): _transform("map"),
    ("transformMap", 4, True): _transform("map"),
    ("transformMapEntry", 3, True): _transform("entry"),
    ("transformMapEntry", 4, True): _transform("entry"),
}
LISTS: dict[tuple[str, int, bool], Expander] = {("sortBy", 2, True): _sort_by}


class Macros:
    """The macros of an environment, by name, number of arguments and whether they have a target."""

    __slots__ = ("table",)

    def __init__(self, *tables: dict[tuple[str, int, bool], Expander]) -> None:
        self.table = {key: expander for table in tables for key, expander in table.items()}

    def expand(self, pos: int, function: str, target: ast.Node | None, args: list[ast.Node]) -> ast.Node | None:
        """What the call becomes, or None if it is no macro. Raises MacroError."""
        expander = self.table.get((function, len(args), target is not None))
        return None if expander is None else expander(pos, target, args)

"""The expression tree. Upstream: cel-go common/ast/expr.go.

A node's `pos` is the offset cel-go reports for it: the operator of a call, the dot of a selection, the opening
parenthesis of a call and of whatever a macro makes out of it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svclint.cel.types import Type


class Node:
    """Any expression; the checker sets `type`."""

    __slots__ = ("pos", "type")

    def __init__(self, pos: int) -> None:
        self.pos = pos
        self.type: Type | None = None


class Literal(Node):
    """A constant."""

    __slots__ = ("value",)

    def __init__(self, pos: int, value: object) -> None:
        super().__init__(pos)
        self.value = value


class Ident(Node):
    """A name; a leading dot asks for the global one."""

    __slots__ = ("name", "reference")

    def __init__(self, pos: int, name: str) -> None:
        super().__init__(pos)
        self.name = name
        self.reference: str | None = None


class Select(Node):
    """`operand.field`, or with `test_only` what `has()` makes of it; `reference` is set if the whole is a variable."""

    __slots__ = ("field", "operand", "reference", "test_only")

    def __init__(self, pos: int, operand: Node, field: str, test_only: bool = False) -> None:
        super().__init__(pos)
        self.operand = operand
        self.field = field
        self.test_only = test_only
        self.reference: str | None = None


class Call(Node):
    """A call of a function, member function or operator; the checker sets the overloads that may be meant."""

    __slots__ = ("args", "function", "overloads", "target")

    def __init__(self, pos: int, function: str, target: Node | None, args: list[Node]) -> None:
        super().__init__(pos)
        self.function = function
        self.target = target
        self.args = args
        self.overloads: tuple[str, ...] = ()


class ListExpr(Node):
    """`[a, ?b]`."""

    __slots__ = ("elements", "optional")

    def __init__(self, pos: int, elements: list[Node], optional: frozenset[int] = frozenset()) -> None:
        super().__init__(pos)
        self.elements = elements
        self.optional = optional


class Entry:
    """An entry of a map or a field of a message."""

    __slots__ = ("key", "optional", "pos", "value")

    def __init__(self, pos: int, key: Node, value: Node, optional: bool) -> None:
        self.pos = pos
        self.key = key
        self.value = value
        self.optional = optional


class MapExpr(Node):
    """`{k: v, ?k: v}`."""

    __slots__ = ("entries",)

    def __init__(self, pos: int, entries: list[Entry]) -> None:
        super().__init__(pos)
        self.entries = entries


class StructExpr(Node):
    """`Name{field: value}`."""

    __slots__ = ("fields", "name")

    def __init__(self, pos: int, name: str, fields: list[Entry]) -> None:
        super().__init__(pos)
        self.name = name
        self.fields = fields


class Fold(Node):
    """A comprehension: what the macros become."""

    __slots__ = ("accu", "cond", "init", "range", "result", "step", "var", "var2")

    def __init__(
        self,
        pos: int,
        range_: Node,
        var: str,
        var2: str,
        accu: str,
        init: Node,
        cond: Node,
        step: Node,
        result: Node,
    ) -> None:
        super().__init__(pos)
        self.range = range_
        self.var = var
        self.var2 = var2
        self.accu = accu
        self.init = init
        self.cond = cond
        self.step = step
        self.result = result


def children(node: Node) -> list[Node]:
    """The direct sub-expressions in the order of cel-go's navigable tree."""
    if isinstance(node, Select):
        return [node.operand]
    if isinstance(node, Call):
        return [*((node.target,) if node.target is not None else ()), *node.args]
    if isinstance(node, ListExpr):
        return list(node.elements)
    if isinstance(node, MapExpr):
        return [part for entry in node.entries for part in (entry.key, entry.value)]
    if isinstance(node, StructExpr):
        return [entry.value for entry in node.fields]
    if isinstance(node, Fold):
        return [node.range, node.init, node.cond, node.step, node.result]
    return []

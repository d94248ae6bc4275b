"""The type checker. Upstream: cel-go checker/checker.go, checker/env.go."""

from svclint.cel import ast
from svclint.cel.decls import Function
from svclint.cel.environment import Environment
from svclint.cel.errors import Issue, compile_error
from svclint.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DYN,
    ERROR,
    INT,
    NULL,
    STRING,
    UINT,
    Mapping,
    Type,
    assign,
    is_dyn,
    is_dyn_or_error,
    list_of,
    map_of,
    most_general,
    optional_of,
    param,
    show,
    substitute,
    type_of,
    unwrap_optional,
)
from svclint.cel.values import Uint

_LITERALS: dict[type, Type] = {
    type(None): NULL, bool: BOOL, int: INT, Uint: UINT, float: DOUBLE, str: STRING, bytes: BYTES,
}  # fmt: skip
_CROSS = frozenset(f"{op}_{a}_{b}" for op in ("less", "less_equals", "greater", "greater_equals")
                   for a in ("int64", "uint64", "double") for b in ("int64", "uint64", "double") if a != b)  # fmt: skip


def qualified_name(node: ast.Node) -> str | None:
    """`a.b.c` as a name, if the expression could be one."""
    parts: list[str] = []
    while isinstance(node, ast.Select) and not node.test_only:
        parts.append(node.field)
        node = node.operand
    if not isinstance(node, ast.Ident):
        return None
    return ".".join([node.name, *reversed(parts)])


class _Checker:
    def __init__(self, env: Environment) -> None:
        self.env = env
        self.issues: list[Issue] = []
        self.mapping: Mapping = {}
        self.counter = 0
        self.scopes: list[dict[str, Type]] = []
        self.nodes: list[ast.Node] = []

    def complain(self, node: ast.Node, message: str) -> None:
        self.issues.append(Issue(node.pos, message))

    def undeclared(self, node: ast.Node, name: str) -> None:
        self.complain(node, f"undeclared reference to '{name}' (in container '')")

    def mismatch(self, node: ast.Node, expected: Type, found: Type) -> None:
        self.complain(node, f"expected type '{show(expected)}' but found '{show(found)}'")

    def type_variable(self) -> Type:
        self.counter += 1
        return param(f"_var{self.counter - 1}")

    def assignable(self, a: Type, b: Type) -> bool:
        mapping = assign(self.mapping, (a,), (b,))
        if mapping is None:
            return False
        self.mapping = mapping
        return True

    def set(self, node: ast.Node, t: Type) -> Type:
        node.type = t
        self.nodes.append(node)
        return t

    # -- names --------------------------------------------------------------------------------------------------

    def local(self, name: str) -> Type | None:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def global_(self, name: str) -> Type | None:
        name = name.removeprefix(".")
        known = self.env.variables.get(name)
        if known is not None:
            return known
        known = self.env.types.get(name)
        if known is not None:
            return type_of(known)
        if name in self.env.structs:
            return type_of(Type("struct", name))
        return None

    def ident(self, node: ast.Ident) -> Type:
        name = node.name
        node.reference = None
        found = None if name.startswith(".") else self.local(name)
        if found is None:
            found = self.global_(name)
            node.reference = name.removeprefix(".")
        if found is not None:
            return self.set(node, found)
        self.undeclared(node, name)
        return self.set(node, ERROR)

    # -- expressions --------------------------------------------------------------------------------------------

    def check(self, node: ast.Node) -> Type:
        if isinstance(node, ast.Literal):
            return self.set(node, _LITERALS[type(node.value)])
        if isinstance(node, ast.Ident):
            return self.ident(node)
        if isinstance(node, ast.Select):
            return self.select(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.ListExpr):
            return self.list_(node)
        if isinstance(node, ast.MapExpr):
            return self.map_(node)
        if isinstance(node, ast.StructExpr):
            return self.struct(node)
        assert isinstance(node, ast.Fold)
        return self.fold(node)

    def select(self, node: ast.Select) -> Type:
        name = qualified_name(node)
        node.reference = None
        if name is not None:
            first = name.split(".", 1)[0] if not name.startswith(".") else ""
            if not first or self.local(first) is None:
                found = self.global_(name)
                if found is not None:
                    node.reference = name.removeprefix(".")
                    return self.set(node, found)
        result = self.field(node, node.operand, node.field, False)
        return self.set(node, substitute(self.mapping, BOOL if node.test_only else result))

    def field(self, node: ast.Node, operand: ast.Node, name: str, optional: bool) -> Type:
        self.check(operand)
        assert operand.type is not None
        target, was_optional = unwrap_optional(substitute(self.mapping, operand.type))
        result = ERROR
        if target.kind == "map":
            result = target.params[1]
        elif target.kind == "struct":
            result = self.struct_field(node, target.name, name)
        elif target.kind == "param":
            self.assignable(DYN, target)
            result = DYN
        else:
            if not is_dyn_or_error(target):
                self.complain(node, f"type '{show(target)}' does not support field selection")
            result = DYN
        return optional_of(result) if was_optional or optional else result

    def struct_field(self, node: ast.Node, type_name: str, name: str) -> Type:
        fields = self.env.structs.get(type_name)
        if fields is None:
            self.complain(node, f"unexpected failed resolution of '{type_name}'")
            return ERROR
        known = fields.get(name)
        if known is None:
            self.complain(node, f"undefined field '{name}'")
            return ERROR
        return known

    def call(self, node: ast.Call) -> Type:
        if node.function == "_?._":
            field = node.args[1]
            assert isinstance(field, ast.Literal)
            result = self.field(node, node.args[0], str(field.value), True)
            node.overloads = ("select_optional_field",)
            return self.set(node, substitute(self.mapping, result))
        for arg in node.args:
            self.check(arg)
        if node.target is None:
            name = node.function.removeprefix(".")
            decl = self.env.functions.get(name)
            if decl is None:
                self.undeclared(node, node.function)
                return self.set(node, ERROR)
            node.function = name
            return self.set(node, self.overload(node, decl))
        prefix = qualified_name(node.target)
        if prefix is not None:
            decl = self.env.functions.get(f"{prefix.removeprefix('.')}.{node.function}")
            if decl is not None:
                node.function, node.target = decl.name, None
                return self.set(node, self.overload(node, decl))
        self.check(node.target)
        decl = self.env.functions.get(node.function)
        if decl is None:
            self.undeclared(node, node.function)
            return self.set(node, ERROR)
        return self.set(node, self.overload(node, decl))

    def overload(self, node: ast.Call, decl: Function) -> Type:
        parts = ([node.target] if node.target is not None else []) + node.args
        given = tuple(part.type or ERROR for part in parts)
        if decl.name in ("_&&_", "_||_"):
            wrong = False
            for part, t in zip(parts, given, strict=True):
                if not self.assignable(t, BOOL):
                    self.mismatch(part, BOOL, t)
                    wrong = True
            node.overloads = (decl.overloads[0].id,)
            return ERROR if wrong else BOOL
        result: Type | None = None
        ids: list[str] = []
        for overload in decl.overloads:
            if overload.member != (node.target is not None) or len(overload.args) != len(given):
                continue
            if not self.env.cross_numeric and overload.id in _CROSS:
                continue
            args, returned = self.instance(overload.args, overload.result)
            mapping = assign(self.mapping, given, args)
            if mapping is None:
                continue
            self.mapping = mapping
            ids.append(overload.id)
            made = substitute(self.mapping, returned)
            if result is None:
                result = made
            elif not is_dyn(result) and made != result:
                result = DYN
        if result is None:
            self.no_overload(node, decl.name, [substitute(self.mapping, t, True) for t in given])
            return ERROR
        node.overloads = tuple(ids)
        return result

    def no_overload(self, node: ast.Call, name: str, types: list[Type]) -> None:
        shown = list(map(show, types))
        signature = f"{shown.pop(0)}." if node.target is not None else ""
        signature += f"({', '.join(shown)})"
        self.complain(node, f"found no matching overload for '{name}' applied to '{signature}'")

    def instance(self, args: tuple[Type, ...], result: Type) -> tuple[tuple[Type, ...], Type]:
        """The signature with type variables of its own."""
        names: dict[str, Type] = {}

        def rename(t: Type) -> Type:
            if t.kind == "param":
                if t.name not in names:
                    names[t.name] = self.type_variable()
                return names[t.name]
            return Type(t.kind, t.name, tuple(map(rename, t.params))) if t.params else t

        return tuple(map(rename, args)), rename(result)

    def join(self, previous: Type | None, current: Type) -> Type:
        if previous is None:
            return current
        return most_general(previous, current) if self.assignable(previous, current) else DYN

    def optional_value(self, node: ast.Node, t: Type) -> Type:
        inner, was_optional = unwrap_optional(t)
        if not was_optional and not is_dyn(inner):
            self.mismatch(node, optional_of(inner), inner)
        return inner

    def list_(self, node: ast.ListExpr) -> Type:
        element: Type | None = None
        for i, item in enumerate(node.elements):
            t = self.check(item)
            if i in node.optional:
                t = self.optional_value(item, t)
            element = self.join(element, t)
        return self.set(node, list_of(element or self.type_variable()))

    def map_(self, node: ast.MapExpr) -> Type:
        key: Type | None = None
        value: Type | None = None
        for entry in node.entries:
            key = self.join(key, self.check(entry.key))
            t = self.check(entry.value)
            if entry.optional:
                t = self.optional_value(entry.value, t)
            value = self.join(value, t)
        if key is None or value is None:
            key = self.type_variable()
            value = self.type_variable()
        return self.set(node, map_of(key, value))

    def struct(self, node: ast.StructExpr) -> Type:
        name = node.name.removeprefix(".")
        if name not in self.env.structs:
            known = self.env.types.get(name)
            if known is None:
                self.undeclared(node, node.name)
            else:
                self.complain(node, f"'{show(known)}' is not a message type")
            for entry in node.fields if known is not None else ():
                self.check(entry.value)
            return self.set(node, ERROR)
        for entry in node.fields:
            given = self.check(entry.value)
            assert isinstance(entry.key, ast.Literal)
            place = ast.Literal(entry.pos, None)
            wanted = self.struct_field(place, name, str(entry.key.value))
            if entry.optional:
                given = self.optional_value(entry.value, given)
            if not self.assignable(wanted, given):
                head = f"expected type of field '{entry.key.value}' is '{show(wanted)}'"
                self.complain(place, f"{head} but provided type is '{show(given)}'")
        return self.set(node, Type("struct", name))

    def fold(self, node: ast.Fold) -> Type:
        self.check(node.range)
        self.check(node.init)
        assert node.range.type is not None
        assert node.init.type is not None
        over = substitute(self.mapping, node.range.type)
        accu = node.init.type
        if over.kind == "list":
            first, second = (INT, over.params[0]) if node.var2 else (over.params[0], DYN)
        elif over.kind == "map":
            first, second = over.params
        elif over.kind in ("dyn", "error", "param"):
            self.assignable(DYN, over)
            first = second = DYN
        else:
            what = "cannot be range of a comprehension (must be list, map, or dynamic)"
            self.complain(node.range, f"expression of type '{show(over)}' {what}")
            first = second = ERROR
        self.scopes.append({node.accu: accu})
        self.scopes.append({node.var: first, node.var2: second} if node.var2 else {node.var: first})
        for part, wanted in ((node.cond, BOOL), (node.step, accu)):
            found = self.check(part)
            if not self.assignable(wanted, found):
                self.mismatch(part, wanted, found)
        self.scopes.pop()
        self.check(node.result)
        self.scopes.pop()
        assert node.result.type is not None
        return self.set(node, substitute(self.mapping, node.result.type))


def check(source: str, node: ast.Node, env: Environment) -> Type:
    """Types the tree. Raises CompileError."""
    checker = _Checker(env)
    try:
        checker.check(node)
    except RecursionError:
        raise compile_error(source, [Issue(-1, "max recursion depth exceeded")]) from None
    if checker.issues:
        raise compile_error(source, checker.issues)
    for typed in checker.nodes:
        assert typed.type is not None
        typed.type = substitute(checker.mapping, typed.type, True)
    assert node.type is not None
    return node.type

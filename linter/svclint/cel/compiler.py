"""Typed trees become closures. Upstream: cel-go interpreter/planner.go, interpretable.go, decorators.go.

A closure takes the `Run` of one evaluation, whose slots hold the variables and the names that folds bind.
Costs are charged as cel-go's tracker does: an attribute costs 1 and 1 for each step; the base of a conditional's branch
is free.
"""

from collections.abc import Callable, Sequence

from svclint.cel import access, ast, cost, values
from svclint.cel.decls import Impl, resolve
from svclint.cel.environment import Environment
from svclint.cel.errors import CompileError, CostExceeded, EvalError
from svclint.cel.library.regex import compile_pattern
from svclint.cel.values import NONE, Optional, TypeValue, adapt, equal, no_overload

Closure = Callable[["Run"], object]
Read = tuple[object, object]

_CONVERSIONS = frozenset(["bool", "bytes", "double", "dyn", "duration", "int", "string", "timestamp", "type", "uint"])
_SCALARS = frozenset({int, bool, float, type(None)})
_PATTERNS = frozenset({"matches", "find", "findAll"})


class Run:
    """One evaluation: its slots, what it has cost, may cost, and (if asked) has read: pairs of container and key."""

    __slots__ = ("cost", "limit", "reads", "slots")

    def __init__(self, limit: int, reads: list[Read] | None = None) -> None:
        self.cost = 0
        self.limit = limit
        self.reads = reads
        self.slots: list[object] = []


class Constant:
    """A closure whose value is known."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __call__(self, _: Run) -> object:
        return self.value


def charge(run: Run, amount: int) -> None:
    """Adds to the cost. Raises CostExceeded."""
    run.cost += amount
    if run.cost > run.limit:
        raise CostExceeded


def is_attribute(node: ast.Node) -> bool:
    """Whether cel-go makes an attribute of it, to which further steps are added."""
    if isinstance(node, ast.Ident | ast.Select):
        return True
    return isinstance(node, ast.Call) and node.function in ("_[_]", "_[?_]", "_?._", "_?_:_")


class Compiler:
    """Compiles one expression. `traced`: the closures note what they read, and errors where they came from."""

    def __init__(self, env: Environment, traced: bool) -> None:
        self.env = env
        self.traced = traced
        self.variables: dict[str, int] = {}
        self.locals: list[tuple[str, int]] = []
        self.size = 0

    def local_slot(self, name: str) -> int:
        """The slot of a name that a fold binds."""
        return next(index for known, index in reversed(self.locals) if known == name)

    def global_slot(self, name: str) -> int:
        """The slot of a variable of the environment."""
        if name not in self.variables:
            self.variables[name] = self.size
            self.size += 1
        return self.variables[name]

    def bind(self, name: str) -> int:
        """A new slot for a name that is bound from here on (until `locals` is popped)."""
        index = self.size
        self.size += 1
        self.locals.append((name, index))
        return index

    def compile(self, node: ast.Node, free_base: bool = False) -> Closure:
        """The closure of a node; `free_base`: its base isn't charged."""
        closure = self._compile(node, free_base)
        return _located(closure, node.pos) if self.traced and not isinstance(closure, Constant) else closure

    def _compile(self, node: ast.Node, free_base: bool) -> Closure:
        if isinstance(node, ast.Literal):
            return Constant(node.value)
        if isinstance(node, ast.Ident):
            return self.ident(node.name, node.reference, node.type is not None and node.type.kind == "type", free_base)
        if isinstance(node, ast.Select):
            if node.reference is not None:
                is_type = node.type is not None and node.type.kind == "type"
                return self.ident(node.reference, node.reference, is_type, free_base)
            return self.select(node, free_base)
        if isinstance(node, ast.Call):
            return self.call(node, free_base)
        if isinstance(node, ast.ListExpr):
            return self.list_(node)
        if isinstance(node, ast.MapExpr):
            return self.map_(node)
        if isinstance(node, ast.Fold):
            from svclint.cel.folds import compile_fold

            return compile_fold(self, node)
        assert isinstance(node, ast.StructExpr)
        return self.struct(node)

    # -- attributes ---------------------------------------------------------------------------------------------

    def ident(self, name: str, reference: str | None, is_type: bool, free_base: bool) -> Closure:
        """A variable: of the environment if it has a reference, else of a fold."""
        if reference is not None and is_type and reference not in self.env.variables:
            return Constant(TypeValue(reference))
        plain = name if reference is None else reference
        index = self.local_slot(name) if reference is None else self.global_slot(reference)

        def get_free(run: Run) -> object:
            value = run.slots[index]
            if value is MISSING:
                raise EvalError(f"no such attribute(s): {plain}")
            return value

        def get(run: Run) -> object:
            run.cost += 1
            return get_free(run)

        return get_free if free_base else get

    def base(self, node: ast.Node, free_base: bool) -> Closure:
        """The operand of a selection; one that is no attribute becomes the base of one, which costs 1."""
        operand = self.compile(node, free_base)
        if is_attribute(node) or free_base:
            return operand

        def charged(run: Run) -> object:
            run.cost += 1
            return operand(run)

        return charged

    def select(self, node: ast.Select, free_base: bool) -> Closure:
        key = node.field
        # has() gives back what its attribute costs.
        operand = self.base(node.operand, free_base or node.test_only)
        traced = self.traced
        if node.test_only:

            def test(run: Run) -> object:
                container = operand(run)
                run.cost += 1
                if traced:
                    note(run, container, key)
                return access.present(container, key)

            return test

        def select(run: Run) -> object:
            container = operand(run)
            if container is NONE:
                return container
            run.cost += 1
            if traced:
                note(run, container, key)
            if type(container) is dict:
                try:
                    value = container[key]
                except KeyError:
                    raise EvalError(f"no such key: {key}") from None
                return adapt(value) if type(value) is int else value
            return access.get(container, key)

        return select

    def index(self, node: ast.Call, free_base: bool) -> Closure:
        operand = self.base(node.args[0], free_base)
        key = self.compile(node.args[1], is_attribute(node.args[1]))
        look = access.get if node.function == "_[_]" else access.optional
        traced = self.traced

        def index(run: Run) -> object:
            container = operand(run)
            at = key(run)
            if traced:
                note(run, container, at)
            found = look(container, at)
            if found is not NONE:
                # A step that leads nowhere is free.
                run.cost += 1
            return found

        return index

    def conditional(self, node: ast.Call) -> Closure:
        condition = self.compile(node.args[0])
        yes = self.compile(node.args[1], is_attribute(node.args[1]))
        no = self.compile(node.args[2], is_attribute(node.args[2]))

        def conditional(run: Run) -> object:
            value = condition(run)
            if value is True:
                return yes(run)
            if value is False:
                return no(run)
            raise no_overload()

        return conditional

    # -- calls --------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call, free_base: bool) -> Closure:
        function = node.function
        if function in ("_&&_", "_||_"):
            return self.logic(node)
        if function == "_?_:_":
            return self.conditional(node)
        if function in ("_[_]", "_[?_]", "_?._"):
            return self.index(node, free_base)
        parts = ([node.target] if node.target is not None else []) + node.args
        args = [self.compile(part) for part in parts]
        if function in ("or", "orValue") and node.target is not None:
            return self.alternative(args[0], args[1], function)
        self.check_constants(function, args)
        if function in ("_==_", "_!=_"):
            return self.equality(args[0], args[1], function == "_==_")
        decl = self.env.functions[function]
        impl = resolve(decl, node.overloads, len(args))
        if function in _CONVERSIONS and len(args) == 1 and isinstance(args[0], Constant):
            try:
                return Constant(impl(args[0].value))
            except EvalError as wrong:
                raise CompileError(f"program instantiation failed: {wrong.message}") from None
        if function == "@in" and node.overloads == ("in_list",) and isinstance(args[1], Constant):
            return self.membership(args[0], args[1], impl)
        return _charged(args, impl, cost.of(function, node.overloads))

    def check_constants(self, function: str, args: Sequence[Closure]) -> None:
        """A constant pattern is compiled at once."""
        if function in _PATTERNS and len(args) > 1 and isinstance(args[1], Constant):
            pattern = args[1].value
            if isinstance(pattern, str):
                try:
                    compile_pattern(pattern)
                except EvalError as wrong:
                    raise CompileError(f"program instantiation failed: {wrong.message}") from None

    def membership(self, item: Closure, constant: Constant, impl: Impl) -> Closure:
        """`x in [constants]` is free if the constants are primitive."""
        items = constant.value
        assert isinstance(items, list)
        if not items:
            return Constant(False)
        if not all(isinstance(value, bool | int | float | str) for value in items):
            return _charged([item, constant], impl, cost.of("@in", ("in_list",)))
        if all(type(value) is str for value in items):
            known = frozenset(items)

            def among(run: Run) -> object:
                value = item(run)
                return type(value) is str and value in known

            return among
        return lambda run: impl(item(run), items)

    def equality(self, left: Closure, right: Closure, wanted: bool) -> Closure:
        def compare(run: Run) -> object:
            a, b = left(run), right(run)
            charge(run, 1 if type(a) in _SCALARS else cost.equality((a, b), None))
            if wanted:
                return equal(a, b)
            try:
                return not equal(a, b)
            except EvalError:
                return True

        return compare

    def alternative(self, left: Closure, right: Closure, function: str) -> Closure:
        def alternative(run: Run) -> object:
            value = left(run)
            if type(value) is not Optional:
                raise no_overload()
            if not value.has:
                return right(run)
            return value if function == "or" else value.value

        return alternative

    def logic(self, node: ast.Call) -> Closure:
        function = node.function
        nodes: list[ast.Node] = []
        pending: list[ast.Node] = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, ast.Call) and part.function == function:
                pending += reversed(part.args)
            else:
                nodes.append(part)
        terms = [self.compile(part) for part in nodes]
        decisive = function == "_||_"
        if self.traced:
            return _traced_logic(terms, decisive)

        def logic(run: Run) -> object:
            failed: EvalError | None = None
            for term in terms:
                try:
                    value = term(run)
                except EvalError as wrong:
                    failed = failed or wrong
                    continue
                if value is decisive:
                    return decisive
                if type(value) is not bool:
                    failed = failed or no_overload()
            if failed is not None:
                raise failed
            return not decisive

        return logic

    # -- aggregates ---------------------------------------------------------------------------------------------

    def list_(self, node: ast.ListExpr) -> Closure:
        parts = [self.compile(part) for part in node.elements]
        optional = node.optional
        if all(isinstance(part, Constant) for part in parts) and not optional:
            return Constant([part.value for part in parts if isinstance(part, Constant)])

        def build(run: Run) -> object:
            out: list[object] = []
            for i, part in enumerate(parts):
                value = part(run)
                if i in optional:
                    if type(value) is not Optional:
                        text = f"cannot initialize optional list element from non-optional value {values.show(value)}"
                        raise EvalError(text)
                    if not value.has:
                        continue
                    value = value.value
                out.append(value)
            charge(run, cost.LIST_CREATE)
            return out

        return build

    def struct(self, node: ast.StructExpr) -> Closure:
        """The server knows the fields of its object types, but can't make objects of them."""
        fields = [self.compile(entry.value) for entry in node.fields]
        name = node.name.removeprefix(".")

        def build(run: Run) -> object:
            for part in fields:
                part(run)
            raise EvalError(f"unknown type '{name}'")

        return build

    def map_(self, node: ast.MapExpr) -> Closure:
        parts = [(self.compile(entry.key), self.compile(entry.value), entry.optional) for entry in node.entries]

        def build(run: Run) -> object:
            out: dict[object, object] = {}
            for key_of, value_of, optional in parts:
                key = key_of(run)
                value = value_of(run)
                real = values.map_key(key)
                if optional:
                    if type(value) is not Optional:
                        text = f"cannot initialize optional entry '{values.show(key)}' from non-optional value"
                        raise EvalError(f"{text} {values.show(value)}")
                    if not value.has:
                        out.pop(real, None)
                        continue
                    value = value.value
                out[real] = value
            charge(run, cost.MAP_CREATE)
            return out

        if all(isinstance(key, Constant) and isinstance(value, Constant) for key, value, _ in parts):
            try:
                return Constant(build(Run(cost.PER_CALL_LIMIT)))
            except EvalError:
                return build
        return build


MISSING = object()


def note(run: Run, container: object, key: object) -> None:
    """Writes down what is read."""
    reads = run.reads
    if reads is not None:
        if type(container) is Optional:
            container = container.value
        reads.append((container, key))


def _located(closure: Closure, pos: int) -> Closure:
    """Writes the innermost place into an error that passes."""

    def located(run: Run) -> object:
        try:
            return closure(run)
        except EvalError as wrong:
            if wrong.offset is None:
                wrong.offset = pos
            raise

    return located


def _traced_logic(terms: list[Closure], decisive: bool) -> Closure:
    """Keeps of the reads only those of the term that decides."""

    def logic(run: Run) -> object:
        failed: EvalError | None = None
        reads = run.reads
        assert reads is not None
        start = len(reads)
        failed_reads: list[Read] = []
        for term in terms:
            before = len(reads)
            try:
                value = term(run)
            except EvalError as wrong:
                if failed is None:
                    failed, failed_reads = wrong, reads[before:]
                continue
            if value is decisive:
                del reads[start:before]
                return decisive
            if type(value) is not bool and failed is None:
                failed, failed_reads = no_overload(), reads[before:]
        if failed is not None:
            reads[start:] = failed_reads
            raise failed
        return not decisive

    return logic


def _charged(args: Sequence[Closure], impl: Impl, price: cost.CallCost | None) -> Closure:
    """A strict call."""
    if price is None:
        if len(args) == 1:
            (only,) = args

            def unary(run: Run) -> object:
                value = only(run)
                run.cost += 1
                return impl(value)

            return unary
        if len(args) == 2:
            left, right = args

            def binary(run: Run) -> object:
                a, b = left(run), right(run)
                run.cost += 1
                return impl(a, b)

            return binary

        def call(run: Run) -> object:
            given = [arg(run) for arg in args]
            run.cost += 1
            return impl(*given)

        return call

    def priced(run: Run) -> object:
        given = [arg(run) for arg in args]
        result = impl(*given)
        charge(run, price(given, result))
        return result

    return priced

"""What the macros become at run time: loops, each with the costs that cel-go's general fold would have.

Upstream: cel-go interpreter/interpretable.go (evalFold), parser/macro.go, ext/comprehensions.go.
"""

from svclint.cel import ast, values
from svclint.cel.compiler import Closure, Compiler, Run, charge
from svclint.cel.cost import LIST_CREATE
from svclint.cel.errors import EvalError
from svclint.cel.library.twovar import insert
from svclint.cel.macros import ACCU
from svclint.cel.values import adapt, as_list, is_map, map_items, map_keys, no_overload

_GO_TYPES = {
    "null_type": "types.Null", "bool": "types.Bool", "int": "types.Int", "uint": "types.Uint", "double": "types.Double",
    "string": "types.String", "bytes": "types.Bytes", "google.protobuf.Timestamp": "types.Timestamp",
    "google.protobuf.Duration": "types.Duration", "optional_type": "*types.Optional", "type": "*types.Type",
}  # fmt: skip


def _one(value: object) -> list[object]:
    items = as_list(value)
    if items is not None:
        return items
    if is_map(value):
        return map_keys(value)
    name = values.type_name(value)
    raise EvalError(f"got '{_GO_TYPES.get(name, name)}', expected iterable type")


def _two(value: object) -> list[tuple[object, object]]:
    items = as_list(value)
    if items is not None:
        return list(enumerate(items))
    if is_map(value):
        return list(map_items(value))
    name = values.type_name(value)
    raise EvalError(f"unsupported comprehension range type: {_GO_TYPES.get(name, name)}")


class _Loop:
    """The range and the slots of a fold's variables."""

    __slots__ = ("first", "range", "second")

    def __init__(self, compiler: Compiler, node: ast.Fold) -> None:
        self.range = compiler.compile(node.range)
        self.first = compiler.bind(node.var)
        self.second = compiler.bind(node.var2) if node.var2 else 0

    def rounds(self, run: Run) -> "list[tuple[object, object]] | list[object]":
        value = self.range(run)
        return _two(value) if self.second else _one(value)

    def enter(self, run: Run, item: object) -> None:
        if self.second:
            assert isinstance(item, tuple)
            slots = run.slots
            slots[self.first], slots[self.second] = item[0], adapt(item[1])
        else:
            run.slots[self.first] = adapt(item)


def compile_fold(compiler: Compiler, node: ast.Fold) -> Closure:
    """The closure of a fold made by one of the macros."""
    depth = len(compiler.locals)
    try:
        if node.accu != ACCU:
            return _binding(compiler, node)
        loop = _Loop(compiler, node)
        step = node.step
        assert isinstance(step, ast.Call)
        if isinstance(node.init, ast.Literal):
            if type(node.init.value) is bool:
                return _quantifier(loop, compiler.compile(step.args[1]), not node.init.value, compiler.traced)
            return _exactly_one(loop, compiler.compile(step.args[0]))
        condition: Closure | None = None
        if step.function == "_?_:_":
            condition = compiler.compile(step.args[0])
            inner = step.args[1]
            assert isinstance(inner, ast.Call)
            step = inner
        if isinstance(node.init, ast.ListExpr):
            made = step.args[1]
            assert isinstance(made, ast.ListExpr)
            return _list(loop, condition, compiler.compile(made.elements[0]))
        parts = [compiler.compile(part) for part in step.args[1:]]
        return _map(loop, condition, parts)
    finally:
        del compiler.locals[depth:]


def _binding(compiler: Compiler, node: ast.Fold) -> Closure:
    value = compiler.compile(node.init)
    index = compiler.bind(node.accu)
    body = compiler.compile(node.result)

    def bound(run: Run) -> object:
        run.slots[index] = value(run)
        return body(run)

    return bound


def _quantifier(loop: _Loop, predicate: Closure, decisive: bool, traced: bool) -> Closure:
    """`all` (decided by false) and `exists` (decided by true); errors count only if nothing decides."""
    round_cost = 4 if decisive else 3

    def quantify(run: Run) -> object:
        failed: EvalError | None = None
        items = loop.rounds(run)
        reads = run.reads if traced else None
        start = len(reads) if reads is not None else 0
        for i, item in enumerate(items):
            charge(run, round_cost)
            loop.enter(run, item)
            before = len(reads) if reads is not None else 0
            try:
                value = predicate(run)
            except EvalError as wrong:
                failed = failed or wrong
                continue
            if value is decisive:
                if reads is not None:
                    del reads[start:before]
                charge(run, 1 + (round_cost - 1 if i + 1 < len(items) else 0))
                return decisive
            if type(value) is not bool:
                failed = failed or no_overload()
        charge(run, 1)
        if failed is not None:
            raise failed
        return not decisive

    return quantify


def _exactly_one(loop: _Loop, predicate: Closure) -> Closure:
    def exactly_one(run: Run) -> object:
        count = 0
        failed: EvalError | None = None
        for item in loop.rounds(run):
            loop.enter(run, item)
            try:
                value = predicate(run)
            except EvalError as wrong:
                failed = wrong
                continue
            if type(value) is not bool:
                failed = no_overload()
            elif value:
                charge(run, 2)
                # An error that was met before is the sum's as well.
                count += failed is None
        charge(run, 2)
        if failed is not None:
            raise failed
        return count == 1

    return exactly_one


class _Guard:
    """A fold's condition and the error that the fold ends with: that of the last condition that failed, or else the
    first of the elements (an accumulator that is an error stays one)."""

    __slots__ = ("condition", "failed")

    def __init__(self, condition: Closure | None) -> None:
        self.condition = condition
        self.failed: EvalError | None = None

    def admits(self, run: Run) -> bool:
        if self.condition is None:
            return True
        try:
            chosen = self.condition(run)
        except EvalError as wrong:
            self.failed = wrong
            return False
        if type(chosen) is not bool:
            self.failed = no_overload()
            return False
        return chosen

    def end(self, run: Run) -> None:
        charge(run, 1)
        if self.failed is not None:
            raise self.failed


def _list(loop: _Loop, condition: Closure | None, element: Closure) -> Closure:
    def collect(run: Run) -> object:
        out: list[object] = []
        guard = _Guard(condition)
        for item in loop.rounds(run):
            loop.enter(run, item)
            if guard.admits(run):
                try:
                    out.append(element(run))
                except EvalError as wrong:
                    guard.failed = guard.failed or wrong
                    continue
                charge(run, LIST_CREATE + 2)
        guard.end(run)
        return out

    return collect


def _map(loop: _Loop, condition: Closure | None, parts: list[Closure]) -> Closure:
    def collect(run: Run) -> object:
        out: dict[object, object] = {}
        guard = _Guard(condition)
        for item in loop.rounds(run):
            loop.enter(run, item)
            if guard.admits(run):
                try:
                    if len(parts) == 2:
                        insert(out, parts[0](run), parts[1](run))
                    else:
                        for key, value in map_items(parts[0](run)):
                            insert(out, key, value)
                except EvalError as wrong:
                    guard.failed = guard.failed or wrong
                    continue
                charge(run, 2)
        guard.end(run)
        return out

    return collect

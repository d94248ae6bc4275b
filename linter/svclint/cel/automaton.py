"""Regular expressions as trees, and two ways to run them: Python's engine, and one whose time is linear in the text.

Python's engine backtracks: `(a+)+$` takes it forever. Go's doesn't, so expressions that could go astray run on an
automaton with a memory of its dead ends. Both prefer the same match. Upstream: Go regexp/backtrack.go, regexp/exec.go.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from svclint.cel.errors import CostExceeded

# Texts too short to matter, and how many unbounded repetitions in a row are harmless.
_SHORT = 16
_HARMLESS = 3
_MAX_STEPS = 5000
# Steps of an automaton times characters of a text, some seconds; and characters for an expression without automaton.
_MOST_WORK = 4_000_000
_LONG = 1000


class Atom(NamedTuple):
    """A character, a class or a place, in Python's syntax."""

    text: str


class Sequence(NamedTuple):
    parts: tuple["Node", ...]


class Choice(NamedTuple):
    options: tuple["Node", ...]


class Repeat(NamedTuple):
    """`low` to `high` times (None: without end)."""

    node: "Node"
    low: int
    high: int | None
    lazy: bool


Node = Atom | Sequence | Choice | Repeat
# What an automaton does at a step: try an atom, or go on at the first of two steps that works. () is the end.
_Try = tuple[Callable[[str, int], re.Match[str] | None]]
_Step = _Try | tuple[int, int] | tuple[()]


def render(node: Node) -> str:
    """The expression in Python's syntax."""
    if isinstance(node, Atom):
        return node.text
    if isinstance(node, Sequence):
        return "".join(map(render, node.parts))
    if isinstance(node, Choice):
        return f"(?:{'|'.join(map(render, node.options))})"
    high = "" if node.high is None else str(node.high)
    return f"(?:{render(node.node)}){{{node.low},{high}}}{'?' if node.lazy else ''}"


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    if isinstance(node, Sequence):
        return node.parts
    if isinstance(node, Choice):
        return node.options
    return (node.node,) if isinstance(node, Repeat) else ()


def _unbounded(node: Node) -> int:
    """How many repetitions have (almost) no end."""
    own = isinstance(node, Repeat) and (node.high is None or node.high > _SHORT)
    return own + sum(map(_unbounded, children(node)))


def _varies(node: Node) -> bool:
    """Whether a text can match in more than one way."""
    if isinstance(node, Choice) or (isinstance(node, Repeat) and node.low != node.high):
        return True
    return any(map(_varies, children(node)))


def _nested(node: Node) -> bool:
    if isinstance(node, Repeat) and (node.high is None or node.high > 1) and _varies(node.node):
        return True
    return any(map(_nested, children(node)))


class _TooLarge(Exception):
    """Counted repetitions that multiply."""


class _Builder:
    def __init__(self) -> None:
        self.steps: list[_Step] = []

    def fork(self, first: int, second: int, lazy: bool = False) -> None:
        self.steps.append((second, first) if lazy else (first, second))

    def build(self, node: Node) -> None:
        if len(self.steps) > _MAX_STEPS:
            raise _TooLarge
        if isinstance(node, Atom):
            self.steps.append((re.compile(node.text).match,))
        elif isinstance(node, Sequence):
            for part in node.parts:
                self.build(part)
        elif isinstance(node, Choice):
            self.choose(node.options)
        else:
            self.repeat(node)

    def choose(self, options: tuple[Node, ...]) -> None:
        ends: list[int] = []
        for option in options[:-1]:
            fork = len(self.steps)
            self.steps.append(())
            self.build(option)
            ends.append(len(self.steps))
            self.steps.append(())
            self.steps[fork] = (fork + 1, len(self.steps))
        self.build(options[-1])
        for end in ends:
            self.steps[end] = (len(self.steps), len(self.steps))

    def repeat(self, node: Repeat) -> None:
        # As Go has it: x{2,} is xx+, and x* is (x+)?; it matters where x matches nothing.
        endless = node.high is None
        for _ in range(node.low - 1 if endless and node.low else node.low):
            self.build(node.node)
        forks: list[int] = []
        for _ in range(not node.low if node.high is None else node.high - node.low):
            forks.append(len(self.steps))
            self.steps.append(())
            if not endless:
                self.build(node.node)
        if endless:
            again = len(self.steps)
            self.build(node.node)
            self.fork(again, len(self.steps) + 1, node.lazy)
        end = len(self.steps)
        for fork in forks:
            self.steps[fork] = (end, fork + 1) if node.lazy else (fork + 1, end)


def _search(steps: list[_Step], text: str, start: int) -> tuple[int, int] | None:
    """The leftmost match, of those the one that comes first."""
    dead: dict[int, int] = {}
    for begin in range(start, len(text) + 1):
        todo = [(0, begin)]
        while todo:
            step, at = todo.pop()
            while True:
                seen = dead.get(at, 0)
                if seen >> step & 1:
                    break
                dead[at] = seen | 1 << step
                action = steps[step]
                if len(action) == 1:
                    found = action[0](text, at)
                    if found is None:
                        break
                    step, at = step + 1, found.end()
                elif action:
                    step, other = action
                    todo.append((other, at))
                else:
                    return begin, at
    return None


class Pattern:
    """A compiled expression. Raises re.error, RecursionError and OverflowError on what Python doesn't take."""

    __slots__ = ("_python", "_risky", "_steps", "_tree")

    def __init__(self, tree: Node) -> None:
        self._python = re.compile(render(tree))
        self._tree = tree
        self._risky = _nested(tree) or _unbounded(tree) > _HARMLESS
        self._steps: list[_Step] | None = None

    def search(self, text: str, start: int = 0) -> tuple[int, int] | None:
        """Where the first match from here begins and ends. Raises CostExceeded where that would take long: Go charges
        counted repetitions that multiply, on a long text, much less than they cost here."""
        length = len(text) - start
        if self._risky and length > _SHORT:
            if self._steps is None:
                self._steps = self._automaton()
            if len(self._steps) * length > _MOST_WORK or (not self._steps and length > _LONG):
                raise CostExceeded
            if self._steps:
                return _search(self._steps, text, start)
        found = self._python.search(text, start)
        return found.span() if found else None

    def _automaton(self) -> list[_Step]:
        """Empty if it would be too large."""
        builder = _Builder()
        try:
            builder.build(self._tree)
        except _TooLarge:
            return []
        return [*builder.steps, ()]

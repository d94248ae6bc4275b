"""Text → nodes, on libyaml's events: the parser half of go.yaml.in/yaml/v2's `decode.go`."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from svclint.yaml.scalars import MAX_DEPTH

_GO_MAX_DEPTH: Final = 10_000

Mark: TypeAlias = Any
Event: TypeAlias = Any


class YamlError(Exception):
    """What go-yaml refuses: `args[0]` is its text, `.offset` where in the text it happened.

    `.strict` is what a strict decoder says, which meets a key that is already set before a key that JSON can't have.
    """

    def __init__(self, message: str, offset: int, kind: str = "syntax") -> None:
        super().__init__(message)
        self.strict = message
        self.offset = offset
        self.kind = kind


class Collection:
    """A mapping or a sequence: `children` in order, keys and values of a mapping in turn."""

    __slots__ = ("children", "end", "mapping", "start")

    def __init__(self, start: Event, mapping: bool) -> None:
        self.start = start
        self.end: Event = start
        self.mapping = mapping
        self.children: list[Node] = []


class Alias:
    """The use of an anchor."""

    __slots__ = ("start", "target")

    def __init__(self, start: Event, target: Node) -> None:
        self.start = start
        self.target = target


Node: TypeAlias = Any
"""A Collection, an Alias or (a scalar) the event itself: no object is made for the many."""


def event_of(node: Node) -> Event:
    """The event that begins a node: it has its marks, its anchor and its tag."""
    return node.start if type(node) is Collection or type(node) is Alias else node


def compose(text: str | bytes, json: bool = False) -> Node | None:
    """The root node of the first document of `text`, None where there is none.

    Raises YamlError with go-yaml's text. Where ruamel.yaml.clib's libyaml and go-yaml's port of it scan differently (a
    `:` inside a plain scalar in flow style, the escapes `\\/` and `\\'`, a byte order mark that does not begin the
    text), the text is read with stand-ins of the same length, so that every mark stays true. With `json`, `\\/` is an
    escape.
    """
    import _ruamel_yaml as libyaml
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    stand_ins = StandIns(text, json) if isinstance(text, str) else None
    changed = text if stand_ins is None else stand_ins.text
    while True:
        try:
            root = _compose(libyaml.CParser(changed), libyaml)
        except MarkedYAMLError as error:
            if stand_ins is None or not stand_ins.retry(error.problem, error.problem_mark):
                raise _translated(error, text if isinstance(text, str) else "") from None
            changed = stand_ins.text
        except YAMLError as error:
            at = max(getattr(error, "position", 0), 0)
            raise YamlError("yaml: " + getattr(error, "reason", str(error)), at, "encoding") from None
        else:
            if stand_ins is not None and stand_ins.used:
                stand_ins.restore(root)
            return root


def _compose(parser: Any, libyaml: Any) -> Node | None:
    get = parser.get_event
    scalar_class = libyaml.ScalarEvent
    mapping_class = libyaml.MappingStartEvent
    sequence_class = libyaml.SequenceStartEvent
    alias_class = libyaml.AliasEvent
    get()
    event = get()
    if type(event) is libyaml.StreamEndEvent:
        return None
    if event.version not in (None, (1, 1)):
        mark = event.start_mark
        where = f"line {mark.line}: " if mark.line else ""
        raise YamlError(f"yaml: {where}found incompatible YAML document", mark.index)
    anchors: dict[str, Node] = {}
    root: list[Node] = []
    children = root
    stack: list[tuple[list[Node], Collection]] = []
    collection: Collection | None = None
    deepest = 0
    deep_at = 0
    while True:
        event = get()
        kind = type(event)
        if kind is scalar_class:
            children.append(event)
            if event.anchor is not None:
                anchors[event.anchor] = event
        elif kind is mapping_class or kind is sequence_class:
            node = Collection(event, kind is mapping_class)
            if event.anchor is not None:
                anchors[event.anchor] = node
            children.append(node)
            stack.append((children, collection))  # type: ignore[arg-type]
            collection = node
            children = node.children
            if len(stack) > deepest:
                deepest = len(stack)
                if deepest == MAX_DEPTH + 1:
                    deep_at = event.start_mark.index
                elif deepest > _GO_MAX_DEPTH:
                    raise YamlError(f"yaml: exceeded max depth of {_GO_MAX_DEPTH}", event.start_mark.index)
        elif kind is alias_class:
            target = anchors.get(event.anchor)
            if target is None:
                raise YamlError(f"yaml: unknown anchor '{event.anchor}' referenced", event.start_mark.index)
            children.append(Alias(event, target))
        elif collection is not None:
            collection.end = event
            children, collection = stack.pop()
        else:
            break
    if deepest > MAX_DEPTH:
        raise YamlError(f"nested deeper than {MAX_DEPTH} levels", deep_at, "limit")
    return root[0]


class StandIns:
    """The text with characters of no meaning where libyaml would scan otherwise than go-yaml, and the way back."""

    __slots__ = ("_bom", "_colon", "_quote", "_slash", "_tries", "text", "used")

    def __init__(self, text: str, json: bool) -> None:
        self.text = text
        self.used = False
        self._tries = 0
        self._bom = self._colon = self._quote = self._slash = ""
        if "\\/" in text and not json:
            # An unknown escape to go-yaml; elsewhere nothing.
            self._reserve()
            self.text = text.replace("\\/", "\\" + self._slash)

        if "\ufeff" in text[1:]:
            # Content to go-yaml unless it begins the document.
            self._reserve()
            self.text = self.text[0] + self.text[1:].replace("\ufeff", self._bom)

    def _reserve(self) -> None:
        if not self.used:
            used = set(self.text)
            free = [chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in used][:4]
            if len(free) < 4:
                raise YamlError("every character for private use is used", 0, "limit")
            self._slash, self._colon, self._quote, self._bom = free
            self.used = True

    def retry(self, problem: str, mark: Mark) -> bool:
        """Whether another stand-in may make go-yaml's scan of the place where libyaml stopped."""
        text = self.text
        self._tries += 1
        if self._tries > 64 or mark is None:
            return False
        at = mark.index
        if problem == "found unexpected ':'":
            self._reserve()
            if self._tries == 1 and "!" not in text:
                self.text = _FLOW_COLON.sub(lambda match: self._colon * len(match[0]), text)
                if self.text[at] != ":":
                    return True
            at = text.find(":", at)
            if at < 0:
                return False
            self.text = self.text[:at] + self._colon + self.text[at + 1 :]
            return True
        if problem == "found unknown escape character" and text[at : at + 2] == "\\'":
            self._reserve()
            self.text = text[:at] + self._quote * 2 + text[at + 2 :]
            return True
        return False

    def _back(self, text: str) -> str:
        text = text.replace(self._quote * 2, "'").replace(self._colon, ":")
        return text.replace(self._slash, "/").replace(self._bom, "\ufeff")

    def restore(self, root: Node) -> None:
        """Puts the meant characters back into every scalar."""
        pending = [root]
        while pending:
            node = pending.pop()
            if type(node) is Collection:
                pending.extend(node.children)
            elif type(node) is not Alias and node is not None:
                node.value = self._back(node.value)


# Colons that belong to a plain scalar whatever its style: behind one of its characters and before another. In quotes,
# comments and block scalars a stand-in does no harm.
_FLOW_COLON: Final = re.compile(r"(?<=[^\s,?\[\]{}:\"'])(?::+(?=[^\s:])|:+(?=:\s))")


def _translated(error: Any, text: str) -> YamlError:
    problem_mark, context_mark = error.problem_mark, error.context_mark
    line = 0
    if problem_mark is not None and problem_mark.line:
        line = problem_mark.line
        # "Scanner errors don't iterate line before returning error" (go-yaml, parser.fail).
        if type(error).__name__ == "ScannerError":
            line += 1
    elif context_mark is not None and context_mark.line:
        line = context_mark.line
    mark = problem_mark or context_mark
    offset = mark.index if mark is not None else 0
    problem = error.problem
    if _OTHER_VERSION.match(text):
        # go-yaml looks at the version first.
        return YamlError("yaml: found incompatible YAML document", 0)
    if problem == "could not find expected ':'" and context_mark is not None:
        begun = context_mark.index
        if _NO_KEY_INSIDE.match(text, begun) and context_mark.line:
            # libyaml's scanner insists that what stands at a key's place is a key; here go-yaml's parser does.
            line, offset, problem = context_mark.line, begun, "did not find expected key"
    where = f"line {line}: " if line else ""
    return YamlError(f"yaml: {where}{problem}", offset)


_NO_KEY_INSIDE: Final = re.compile(r"\[ *[\]?]|\{ *[}?]")
_OTHER_VERSION: Final = re.compile(r"%YAML[ \t]+(?!1\.1\s)\d{1,2}\.\d{1,2}[ \t]*(?:#|\r|\n|\Z)")

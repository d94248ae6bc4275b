"""Nodes → plain JSON values: the decoder half of go.yaml.in/yaml/v2's `decode.go` and sigs.k8s.io/yaml's conversion.

Strictness is not a mode: the value is the lenient one (the last of equal keys wins), and what a strict decoder refuses
is listed beside it.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple

from svclint.yaml.compose import Alias, Collection, Node, YamlError, event_of
from svclint.yaml.scalars import BINARY, MAX_DEPTH, MERGE, Json, Scalar, ScalarError, as_json, json_key, plain, tagged


class Refusal(NamedTuple):
    """What only a strict decoder refuses: a key that is already set. It stands at the second key or at its `<<`."""

    kind: str
    message: str
    start: int
    end: int


class Decoded(NamedTuple):
    """A document's lenient value and the strict decoder's objections in its order."""

    value: Json
    refusals: list[Refusal]


def strict_message(refusals: list[Refusal]) -> str:
    """What a strict decoder says of all its objections (go-yaml's TypeError)."""
    return "yaml: unmarshal errors:\n  " + "\n  ".join(refusal.message for refusal in refusals)


_WANT_MAP: Final = "map merge requires map or sequence of maps as the value"
_INVALID: Final = re.compile("[\udc80-\udcff]")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z", re.ASCII)


def decode(root: Node | None) -> Decoded:
    """The value of a composed document. Raises YamlError with go-yaml's text where no decoder takes it."""
    if root is None:
        return Decoded(None, [])
    decoder = _Decoder()
    value = decoder.document(root)
    return Decoded(value, decoder.refusals)


class _Decoder:
    __slots__ = ("_aliases", "_bad_key", "_count", "_expanded", "_expanding", "_not_finite", "refusals")

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self._aliases: set[Alias] = set()
        self._count = 1
        self._expanded = 0
        self._expanding = 0
        self._bad_key: YamlError | None = None
        self._not_finite: list[tuple[float, Node]] = []

    def document(self, root: Node) -> Json:
        value = self.value(root, 0)
        error = self._bad_key
        if error is None and self._not_finite:
            found = _first_not_finite(value)
            if found is not None:
                node = next(node for number, node in self._not_finite if repr(number) == repr(found))
                name = "NaN" if found != found else "+Inf" if found > 0 else "-Inf"
                error = YamlError(f"json: unsupported value: {name}", node.start_mark.index, "value")
        if error is not None:
            if self.refusals:
                error.strict = strict_message(self.refusals)
            raise error
        return value

    def _step(self, node: Node) -> None:
        """Counts one decoding step and holds go-yaml's limit on what aliases may multiply (`allowedAliasRatio`)."""
        self._count += 1
        if self._expanding:
            self._expanded += 1
            expanded, count = self._expanded, self._count
            if expanded > 100 and count > 1000 and expanded / count > _allowed_ratio(count):
                start = event_of(node)
                raise YamlError("yaml: document contains excessive aliasing", start.start_mark.index, "limit")

    def value(self, node: Node, depth: int) -> Json:
        self._step(node)
        kind = type(node)
        if kind is Collection:
            if depth > MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", node.start.start_mark.index, "limit")
            if node.mapping:
                result: dict[str, Json] = {}
                self._mapping(node, result, {}, depth, None)
                return result
            return [self.value(child, depth + 1) for child in node.children]
        if kind is Alias:
            self._enter(node)
            value = self.value(node.target, depth)
            self._leave(node)
            return value
        return self._scalar(node)

    def _scalar(self, node: Node) -> Scalar:
        value = typed(node)
        if type(value) is float:
            if value - value != 0:
                self._not_finite.append((value, node))
            else:
                return as_json(value)
        return value

    def _enter(self, alias: Alias) -> None:
        if alias in self._aliases:
            name = alias.start.anchor
            raise YamlError(f"yaml: anchor '{name}' value contains itself", alias.start.start_mark.index, "value")
        self._aliases.add(alias)
        self._expanding += 1

    def _leave(self, alias: Alias) -> None:
        self._expanding -= 1
        self._aliases.discard(alias)

    def _mapping(
        self, node: Collection, result: dict[str, Json], seen: dict[object, bool], depth: int, merged: Node | None
    ) -> None:
        """Decodes the pairs of `node` into `result`; `seen` tells of each key whether a merge brought it.

        `merged` is the `<<` that brings these pairs, None for a mapping's own.
        """
        children = node.children
        for at in range(0, len(children), 2):
            key_node, value_node = children[at], children[at + 1]
            if is_merge(key_node):
                self._merge(key_node, value_node, result, seen, depth)
                continue
            key = self._key(key_node, depth)
            value = self.value(value_node, depth + 1)
            # Go's map tells 1, 1.0, true and "1" apart; Python's would not.
            identity = key if type(key) is str else (type(key), key)
            if identity in seen and key == key:
                kind = "merge-override" if merged is not None or seen[identity] else "duplicate-key"
                message = f"line {event_of(value_node).start_mark.line + 1}: key {go_syntax(key)} already set in map"
                place = event_of(key_node if merged is None else merged)
                self.refusals.append(Refusal(kind, message, place.start_mark.index, place.end_mark.index))
            seen[identity] = merged is not None
            name = key if type(key) is str else json_key(key)
            if name is None:
                self._refuse_key(key, key_node, value)
            else:
                result[name] = value

    def _key(self, node: Node, depth: int) -> Scalar:
        key_type = type(node)
        target = node.target if key_type is Alias else node
        if key_type is Collection or type(target) is Collection:
            key = self.value(node, depth + 1)
            start = event_of(node)
            raise YamlError(f"yaml: invalid map key: {go_syntax(key)}", start.start_mark.index, "value")
        self._step(node)
        if key_type is Alias:
            self._step(target)
        return typed(target)

    def _refuse_key(self, key: Scalar, node: Node, value: Json) -> None:
        if self._bad_key is None:
            name = "%!s(<nil>)" if key is None else "uint64"
            shown = "<nil>" if key is None else f"{key:#x}"
            content = "<nil>" if value is None else go_syntax(value)
            text = f"unsupported map key of type: {name}, key: {shown}, value: {content}"
            start = event_of(node)
            self._bad_key = YamlError(text, start.start_mark.index, "value")

    def _merge(self, key: Node, node: Node, result: dict[str, Json], seen: dict[object, bool], depth: int) -> None:
        for source in merge_sources(node):
            target = source.target if type(source) is Alias else source
            if type(target) is not Collection or not target.mapping:
                start = event_of(source)
                raise YamlError(f"yaml: {_WANT_MAP}", start.start_mark.index, "value")
            if depth > MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", key.start_mark.index, "limit")
            self._step(source)
            if source is not target:
                self._enter(source)
                self._step(target)
            self._mapping(target, result, seen, depth + 1, key)
            if source is not target:
                self._leave(source)


def typed(node: Node) -> Scalar:
    """What a scalar node means. Raises YamlError where its tag and its text disagree."""
    tag = node.tag
    if tag is None:
        if not node.implicit[0]:
            return str(node.value)
        return plain(node.value)
    if tag == BINARY:
        return _binary(node)
    try:
        return tagged(tag, node.value)
    except ScalarError as error:
        raise YamlError(f"yaml: {error}", node.start_mark.index, "value") from None


def is_merge(node: Node) -> bool:
    """Whether a key is `<<`, plain or tagged `!!merge`."""
    kind = type(node)
    return (
        kind is not Collection and kind is not Alias and node.value == "<<" and (node.implicit[0] or node.tag == MERGE)
    )


def merge_sources(node: Node) -> list[Node]:
    """What a `<<` brings, in the order of setting: "Step backwards as earlier nodes take precedence"."""
    return node.children[::-1] if type(node) is Collection and not node.mapping else [node]


def _allowed_ratio(count: int) -> float:
    if count <= 400_000:
        return 0.99
    if count >= 4_000_000:
        return 0.10
    return 0.99 - 0.89 * ((count - 400_000) / 3_600_000)


def _binary(node: Node) -> str:
    text = node.value.replace("\r", "").replace("\n", "")
    try:
        if len(text) % 4 or not _BASE64.match(text):
            raise binascii.Error
        # Go's JSON writes each invalid byte as one U+FFFD.
        return _INVALID.sub("\ufffd", base64.b64decode(text).decode("utf-8", "surrogateescape"))
    except binascii.Error:
        message = "yaml: !!binary value contains invalid base64 data"
        raise YamlError(message, node.start_mark.index, "value") from None


def _first_not_finite(value: Json) -> float | None:
    """The first infinity or NaN in the order in which Go writes JSON: keys sorted by their bytes."""
    if isinstance(value, float):
        return value if value - value != 0 else None
    if isinstance(value, dict):
        parts: list[Json] = [value[key] for key in sorted(value)]
    elif isinstance(value, list):
        parts = value
    else:
        return None
    for part in parts:
        found = _first_not_finite(part)
        if found is not None:
            return found
    return None


def go_syntax(value: Json) -> str:
    """A value as Go's `%#v` prints it, for go-yaml's messages."""
    if value is None:
        return "interface {}(nil)"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(value) if value <= 0x7FFF_FFFF_FFFF_FFFF else f"{value:#x}"
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(map(go_syntax, value)) + "}"
    pairs = ", ".join(f"{_quoted(key)}:{go_syntax(part)}" for key, part in sorted(value.items()))
    return "map[interface {}]interface {}{" + pairs + "}"


def go_float(value: float) -> str:
    """A float as Go's `%v` prints it: the shortest digits, an exponent from 1e+21 on and below 1e-04."""
    if value != value:
        return "NaN"
    if value - value != 0:
        return "+Inf" if value > 0 else "-Inf"
    if value == int(value) and abs(value) < 1e21:
        return "-0" if str(value) == "-0.0" else str(int(value))
    text = repr(value)
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa.removesuffix('.0')}e{exponent[0] if exponent[0] in '+-' else '+'}{exponent.lstrip('+-'):>02}"
    return text


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r"}
_MORE_ESCAPES: Final = {"\t": "\\t", "\v": "\\v"}


def _quoted(text: str) -> str:
    """Go's `%q`."""
    parts = []
    for char in text:
        escape = _ESCAPES.get(char) or _MORE_ESCAPES.get(char)
        if escape is not None:
            parts.append(escape)
        elif char.isprintable():
            parts.append(char)
        elif char < "\x80":
            parts.append(f"\\x{ord(char):02x}")
        else:
            parts.append(f"\\u{ord(char):04x}" if char < "\U00010000" else f"\\U{ord(char):08x}")
    return '"' + "".join(parts) + '"'

"""Field paths and field errors as the API server builds and prints them.

Source: k8s.io/apimachinery pkg/util/validation/field (path.go, errors.go).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

Step = str | int
# Of a longer list the paths of the further items are made anew each time: what is kept has to end somewhere.
KEPT_ITEMS = 16


class Path(dict[Step, "Path"]):
    """A field path: the text that the server prints and the keys that really lead there.

    The two differ where upstream builds a path that is not in the object (`spec.template.labels`,
    `spec.LoadBalancerSourceRanges`): `text` is for messages, `place` for finding the line in the file.

    `path["ports"]` and `path[0]` are the paths below. They are made once and kept as the entries of the dict: nearly
    every object asks for the same ones, and for none of their texts. A name that comes out of an object is not for
    `[]`, or there would be no end to what is kept; `child`, `index` and `key` keep nothing.
    """

    __slots__ = ("place", "text")

    def __init__(self, text: str = "", place: tuple[Step, ...] = ()) -> None:
        self.text = text
        self.place = place

    def __missing__(self, step: Step) -> Path:
        if isinstance(step, str):
            below = self[step] = self.child(step)
            return below
        below = self.index(step)
        if step < KEPT_ITEMS:
            self[step] = below
        return below

    def __bool__(self) -> bool:
        return True

    def child(self, *names: str, place: tuple[Step, ...] | None = None) -> Path:
        """The field below; `place` where the real keys (relative to this path) are not `names`."""
        text = names[0] if len(names) == 1 else ".".join(names)
        if self.text:
            text = f"{self.text}.{text}"
        return Path(text, self.place + (names if place is None else place))

    def index(self, i: int) -> Path:
        """Item `i` of this list."""
        return Path(f"{self.text}[{i}]", (*self.place, i))

    def key(self, k: str) -> Path:
        """Entry `k` of this map."""
        return Path(f"{self.text}[{k}]", (*self.place, k))

    def __str__(self) -> str:
        return self.text or "<nil>"


class Error(NamedTuple):
    """One cause of a refusal.

    `reason` is the `reason` of `details.causes`, `body` its message (without the field),
    `place` the keys that lead to the value (it need not exist).
    """

    field: str
    reason: str
    body: str
    place: tuple[Step, ...]


class GoSyntax(str):
    """A value that is printed as it is, where the server prints a Go struct or a value that JSON can't hold."""


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def quote(text: str) -> str:
    """A Go-quoted string (%q)."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def render(value: object) -> str:
    """A bad value as the server prints it: strings Go-quoted, the rest compact JSON."""
    if isinstance(value, GoSyntax):
        return value
    if isinstance(value, str):
        return quote(value)
    import json

    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # Go's encoder makes its output safe for HTML.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def required(path: Path, detail: str = "") -> Error:
    body = f"Required value: {detail}" if detail else "Required value"
    return Error(str(path), "FieldValueRequired", body, path.place)


def invalid(path: Path, value: object, detail: str) -> Error:
    body = f"Invalid value: {render(value)}: {detail}" if detail else f"Invalid value: {render(value)}"
    return Error(str(path), "FieldValueInvalid", body, path.place)


def invalid_without_value(path: Path, detail: str) -> Error:
    return Error(str(path), "FieldValueInvalid", f"Invalid value: {detail}", path.place)


def not_found(path: Path, value: object, detail: str = "") -> Error:
    body = f"Not found: {render(value)}: {detail}" if detail else f"Not found: {render(value)}"
    return Error(str(path), "FieldValueNotFound", body, path.place)


def forbidden(path: Path, detail: str) -> Error:
    return Error(str(path), "FieldValueForbidden", f"Forbidden: {detail}" if detail else "Forbidden", path.place)


def duplicate(path: Path, value: object) -> Error:
    return Error(str(path), "FieldValueDuplicate", f"Duplicate value: {render(value)}", path.place)


def not_supported(path: Path, value: object, supported: Iterable[str]) -> Error:
    """`supported` in the order in which the server lists it (most callers sort)."""
    values = ", ".join(quote(v) for v in supported)
    body = f"Unsupported value: {render(value)}" + (f": supported values: {values}" if values else "")
    return Error(str(path), "FieldValueNotSupported", body, path.place)


def too_long(path: Path, value: object, limit: int) -> Error:
    return Error(str(path), "FieldValueTooLong", f"Too long: may not be more than {limit} bytes", path.place)


def too_many(path: Path, actual: int, limit: int) -> Error:
    return Error(str(path), "FieldValueTooMany", f"Too many: {actual}: must have at most {limit} items", path.place)

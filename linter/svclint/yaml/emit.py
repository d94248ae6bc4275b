"""Values → YAML text that reads back as the same values, here and in other readers of YAML 1.1 and 1.2."""

from __future__ import annotations

import re
from typing import Final

from svclint.yaml.scalars import Json, plain

# What every reader takes as a plain string, given that no reader's typing changes it.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./$^(\x80-\U0010ffff-](?:[^\x00-\x1f\x7f-\xa0#:\ud800-\udfff]|:(?=[^\s])|#)*\Z")
_NOT_IN_FLOW: Final = re.compile(r"[\[\]{},?:]")
_INDICATED: Final = re.compile(r"(?:---|\.\.\.|[-?:](?:\s|\Z))|.*(?:\s#|[\s:]\Z|[\x85\u2028\u2029\ufeff])", re.DOTALL)
# Numbers of YAML 1.1 and 1.2 that go-yaml reads as strings or by other rules: sexagesimal, with commas, hexadecimal …
_NUMBERLIKE: Final = re.compile(r"[-+]?[0-9.][0-9a-fA-FxXoO_.:eE+-]*\Z")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z")
_WORDS: Final = frozenset(("=", "<<", "<", ">"))
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def scalar(value: str | int | float | bool | None, style: str = "", flow: bool = False) -> str:
    """One line of text for a scalar.

    A string keeps `style` (`""`, `'` or `"`) where it can: it is quoted if plain text would be retyped or misread.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        from svclint.yaml.decode import go_float

        return go_float(value)
    if style not in ("'", '"') and _may_be_plain(value, flow):
        return value
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _may_be_plain(text: str, flow: bool) -> bool:
    if not text or type(plain(text)) is not str or text in _WORDS:
        return False
    if not _PLAIN.match(text) or _INDICATED.match(text) or not text.isprintable():
        return False
    if _DATE.match(text):
        return True
    if _NUMBERLIKE.match(text) and not re.match(r"[0-9]+(?:\.[0-9]+){2,}\Z", text):
        return False
    return not (flow and _NOT_IN_FLOW.search(text))


def _escaped(char: str) -> str:
    escape = _ESCAPES.get(char)
    if escape is not None:
        return escape
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Json) -> str:
    """One line for any value, in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key, flow=True)}: {flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, flow=True)


def block(value: Json, dashes_indented: bool, step: int = 2) -> list[str]:
    """The lines of a value in block style, without indentation of their own; one line for scalars and empty values."""
    if isinstance(value, dict) and value:
        lines: list[str] = []
        for key, part in value.items():
            lines.extend(entry(scalar(key), part, dashes_indented, step))
        return lines
    if isinstance(value, list) and value:
        lines = []
        for part in value:
            first, *rest = block(part, dashes_indented, step)
            lines.append(f"- {first}")
            lines.extend("  " + line for line in rest)
        return lines
    return [flow(value)] if isinstance(value, (dict, list)) else [scalar(value)]


def entry(key: str, value: Json, dashes_indented: bool, step: int = 2) -> list[str]:
    """The lines of `key: value` in block style; `key` is text already."""
    if not value or not isinstance(value, (dict, list)):
        return [f"{key}: {block(value, dashes_indented, step)[0]}"]
    indent = " " * step if isinstance(value, dict) or dashes_indented else ""
    return [f"{key}:", *(indent + line for line in block(value, dashes_indented, step))]

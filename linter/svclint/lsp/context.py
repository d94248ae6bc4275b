"""Where in a document somebody types: told from indentation alone, since what is being typed need not be YAML yet."""

from __future__ import annotations

import re
from typing import NamedTuple

_KEY = re.compile(
    r"""(?P<indent> *)(?P<dashes>(?:- +)*)(?:(?P<key>"[^"]*"|'[^']*'|[^\s:#'"\[{][^:#]*+)\s*:(?:\s|$))?"""
)
_NAMESPACE = re.compile(
    r"^metadata:[ \t]*(?:#.*)?\n(?:[ \t]++(?!namespace:).*\n)*+[ \t]++namespace:[ \t]*[\"']?([a-z0-9.-]+)", re.M
)
_KIND = re.compile(r"^kind:[ \t]*[\"']?([A-Za-z]+)", re.M)
_REACH = 4000
"""How many lines are looked at in each direction: a document that is longer is answered for what is near."""


class Context(NamedTuple):
    """The keys that lead to the cursor (lists have no step of their own), what is typed there already, and since which
    column; `in_key` says that no colon has been typed yet. `kind` and `namespace` are the document's."""

    path: tuple[str, ...]
    typed: str
    start: int
    in_key: bool
    kind: str
    namespace: str | None
    document: str


def context(lines: list[str], line: int, column: int) -> Context:
    """The context at a line and a column of it, in characters."""
    current = lines[line][:column]
    found = _KEY.match(current)
    assert found is not None  # every part of it may be empty
    rest = found.end()
    keys: list[str] = []
    if found["key"] is not None:
        keys.append(_unquoted(found["key"]))
        start = rest + len(current[rest:]) - len(current[rest:].lstrip(" "))
        in_key = False
    else:
        start = len(found["indent"]) + len(found["dashes"])
        in_key = True
    if current[start : start + 1] in ("'", '"'):
        start += 1
    indent = len(found["indent"]) + len(found["dashes"])
    first = max(line - _REACH, 0)
    above = line
    while above > first and not lines[above].startswith("---"):
        above -= 1
        text = lines[above]
        if not text.strip() or text.lstrip().startswith("#") or text.startswith("---"):
            continue
        key = _KEY.match(text)
        assert key is not None
        own, item = len(key["indent"]), len(key["indent"]) + len(key["dashes"])
        if key["key"] is not None and item < indent:
            keys.append(_unquoted(key["key"]))
            indent = item
        elif key["key"] is not None and item == indent and not key["dashes"] and found["dashes"]:
            # A list may stand at the indentation of its key.
            keys.append(_unquoted(key["key"]))
            indent = item
        if key["dashes"] and own < indent:
            indent = own + 1
    below = line
    while below + 1 < min(len(lines), line + _REACH) and not lines[below + 1].startswith("---"):
        below += 1
    document = "\n".join(lines[above : below + 1])
    namespace, kind = _NAMESPACE.search(document), _KIND.search(document)
    return Context(
        tuple(reversed(keys)),
        current[start:],
        start,
        in_key,
        kind[1] if kind else "",
        namespace[1] if namespace else None,
        document,
    )


def _unquoted(key: str) -> str:
    return key.strip().strip("'\"")

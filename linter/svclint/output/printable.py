"""Text from manifests made fit for where it is printed: no control character, no lone surrogate, known width, and
nothing that the program that keeps a build's log takes for a command to itself.

`##vso[…]` (Azure Pipelines), `##[…]` (GitHub Actions, Azure Pipelines) and `##teamcity[…]` count wherever they stand in
a line, `::error …::` (GitHub Actions) at its beginning.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from svclint.diagnostic import Diagnostic
from svclint.severity import Severity

TAB = "    "
RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_COMMAND = re.compile(r"#(?=#[A-Za-z]*\[)")
_FIRST = re.compile(r"^( *):(?=:)")


def plain(text: str, ascii: bool = False) -> str:
    """Text of one line without control or formatting characters (escape sequences, bidirectional overrides) and
    without commands to a build's log."""
    if not text.isprintable() or (ascii and not text.isascii()):
        text = "".join(_shown(c, ascii) for c in text)
    return _COMMAND.sub(r"\\x23", text) if "##" in text else text


def leading(text: str, ascii: bool = False) -> str:
    """As `plain`, for text that a line begins with: no command either where only the beginning of a line counts."""
    return _FIRST.sub(r"\1\\x3a", plain(text, ascii))


def lines_kept(text: str) -> str:
    """As `plain`, with the line breaks as they are, for formats that escape these themselves."""
    return "".join(part if part in ("\r", "\n") else plain(part) for part in re.split(r"([\r\n])", text))


def log(text: str) -> str:
    """A text of many lines, such as a difference, as a terminal or a build's log may have it."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return "\n".join(map(leading, lines))


def _shown(c: str, ascii: bool) -> str:
    if c == "\t":
        return TAB
    if c.isprintable() and (not ascii or c < "\x7f"):
        return c
    code = ord(c)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def width(text: str) -> int:
    """How many columns a terminal gives to printable text: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    columns = 0
    for c in text:
        if unicodedata.category(c) in ("Mn", "Me"):
            continue
        columns += 2 if unicodedata.east_asian_width(c) in "WF" else 1
    return columns


def xml_text(text: str) -> str:
    """Text with what is unprintable (XML 1.0 can't hold some of it) written as an escape; line ends as they are."""
    return "".join(c if c in "\t\n" else plain(c) for c in re.split(r"([\t\n])", text))


def dump_json(value: Any, indent: int | None = 2) -> str:
    """JSON, readable in any script; what is not printable, can't be encoded or would be a command to a build's log is
    written as an escape, so that whoever reads it gets the value as it is."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if not text.replace("\n", "").isprintable():
        text = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return (_COMMAND.sub(r"\\u0023", text) if "##" in text else text) + "\n"


def by_severity(diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """Errors first, each severity in the report's order: where a reader cuts the list off, the least is lost."""
    return sorted(diagnostics, key=lambda d: RANK[d.severity])

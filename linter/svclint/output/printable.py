"""Text from manifests made fit for where it is printed: no control character, no lone surrogate, known width."""

from __future__ import annotations

import unicodedata
from typing import Any

from svclint.diagnostic import Diagnostic
from svclint.rule import Severity

TAB = "    "
RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


def plain(text: str, ascii: bool = False) -> str:
    """Text of one line without control or formatting characters (escape sequences, bidirectional overrides)."""
    if text.isprintable() and (not ascii or text.isascii()):
        return text
    return "".join(_shown(c, ascii) for c in text)


def lines_kept(text: str) -> str:
    """As `plain`, with the line breaks as they are, for formats that escape these themselves."""
    return "".join(c if c in "\r\n" else plain(c) for c in text)


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
    return "".join(c if c in "\t\n" or c.isprintable() else _shown(c, False) for c in text)


def dump_json(value: Any) -> str:
    """Indented JSON, readable in any script; what is not printable, or can't be encoded, is written as an escape."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2)
    if not text.replace("\n", "").isprintable():
        text = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return text + "\n"


def by_severity(diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """Errors first, each severity in the report's order: where a reader cuts the list off, the least is lost."""
    return sorted(diagnostics, key=lambda d: RANK[d.severity])

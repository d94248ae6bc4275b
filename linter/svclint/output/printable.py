"""Text from manifests made fit for where it is printed: no control character, no lone surrogate, known width."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from svclint.diagnostic import Diagnostic
from svclint.rule import Severity

TAB = "    "
RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}

# What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets), and C1 controls, which it discourages.
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    """Text with every character that XML 1.0 can't hold written as an escape."""
    return _NOT_XML.sub(lambda m: _shown(m[0], False), text)


def dump_json(value: Any) -> str:
    """Indented JSON, readable in any script; all ASCII if a string holds a lone surrogate, which UTF-8 can't encode."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    return text + "\n"


def by_severity(diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """Errors first, each severity in the report's order: where a reader cuts the list off, the least is lost."""
    return sorted(diagnostics, key=lambda d: RANK[d.severity])

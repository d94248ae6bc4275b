"""Markdown pages as a terminal shows them."""

from __future__ import annotations

import re

from svclint.output.printable import plain, width
from svclint.output.text import painter

_CODE = re.compile(r"`([^`\n]+)`")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")


def page(markdown: str, *, colour: bool, ascii: bool = False) -> str:
    """A page with its headings bold and its code blocks indented; without colours, inline code keeps its backticks."""
    paint = painter(colour)
    out: list[str] = []
    inside = False
    for raw in markdown.split("\n"):
        line = plain(raw, ascii)
        if line.startswith("```"):
            inside = not inside
        elif inside:
            out.append(_code(line, colour).rstrip())
        elif line.startswith("#"):
            title = _CODE.sub(r"\1", line.lstrip("#").strip())
            out.append(
                paint("bold", title) if colour or not line.startswith("# ") else f"{title}\n{'=' * width(title)}"
            )
        elif colour:
            line = _BOLD.sub(lambda m: paint("bold", m[1]), line)
            out.append(_CODE.sub(lambda m: paint("info", m[1]), line))
        else:
            out.append(_BOLD.sub(r"\1", line))
    return "\n".join(out)


def _code(line: str, colour: bool) -> str:
    paint = painter(colour)
    if line.startswith("+"):
        return "    " + paint("fix", line)
    if line.startswith("-") and not line.startswith(("- ", "---")):
        return "    " + paint("error", line)
    code, mark, said = line.partition("  # ")
    return "    " + code + (paint("warning", mark + said) if mark else "")

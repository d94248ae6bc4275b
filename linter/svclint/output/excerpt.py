"""Annotated excerpts of source text, as compilers print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from svclint.diagnostic import Region

Paint = Callable[[str, str], str]
WIDTH = 160


class Mark(NamedTuple):
    """A region to underline; the primary one with carets, others with dashes."""

    region: Region
    label: str
    primary: bool


def plain(text: str) -> str:
    """Text without control characters: what a file holds never reaches a terminal as a command."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "    " if c == "\t" else f"\\x{ord(c):02x}" for c in text)


def excerpt(lines: list[str], marks: Iterable[Mark], first: bool, gutter: int, paint: Paint) -> list[str]:
    """The lines of one file around its marks: a header with the first mark's place, then each marked line underlined."""
    ordered = sorted(marks, key=lambda m: (not m.primary, m.region.line, m.region.column))
    at = ordered[0].region
    bar = paint("gutter", f"{'':{gutter}} |")
    out = [f"{paint('gutter', f"{'':{gutter}}{'-->' if first else ':::'}")} {plain(at.file)}:{at.line}:{at.column}", bar]
    shown: int | None = None
    for mark in sorted(ordered, key=lambda m: (m.region.line, m.region.column)):
        number = mark.region.line
        if shown is not None and number > shown + 1:
            out.append(paint("gutter", "..."))
        raw = lines[number - 1] if number <= len(lines) else ""
        if number != shown:
            out.append(f"{paint('gutter', f'{number:>{gutter}} |')} {_clip(plain(raw))}")
        shown = number
        same = mark.region.end_line == number
        end = mark.region.end_column if same else len(raw) + 1
        before = plain(raw[: mark.region.column - 1])
        under = plain(raw[mark.region.column - 1 : end - 1])
        width = max(1, min(len(under), WIDTH - len(before)))
        line = ("^" if mark.primary else "-") * width
        label = f" {plain(mark.label)}" if mark.label else ""
        out.append(f"{bar} {' ' * min(len(before), WIDTH)}{paint('primary' if mark.primary else 'related', line + label)}")
    return out


def _clip(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"

"""Annotated excerpts of source text, as compilers print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from svclint.diagnostic import Region
from svclint.output.printable import plain, width

Paint = Callable[[str, str], str]
WIDTH = 140
LEAD = 40
TALL = 4
"""A region of more lines than this is shown by its first line."""


class Mark(NamedTuple):
    """A region to underline; the primary one with carets, others with dashes."""

    region: Region
    label: str
    primary: bool


class _Stroke(NamedTuple):
    """What one mark underlines in one line: characters `start` to `end` of it."""

    line: int
    start: int
    end: int
    label: str
    primary: bool


class Frame(NamedTuple):
    """How excerpts are drawn: the width of the line numbers, the colours, and whether only ASCII may be printed."""

    gutter: int
    paint: Paint
    ascii: bool = False


def excerpt(lines: list[str], marks: Iterable[Mark], first: bool, frame: Frame) -> list[str]:
    """The lines of one file around its marks: a header with the first mark's place, then each marked line underlined.

    Long lines are clipped around the mark; a single line between two marked ones is shown, more are left out.
    """
    ordered = sorted(marks, key=lambda m: (not m.primary, m.region.line, m.region.column))
    paint = frame.paint
    at = ordered[0].region
    bar = paint("gutter", f"{'':{frame.gutter}} |")
    arrow = paint("gutter", f"{'':{frame.gutter}}{'-->' if first else ':::'}")
    out = [f"{arrow} {plain(at.file, frame.ascii)}:{at.line}:{at.column}", bar]
    previous: int | None = None
    window: tuple[int, int] | None = None
    strokes = sorted(s for mark in ordered for s in _strokes(mark, lines))
    for stroke in strokes:
        raw = lines[stroke.line - 1] if stroke.line <= len(lines) else ""
        if previous is not None and stroke.line == previous + 2:
            out.append(
                _row(
                    previous + 1,
                    _clip(lines[previous] if previous < len(lines) else "", (0, WIDTH), frame.ascii),
                    frame,
                )
            )
        elif previous is not None and stroke.line > previous + 2:
            out.append(paint("gutter", "..."))
        if stroke.line != previous or window is None or not window[0] <= stroke.start < window[1]:
            window = _window(raw, stroke.start)
            out.append(_row(stroke.line, _clip(raw, window, frame.ascii), frame))
        previous = stroke.line
        out.append(f"{bar} {_underline(raw, stroke, window, frame)}".rstrip())
    return out


def _row(number: int, text: str, frame: Frame) -> str:
    return f"{frame.paint('gutter', f'{number:>{frame.gutter}} |')} {text}".rstrip()


def _strokes(mark: Mark, lines: list[str]) -> list[_Stroke]:
    at = mark.region
    last = at.end_line - 1 if at.end_column == 1 and at.end_line > at.line else at.end_line
    last = min(last, max(len(lines), at.line))
    if last - at.line >= TALL:
        last = at.line
    strokes = []
    for number in range(at.line, last + 1):
        raw = lines[number - 1] if number <= len(lines) else ""
        start = at.column - 1 if number == at.line else len(raw) - len(raw.lstrip())
        end = min(at.end_column - 1, len(raw)) if number == at.end_line else len(raw.rstrip())
        if number > at.line and end <= start:
            continue
        strokes.append(_Stroke(number, min(start, len(raw)), max(end, start + 1), "", mark.primary))
    strokes[-1] = strokes[-1]._replace(label=mark.label)
    return strokes


def _window(raw: str, start: int) -> tuple[int, int]:
    """Which characters of a line are shown: all of a short one, else WIDTH of them with `start` near the beginning."""
    if len(raw) <= WIDTH or start < WIDTH - LEAD:
        return 0, WIDTH
    begin = start - LEAD
    return begin, begin + WIDTH


def _clip(raw: str, window: tuple[int, int], ascii: bool) -> str:
    dots = "..." if ascii else "…"
    begin, end = window
    return (dots if begin else "") + plain(raw[begin:end], ascii) + (dots if end < len(raw) else "")


def _underline(raw: str, stroke: _Stroke, window: tuple[int, int], frame: Frame) -> str:
    begin, end = window
    lead = width("..." if frame.ascii else "…") if begin else 0
    before = lead + width(plain(raw[begin : stroke.start], frame.ascii))
    long = max(1, width(plain(raw[stroke.start : min(stroke.end, end)], frame.ascii)))
    label = f" {plain(stroke.label, frame.ascii)}" if stroke.label else ""
    line = ("^" if stroke.primary else "-") * long + label
    return " " * before + frame.paint("primary" if stroke.primary else "related", line)

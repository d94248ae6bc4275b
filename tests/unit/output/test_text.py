"""The text report: excerpts that line up, and nothing of a file that reaches the terminal as a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svclint.diagnostic import Region, Report
from svclint.locate import resolve
from svclint.output import Style, render
from svclint.output.excerpt import Frame, Mark, excerpt
from svclint.output.printable import plain, width
from svclint.rule import Finding, Spot
from svclint.text import Span, lines_of
from svclint.yaml import parse


def draw(lines: list[str], *marks: Mark, ascii: bool = False) -> list[str]:
    return excerpt(lines, marks, True, Frame(2, lambda _, text: text, ascii))


def mark(line: int, column: int, end_line: int, end_column: int, label: str = "", primary: bool = True) -> Mark:
    return Mark(Region("f.yaml", line, column, end_line, end_column), label, primary)


def test_the_whole_report(report: Report) -> None:
    out = render(report._replace(diagnostics=report.diagnostics[:1], crashes=(), notes=()), "text")
    assert out == (
        'error[selector-typo]: no Pod in namespace "default" is labelled app=wbe\n'
        "  --> shop/web service.yaml:6:19\n"
        "   |\n"
        " 6 |   selector: {app: wbe}  # 选择器 🚀\n"
        "   |                   ^^^\n"
        "  ::: shop/部署.yaml:9:9\n"
        "   |\n"
        " 9 |         app: web\n"
        "   |         --------\n"
        "10 |         tier: front\n"
        "   |         ----------- these Pods\n"
        "   = fix: write app: web (applied by --fix --unsafe-fixes)\n"
        "   = why: svclint explain selector-typo\n"
        "\n"
        "1 error in 2 objects in 3 files (1 fixable with --fix --unsafe-fixes; 1 suppressed).\n"
    )


def test_concise_is_one_line_a_finding(report: Report) -> None:
    lines = render(report, "concise").splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("shop/web service.yaml:6:19: error[selector-typo] [*] no Pod")
    assert "\\x1b[31m" in lines[1]


def test_a_page_is_named_once(report: Report) -> None:
    out = render(report._replace(diagnostics=report.diagnostics[:1] * 2), "text")
    assert out.count("svclint explain selector-typo") == 1


def test_colour_is_the_only_escape_sequence(report: Report) -> None:
    import re

    coloured = render(report, "text", Style(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]+m", "", coloured) == render(report, "text")


def test_ascii_streams_get_ascii(report: Report) -> None:
    out = render(report, "text", Style(ascii=True))
    assert out.isascii()
    assert "\\u9009" in out and "\\U0001f680" in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\tb", "a    b"), ("\x1b[0m", "\\x1b[0m"), ("\u202e", "\\u202e"), ("选🚀", "选🚀"), ("\ud800", "\\ud800")],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(("text", "columns"), [("ab", 2), ("选择", 4), ("🚀", 2), ("e\u0301", 1), ("ｱ", 1), ("Ａ", 2)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_marks_line_up_behind_tabs_and_wide_characters() -> None:
    out = draw(["\t选🚀x: y"], mark(1, 4, 1, 5))
    assert out[2] == " 1 |     选🚀x: y"
    assert out[3] == "   |         ^"


def test_a_line_between_is_shown_more_are_left_out() -> None:
    lines = [f"l{n}" for n in range(1, 10)]
    out = draw(lines, mark(1, 1, 1, 3), mark(3, 1, 3, 3, "b", False), mark(9, 1, 9, 3, "c", False))
    assert [row.strip() for row in out[2:]] == [
        "1 | l1",
        "| ^^",
        "2 | l2",
        "3 | l3",
        "| -- b",
        "...",
        "9 | l9",
        "| -- c",
    ]


def test_two_marks_in_one_line() -> None:
    out = draw(["a: b"], mark(1, 1, 1, 2), mark(1, 4, 1, 5, "here", False))
    assert [row.strip() for row in out[2:]] == ["1 | a: b", "| ^", "|    - here"]


def test_long_lines_are_clipped_around_the_mark() -> None:
    line = "x" * 5000 + "MARK" + "y" * 5000
    shown, under = draw([line], mark(1, 5001, 1, 5005))[2:4]
    assert len(shown) < 160
    assert shown.index("MARK") == under.index("^^^^")
    ascii_shown, ascii_under = draw([line], mark(1, 5001, 1, 5005), ascii=True)[2:4]
    assert ascii_shown.isascii() and ascii_shown.index("MARK") == ascii_under.index("^^^^")


def test_a_second_mark_far_to_the_right_is_shown_too() -> None:
    line = "A" + "x" * 1000 + "B"
    out = draw([line], mark(1, 1, 1, 2), mark(1, 1002, 1, 1003, "b", False))
    assert out[4].endswith("B") and out[5].index("-") == out[4].index("B")


@pytest.mark.parametrize("lines", [[], [""], ["a"]])
def test_places_beyond_the_text_are_drawn_all_the_same(lines: list[str]) -> None:
    assert any("^" in row for row in draw(lines, mark(7, 9, 8, 1)))


def test_a_tall_region_is_shown_by_its_first_line() -> None:
    out = draw([f"l{n}" for n in range(30)], mark(1, 1, 20, 3, "all"))
    assert [row.strip() for row in out[2:]] == ["1 | l0", "| ^^ all"]


def test_carriage_returns() -> None:
    source = parse("a: 1\r\nb: [\r\n", "w.yaml")
    d = resolve("r", "error", Finding(Spot(source, Span(9, 10)), "m"), None)
    assert " | b: [\n" in render(Report((d,)), "text")


def test_clean_and_crashed_reports_say_so(clean: Report) -> None:
    assert render(clean, "text") == "All connected: no findings in 1 object in 1 file.\n"
    crashed = render(clean._replace(crashes=("rule a",)), "text")
    assert "svclint failed: rule a" in crashed and "All connected" not in crashed


def test_messages_in_another_language(monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    from svclint import language

    entry = language.Entry(
        language.template_of('no Pod in namespace "{namespace}" is labelled {labels}'),
        "命名空间 {namespace} 中没有带标签 {labels} 的 Pod",
    )
    monkeypatch.setattr(language, "catalogue", lambda _: {"selector-typo": (entry,)})
    out = render(report, "concise", Style(language="zh-Hans"))
    assert "命名空间 default 中没有带标签 app=wbe 的 Pod" in out


def test_the_report_in_chinese(report: Report) -> None:
    out = render(report._replace(crashes=()), "text", Style(language="zh-Hans"))
    assert "修复: 改为 app: web (用 --fix --unsafe-fixes 应用)" in out
    assert out.splitlines()[-1].startswith("1 个错误, 1 个警告, 1 条提示，3 个文件中的 2 个对象")
    ascii = render(report, "text", Style(language="zh-Hans", ascii=True))
    assert ascii == render(report, "text", Style(ascii=True))


LINES = st.lists(st.text(max_size=300), max_size=6)
NUMBERS = st.integers(1, 400)


@given(LINES, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.booleans())
def test_any_text_and_any_place_can_be_drawn(
    lines: list[str], line: int, column: int, more: int, end_column: int, ascii: bool
) -> None:
    lines = [one for text in lines for one in lines_of(text)]
    at = mark(line % 8 + 1, column, line % 8 + more % 5 + 1, end_column, "label \x1b")
    rows = draw(lines, at, mark(1, 1, 1, 2, "", False), ascii=ascii)
    for row in rows:
        assert row.isprintable()
        assert row.isascii() or not ascii
    assert any("^" in row for row in rows)

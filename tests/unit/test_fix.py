"""Choosing and applying fixes: whole or not at all, each file sound, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from svclint import fix
from svclint.diagnostic import Diagnostic, Region, Report
from svclint.locate import text_fix
from svclint.rule import Applicability, Document, Finding, Fix, Place
from svclint.yaml import parse
from svclint.yaml.changes import Change, Insert, KeepLast, Remove, RenameKey, Set
from svclint.yaml.document import Source


def finding(*changes: tuple[Document, Change], how: Applicability = "safe") -> Diagnostic:
    """A diagnostic whose fix makes these changes."""
    document = changes[0][0]
    found = Finding(Place(document, ()), "wrong", fix=Fix("right", changes, how))
    region = Region(document.source.path, 1, 1, 1, 1)
    assert found.fix is not None
    texts = {document.source.path: document.source.text}
    return Diagnostic("a-rule", "error", "certain", "wrong", region, None, None, (), text_fix(found.fix), texts, found)


def once(*diagnostics: Diagnostic, unsafe: bool = False, targets: list[str] | None = None) -> dict[str, str]:
    """The files after one round, as text."""
    first = Report(diagnostics)
    done = fix.converge(lambda contents: Report(()) if contents else first, unsafe, targets)
    assert done.applied == 0 or done.contents
    return {path: data.decode() for path, data in done.contents.items()}


def source(text: str, path: str = "a.yaml") -> Source:
    read = parse(text.encode(), path)
    assert all(document.value is not None for document in read.documents)
    return read


def test_fixes_of_one_file_are_applied_together() -> None:
    one, two = source("a: 1 # one\n---\nb: 2\n").documents
    assert once(finding((one, Set(("a",), 10))), finding((two, RenameKey(("b",), "c")))) == {
        "a.yaml": "a: 10 # one\n---\nc: 2\n"
    }


def test_what_touches_the_same_text_is_left_for_the_next_round() -> None:
    (document,) = source("a: 1\nb: 2\n").documents
    assert once(finding((document, Set(("a",), 10))), finding((document, Remove(("a",))))) == {
        "a.yaml": "a: 10\nb: 2\n"
    }


def test_the_same_fix_of_two_findings_is_applied_once() -> None:
    (document,) = source("a: 1\n").documents
    both = [finding((document, Insert((), "b", 2))) for _ in range(2)]
    assert once(*both) == {"a.yaml": "a: 1\nb: 2\n"}


def test_safe_fixes_go_first() -> None:
    (document,) = source("a: 1\n").documents
    unsafe, safe = finding((document, Set(("a",), 5)), how="unsafe"), finding((document, Set(("a",), 6)))
    assert once(unsafe, safe, unsafe=True) == {"a.yaml": "a: 6\n"}


def test_unsafe_fixes_and_those_for_show_are_left() -> None:
    (document,) = source("a: 1\n").documents
    unsafe, show = finding((document, Set(("a",), 5)), how="unsafe"), finding((document, Set(("a",), 6)), how="display")
    assert once(unsafe, show) == {}
    assert once(unsafe, show, unsafe=True) == {"a.yaml": "a: 5\n"}


def test_a_fix_across_files_is_applied_whole() -> None:
    one, two = source("a: 1\n", "a.yaml").documents[0], source("b: 1\n", "b.yaml").documents[0]
    across = finding((one, Set(("a",), 2)), (two, Set(("b",), 2)))
    assert once(across) == {"a.yaml": "a: 2\n", "b.yaml": "b: 2\n"}


def test_a_fix_across_files_is_left_whole_where_one_of_them_is_touched_already() -> None:
    one, two = source("a: 1\n", "a.yaml").documents[0], source("b: 1\n", "b.yaml").documents[0]
    first, across = finding((two, Set(("b",), 3))), finding((one, Set(("a",), 2)), (two, Set(("b",), 2)))
    assert once(first, across) == {"b.yaml": "b: 3\n"}


def test_a_fix_across_files_is_left_whole_where_one_of_them_is_no_target() -> None:
    one, two = source("a: 1\n", "a.yaml").documents[0], source("b: 1\n", "b.yaml").documents[0]
    across = finding((one, Set(("a",), 2)), (two, Set(("b",), 2)))
    assert once(across, targets=["a.yaml"]) == {}
    assert once(across, finding((one, Set(("a",), 5))), targets=["a.yaml"]) == {"a.yaml": "a: 5\n"}


def test_fixes_that_are_sound_alone_and_not_together_come_one_after_the_other() -> None:
    """Each takes a part away; both together would leave nothing but null."""
    (document,) = source("a:\n  p: 1\n\n  q: 2\nb: 3\n").documents
    one, two = finding((document, Remove(("a", "p")))), finding((document, Remove(("a", "q"))))
    (text,) = once(one, two).values()
    (left,) = parse(text, "a.yaml").documents
    assert left.value in ({"a": {"p": 1}, "b": 3}, {"a": {"q": 2}, "b": 3})


def test_a_sound_fix_is_applied_beside_one_that_would_break_the_file() -> None:
    (document,) = source("a: 1\nb: 2\nc: 3\nd: 4\n").documents
    good = [finding((document, Set((key,), 0))) for key in "acd"]
    broken = finding((document, Set(("b",), 0)))
    edits = broken.fix
    assert edits is not None
    broken = broken._replace(fix=edits._replace(edits=(edits.edits[0]._replace(text="[0"),)))
    assert once(good[0], broken, *good[1:]) == {"a.yaml": "a: 0\nb: 2\nc: 0\nd: 0\n"}


def test_edits_that_do_more_than_their_change_are_refused() -> None:
    (document,) = source("a: 1\n").documents
    honest = finding((document, Set(("a",), 0)))
    assert honest.fix is not None
    lying = honest._replace(fix=honest.fix._replace(edits=(honest.fix.edits[0]._replace(text="0\nb: 1"),)))
    assert once(lying) == {}


@pytest.mark.parametrize("data", [b"a: 1 # \xff\n---\nb: 2\n", b"\xff\xfe" + "a: 1\n".encode("utf-16-le") + b"a"])
def test_a_file_whose_bytes_are_not_all_text_is_left(data: bytes) -> None:
    read = parse(data, "a.yaml")
    assert read.lossy
    found = [finding((d, Set(("b",), 3))) for d in read.documents if d.value is not None]
    assert once(*found) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_mark_and_line_ends_stay(encoding: str, newline: str) -> None:
    text = "\ufeff" + newline.join(["a: 1 # é", "b: 2", ""])
    read = parse(text.encode(encoding), "a.yaml")
    diagnostic = finding((read.documents[0], Insert((), "c", 3)), (read.documents[0], Set(("a",), 2)))
    done = fix.converge(lambda contents: Report(()) if contents else Report((diagnostic,)), False)
    wanted = "\ufeff" + newline.join(["a: 2 # é", "b: 2", "c: 3", ""])
    assert done.contents["a.yaml"].decode(encoding) == wanted
    assert fix.original(done.before["a.yaml"]) == text.encode(encoding)


def test_of_a_key_that_comes_twice_the_last_stays() -> None:
    (document,) = source("a: 1\nb: 2\na: 3\n").documents
    assert once(finding((document, KeepLast(("a",))))) == {"a.yaml": "b: 2\na: 3\n"}


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    rounds = 0

    def check(contents: Mapping[str, bytes]) -> Report:
        nonlocal rounds
        rounds += 1
        (document,) = parse(contents.get("a.yaml", b"a: 1\n"), "a.yaml").documents
        assert isinstance(document.value, dict)
        return Report((finding((document, Set(("a",), 3 - int(str(document.value["a"]))))),))

    done = fix.converge(check, False)
    assert rounds < fix.ROUNDS
    assert done.contents == {"a.yaml": b"a: 2\n"}


def test_rounds_have_an_end() -> None:
    def check(contents: Mapping[str, bytes]) -> Report:
        (document,) = parse(contents.get("a.yaml", b"a: 1\n"), "a.yaml").documents
        assert isinstance(document.value, dict)
        return Report((finding((document, Set(("a",), int(str(document.value["a"])) + 1))),))

    assert fix.converge(check, False).contents == {"a.yaml": b"a: %d\n" % (1 + fix.ROUNDS)}


def test_a_file_that_ends_as_it_began_is_not_written() -> None:
    wanted = iter([{"a.yaml": 3, "b.yaml": 3}, {"a.yaml": 1}, {}])

    def check(contents: Mapping[str, bytes]) -> Report:
        read = {path: parse(contents.get(path, b"a: 1\n"), path).documents[0] for path in ("a.yaml", "b.yaml")}
        return Report(tuple(finding((read[path], Set(("a",), value))) for path, value in next(wanted).items()))

    assert fix.converge(check, False).contents == {"b.yaml": b"a: 3\n"}


def test_many_fixes_of_many_files_take_one_look_at_each() -> None:
    """10,000 fixes: each file is read again once, not once a fix."""
    files = [source("---\n".join(f"a: {n}\n" for n in range(100)), f"{number}.yaml") for number in range(100)]
    found = [finding((document, Set(("a",), -1))) for read in files for document in read.documents]
    assert len(fix.choose(fix.candidates(found, False))) == 10_000


def test_a_diff_is_what_git_reads() -> None:
    text = 'a: "x\x0by\u2028z"\nb: 1\n'.replace("\x0b", "\\v")
    (document,) = source(text, 'odd "name"\n.yaml').documents
    done = fix.converge(lambda c: Report(()) if c else Report((finding((document, Set(("b",), 2))),)), False)
    assert fix.diff(done) == (
        '--- "a/odd \\042name\\042\\012.yaml"\n+++ "b/odd \\042name\\042\\012.yaml"\n@@ -1,2 +1,2 @@\n'
        ' a: "x\\vy\u2028z"\n-b: 1\n+b: 2\n'
    )


def test_a_diff_tells_of_a_missing_line_end() -> None:
    (document,) = source("a: 1\nb: 1").documents
    done = fix.converge(lambda c: Report(()) if c else Report((finding((document, Set(("b",), 2))),)), False)
    assert fix.diff(done).endswith("-b: 1\n\\ No newline at end of file\n+b: 2\n\\ No newline at end of file\n")

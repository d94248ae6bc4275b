"""Files: encodings, line ends, splitting, and problems at their places."""

from __future__ import annotations

import pytest

from svclint.text import Position, Span
from svclint.yaml import Document, Source, parse


def one(data: bytes | str) -> Document:
    (document,) = parse(data, "x.yaml").documents
    return document


def test_documents_are_counted_without_the_empty_ones() -> None:
    source = parse("# nothing\n---\n---\na: 1\n---\nnull\n--- # comment\nb: 2\n---\n", "x.yaml")
    assert [(document.index, document.value) for document in source.documents] == [(0, {"a": 1}), (1, {"b": 2})]
    assert [source.text[d.start : d.end] for d in source.documents] == ["---\na: 1\n", "b: 2\n"]


def test_a_broken_document_leaves_the_others_alone() -> None:
    source = parse("a: 1\n---\nb: [\n---\nc: 3\n", "x.yaml")
    assert [document.value for document in source.documents] == [{"a": 1}, None, {"c": 3}]
    (problem,) = source.documents[1].problems
    assert problem.kind == "syntax"
    assert problem.message == "yaml: line 1: did not find expected node content"
    assert source.position(problem.span.start).line == 4


def test_a_fault_stands_in_the_file_not_in_the_document() -> None:
    source = parse("a: 1\n---\nb: 1\n  c: 2\n", "x.yaml")
    (problem,) = source.documents[1].problems
    assert problem.message == "yaml: line 2: mapping values are not allowed in this context"
    assert source.position(problem.span.start) == Position(4, 4)


def test_kubectl_refuses_content_behind_a_separator() -> None:
    source = parse("a: 1\n--- {b: 1}\n---\nc: 1\n", "x.yaml")
    assert [document.value for document in source.documents] == [{"a": 1}, None, {"c": 1}]
    (problem,) = source.documents[1].problems
    assert problem.message == "invalid Yaml document separator: {b: 1}"
    assert source.text[slice(*problem.span)] == "--- {b: 1}"


def test_the_last_of_equal_keys_wins_and_each_is_reported() -> None:
    document = one("a: 1\nb: 2\na: 3\nb: 4\n")
    assert document.value == {"a": 3, "b": 4}
    assert document.error is None
    assert document.strict_error == (
        'yaml: unmarshal errors:\n  line 3: key "a" already set in map\n  line 4: key "b" already set in map'
    )
    assert [problem.kind for problem in document.problems] == ["duplicate-key", "duplicate-key"]
    assert [document.source.position(problem.span.start) for problem in document.problems] == [(3, 1), (4, 1)]


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("base: &b {x: 1}\nm:\n  <<: *b\n  x: 9\n", "x", 9),
        ("base: &b {x: 1}\nm:\n  x: 9\n  <<: *b\n", "<<", 1),
    ],
)
def test_a_key_set_by_a_merge_too_is_a_problem_of_its_own(text: str, place: str, value: int) -> None:
    document = one(text)
    (problem,) = document.problems
    assert problem.kind == "merge-override"
    assert document.source.text[slice(*problem.span)] == place
    assert document.value["m"] == {"x": value}  # type: ignore[index,call-overload]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_bytes_come_back_as_they_were(encoding: str, newline: str) -> None:
    text = f"a: é{newline}b: 𝄞{newline}"
    bom = "\ufeff" if encoding.startswith("utf-16") else ""
    data = (bom + text).encode(encoding)
    source = parse(data, "x.yaml")
    assert source.text == text
    assert source.encode(source.text) == data
    assert source.newline == newline
    assert source.documents[0].value == {"a": "é", "b": "𝄞"}
    assert source.position(source.documents[0].span(("b",), "key").start) == Position(2, 1)


def test_utf16_that_kubectl_breaks_is_a_problem_of_the_file() -> None:
    little, big = (("\ufeffa: 1\n").encode(encoding) for encoding in ("utf-16-le", "utf-16-be"))
    assert [problem.kind for problem in parse(little, "x").problems] == ["encoding"]
    assert parse(big, "x").problems == ()


def test_invalid_bytes_are_a_problem_at_their_place() -> None:
    source = parse(b"a: 1\n---\nb: \xe9\n---\nc: 1\n", "x.yaml")
    assert [document.value for document in source.documents] == [{"a": 1}, None, {"c": 1}]
    (problem,) = source.documents[1].problems
    assert (problem.kind, problem.message) == ("encoding", "yaml: incomplete UTF-8 octet sequence")
    assert source.text[slice(*problem.span)] == "\ufffd"
    with pytest.raises(ValueError, match="not valid utf-8"):
        source.encode(source.text)


def test_control_characters_are_a_problem_at_their_place() -> None:
    for char in "\0\x01\x7f":
        document = one(f"a: 1\nb: x{char}y\n")
        (problem,) = document.problems
        assert (problem.kind, problem.message) == ("encoding", "yaml: control characters are not allowed")
        assert document.source.text[slice(*problem.span)] == char


def test_a_later_byte_order_mark_is_not_content() -> None:
    source = parse("a: 1\n---\n\ufeffb: 2\n", "x.yaml")
    document = source.documents[1]
    assert document.value == {"b": 2}
    assert source.text[slice(*document.span(("b",), "key"))] == "b"


def test_json_is_read_as_json() -> None:
    source = parse('{"a": "b\\/c"}\n{"b": [1]}\n', "x.json")
    assert [document.value for document in source.documents] == [{"a": "b/c"}, {"b": [1]}]
    assert source.text[slice(*source.documents[0].span(("a",)))] == '"b\\/c"'
    assert source.text[slice(*source.documents[1].span(("b", 0)))] == "1"


def chain(start: str, end: str) -> str:
    """Forty anchors, each of which wraps the one before: deep, but no bomb."""
    aliases = [f"b{n}: &b{n} {start}*b{n - 1}{end}\n" for n in range(1, 40)]
    return "b0: &b0 {x: 1}\n" + "".join(aliases)


def test_json_escapes_of_two_have_places() -> None:
    document = one('{"a": "\\ud83d\\ude00", "b": 1}')
    assert document.value == {"a": "\U0001f600", "b": 1}
    assert document.source.text[slice(*document.span(("b",)))] == "1"


def test_json_numbers_are_those_of_go() -> None:
    assert one('{"a": [1.0, 1e3, 1.5, 18446744073709551616, -0]}').value == {
        "a": [1, 1000, 1.5, 18446744073709552000, 0]
    }
    assert repr(one('{"a": 1.0}').value) == "{'a': 1}"


def test_json_with_equal_keys_is_read_as_yaml() -> None:
    assert [problem.kind for problem in one('{"a": 1, "a": 2}').problems] == ["duplicate-key"]


def test_a_huge_document_is_a_limit() -> None:
    source = parse("a: 1\n---\nb: " + "x" * (16 << 20) + "\n---\nc: 1\n", "x.yaml")
    assert [[problem.kind for problem in document.problems] for document in source.documents] == [[], ["limit"], []]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ' + "[" * 400 + "]" * 400 + "}", "nested deeper than 300 levels"),
        ("[" * 301 + "]" * 301, "nested deeper than 300 levels"),
        ("[" * 10_001 + "]" * 10_001, "yaml: exceeded max depth of 10000"),
        (chain("[" * 10, "]" * 10), "nested deeper than 300 levels"),
        (chain("{<<: " * 10, "}" * 10), "nested deeper than 300 levels"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"b{n}: &b{n} [{','.join(['*' + ('a' if not n else f'b{n - 1}')] * 10)}]\n" for n in range(9)),
            "yaml: document contains excessive aliasing",
        ),
    ],
)
def test_limits_are_a_clear_problem(text: str, message: str) -> None:
    document = one(text)
    (problem,) = document.problems
    assert problem.message.startswith(message)
    assert document.value is None


def test_depth_within_the_limit_is_read() -> None:
    assert one("[" * 299 + "]" * 299).problems == ()


def test_an_unknown_path_gives_the_nearest_parents_key() -> None:
    document = one("spec:\n  ports:\n  - port: 1\n")
    text = document.source.text
    assert text[slice(*document.span(("spec", "selector", "app")))] == "spec"
    assert text[slice(*document.span(("spec", "ports", 4)))] == "ports"
    assert text[slice(*document.span(("spec", "ports", 0, "name")))] == "port"
    assert document.span(("status",)) == Span(0, 4)
    assert text[slice(*document.span((), "key"))] == "spec"


def test_an_unreadable_document_has_the_place_of_its_problem() -> None:
    document = one("a: [\n")
    assert document.span(("a", "b"), "key") == document.problems[0].span


def test_a_source_without_documents() -> None:
    for data in (b"", b"\n", b"\xef\xbb\xbf", "# c", "---\n---\n"):
        source: Source = parse(data, "x.yaml")
        assert source.documents == ()
        assert source.problems == ()


def test_keys_may_be_aliases() -> None:
    document = one("a: &x k\n*x : 1\n*x : 2\n")
    assert document.value == {"a": "k", "k": 2}
    (problem,) = document.problems
    assert document.source.text[slice(*problem.span)] == "*x"
    assert problem.message == 'line 3: key "k" already set in map'


def test_a_template_behind_a_separator() -> None:
    source = parse("--- {{ x }}\na: 1\n", "x.yaml")
    assert [problem.kind for problem in source.documents[0].problems] == ["template"]


def test_every_private_character_used_is_a_limit() -> None:
    text = 'a: "\\/"\nb: ' + "".join(map(chr, range(0xE000, 0xF900))) + "\n"
    assert [problem.kind for problem in one(text).problems] == ["limit"]


def test_each_invalid_byte_of_binary_is_one_character() -> None:
    assert one("v: !!binary 1e+3\n").value == {"v": "\ufffd\ufffd\ufffd"}


def test_a_byte_order_mark_inside_is_content() -> None:
    document = one("a: 1\n\ufeffb: 2\n")
    assert document.value == {"a": 1, "\ufeffb": 2}
    assert document.source.text[slice(*document.span(("\ufeffb",)))] == "2"


def test_a_flow_collection_at_a_keys_place() -> None:
    """go-yaml's parser refuses it where libyaml's scanner does; words and line are go-yaml's."""
    assert one("a: 1\nb: 2\n{}\n").error == "yaml: line 2: did not find expected key"
    assert one("a: 1\nb: 2\n{a: 1}\n").error == "yaml: line 4: could not find expected ':'"

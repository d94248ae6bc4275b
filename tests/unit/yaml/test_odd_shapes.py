"""Shapes that nobody writes: the work grows with the text, not faster, and what is too large is not read at all.

Work is counted in calls, which a clock could not do on a busy machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from svclint.yaml import fast, parse
from svclint.yaml.split import MAX_SIZE

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n"


def steps(work: Callable[[], object]) -> int:
    """How many calls, of Python and of C functions, a piece of work takes."""
    for kept in (fast._rows, fast._meanings, fast._heads, fast._blocks, fast._pairs):
        kept.clear()
    count = 0

    def seen(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


SHAPES: dict[str, Callable[[int], str]] = {
    "documents": lambda n: "---\n".join(f"kind: Pod\nmetadata:\n  name: a{i}\n" for i in range(n)),
    "separators": lambda n: "---\n" * n,
    "refused separators": lambda n: "--- x\n" * n,
    "block": lambda n: HEAD + "  t: |\n" + "    some line\n\n" * n,
    "folded block": lambda n: HEAD + "  t: >-\n" + "    some line\n" * n,
    "empty blocks": lambda n: "".join(f"    a{i}: |\n" for i in range(n)),
    "blank lines": lambda n: "a: |\n" + "\n" * n + "b: 1\n",
    "plain over lines": lambda n: "a: b\n" + "  c d\n" * n,
    "quoted over lines": lambda n: "".join(f"a{i}: 'b\n  c'\n" for i in range(n)),
    "quoted and never closed": lambda n: "a: 'b\n" + "  c\n" * n,
    "flow list": lambda n: "a: [" + ", ".join(["b"] * n) + "]\n",
    "flow list over lines": lambda n: "a: [\n" + "  b,\n" * n + "  c]\n",
    "flow list never closed": lambda n: "a: [\n" + "  b,\n" * n,
    "flow lists": lambda n: "".join(f"a{i}: [\n  b,\n  c]\n" for i in range(n)),
    "json": lambda n: '{"a": [' + ", ".join(['{"k": 1.5}'] * n) + "]}\n",
    "json documents": lambda n: '{"a": 1}\n' * n,
    "json, then none": lambda n: '{"a": 1}\n' * n + "{a: b}\n",
    "comments": lambda n: "a: 1\n" + "# c\n" * n,
    "keys": lambda n: "".join(f"k{i}: 1\n" for i in range(n)),
    "equal keys": lambda n: "a: 1\n" * n,
    "equal keys in items": lambda n: "- a: 1\n  a: 2\n" * n,
    "mappings in mappings": lambda n: "".join(f"{' ' * (i % 50)}k{i}:\n" for i in range(n)),
    "merges": lambda n: "a: &a {b: 1}\n" + "".join(f"m{i}:\n  <<: *a\n  b: 2\n" for i in range(n)),
    "aliases": lambda n: "a: &a [x]\n" + "".join(f"b{i}: *a\n" for i in range(n)),
    "braces": lambda n: 'a: "' + "{ " * n + '"\n',
    "marks": lambda n: "a: '" + "{{ x }} " * n + "'\n",
    "marks in what can't be read": lambda n: "a: [" + "{{ x }} " * n + "\n",
    "carriage returns": lambda n: "a: |\r\n" + "  b\r\n" * n,
    "invalid bytes": lambda n: HEAD + "  a: '" + "\udcff" * n + "'\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_reading_is_linear(shape: str) -> None:
    texts = [SHAPES[shape](n).encode("utf-8", "surrogateescape") for n in (400, 1600)]
    parse(texts[0], "x.yaml")
    small, large = (steps(lambda text=text: parse(text, "x.yaml")) for text in texts)
    assert large <= 4.4 * small + 200


@pytest.mark.parametrize("shape", ["documents", "keys", "block", "flow list", "equal keys", "equal keys in items"])
def test_asking_for_every_place_is_linear(shape: str) -> None:
    def ask(text: str) -> None:
        source = parse(text, "x.yaml")
        for document in source.documents:
            value = document.value
            for step in value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0):
                source.position(document.span((step,), "key").start)
                source.position(document.span((step, "nope")).end)
            for problem in document.problems:
                source.position(problem.span.start)

    texts = [SHAPES[shape](n) for n in (400, 1600)]
    ask(texts[0])
    small, large = (steps(lambda text=text: ask(text)) for text in texts)
    assert large <= 4.4 * small + 200


def test_places_in_one_list_of_many_items_are_linear() -> None:
    def ask(n: int) -> None:
        document = parse("a:\n" + "- b: 1\n  c: {d: 2}\n" * n, "x.yaml").documents[0]
        for i in range(n):
            assert document.span(("a", i, "c", "d")).start > i

    ask(10)
    assert steps(lambda: ask(1600)) <= 4.4 * steps(lambda: ask(400)) + 200


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "  t: |\n" + "    some line of text\n" * (MAX_SIZE // 20),
        '{"a": [' + ", ".join(['{"k": "v"}'] * (MAX_SIZE // 5)) + "]}\n",
        "a: " + "x" * MAX_SIZE + "\n",
        "a: b\n" + "# c\n" * (MAX_SIZE // 4),
    ],
    ids=["block", "json", "line", "comments"],
)
def test_what_is_too_large_is_not_read(text: str) -> None:
    found = []
    assert steps(lambda: found.append(parse(text, "x.yaml"))) < 100
    (document,) = found[0].documents
    assert document.value is None
    assert [problem.kind for problem in document.problems] == ["limit"]


def test_what_stands_beside_a_document_that_is_too_large_is_read() -> None:
    large = "a: |\n" + "  some line of text\n" * (MAX_SIZE // 19)
    source = parse(f"a: 1\n---\n{large}---\nb: 2\n", "x.yaml")
    assert [document.value for document in source.documents] == [{"a": 1}, None, {"b": 2}]
    assert source.documents[2].span(("b",)).start == len(source.text) - 2

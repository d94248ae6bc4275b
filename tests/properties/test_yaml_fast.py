"""The fast line parser: the exact path's value, with its types and order of keys, or nothing."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from svclint.yaml import emit, fast, parse, places, slices
from svclint.yaml.compose import YamlError, compose
from svclint.yaml.decode import decode
from svclint.yaml.fast import DECLINED, read
from svclint.yaml.split import split

GOLDEN = Path(__file__).parents[1] / "golden" / "yaml" / "yaml_cases.jsonl"
PARTS: tuple[Literal["key"], Literal["value"]] = ("key", "value")
SHARED = Path(__file__).parents[3] / "shared"
LINES = (
    "kind: Service",
    "metadata:",
    "name: web # c",
    "labels: {app: web, on: x}",
    "- port: 80",
    "- 'it''s'",
    '- "a\\tb"',
    "-   a: b",
    "- - x",
    "-",
    "args: [a, 'b', \"c d\", -1, 1e3]",
    "text: |",
    "text: >-",
    "text: |+",
    "one # not",
    "",
    "  ",
    "# comment",
    "folded: one",
    "'two': \"three",
    'four"',
    "plain text",
    "yes: no",
    "x: ",
    "x: {}",
    "x: []",
    "[]",
    "x: &a 1",
    "y: *a",
    "<<: {}",
    "x: !!str 1",
    "x: a: b",
    "x: 0x1F",
    "url: http://x:80/",
    "...",
    "---",
    "/: x",
    "'\"q\"':",
    "x: :80",
    "x: ~",
    "\ta: 1",
    ".dot: 1",
    "x: {a: [b, {c: d}], e: []}",
    "- {'k l': v, \"m\": 1}",
    "x: [a, # c",
    "x: [a,",
    "b, c]",
    "x: {a: b,",
    "c: d}",
    "x: [''] # 'c'",
    'x: "a \\',
    "\\ b\\n",
    'c"',
    "- - a: b",
    "- - - c",
    "items:",
    "x: [",
    "]",
    "a, b,",
    "x: {a: b,}",
    "1: 2",
    "01-a.conf: x",
    "- b:",
    "- |",
    "text: >+",
)
TEXTS = st.lists(
    st.tuples(st.sampled_from(("", "", "  ", "  ", "    ", " ", "      ")), st.sampled_from(LINES)), max_size=10
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 70000) | st.text(max_size=10) | st.sampled_from(["yes", "1e3", "x:y"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def ordered(value: object) -> object:
    if isinstance(value, dict):
        return [(key, ordered(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [ordered(part) for part in value]
    return type(value).__name__, value


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield from paths_of(part, (*path, step))


def places_agree(body: str, most: int = 200) -> int:
    """How many places are found by a look at the lines; each must be the one that is found by composing."""
    found = 0
    for document in parse(body, "x.yaml").documents:
        if not document._glances:
            continue
        positions = document.positions
        paths = list(paths_of(document.literal))
        for path in paths[:: len(paths) // most + 1]:
            for asked in (path, (*path, "nope"), (*path, 0)):
                for part in PARTS:
                    span = places.span(document, asked, part)
                    if span is not None:
                        found += 1
                        assert span == positions.span(asked, part), (asked, part, body)
            for slice in ((0, 1), (1, 3), (2, 2)):
                span = places.slice_span(document, path, *slice)
                assert span is None or span == slices.slice_span(document, path, *slice), (path, slice, body)
    return found


def agrees(body: str, most_places: int = 4) -> bool:
    """Whether the fast path took the document; it must then agree."""
    value = read(body)
    if value is DECLINED:
        return False
    try:
        exact, refusals = decode(compose(body))
    except YamlError as error:
        pytest.fail(f"took {body!r}, which is refused: {error}")
    assert not refusals
    assert ordered(value) == ordered(exact), body
    if most_places:
        places_agree(body, most_places)
    return True


def test_recorded_cases() -> None:
    taken = 0
    for line in GOLDEN.read_text().splitlines():
        case = json.loads(line)
        text = base64.b64decode(case["yaml_b64"]).decode("latin-1") if case["yaml"] is None else case["yaml"]
        taken += agrees(text if text.endswith("\n") else text + "\n")
    assert taken > 250


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example([("", "'\"q\"':"), ("  ", "[]")])
@example([("", "x: "), ("  ", "one # not"), ("   ", "plain text")])
@example([("", "---#x: v1"), ("", "kind: Service")])
@example([("", "text: |"), ("", ""), ("", "x: {}")])
def test_lines_of_all_kinds(lines: list[tuple[str, str]]) -> None:
    agrees("".join(f"{indent}{line}\n" for indent, line in lines))


PARENTS = ("a:\n  b:\n", "a:\n- b:\n", "a:\n  items:\n", "- a:\n  - b:\n", "a:\n    b:\n")
ENDINGS = (
    "",
    "\n",
    "   \n",
    "  c: 1\n",
    "  - x\n",
    "- x\n",
    "# c\n",
    "...\n",
    "d: 1\n",
    "    e: 1\n",
    "     f\n",
    "c: |+\n\n",
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.tuples(st.sampled_from(PARENTS), st.sampled_from(ENDINGS)), min_size=2, max_size=4))
def test_a_block_that_was_read_before_is_read_again_where_something_else_follows(
    lines: list[tuple[str, str]], places: list[tuple[str, str]]
) -> None:
    block = "".join(f"    {indent}{line}\n" for indent, line in lines)
    for parent, ending in places:
        agrees(parent + block + ending)
    agrees("".join(f"k{number}:\n  {parent}" for number, (parent, _) in enumerate(places)))


def test_equal_blocks_are_one_value() -> None:
    """What many documents say alike takes memory once; objects themselves are told apart by their identity."""
    body = "kind: Pod\nspec:\n  ports:\n  - name: http\n    port: 80\n  selector:\n    app: web\n"
    first, second = read(body), read(body)
    assert first == second
    assert first is not second
    assert first["spec"]["ports"] is second["spec"]["ports"]
    nested = "items:\n  - kind: List\n    items:\n      - kind: Pod\n"
    ones, others = read(nested)["items"], read(nested)["items"]
    assert ones[0] is not others[0]
    assert ones[0]["items"][0] is not others[0]["items"][0]


def test_what_is_remembered_is_bounded() -> None:
    body = "".join(f"key-{number}:\n  a: value-{number}\n" for number in range(3 * fast.MOST_KEPT))
    assert len(read(body)) == 3 * fast.MOST_KEPT
    assert max(len(fast._rows), len(fast._meanings), len(fast._blocks)) <= fast.MOST_KEPT
    read("".join(f"long-{number}:\n  a: {'x' * 10_000}\n" for number in range(100)))
    assert max(len(text) for text, _ in fast._blocks.values()) < 10_000


@pytest.mark.parametrize("depth", [10, 60, 79, 80, 99, 190, 240, 260])
def test_depth_is_counted_through_blocks_that_were_read_before(depth: int) -> None:
    block = " " * 261 + "- " * 60 + "x\n"
    assert agrees("k:\n" + block)
    deep = "".join(" " * level + "k:\n" for level in range(depth)) + block
    assert not agrees(deep) if depth > 200 else agrees(deep) or read(deep) is DECLINED
    agrees("".join(" " * level + "k:\n" for level in range(depth)) + " " * depth + "- a: 1\n")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    agrees(text + "\n")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "c d", "x/y", "on"]), VALUES, min_size=1), st.booleans())
def test_what_svclint_writes_is_taken_and_agrees(value: dict[str, object], indented: bool) -> None:
    agrees("\n".join(emit.block(value, indented)) + "\n")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        "a:\n- b: 1\n  c: |\n    x\n\n    y\n- d\ne: 'f\n  g'\n",
        '---\na:\n    b: {c: d, e: "f"}\n    g: [1, two]\n# end\n',
        "a: plain\n  goes on\nb:\n  >-\n  folded\n  text\n\n  more\nc: |+\n  x\n\n\n",
        '"a": "b\\n"\n\'c\':\n  - - 1\n    - 2\n  - []\nd:\n',
        "a: 1\r\nb:\r\n- c\r\n",
        "a: {key: b, operator: In, values: [c, 'd e']} # f 'g'\n.dockerconfigjson: e30=\nport: :8080\n...\n\n",
        'a: [b,\n  "c d",\n\n'[:-1] + "  e]\n" + 'f: "one\\n\\\n  \\ two\\\n  three\n  four"\n',
        "00-a.yaml: |\n  x\nb: [\n  # one\n  c, d,\n]\n",
    ],
)
def test_ordinary_manifests_are_taken(body: str) -> None:
    assert agrees(body)


def test_ordinary_places_are_found_by_a_look_at_the_lines() -> None:
    body = (
        "kind: Service\nspec:\n  # c\n  selector:\n    app: 'web' # c\n  ports:\n  - name: http\n    port: 80\n  - {}\n"
    )
    assert places_agree(body) > 50
    assert places_agree("a:\n  - - 1\n  - |\n    x\n  - [b,\n    c\n  ]\n  - d\n") > 10
    document = parse(body, "x.yaml").documents[0]
    wanted = [("spec", "ports", 0, "port"), ("spec", "selector"), ("spec", "selector", "app")]
    assert [body[slice(*document.span(path))] for path in wanted] == ["80", "app: 'web'", "'web'"]
    assert document._positions is None
    for path in paths_of(document.value):
        document.span(path)
    assert document._positions is not None


def manifests() -> Iterator[str]:
    for name in ("corpus", "repos", "charts"):
        for folder, _, files in os.walk(SHARED / name):
            for file in files:
                if file.endswith((".yaml", ".yml")):
                    path = os.path.join(folder, file)
                    if os.path.getsize(path) < 100_000:
                        yield Path(path).read_text(encoding="utf-8", errors="replace")


@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the public manifests are not here")
def test_public_manifests() -> None:
    taken = total = 0
    for text in manifests():
        for chunk in split(text):
            body = text[chunk.start : chunk.end]
            total += 1
            taken += agrees(body if body.endswith("\n") else body + "\n", most_places=total % 10 == 0)
    assert taken > 0.9 * total

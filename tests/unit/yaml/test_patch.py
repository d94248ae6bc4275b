"""Changes of values that leave everything else as it was written."""

from __future__ import annotations

import pytest

from svclint.yaml import parse
from svclint.yaml.patch import (
    Change,
    Insert,
    KeepLast,
    PatchError,
    Remove,
    RenameKey,
    Set,
    SetSlice,
    apply,
    edits,
    verified,
    verify,
)

TEXT = """\
# top
kind: Service   # svc
metadata:
  name: web
  labels: {app: web, "tier": 'x'} # l
spec:
  ports:   # the ports
  - name: http
    port: 80 # p
    targetPort: "8080"
  # second
  - port: 443

  selector:
    app: web
  text: |
    hello
    world

  empty:
  anchored: &a [1, 2]
  alias: *a
"""


def lines_of(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came."""
    before, after = old.split("\n"), new.split("\n")
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


def changed_lines(*changes: Change, text: str = TEXT) -> tuple[list[str], list[str]]:
    (document,) = parse(text, "x.yaml").documents
    return lines_of(text, apply(text, verified(document, changes)))


@pytest.mark.parametrize(
    ("path", "value", "went", "came"),
    [
        (("spec", "ports", 0, "port"), 8080, ["    port: 80 # p"], ["    port: 8080 # p"]),
        (("spec", "ports", 0, "targetPort"), "http", ['    targetPort: "8080"'], ['    targetPort: "http"']),
        (("spec", "ports", 0, "targetPort"), 80, ['    targetPort: "8080"'], ["    targetPort: 80"]),
        (("metadata", "name"), "yes", ["  name: web"], ['  name: "yes"']),
        (("metadata", "name"), "8080", ["  name: web"], ['  name: "8080"']),
        (
            ("metadata", "labels", "tier"),
            "it's",
            ["  labels: {app: web, \"tier\": 'x'} # l"],
            ["  labels: {app: web, \"tier\": 'it''s'} # l"],
        ),
        (
            ("metadata", "labels", "app"),
            "a,b",
            ["  labels: {app: web, \"tier\": 'x'} # l"],
            ['  labels: {app: "a,b", "tier": \'x\'} # l'],
        ),
        (("spec", "selector"), {"app": "web", "b": "c"}, [], ["    b: c"]),
        (("spec", "selector"), None, ["  selector:", "    app: web"], ["  selector: null"]),
        (("spec", "selector"), ["x"], ["    app: web"], ["  - x"]),
        (("spec", "empty"), "v", ["  empty:"], ["  empty: v"]),
        (("spec", "empty"), {"a": ["b"]}, [], ["    a:", "    - b"]),
        (("spec", "text"), "bye\nworld\n", ["    hello"], ["    bye"]),
        (("spec", "new"), {"a": []}, [], ["  new:", "    a: []"]),
        (("spec", "alias"), 3, ["  alias: *a"], ["  alias: 3"]),
        (("metadata", "name"), {"a": 1}, ["  name: web"], ["  name:", "    a: 1"]),
    ],
)
def test_set(path: tuple[str | int, ...], value: object, went: list[str], came: list[str]) -> None:
    assert changed_lines(Set(path, value)) == (went, came)  # type: ignore[arg-type]


def test_a_block_that_becomes_empty_keeps_its_comment() -> None:
    went, came = changed_lines(Set(("spec", "ports"), []))
    assert came == ["  ports: []   # the ports"]
    assert len(went) == 6


@pytest.mark.parametrize(
    ("path", "went", "came"),
    [
        (("spec", "ports", 0), ["  - name: http", "    port: 80 # p", '    targetPort: "8080"'], []),
        (("spec", "ports", 0, "name"), ["  - name: http", "    port: 80 # p"], ["  - port: 80 # p"]),
        (("spec", "ports", 0, "port"), ["    port: 80 # p"], []),
        (("spec", "ports", 1, "port"), ["  - port: 443"], ["  - {}"]),
        (("spec", "selector", "app"), ["  selector:", "    app: web"], ["  selector: {}"]),
        (("spec", "text"), ["  text: |", "    hello", "    world"], []),
        (("metadata", "labels", "app"), ["  labels: {app: web, \"tier\": 'x'} # l"], ["  labels: {\"tier\": 'x'} # l"]),
        (("metadata", "labels", "tier"), ["  labels: {app: web, \"tier\": 'x'} # l"], ["  labels: {app: web} # l"]),
        (("spec", "alias"), ["  alias: *a"], []),
        (("kind",), ["kind: Service   # svc"], []),
    ],
)
def test_remove(path: tuple[str | int, ...], went: list[str], came: list[str]) -> None:
    assert changed_lines(Remove(path)) == (went, came)


@pytest.mark.parametrize(
    ("change", "came"),
    [
        (
            Insert(("spec", "ports"), None, {"port": 1, "x": [1, {"z": 2}]}),
            ["  - port: 1", "    x:", "    - 1", "    - z: 2"],
        ),
        (Insert(("spec", "ports"), 0, {"port": 1}), ["  - port: 1"]),
        (Insert(("spec", "ports"), 1, 5), ["  - 5"]),
        (Insert(("spec",), "on", True), ['  "on": true']),
        (Insert((), "last", "a: b"), ['last: "a: b"']),
        (Insert(("spec", "selector"), "8080", "8080"), ['    "8080": "8080"']),
    ],
)
def test_insert(change: Insert, came: list[str]) -> None:
    assert changed_lines(change) == ([], came)


def test_insert_in_flow() -> None:
    assert changed_lines(Insert(("metadata", "labels"), "a", "b"))[1] == [
        "  labels: {app: web, \"tier\": 'x', a: b} # l"
    ]
    assert changed_lines(Insert(("a",), 0, 0), text="a: [1, 2]\n")[1] == ["a: [0, 1, 2]"]
    assert changed_lines(Insert(("a",), None, 3), text="a: [1, 2,]\n")[1] == ["a: [1, 2, 3,]"]
    assert changed_lines(Insert(("a",), "k", 3), text="a: {}\n")[1] == ["a:", "  k: 3"]


def test_rename_and_slices() -> None:
    assert changed_lines(RenameKey(("spec", "ports", 0, "targetPort"), "yes"))[1] == ['    "yes": "8080"']
    assert changed_lines(RenameKey(("metadata", "labels", "tier"), "x"))[1] == ["  labels: {app: web, \"x\": 'x'} # l"]
    assert changed_lines(SetSlice(("metadata", "name"), 1, 2, "oo"))[1] == ["  name: woob"]
    assert changed_lines(SetSlice(("spec", "text"), 6, 11, "all"))[1] == ["    all"]
    assert changed_lines(SetSlice(("spec", "ports", 0, "targetPort"), 1, 2, '"'))[1] == ['    targetPort: "8\\"80"']
    assert changed_lines(SetSlice(("v",), 0, 1, ""), text="v: x80\n")[1] == ['v: "80"']
    assert changed_lines(SetSlice(("v",), 10, 10, ":81"), text="v: http://web/a\n")[1] == ["v: http://web:81/a"]


def test_slices_of_one_string_are_changed_together() -> None:
    document = parse('v: "web, web:80 and web" # all\n', "a.yaml").documents[0]
    changes = [SetSlice(("v",), 16, 19, "front"), SetSlice(("v",), 0, 3, "front"), SetSlice(("v",), 5, 8, "front")]
    new = apply(document.source.text, verified(document, changes))
    assert new == 'v: "front, front:80 and front" # all\n'
    assert verify(document, [SetSlice(("v",), 0, 3, "a"), SetSlice(("v",), 2, 4, "b")]) is not None


def test_several_changes_at_once() -> None:
    went, came = changed_lines(
        Set(("spec", "ports", 1, "port"), 444),
        Insert(("spec", "ports", 1), "name", "x"),
        Insert(("spec", "ports"), None, {"port": 1}),
    )
    assert went == ["  - port: 443"]
    assert came == ["  - port: 444", "    name: x", "  - port: 1"]


def test_the_last_key_may_go_while_another_comes() -> None:
    text = "a:\n  b: 1\n  c: 2\nd: 3"
    assert changed_lines(Set(("a",), {"b": 1, "e": 2}), text=text) == (["  c: 2"], ["  e: 2"])
    assert changed_lines(Remove(("d",)), Insert((), "e", 4), text=text) == (["d: 3"], ["e: 4"])
    text = "a:\n- 1\n- 2\n"
    assert changed_lines(Remove(("a", 0)), Insert(("a",), 0, 3), text=text) == (["- 1"], ["- 3"])
    assert changed_lines(Remove(("a", 1)), Insert(("a",), None, 3), text=text) == (["- 2"], ["- 3"])


def test_the_removal_of_all_items_leaves_an_empty_list() -> None:
    changes = [Remove(("spec", "ports", 0)), Remove(("spec", "ports", 1))]
    assert changed_lines(*changes)[1] == ["  ports: []   # the ports"]


def test_neighbours_in_flow_style_that_both_go() -> None:
    changes = (Remove(("a", 1)), Remove(("a", 2)))
    assert changed_lines(*changes, text="a: [1, 2, 3]\n")[1] == ["a: [1, ]"]
    assert changed_lines(*changes, text="a: [1, 2, 3, 4]\n")[1] == ["a: [1, 4]"]


def test_keys_that_come_twice() -> None:
    text = "a: 1\nb: 2\na: 3 # c\nm: {x: 1, y1: 2, x: 3}\n"
    assert changed_lines(KeepLast(("a",)), text=text) == (["a: 1"], [])
    assert changed_lines(KeepLast(("m", "x")), text=text)[1] == ["m: {y1: 2, x: 3}"]
    assert changed_lines(Remove(("a",)), text=text)[0] == ["a: 1", "b: 2", "a: 3 # c"]
    assert changed_lines(Remove(("m", "x")), text="m: {x: 1, x: 2}\n")[1] == ["m: {}"]
    assert verify(parse(text, "x.yaml").documents[0], [KeepLast(("b",))]) == "the key is there only once"


def test_line_ends_are_kept() -> None:
    text = TEXT.replace("\n", "\r\n")
    (document,) = parse(text, "x.yaml").documents
    for change in (
        Insert(("spec",), "a", {"b": 1}),
        Insert(("spec", "ports"), 0, {"b": 1}),
        Remove(("spec", "text")),
        Set(("spec", "text"), "a\nb\n"),
        Set(("spec", "ports"), {}),
    ):
        new = apply(text, verified(document, [change]))
        assert new.count("\r") == new.count("\n") == new.count("\r\n")


def test_a_file_without_a_last_line_end() -> None:
    text = "a:\n  b: 1\n  c: 2"
    assert changed_lines(Remove(("a", "c")), text=text) == (["  c: 2"], [])
    assert changed_lines(Insert(("a",), "d", 3), text=text) == ([], ["  d: 3"])


def test_other_documents_stay() -> None:
    source = parse("a: 1\n---\na: 2\n---\na: 3\n", "x.yaml")
    made = verified(source.documents[1], [Set(("a",), {"b": 1}), Insert((), "c", 1)])
    assert apply(source.text, made) == "a: 1\n---\na:\n  b: 1\nc: 1\n---\na: 3\n"


@pytest.mark.parametrize(
    ("text", "change", "why"),
    [
        ("a: &a [1]\nb: *a\n", Set(("a", 0), 2), "does not read"),
        ("a: &a [1]\nb: *a\n", Set(("b", 0), 2), "belongs to an anchor"),
        ("a: &a {x: 1}\nb:\n  <<: *a\n", Set(("b", "x"), 2), "comes from a merge"),
        ("a: 1\n", Remove(("b",)), "nothing stands there"),
        ("a: 1\n", Remove(()), "can't be removed"),
        ("a: 1\n", Insert((), "a", 2), "there already"),
        ("a: 1\nb: 2\n", RenameKey(("a",), "b"), "there already"),
        ("a: 1\n", Insert(("a",), "b", 2), "not a mapping"),
        ("a: [1]\n", Insert(("a",), "b", 2), "takes keys"),
        ("a: [1]\n", Insert(("a",), 7, 2), "no such index"),
        ("a: [1]\n", RenameKey(("a", 0), "b"), "has no key"),
        ("a: 1\n", SetSlice(("a",), 0, 1, "b"), "no such part"),
        ("a: b\n", SetSlice(("a",), 0, 2, "b"), "no such part"),
        ("? a\n: 1\nb: 2\n", Remove(("a",)), "question mark"),
    ],
)
def test_what_the_text_does_not_allow_is_refused(text: str, change: Change, why: str) -> None:
    (document,) = parse(text, "x.yaml").documents
    said = verify(document, [change])
    assert said is not None
    assert why in said


def test_overlapping_edits_are_refused() -> None:
    (document,) = parse("a: {b: 1}\n", "x.yaml").documents
    with pytest.raises(PatchError, match="same text"):
        apply("a: {b: 1}\n", edits(document, [Set(("a",), 1), Set(("a", "b"), 2)]))


def test_an_unreadable_document_is_not_edited() -> None:
    (document,) = parse("a: [\n", "x.yaml").documents
    with pytest.raises(PatchError, match="can't be read"):
        edits(document, [Set(("a",), 1)])

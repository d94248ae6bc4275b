"""Properties of reading, placing and patching YAML."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from svclint.yaml import emit, parse
from svclint.yaml.comments import comments
from svclint.yaml.patch import (
    Change,
    Insert,
    PatchError,
    Remove,
    RenameKey,
    Set,
    SetSlice,
    apply,
    check,
    edits,
    same,
    verify,
)

# fmt: off
PIECES = (
    "a", "key", "yes", "80", "'", '"', "|", ">", "-", ": ", "\n", "\n  ", "\n    ", "\n- ", "#", " # c", "{", "}", "[", "]",
    ",", "&x ", "*x", "<<: *x", "!!int ", "? ", "---\n", "...\n", "\t", "\r\n", "\r", "{{ x }}", "${Y}", "%YAML 1.1\n",
    "\ufeff", "\\", "\\/", "\\'", "\0", "\u2028", "é", "null", "~", "0x1f", ".inf", "http://x:80", "::", "2001-01-01",
)
# fmt: on
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.text(max_size=12),
    st.sampled_from(
        ["yes", "8080", "1e3", "a: b", "- x", "", "2020-01-01", "it's", "12:30", "a\nb", " x", "http://a:1/b"]
    ),
)
KEYS = st.one_of(st.sampled_from(["app", "name", "on", "8080", "a b", "x/y"]), st.text(min_size=1, max_size=6))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


def walk(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], object]]:
    found = [(path, value)]
    if isinstance(value, dict):
        for key, part in value.items():
            found.extend(walk(part, (*path, key)))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            found.extend(walk(part, (*path, at)))
    return found


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(max_size=60), TEXTS))
def test_reading_never_raises_and_all_places_are_inside(data: bytes | str) -> None:
    source = parse(data, "x.yaml")
    for document in source.documents:
        assert 0 <= document.start <= document.end <= len(source.text)
        for problem in document.problems:
            assert document.start <= problem.span.start <= problem.span.end <= document.end
        for path, _ in walk(document.value):
            for part in ("key", "value"):
                start, end = document.span(path, part)  # type: ignore[arg-type]
                assert document.start <= start <= end <= document.end
    for comment in comments(source):
        assert source.text[slice(*comment.span)] == comment.text
        assert comment.text.startswith("#")


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=60).filter(lambda text: "\ufeff" not in text), TEXTS.map(lambda t: t.replace("\ufeff", ""))
    )
)
def test_bytes_come_back(text: str) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    source = parse(data, "x.yaml")
    assert source.encode(source.text) == data


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_reads_back(value: object) -> None:
    for text in (
        "v: " + emit.flow(value),
        "\n".join(emit.entry("v", value, True)),
        "\n".join(emit.entry("v", value, False)),
    ):  # type: ignore[arg-type]
        (document,) = parse(text + "\n", "x.yaml").documents
        assert same(document.literal, {"v": value}), text  # type: ignore[dict-item]


@settings(deadline=None)
@given(MAPPINGS, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_spans_hold_what_they_are_said_to_hold(value: dict[str, object], indented: bool, newline: str) -> None:
    text = newline.join(emit.block(value, indented)) + newline  # type: ignore[arg-type]
    source = parse(text, "x.yaml")
    (document,) = source.documents
    assume(document.value is not None)
    for path, part in walk(value):
        if not isinstance(part, (dict, list)):
            assert text[slice(*document.span(path))] in (emit.scalar(part), emit.scalar(part, flow=True))  # type: ignore[arg-type]
        if path and isinstance(path[-1], str):
            assert text[slice(*document.span(path, "key"))] in (emit.scalar(path[-1]), emit.scalar(path[-1], flow=True))


@st.composite
def patches(draw: st.DrawFn) -> tuple[str, list[Change]]:
    """A file with comments and one document of several, and one or two changes of different keys."""
    value = draw(MAPPINGS)
    lines = emit.block(value, draw(st.booleans()))  # type: ignore[arg-type]
    if draw(st.booleans()):
        lines = ["# head", *lines, "# tail"]
    if draw(st.booleans()):
        lines = [*lines, "---", "other: 1"]
    if draw(st.booleans()):
        lines = [line if line.startswith("#") else line + " # c" for line in lines if line != "---"]
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    places = walk(value)
    changes: list[Change] = []
    for path, part in draw(st.lists(st.sampled_from(places), min_size=1, max_size=2)):
        kinds: list[Change] = [Set(path, draw(VALUES))]  # type: ignore[arg-type]
        if path:
            kinds.append(Remove(path))
            if isinstance(path[-1], str):
                kinds.append(RenameKey(path, draw(KEYS)))
        if isinstance(part, dict):
            kinds.append(Insert(path, draw(KEYS), draw(VALUES)))  # type: ignore[arg-type]
        if isinstance(part, list):
            kinds.append(Insert(path, draw(st.integers(0, len(part))), draw(VALUES)))  # type: ignore[arg-type]
        if isinstance(part, str):
            start = draw(st.integers(0, len(part)))
            kinds.append(SetSlice(path, start, draw(st.integers(start, len(part))), draw(st.text(max_size=3))))
        changes.append(draw(st.sampled_from(kinds)))
    return text, changes


# What may rightly be refused: the change makes no sense, or two changes meet.
REFUSALS = ("there already", "same text", "can't be removed", "nothing stands there")


@settings(max_examples=300, deadline=None)
@given(patches())
def test_a_patch_does_what_was_asked_or_says_why_not(case: tuple[str, list[Change]]) -> None:
    text, changes = case
    document = parse(text, "x.yaml").documents[0]
    assume(document.value is not None)
    paths = [(*change.parent, None) if isinstance(change, Insert) else change.path for change in changes]
    assume(len(paths) == 1 or not (paths[0] == paths[1][: len(paths[0])] or paths[1] == paths[0][: len(paths[1])]))
    assume(not (paths[0] == () and isinstance(changes[0], Set) and not isinstance(changes[0].value, dict)))
    names = [change.key for change in changes if isinstance(change, (RenameKey, Insert))]
    assume(len(set(names)) == len(names))
    try:
        made = edits(document, changes)
        new = apply(text, made)
    except PatchError as error:
        assert any(reason in str(error) for reason in REFUSALS)
        return
    said = check(document.source, {0: changes}, made)
    assert said is None, f"{said}\n{new}"
    assert verify(document, changes) is None
    if "# head" in text and paths != [()]:
        assert "# head" in new
        assert "# tail" in new

"""Whatever stands in a ResourceList, the answer is a ResourceList with the same items, or a clear error."""

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint import krm
from svclint.render import split
from svclint.rendered import nearest
from svclint.yaml import parse

KEYS = st.sampled_from(
    [
        "metadata",
        "name",
        "namespace",
        "annotations",
        "spec",
        "selector",
        "ports",
        "port",
        "data",
        "kind",
        "mode",
        "select",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 70000) | st.text(max_size=6) | st.sampled_from(["Service", "web"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ITEMS = st.lists(
    st.builds(
        lambda more, annotations: {
            "apiVersion": "v1",
            "kind": "Service",
            **more,
            "metadata": {"name": "web", "annotations": annotations},
        },
        st.dictionaries(KEYS, JSON, max_size=4),
        st.dictionaries(
            st.sampled_from([*krm._PATHS, *krm._INDEXES, krm._ORIGIN]), st.text(max_size=8) | JSON, max_size=3
        ),
    )
    | JSON,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(ITEMS, JSON)
def test_items_stay(items: list[Any], function: Any) -> None:
    document = {"apiVersion": krm.API_VERSIONS[0], "kind": "ResourceList", "items": items, "functionConfig": function}
    try:
        outcome = krm.run(json.dumps(document).encode())
    except krm.KrmError as error:
        assert "functionConfig" in str(error)
        return
    (written,) = parse(outcome.text, "out").documents
    assert isinstance(written.value, dict)
    assert written.value["items"] == items
    assert not outcome.report.crashes
    assert all(krm.line(said).isprintable() for said in outcome.results)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="-#: \nSourcetmplae/{}'\"", max_size=80))
def test_any_stream_keeps_its_documents(text: str) -> None:
    parts = split(text)
    assert not any(name.startswith(("/", "..")) for name in parts)
    whole = [line for line in text.split("\n") if line.strip() and not re.match(r"---(?:[ \t\r]|$)", line)]
    kept = [line for part in parts.values() for line in part.split("\n") if line.strip() and line != "---"]
    assert sorted(whole) == sorted(kept)


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="-#: \nkindametspc[]{}'\"", max_size=80),
    st.tuples(st.text(max_size=5), st.text(max_size=5)),
    st.lists(st.integers(0, 5) | KEYS, max_size=4).map(tuple),
    st.text(max_size=5),
)
def test_a_nearest_line_is_a_line(
    template: str, about: tuple[str, str], keys: tuple[str | int, ...], said: str
) -> None:
    line, _ = nearest(template, about, keys, said)
    assert 0 <= line <= max(len(template.splitlines()), 1)

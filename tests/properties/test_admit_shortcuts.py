"""The ways that are shorter for what is ordinary lead to where the long ones lead."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from svclint.apiserver import names
from svclint.apiserver.context import Context
from svclint.apiserver.field import KEPT_ITEMS, Path
from svclint.apiserver.objectmeta import ANNOTATIONS_LIMIT, validate_annotations, validate_labels
from svclint.apiserver.validation import podresources
from svclint.apiserver.validation.podfields import options
from svclint.kube import labels
from svclint.kube.facts import Facts
from svclint.kube.quantities import Quantity

CONTEXTS = (Context(Facts(), (1, 36)), Context(Facts(), (1, 33)))
words = st.text("ab-.1/_%\né", max_size=6) | st.sampled_from(["", "a" * 63, "a" * 64, "é" * 40, "a/b", "a.b/c"])
maps = st.dictionaries(words, words, max_size=3)


@settings(max_examples=300, deadline=None)
@given(maps, st.sampled_from(CONTEXTS))
def test_labels_are_valid_where_nothing_is_said_of_them(given_labels: dict[str, str], context: Context) -> None:
    in_bytes = context.enabled("label-length-in-bytes")
    said = [
        message
        for key, value in given_labels.items()
        for message in (*names.is_qualified_name(key, in_bytes), *names.is_valid_label_value(value, in_bytes))
    ]
    errors = validate_labels(given_labels, Path()["labels"], context)
    assert [error.body.rpartition('": ')[2] for error in errors] == [message.rpartition('": ')[2] for message in said]
    assert names.are_valid_labels(given_labels) == (not said)


@settings(max_examples=200, deadline=None)
@given(maps, maps)
def test_a_selector_matches_where_each_of_its_labels_is_there(selector: dict[str, str], given: dict[str, str]) -> None:
    either = {**given, **selector}
    for carried in (given, either):
        assert labels.matches(selector, carried) == all(
            key in carried and carried[key] == value for key, value in selector.items()
        )


@given(st.sampled_from(sorted(podresources.CPU_OR_MEMORY)), st.integers(0), st.sampled_from(CONTEXTS))
def test_an_amount_of_cpu_or_memory_is_never_wrong_in_itself(name: str, nanos: int, context: Context) -> None:
    amount = Quantity(nanos, "DecimalSI").rounded_to_milli()
    path, rule = Path()["limits"], podresources.validate_container_resource_name
    assert podresources._resource(name, amount, path, options(context), rule) == []
    assert podresources.is_overcommit_allowed(name)
    assert not name.startswith(podresources.HUGE_PAGES)


@given(st.lists(st.sampled_from(["spec", "ports", "name"]) | st.integers(0, KEPT_ITEMS + 2), max_size=5))
def test_a_kept_path_is_the_path(steps: list[str | int]) -> None:
    root = kept = Path()
    made = Path()
    for step in steps:
        kept = kept[step]
        made = made.child(step) if isinstance(step, str) else made.index(step)
    assert (kept.text, kept.place) == (made.text, made.place) == (made.text, tuple(steps))
    assert all(isinstance(step, str) or step < KEPT_ITEMS for step in root)


def test_annotations_are_measured_in_bytes() -> None:
    at, context = Path()["annotations"], CONTEXTS[0]
    room = ANNOTATIONS_LIMIT - len("a")
    for text in (
        "x" * room,
        "\N{GRINNING FACE}" * (room // 4) + "x" * (room % 4),
        "é" * (room // 2) + "x" * (room % 2),
    ):
        assert validate_annotations({"a": text}, at, context) == []
        [error] = validate_annotations({"a": text + "x"}, at, context)
        assert error.reason == "FieldValueTooLong"

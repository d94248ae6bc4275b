"""Nearness of names, as people mistype them."""

from hypothesis import given
from hypothesis import strategies as st

from svclint.rule import distance, nearest

WORDS = st.text("abcd-", max_size=8)


def test_nearest_takes_the_only_near_one() -> None:
    assert nearest("frontent", ["frontend", "backend"]) == "frontend"
    assert nearest("gprc", ["grpc", "http"]) == "grpc"


def test_nearest_ignores_case() -> None:
    assert nearest("targetport", ["targetPort", "port"]) == "targetPort"


def test_nearest_is_silent_where_two_are_equally_near() -> None:
    assert nearest("web-c", ["web-a", "web-b"]) is None


def test_short_words_are_not_near_each_other() -> None:
    assert nearest("db", ["dc", "lb"]) is None


@given(WORDS, WORDS)
def test_distance_is_symmetric(a: str, b: str) -> None:
    assert distance(a, b, 10) == distance(b, a, 10)


@given(WORDS, WORDS)
def test_a_limit_only_cuts(a: str, b: str) -> None:
    far = distance(a, b, 20)
    assert distance(a, b, 2) == min(far, 3)


@given(WORDS)
def test_distance_to_oneself_is_none(a: str) -> None:
    assert distance(a, a, 3) == 0

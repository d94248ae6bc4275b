"""Quantities, against what k8s.io/apimachinery 0.34 gave."""

from __future__ import annotations

import pytest

from svclint.kube.quantities import parse


@pytest.mark.parametrize(
    ("text", "canonical", "milli"),
    [
        ("0", "0", 0),
        ("100m", "100m", 100),
        ("0.5", "500m", 500),
        ("1.125", "1.125", 1125),
        ("1000", "1k", 1_000_000),
        ("1024", "1024", 1_024_000),
        ("1024Ki", "1Mi", 1_048_576_000),
        ("1023Ki", "1023Ki", 1_047_552_000),
        ("1.5Gi", "1536Mi", 1_610_612_736_000),
        ("0.5Gi", "512Mi", 536_870_912_000),
        ("0.9Ki", "921600m", 921_600),
        ("12e6", "12e6", 12_000_000_000),
        ("10e2", "1e3", 1_000_000),
        ("0.1m", "100u", 1),
        ("0.5n", "1n", 1),
        ("-1", "-1", -1000),
        (2, "2", 2000),
        (1.5, "1500m", 1500),
        (1e3, "1k", 1_000_000),
    ],
)
def test_quantities(text: str | int | float, canonical: str, milli: int) -> None:
    quantity = parse(text)
    assert (str(quantity), quantity.milli) == (canonical, milli)


@pytest.mark.parametrize("text", ["", "x", "1x", "1.2.3", "1 Gi", "Gi", "."])
def test_no_quantities(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        parse(text)


def test_no_finer_than_thousandths() -> None:
    assert str(parse("0.1m").rounded_to_milli()) == "1m"

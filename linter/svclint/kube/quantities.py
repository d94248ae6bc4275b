"""Quantities as Kubernetes reads, compares and prints them: `100m`, `1.5Gi`, `1e3`.

Source: k8s.io/apimachinery pkg/api/resource (quantity.go, suffix.go, amount.go).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

NANO = 1_000_000_000
MILLI = 1_000_000
_MAX = ((1 << 63) - 1) * NANO
_SHAPE = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?").fullmatch
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {0: "", **{exponent: suffix for suffix, exponent in _BINARY.items()}}
# Nobody writes more; beyond it numbers only cost memory.
_MAX_EXPONENT = 60
_MAX_DIGITS = 200


class Quantity(NamedTuple):
    """An amount in billionths, and the notation that it was written in (`BinarySI`, `DecimalSI`, `DecimalExponent`).

    `written` is the text where the server keeps it instead of the canonical form (`1.125`, `+5`), else "".
    """

    nanos: int
    notation: str
    written: str = ""

    @property
    def milli(self) -> int:
        """Thousandths, rounded away from zero."""
        return _divide_up(self.nanos, MILLI)

    @property
    def value(self) -> int:
        """Whole units, rounded away from zero."""
        return _divide_up(self.nanos, NANO)

    def rounded_to_milli(self) -> Quantity:
        """How the API server keeps resources of containers: no finer than thousandths."""
        return self if self.nanos % MILLI == 0 else Quantity(self.milli * MILLI, self.notation)

    def __str__(self) -> str:
        """The canonical form: the largest suffix without a fraction."""
        if self.written:
            return self.written
        if not self.nanos:
            return "0"
        if self.notation == "BinarySI" and self.nanos % NANO == 0 and abs(self.nanos) >= 1024 * NANO:
            number, exponent = self.nanos // NANO, 0
            while number % 1024 == 0 and exponent < 60:
                number, exponent = number // 1024, exponent + 10
            return f"{number}{_BINARY_SUFFIX[exponent]}"
        number, exponent = self.nanos, -9
        while number % 1000 == 0 and (self.notation == "DecimalExponent" or exponent < 18):
            number, exponent = number // 1000, exponent + 3
        if self.notation == "DecimalExponent":
            return f"{number}e{exponent}" if exponent else str(number)
        return f"{number}{_DECIMAL_SUFFIX[exponent]}"


ZERO = Quantity(0, "DecimalSI")


def _divide_up(amount: int, unit: int) -> int:
    """Division that rounds away from zero."""
    return -(-amount // unit) if amount > 0 else amount // unit


@lru_cache(maxsize=4096)
def _parse(text: str) -> Quantity:
    match = _SHAPE(text.strip())
    if match is None:
        raise ValueError(f"not a quantity: {text}")
    sign, number, suffix = match[1], match[2], match[3] or ""
    whole, _, fraction = number.partition(".")
    digits = int(((whole or "0") + fraction)[:_MAX_DIGITS])
    if suffix in _BINARY:
        notation, factor, exponent = "BinarySI", 1 << _BINARY[suffix], 0
    elif suffix in _DECIMAL:
        notation, factor, exponent = "DecimalSI", 1, _DECIMAL[suffix]
    else:
        notation, factor = "DecimalExponent", 1
        exponent = max(-_MAX_EXPONENT, min(int(suffix[1:10]), _MAX_EXPONENT))
    scale = 9 + exponent - min(len(fraction), _MAX_DIGITS)
    amount = digits * factor
    nanos = amount * 10**scale if scale >= 0 else -(-amount // 10**-scale)
    if notation == "BinarySI":
        nanos = min(nanos, _MAX)
        if 0 < nanos < NANO:
            notation = "DecimalSI"
    # The server takes such a text for canonical by its looks.
    digits_written = (whole.lstrip("0") or "0") + fraction
    places = exponent - len(fraction)
    kept = (
        factor == 1
        and places % 3 == 0
        and places >= -9
        and len(digits_written) <= 18
        and digits_written[0] != "0"
        and not digits_written.endswith("000")
    )
    return Quantity(-nanos if sign == "-" else nanos, notation, text.strip() if kept else "")


def parse(value: str | int | float) -> Quantity:
    """Reads a quantity; a YAML number counts as its text. Raises ValueError for a text or a number that is none."""
    if value.__class__ is str:
        return _parse(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    return _parse(repr(value) if isinstance(value, float) else str(value))

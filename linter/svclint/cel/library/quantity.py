"""Quantities. Upstream: apiserver pkg/cel/library/quantity.go; apimachinery pkg/api/resource/quantity.go."""

from decimal import ROUND_UP, Context, Decimal
from typing import ClassVar

from svclint.cel.decls import Function, function, member, plain
from svclint.cel.errors import CostExceeded, EvalError
from svclint.cel.types import BOOL, DOUBLE, INT, STRING, struct
from svclint.cel.values import INT_MAX, INT_MIN, Opaque, no_overload

_FORMAT = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"  # upstream's words
)
_SUFFIX = "unable to parse quantity's suffix"
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES = {exponent: name for name, exponent in _DECIMAL.items()}
_WIDE = Context(prec=500, Emax=10**9, Emin=-(10**9))
_NANO = Decimal("1e-9")
# Powers of ten between two numbers that are added: more are digits that only somebody wants who wants to be a nuisance.
_FARTHEST = 4000
_LARGEST = 10**8


class Quantity(Opaque):
    """value × 10^scale. `exact` is upstream's int64 form, which alone can be an integer; `text` is what was parsed."""

    __slots__ = ("exact", "format", "scale", "text", "value")
    type_name: ClassVar[str] = "kubernetes.Quantity"

    def __init__(self, value: int, scale: int, format_: str, exact: bool = True, text: str = "") -> None:
        self.value = value
        self.scale = scale
        self.format = format_
        self.exact = exact
        self.text = text

    def number(self) -> Decimal:
        """The value without loss."""
        return Decimal(self.value).scaleb(min(self.scale, _LARGEST), _WIDE)

    def equal(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            raise no_overload()
        return self.number() == other.number()

    def as_int(self) -> int | None:
        """The integer, if upstream gives one."""
        if not self.exact or self.scale < 0:
            return None
        # No number but 0 that is larger has 64 bits.
        value: int = self.value * 10 ** min(self.scale, 20)
        return value if INT_MIN <= value <= INT_MAX else None

    def __str__(self) -> str:
        return self.text or self._canonical()

    def _canonical(self) -> str:
        number = self.number()
        if not number:
            return "0"
        if self.format == "BinarySI" and abs(number) >= 1024:
            whole = int(number.to_integral_value(ROUND_UP))
            power = 0
            while whole % 1024 == 0 and power < 6:
                whole //= 1024
                power += 1
            return f"{whole}{('', *_BINARY)[power]}"
        value, exponent = self.value, self.scale
        while value % 10 == 0:
            value //= 10
            exponent += 1
        shift = exponent % 3
        value, exponent = value * 10**shift, exponent - shift
        if self.format == "DecimalExponent":
            return f"{value}e{exponent}" if exponent else str(value)
        return f"{value}{_DECIMAL_NAMES.get(exponent, '')}"

    def plus(self, other: "Quantity", sign: int) -> "Quantity":
        """The sum, or with sign -1 the difference."""
        format_ = self.format if self.value else other.format
        scale = min(self.scale, other.scale)
        if self.value and other.value and max(self.scale, other.scale) - scale > _FARTHEST:
            raise CostExceeded
        value: int = self.value * 10 ** (self.scale - scale) + sign * other.value * 10 ** (other.scale - scale)
        if not other.value:
            value, scale = self.value, self.scale
        elif not self.value:
            value, scale = sign * other.value, other.scale
        fits = INT_MIN <= value <= INT_MAX
        return Quantity(value, scale, format_, self.exact and other.exact and fits)


def _split(text: str) -> tuple[bool, str, str, str]:
    """(negative, digits before the point, after it, suffix). Raises EvalError."""
    at = 1 if text[:1] in ("+", "-") else 0
    negative = text[:1] == "-"
    end = len(text)
    start = at
    while at < end and text[at] in "0123456789":
        at += 1
    whole = text[start:at].lstrip("0")
    fraction = ""
    if at < end and text[at] == ".":
        start = at = at + 1
        while at < end and text[at] in "0123456789":
            at += 1
        fraction = text[start:at]
    start = at
    while at < end and text[at] in "eEinumkKMGTP":
        at += 1
    if at < end and text[at] in "+-":
        at += 1
    while at < end and text[at] in "0123456789":
        at += 1
    if at < end:
        raise EvalError(_FORMAT)
    return negative, whole or "0", fraction, text[start:]


def parse_quantity(text: str) -> Quantity:
    """resource.ParseQuantity. Raises EvalError with its message."""
    if not text:
        raise EvalError(_FORMAT)
    if text == "0":
        return Quantity(0, 0, "DecimalSI", text="0")
    negative, whole, fraction, suffix = _split(text)
    exponent, format_ = _exponent(suffix)
    sign = -1 if negative else 1
    digits = whole + fraction
    if format_ == "BinarySI":
        quick = exponent >= 0 and not fraction and 15 - len(whole) - int(exponent * 3 / 10) - 1 >= 0
        scale, value = 0, int(whole) << exponent if quick else 0
    else:
        scale = exponent - len(fraction)
        quick = 18 - len(digits) >= 0 and scale >= -9
        value = int(digits) if quick else 0
    if quick and value <= INT_MAX:
        return Quantity(sign * value, scale, format_, text=text)
    if len(digits) > 1000 or abs(exponent) > 1000:
        return Quantity(sign * (1 if exponent < 0 else INT_MAX), -9 if exponent < 0 else 0, format_, exact=False)
    if format_ == "BinarySI":
        amount = Decimal(int(digits) << exponent).scaleb(-len(fraction), _WIDE)
    else:
        amount = Decimal(int(digits)).scaleb(exponent - len(fraction), _WIDE)
    amount = min(amount.quantize(_NANO, ROUND_UP, _WIDE), Decimal(INT_MAX))
    if format_ == "BinarySI" and 0 < amount < 1:
        format_ = "DecimalSI"
    return Quantity(sign * int(amount.scaleb(9, _WIDE)), -9, format_, exact=False)


def _exponent(suffix: str) -> tuple[int, str]:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], "DecimalSI"
    if suffix in _BINARY:
        return _BINARY[suffix], "BinarySI"
    if len(suffix) > 1 and suffix[0] in "eE":
        try:
            return max(-(10**6), min(10**6, int(suffix[1:12]))), "DecimalExponent"
        except ValueError:
            pass
    raise EvalError(_SUFFIX)


def _is_quantity(text: str) -> bool:
    try:
        parse_quantity(text)
    except EvalError:
        return False
    return True


def compare_quantities(a: Quantity, b: Quantity) -> int:
    """-1, 0 or 1"""
    x, y = a.number(), b.number()
    return (x > y) - (x < y)


def _as_integer(quantity: Quantity) -> int:
    value = quantity.as_int()
    if value is None:
        raise EvalError("cannot convert value to integer")
    return value


def _float(quantity: Quantity) -> float:
    if not quantity.scale:
        return float(quantity.value)
    try:
        return float(quantity.value) * 10.0**quantity.scale
    except OverflowError:
        return float(quantity.number())


def _int(value: int) -> Quantity:
    return Quantity(value, 0, "DecimalExponent")


TYPE = struct(Quantity.type_name)
_Q = (TYPE, TYPE)
FUNCTIONS: tuple[Function, ...] = (
    function("quantity", plain("string_to_quantity", (STRING,), TYPE, parse_quantity)),
    function("isQuantity", plain("is_quantity_string", (STRING,), BOOL, _is_quantity)),
    function("sign", plain("quantity_sign", (TYPE,), INT, lambda q: (q.value > 0) - (q.value < 0))),
    function(
        "isGreaterThan",
        member("quantity_is_greater_than", _Q, BOOL, lambda a, b: compare_quantities(a, b) == 1),
    ),
    function("isLessThan", member("quantity_is_less_than", _Q, BOOL, lambda a, b: compare_quantities(a, b) == -1)),
    function("compareTo", member("quantity_compare_to", _Q, INT, compare_quantities)),
    function("asApproximateFloat", member("quantity_get_float", (TYPE,), DOUBLE, _float)),
    function("asInteger", member("quantity_get_int", (TYPE,), INT, _as_integer)),
    function("isInteger", member("quantity_is_integer", (TYPE,), BOOL, lambda q: q.as_int() is not None)),
    function(
        "add",
        member("quantity_add", _Q, TYPE, lambda a, b: a.plus(b, 1)),
        member("quantity_add_int", (TYPE, INT), TYPE, lambda a, b: a.plus(_int(b), 1)),
    ),
    function(
        "sub",
        member("quantity_sub", _Q, TYPE, lambda a, b: a.plus(b, -1)),
        member("quantity_sub_int", (TYPE, INT), TYPE, lambda a, b: a.plus(_int(b), -1)),
    ),
)

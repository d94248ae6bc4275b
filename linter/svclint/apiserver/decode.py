"""Strict decoding: from plain JSON values into the server's types, or the very text of the refusal.

`Decoder.convert` is the fast way: it makes the private copy that the rest of admission works on and stops at the first
thing that is not right. Only then does `faults` walk again, in the server's order, and say everything.

Source: sigs.k8s.io/json (a fork of encoding/json: case-sensitive, strict), sigs.k8s.io/yaml (which hands objects over
with their keys sorted), k8s.io/apimachinery pkg/runtime/serializer/json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from svclint.apiserver.types import Types, go_name, types
from svclint.apiserver.versions import enabled

Step = str | int
Convert = Callable[[Any], Any]

# All of these are compiled (and kept, by `re`) when they are first needed.
QUANTITY = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?"
QUANTITY_SHAPE = r"([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)"
QUANTITY_FORMAT = f"quantities must match the regular expression '^{QUANTITY_SHAPE}$'"
RFC3339 = r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
MAX_STRICT_ERRORS = 100


class Misfit(Exception):
    """Something doesn't fit the type; `faults` says what."""


class Fault(NamedTuple):
    """What is wrong at one place. `kind` is `unknown-field` (its key is meant), `type` (its value), or `document` where
    the object as a whole is refused."""

    kind: str
    message: str
    place: tuple[Step, ...]
    code: str = ""
    """The code of the type that was expected."""
    fields: tuple[str, ...] = ()
    """For an unknown field: those that the type has."""


def _string(value: Any) -> Any:
    if type(value) is str:
        return value
    raise Misfit


def _bool(value: Any) -> Any:
    if type(value) is bool:
        return value
    raise Misfit


def integral(value: Any) -> int | None:
    """The integer that the server's decoder reads from a number; `None` from everything else."""
    if type(value) is int:
        return int(value)
    if type(value) is float and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return None


def _int32(value: Any) -> Any:
    if type(value) is int and -(1 << 31) <= value < 1 << 31:
        return value
    number = integral(value)
    if number is None or not -(1 << 31) <= number < 1 << 31:
        raise Misfit
    return number


def _int64(value: Any) -> Any:
    number = value if type(value) is int else integral(value)
    if number is None or not -(1 << 63) <= number < 1 << 63:
        raise Misfit
    return number


def _number(value: Any) -> Any:
    if type(value) is int or type(value) is float:
        return value
    raise Misfit


def _bytes(value: Any) -> Any:
    if type(value) is str and re.fullmatch(BASE64, value.replace("\n", "").replace("\r", "")):
        return value
    raise Misfit


def _int_or_string(value: Any) -> Any:
    return value if type(value) is str else _int32(value)


@lru_cache(maxsize=1024)
def _is_quantity(text: str) -> bool:
    return re.fullmatch(QUANTITY, text.strip()) is not None


def _quantity(value: Any) -> Any:
    if type(value) is str and _is_quantity(value):
        return value
    return _number(value)


def _time(value: Any) -> Any:
    if type(value) is str and not wrong_time(value):
        return value
    raise Misfit


def _anything(value: Any) -> Any:
    return value


_SCALARS: dict[str, tuple[Convert, Any]] = {
    # code -> how it is read, what null is where an item can't be left out
    "s": (_string, ""),
    "b": (_bool, False),
    "i": (_int32, 0),
    "l": (_int64, 0),
    "f": (_number, 0),
    "y": (_bytes, ""),
    "x": (_int_or_string, 0),
    "q": (_quantity, "0"),
    "t": (_time, None),
    "m": (_time, None),
    "r": (_anything, None),
    "a": (_anything, None),
}


# What a struct takes as it is if it is of this very class: most fields are.
_EXACT: dict[Convert, type] = {_string: str, _bool: bool}


def wrong_time(text: str) -> str:
    """What Go's time.Parse(RFC3339) says against a text; "" if nothing."""
    match = re.fullmatch(RFC3339, text)
    if match:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        if not 1 <= month <= 12:
            return f'parsing time "{text}": month out of range'
        if hour > 23:
            return f'parsing time "{text}": hour out of range'
        if minute > 59:
            return f'parsing time "{text}": minute out of range'
        if second > 59:
            return f'parsing time "{text}": second out of range'
        if not 1 <= day <= days[month - 1]:
            return f'parsing time "{text}": day out of range'
        return ""
    # The layout is eaten part by part; the message names what is left of both.
    at = 0
    for part, layout in zip(_TIME_PARTS, _TIME_LAYOUT, strict=True):
        found = re.compile(part, re.ASCII).match(text, at)
        if not found:
            whole = "2006-01-02T15:04:05Z07:00"
            return f'parsing time "{text}" as "{whole}": cannot parse "{text[at:]}" as "{layout}"'
        at = found.end()
    return f'parsing time "{text}": extra text: "{text[at:]}"'


_TIME_PARTS = (
    r"\d{4}", "-", r"\d\d", "-", r"\d\d", "T", r"\d\d?", ":", r"\d\d", ":", r"\d\d([.,]\d+)?", r"Z|[+-]\d\d:\d\d",
)  # fmt: skip
_TIME_LAYOUT = ("2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00")


class Decoder:
    """The converters of one version, compiled when they are first needed."""

    __slots__ = ("_converters", "embedded_in_path", "types")

    def __init__(self, version: tuple[int, int]) -> None:
        self.types: Types = types(version)
        self.embedded_in_path = enabled("embedded-struct-in-path", version)
        self._converters: dict[str, tuple[Convert, Any]] = dict(_SCALARS)

    def convert(self, value: Any, code: str) -> Any:
        """A copy of `value` as the type holds it: nulls left out, null items as zero values. Raises Misfit."""
        return (self._converters.get(code) or self._converter(code))[0](value)

    def _converter(self, code: str) -> tuple[Convert, Any]:
        code = code.partition("=")[0]
        found = self._converters.get(code)
        if found is None:
            found = self._converters[code] = self._compile(code)
        return found

    def _compile(self, code: str) -> tuple[Convert, Any]:
        if code[0] == "@":
            return self._struct(code[1:]), {}
        if code[0] == "[":
            return self._list(code[1:]), None
        return self._map(code[1:]), None

    def _list(self, code: str) -> Convert:
        item, zero = self._later(code)

        def convert(value: Any) -> Any:
            if type(value) is not list:
                raise Misfit
            if None in value:
                return [zero() if part is None else item(part) for part in value]
            return list(map(item, value))

        return convert

    def _map(self, code: str) -> Convert:
        item, zero = self._later(code)

        def convert(value: Any) -> Any:
            if type(value) is not dict:
                raise Misfit
            if item is _string:
                for part in value.values():
                    if type(part) is not str:
                        break
                else:
                    return value.copy()
            return {key: zero() if part is None else item(part) for key, part in value.items()}

        return convert

    def _later(self, code: str) -> tuple[Convert, Callable[[], Any]]:
        """The converter of an item and what a null item becomes."""
        item, zero = self._converter(code)
        return item, (dict if type(zero) is dict else lambda: zero)

    def _struct(self, definition: str) -> Convert:
        codes: dict[str, Any] = {}

        def convert(value: Any) -> Any:
            if type(value) is not dict:
                raise Misfit
            if not codes:
                # Types refer to themselves: fields are compiled when the first object of the type comes.
                for name, field in self.types.fields(definition).items():
                    read = self._converter(field.code)[0]
                    codes[name] = _EXACT.get(read, read)
            out = {}
            for key, part in value.items():
                code = codes.get(key)
                if code is type(part):
                    out[key] = part
                elif part is not None:
                    if code is None or code is str or code is bool:
                        raise Misfit
                    out[key] = code(part)
                elif code is None:
                    raise Misfit
            return out

        return convert

    def faults(self, value: Any, definition: str) -> list[Fault]:
        """Everything that `convert` stumbles over, in the order in which the server finds it: the one type error that
        it reports first, or else all unknown fields."""
        walk = _Walk(self)
        try:
            walk.value(value, "@" + definition, "", (), "", ())
        except _Abort as abort:
            return [abort.fault, *walk.unknown]
        return [*walk.misfits, *walk.unknown]


@cache
def decoder(version: tuple[int, int]) -> Decoder:
    return Decoder(version)


class _Abort(Exception):
    """A type's own decoder refused: the server stops there and reports this, whatever it had noted before."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def kind_of(value: Any) -> str:
    """A JSON value's kind in Go's messages."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else "number"


def number_text(value: float) -> str:
    """A number as sigs.k8s.io/yaml writes it into JSON."""
    if isinstance(value, int):
        return str(value)
    size = abs(value)
    if size != 0 and (size < 1e-6 or size >= 1e21):
        mantissa, _, exponent = repr(value).partition("e")
        if not exponent:
            mantissa, _, exponent = f"{value:.16e}".partition("e")
            mantissa = mantissa.rstrip("0").rstrip(".")
        sign = "-" if exponent.startswith("-") else "+"
        return f"{mantissa.removesuffix('.0')}e{sign}{exponent.lstrip('+-').lstrip('0').zfill(2)}"
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return f"{value:.10f}".rstrip("0") if "e" in text else text


def sorted_keys(value: Mapping[str, Any]) -> list[str]:
    """Keys in the order in which the server sees them: by their bytes."""
    return sorted(value, key=lambda key: key.encode("utf-8", "surrogatepass"))


class _Walk:
    """The second, slow walk: Go's decoder with its error context."""

    def __init__(self, decoder: Decoder) -> None:
        self.types = decoder.types
        self.embedded_in_path = decoder.embedded_in_path
        self.misfits: list[Fault] = []
        self.unknown: list[Fault] = []

    def value(
        self, value: Any, code: str, struct: str, stack: tuple[str, ...], strict: str, place: tuple[Step, ...]
    ) -> None:
        """`struct` and `stack`: the innermost struct and the fields that lead to it, as Go names them in type errors;
        `strict`: the path in unknown-field errors."""
        if value is None:
            return
        match code[0]:
            case "@" if isinstance(value, dict):
                self._struct(value, code[1:].partition("=")[0], stack, strict, place)
            case "[" if isinstance(value, list):
                for i, item in enumerate(value):
                    self.value(item, code[1:], struct, stack, f"{strict}[{i}]", (*place, i))
            case "{" if isinstance(value, dict):
                for key in sorted_keys(value):
                    self.value(value[key], code[1:], struct, stack, _join(strict, key), (*place, key))
            case "r" | "a":
                pass
            case "q" | "x" | "t" | "m":
                self._own_decoder(value, code, struct, stack, place)
            case _:
                self._scalar(value, code, struct, stack, place)

    def _struct(
        self, value: dict[str, Any], definition: str, stack: tuple[str, ...], strict: str, place: tuple[Step, ...]
    ) -> None:
        fields = self.types.fields(definition)
        name = definition.rpartition(".")[2]
        for key in sorted_keys(value):
            field = fields.get(key)
            if field is None:
                path = _join(strict, key)
                if len(self.unknown) < MAX_STRICT_ERRORS:
                    fault = Fault("unknown-field", f'unknown field "{path}"', (*place, key), fields=tuple(fields))
                    self.unknown.append(fault)
                continue
            inner = (*stack, field.embedded, key) if field.embedded and self.embedded_in_path else (*stack, key)
            self.value(value[key], field.code, name, inner, _join(strict, key), (*place, key))

    def _own_decoder(self, value: Any, code: str, struct: str, stack: tuple[str, ...], place: tuple[Step, ...]) -> None:
        if code[0] == "x":
            if not isinstance(value, str) and _misfits(_int32, value):
                raise _Abort(_unmarshal(value, code, struct, stack, place))
        elif code[0] == "q":
            if isinstance(value, str) or kind_of(value) != "number":
                wrong = wrong_quantity(value.strip()) if isinstance(value, str) else QUANTITY_FORMAT
                if wrong:
                    raise _Abort(Fault("type", wrong, place, code))
        elif not isinstance(value, str):
            raise _Abort(_unmarshal(value, code, struct, stack, place))
        elif wrong := wrong_time(value):
            raise _Abort(Fault("type", wrong, place, code))

    def _scalar(self, value: Any, code: str, struct: str, stack: tuple[str, ...], place: tuple[Step, ...]) -> None:
        convert = _SCALARS.get(code[0])
        if convert is not None and not _misfits(convert[0], value):
            return
        if code[0] == "y" and isinstance(value, str):
            at = _illegal_base64(value)
            self.misfits.append(Fault("type", f"illegal base64 data at input byte {at}", place, code))
            return
        self.misfits.append(_unmarshal(value, code, struct, stack, place))


def _misfits(convert: Convert, value: Any) -> bool:
    try:
        convert(value)
    except Misfit:
        return True
    return False


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _unmarshal(value: Any, code: str, struct: str, stack: tuple[str, ...], place: tuple[Step, ...]) -> Fault:
    kind = kind_of(value)
    if kind == "number" and code[0] in "ilx":
        kind = f"number {number_text(value)}"
    into = f"Go struct field {struct}.{'.'.join(stack)}" if struct else "Go value"
    return Fault("type", f"json: cannot unmarshal {kind} into {into} of type {go_name(code)}", place, code)


def wrong_quantity(text: str) -> str:
    """What resource.ParseQuantity says against a text; "" if nothing."""
    if re.fullmatch(QUANTITY, text):
        return ""
    if not text:
        return QUANTITY_FORMAT
    # Greedy is enough here: what the number takes, the suffix can't take back.
    shape = re.fullmatch(QUANTITY_SHAPE.replace("+)", "++)"), text)
    if shape is None:
        return QUANTITY_FORMAT
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", shape[1]):
        return QUANTITY_FORMAT
    return "unable to parse quantity's suffix"


def _illegal_base64(text: str) -> int:
    """The offset that Go's decoder complains about."""
    for i, char in enumerate(text):
        if not (char.isascii() and (char.isalnum() or char in "+/=\r\n")):
            return len(text[:i].encode("utf-8", "surrogatepass"))
    bare = text.rstrip("=")
    if "=" in bare:
        return bare.index("=")
    return len(text)

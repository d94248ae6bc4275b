"""Named formats of strings. Upstream: apiserver pkg/cel/library/format.go.

What a name may be is the API server's to say, so that the formats are handed in by the environment.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from svclint.cel.decls import Function, function, member, plain
from svclint.cel.types import STRING, list_of, optional_of, struct
from svclint.cel.values import NONE, Opaque, Optional, no_overload

Validate = Callable[[str], list[str]]


class Format(Opaque):
    """A format: its name and what is wrong with a text."""

    __slots__ = ("name", "validate")
    type_name: ClassVar[str] = "kubernetes.NamedFormat"

    def __init__(self, name: str, validate: Validate) -> None:
        self.name = name
        self.validate = validate

    def equal(self, other: object) -> bool:
        if not isinstance(other, Format):
            raise no_overload()
        return self.name == other.name

    def __str__(self) -> str:
        return self.name


def _validate(format_: Format, text: str) -> Optional:
    messages = format_.validate(text)
    return Optional(list(messages)) if messages else NONE


TYPE = struct(Format.type_name)


def functions(formats: Mapping[str, Format]) -> tuple[Function, ...]:
    """format.NAME(), format.named(NAME) and FORMAT.validate(TEXT)."""

    def constant(value: Format) -> Callable[[], Format]:
        return lambda: value

    def named(name: str) -> Optional:
        known = formats.get(name)
        return NONE if known is None else Optional(known)

    return (
        function(
            "validate",
            member("format-validate", (TYPE, STRING), optional_of(list_of(STRING)), _validate),
        ),
        function("format.named", plain("format-named", (STRING,), optional_of(TYPE), named)),
        *(
            function(f"format.{name}", plain(f"format.{name}", (), TYPE, constant(value)))
            for name, value in formats.items()
        ),
    )

"""The Go types that the API server decodes into, read lazily from `svclint_schemas` (see schemas/generate.py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import svclint_schemas

NEWEST = (1, 36)
OLDEST = (1, 29)


class Field(NamedTuple):
    """A field of a struct: the code of its type, and the embedded struct that it comes from ("" for none)."""

    code: str
    embedded: str


class Kind(NamedTuple):
    """A kind that the server's decoder knows: its scope (`namespaced`, `cluster`, `legacy`) and its type."""

    scope: str
    definition: str


class Types:
    """The kinds and types of one version."""

    __slots__ = ("_fields", "_lines", "_names", "kinds")

    def __init__(self, version: tuple[int, int]) -> None:
        self._lines: dict[str, str] = {}
        self._fields: dict[str, Mapping[str, Field]] = {}
        self._names: dict[str, list[str]] = {}
        kinds: dict[str, str] = {}
        for minor in range(NEWEST[1], version[1] - 1, -1):
            with open(_path(f"1.{minor}.types"), encoding="utf-8") as file:
                for line in file.read().splitlines():
                    word, _, said = line.partition(" ")
                    name, _, rest = said.partition(" ")
                    if word == "gone":
                        (kinds if name == "kind" else self._lines).pop(rest, None)
                    else:
                        (kinds if word == "kind" else self._lines)[name] = rest
        # apiVersion -> kind -> Kind
        self.kinds: dict[str, dict[str, Kind]] = {}
        for gvk, rest in kinds.items():
            api_version, _, kind = gvk.rpartition("/")
            scope, _, definition = rest.partition(" ")
            self.kinds.setdefault(api_version, {})[kind] = Kind(scope, definition)
            self._names.setdefault(kind, []).append(api_version)

    def kind(self, api_version: str, kind: str) -> Kind | None:
        return self.kinds.get(api_version, {}).get(kind)

    def api_versions(self, kind: str) -> list[str]:
        """The apiVersions that have this kind and that the server offers, the preferred one last."""
        return [v for v in self._names.get(kind, ()) if self.kinds[v][kind].scope != "legacy"]

    def kind_names(self) -> list[str]:
        return list(self._names)

    def fields(self, definition: str) -> Mapping[str, Field]:
        """The fields of a struct by name."""
        found = self._fields.get(definition)
        if found is None:
            found = {}
            for part in self._lines[definition].split(" "):
                if part:
                    name, _, code = part.partition(":")
                    name, _, embedded = name.partition("^")
                    found[name] = Field(code, embedded)
            self._fields[definition] = found
        return found


def _path(name: str) -> str:
    return os.path.join(os.path.dirname(svclint_schemas.__file__), "kubernetes", name)


@cache
def types(version: tuple[int, int]) -> Types:
    """The types of a version; of one that svclint doesn't know, those of the nearest that it knows."""
    return Types(min(max(version, OLDEST), NEWEST))


def go_name(code: str) -> str:
    """The name of a type in Go's error messages: `[]v1.ServicePort`, `map[string]string`, `v1.Protocol`."""
    bare, _, named = code.partition("=")
    if named and bare[0] != "[":
        return named
    match bare[0]:
        case "[":
            return "[]" + go_name(code[1:])
        case "{":
            return "map[string]" + go_name(code[1:])
        case "@":
            return ".".join(bare[1:].split(".")[-2:])
        case letter:
            return _SCALARS[letter]


_SCALARS = {
    "s": "string",
    "b": "bool",
    "i": "int32",
    "l": "int64",
    "f": "float64",
    "y": "[]uint8",
    "q": "resource.Quantity",
    "x": "int32",
    "t": "string",
    "m": "string",
    "r": "runtime.RawExtension",
    "a": "interface {}",
}

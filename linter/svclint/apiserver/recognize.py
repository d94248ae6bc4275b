"""Which kind a body is of, or the answer to a body that is of none.

Source: k8s.io/apiserver pkg/endpoints/handlers/rest.go (transformDecodeError),
k8s.io/apimachinery pkg/runtime/serializer/json/meta.go, pkg/runtime/error.go.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from svclint.apiserver.decode import Fault, kind_of
from svclint.apiserver.types import Kind, Types, types
from svclint.apiserver.verdict import SCHEME, UNKNOWN, Verdict, bad_request, undecodable

SUMMARY = 30
VERSION = r"v[0-9]+((alpha|beta)[0-9]+)?"


class Recognized(NamedTuple):
    """A kind of this version; `current` is the apiVersion that the server offers for a legacy one."""

    api_version: str
    group: str
    kind: str
    type: Kind
    current: str


def recognize(value: Any, version: tuple[int, int], text: str) -> Recognized | Verdict:
    """The kind of a body; UNKNOWN if it may be a custom one; else the refusal."""
    if not isinstance(value, dict):
        return _unrecognizable("Go value of type struct", "Object", text, kind_of(value))
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if api_version.__class__ is str and kind.__class__ is str and (known := _known(api_version, kind, version)):
        return known
    table = types(version)
    for name, given in (("apiVersion", api_version), ("kind", kind)):
        if given is not None and not isinstance(given, str):
            expected = expected_kind(kind if isinstance(kind, str) else "", table)
            into = f"Go struct field .{name} of type string"
            return _unrecognizable(into, expected, text, kind_of(given))
    if not api_version or not kind:
        return bad_request(f"Object '{'Kind' if not kind else 'apiVersion'}' is missing")
    if not is_builtin_group(api_version, kind, table):
        return UNKNOWN
    expected = expected_kind(kind, table)
    place = ("apiVersion",) if expected == kind else ("kind",)
    why = f'no kind "{kind}" is registered for version "{api_version}" in scheme "{SCHEME}"'
    return undecodable(kind, api_version, expected, why, [Fault("document", why, place)])


@lru_cache(maxsize=512)
def _known(api_version: str, kind: str, version: tuple[int, int]) -> Recognized | None:
    table = types(version)
    known = table.kind(api_version, kind)
    if known is None:
        return None
    current = (table.api_versions(kind) or [api_version])[-1]
    return Recognized(api_version, api_version.rpartition("/")[0], kind, known, current)


@lru_cache(maxsize=512)
def is_builtin_group(api_version: str, kind: str, table: Types) -> bool:
    """Whether an unknown kind of this apiVersion is a mistake and not a custom kind."""
    group, slash, version = api_version.rpartition("/")
    if not slash:
        # `builtin` and the like are other programs' words.
        return kind in table.kind_names() or re.fullmatch(VERSION, version) is not None
    if "." not in group:
        # A custom group is a domain with at least one dot (ValidateCustomResourceDefinition).
        return True
    return any(known.rpartition("/")[0] == group for known in table.kinds)


@lru_cache(maxsize=512)
def expected_kind(kind: str, table: Types) -> str:
    """The kind that was meant: the one that the address of the request would have named."""
    known = table.kind_names()
    if kind in known:
        return kind
    lower = kind.lower()
    for name in known:
        if lower in (name.lower(), name.lower() + "s", name.lower() + "es"):
            return name
    import difflib

    near = difflib.get_close_matches(kind, known, 1, 0.7)
    return near[0] if near else kind


def unreadable(text: str, error: str, version: tuple[int, int]) -> Verdict:
    """The answer to a body that is no YAML; `error` is what the YAML library says."""
    named = re.search(r"^kind:[ \t]*[\"']?(\w+)", text, re.MULTILINE)
    expected = expected_kind(named[1], types(version)) if named else "Object"
    return bad_request(f"the object provided is unrecognized (must be of type {expected}): {error} ({_summary(text)})")


def _unrecognizable(into: str, expected: str, text: str, kind: str) -> Verdict:
    why = f"couldn't get version/kind; json parse error: json: cannot unmarshal {kind} into {into}"
    return bad_request(f"the object provided is unrecognized (must be of type {expected}): {why} ({_summary(text)})")


def _summary(text: str) -> str:
    """How the server quotes a body that it doesn't understand."""
    body = text.encode("utf-8", "surrogateescape")
    if not body:
        return "<empty>"
    if body.startswith(b"{"):
        return text if len(body) <= SUMMARY else body[:SUMMARY].decode("utf-8", "replace") + " ..."
    return body.hex() if len(body) <= SUMMARY else body[:SUMMARY].hex() + " ..."

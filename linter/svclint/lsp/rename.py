"""Rename: a label's value, a port's name or an object's, in every place that means the same."""

from __future__ import annotations

import re

from lsprotocol import types

from svclint.lsp.links import CONTAINER_PORT, LABEL, OBJECT, Occurrence
from svclint.lsp.navigate import here
from svclint.lsp.snapshot import Snapshot
from svclint.yaml.document import Document
from svclint.yaml.patch import PatchError, Set, SetSlice, edits

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]|")
_PORT = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class RenameError(Exception):
    """The name can't be that, or what stands there has no name; the message is for the user."""


def subject(snapshot: Snapshot, path: str, position: types.Position) -> Occurrence:
    """What would be renamed. Raises RenameError."""
    try:
        cursor, found = here(snapshot, path, position)
    except LookupError:
        raise RenameError("nothing to rename here") from None
    for _, each in found:
        if each.place.path == cursor.path and cursor.part == "value" and _can(each):
            return each
    raise RenameError("only label values, port names and names of objects can be renamed")


def _can(found: Occurrence) -> bool:
    return isinstance(found.thing[-1], str) and (found.thing[0] != OBJECT or found.thing[2] != "Namespace")


def changes(snapshot: Snapshot, path: str, position: types.Position, name: str) -> dict[str, list[types.TextEdit]]:
    """The edits by path relative to the root. Raises RenameError."""
    one = subject(snapshot, path, position)
    check(one, name)
    asked: dict[int, tuple[Document, dict[object, Set | SetSlice]]] = {}
    for known, each in here(snapshot, path, position)[1]:
        if each.thing[0] != one.thing[0]:
            continue
        for other in known.same(each.thing):
            document, at = other.place.document, other.place
            if document.positions.find(at.path) is None:
                raise RenameError("a kustomization writes this name: rename it there")
            change = Set(at.path, name) if at.slice is None else SetSlice(at.path, *at.slice, name)
            asked.setdefault(id(document), (document, {}))[1][at.path, at.slice] = change
    made: dict[str, list[types.TextEdit]] = {}
    try:
        for document, wanted in asked.values():
            text = snapshot.text(document.source)
            made.setdefault(document.source.path, []).extend(
                types.TextEdit(text.range(edit.span), edit.text) for edit in edits(document, list(wanted.values()))
            )
    except PatchError as error:
        raise RenameError(f"can't be written: {error}") from None
    return made


def check(found: Occurrence, name: str) -> None:
    """Raises RenameError if the API server would refuse the new name."""
    kind = found.thing[0]
    if kind == LABEL:
        right, limit, what = _LABEL_VALUE, 63, "a label value has at most 63 letters, digits, '-', '_' and '.'"
    elif kind == OBJECT and found.thing[2] == "Service":
        right, limit, what = _SERVICE, 63, "a Service's name is a DNS label: a-z, 0-9 and '-', a letter first"
    elif kind == OBJECT:
        right, limit, what = _SUBDOMAIN, 253, "a name is made of a-z, 0-9, '-' and '.'"
    elif kind == CONTAINER_PORT:
        right, limit, what = (
            _PORT,
            15,
            "a port's name has at most 15 characters of a-z, 0-9 and '-', one of them a letter",
        )
    else:
        right, limit, what = _SUBDOMAIN, 63, "a port's name is a DNS label: a-z, 0-9 and '-'"
    if len(name) > limit or not right.fullmatch(name):
        raise RenameError(what)

"""Rename: a label's value, a port's name or number or an object's name, in every place that means the same.

What comes out leads where it led before: all that must be the same word is changed, however far that reaches, and where
a word was left out because it followed from the one that changes, it is written.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from lsprotocol import types

from svclint.kube.read import find
from svclint.kube.resource import Place
from svclint.lsp.links import Links
from svclint.lsp.navigate import here, links
from svclint.lsp.snapshot import Cursor, Snapshot
from svclint.lsp.things import CONTAINER_PORT, LABEL, OBJECT, SERVICE_PORT, Occurrence, Thing
from svclint.yaml.document import Document
from svclint.yaml.patch import PatchError, Set, SetSlice, verified

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]|")
_LABEL_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PORT = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?")

_KINDS = frozenset(
    {
        ("", "ConfigMap"), ("", "Pod"), ("", "ReplicationController"), ("", "Service"),
        ("apps", "DaemonSet"), ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"),
        ("autoscaling", "HorizontalPodAutoscaler"), ("batch", "CronJob"), ("batch", "Job"),
        ("gateway.networking.k8s.io", "GRPCRoute"), ("gateway.networking.k8s.io", "Gateway"),
        ("gateway.networking.k8s.io", "HTTPRoute"), ("gateway.networking.k8s.io", "TCPRoute"),
        ("gateway.networking.k8s.io", "TLSRoute"), ("gateway.networking.k8s.io", "UDPRoute"),
        ("monitoring.coreos.com", "PodMonitor"), ("monitoring.coreos.com", "ServiceMonitor"),
        ("networking.k8s.io", "Ingress"), ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
    }
)  # fmt: skip
"""Objects whose name can be renamed: those of which all that names them in manifests is known here."""

_Changes = dict[int, tuple[Document, dict[Hashable, Set | SetSlice]]]


class RenameError(Exception):
    """The name can't be that, or what stands there has no name; the message is for the user."""


def subject(snapshot: Snapshot, path: str, position: types.Position) -> Occurrence:
    """What would be renamed. Raises RenameError."""
    try:
        cursor, found = here(snapshot, path, position)
    except LookupError:
        raise RenameError("nothing to rename here") from None
    for _, each in found:
        part = each.place.slice
        if each.place.path == cursor.path and cursor.part == "value" and each.absent is None:
            if part is not None and not _inside(cursor, *part):
                continue
            if each.kind == OBJECT and each.things[0][1:3] not in _KINDS:
                raise RenameError(f"who names this {each.things[0][2]} is not all known here: it can't be renamed")
            _written(each)
            return each
    raise RenameError("only label values, ports and names of objects can be renamed")


def _inside(cursor: Cursor, start: int, end: int) -> bool:
    span = cursor.document.slice_span(cursor.path, start, end)
    return span.start <= cursor.offset <= span.end


def _written(found: Occurrence) -> None:
    """Raises RenameError if the word isn't what the document says."""
    document, path, _, part = found.place
    value = find(document.value, *path)
    word = value if isinstance(value, str) else str(value)
    if document.positions.find(path) is None or value is None:
        raise RenameError("a kustomization or an operator writes this: change it there")
    if word != found.word if part is None else word[slice(*part)] != found.word:
        raise RenameError("a kustomization changes this word: change it there")


def changes(snapshot: Snapshot, path: str, position: types.Position, name: str) -> dict[str, list[types.TextEdit]]:
    """The edits by path relative to the root. Raises RenameError."""
    one = subject(snapshot, path, position)
    check(one, name)
    wanted: _Changes = {}
    for known, each in _all(snapshot, here(snapshot, path, position)[1]):
        if each.absent is not None:
            _say(wanted, each.absent, name, isinstance(each.things[0][-1], int))
            continue
        _written(each)
        _say(wanted, each.place, name, isinstance(each.things[0][-1], int))
        for other in known.exactly(each.place):
            if other.absent is not None and each.kind == SERVICE_PORT and other.kind != SERVICE_PORT:
                # What followed from the old number goes on to mean the old number.
                _say(wanted, other.absent, other.word, isinstance(other.things[0][-1], int))
    made: dict[str, list[types.TextEdit]] = {}
    try:
        for document, asked in wanted.values():
            text = snapshot.text(document.source)
            made.setdefault(document.source.path, []).extend(
                types.TextEdit(text.range(edit.span), edit.text) for edit in verified(document, list(asked.values()))
            )
    except PatchError as error:
        raise RenameError(f"can't be written: {error}") from None
    return made


def _all(snapshot: Snapshot, first: list[tuple[Links, Occurrence]]) -> Iterator[tuple[Links, Occurrence]]:
    """Every occurrence that must be the same word: those that share a thing, in every scope, and with them what is said
    at their places besides."""
    pending = list(first)
    known_things: set[tuple[int, Thing]] = set()
    known_places: set[Hashable] = set()
    while pending:
        known, found = pending.pop()
        news = [thing for thing in found.things if (id(known), thing) not in known_things]
        known_things.update((id(known), thing) for thing in news)
        for other in known.same(found._replace(things=tuple(news))) if news else ():
            key = (id(other.place.document), other.place.path, other.place.slice, other.absent, id(known))
            if key in known_places:
                continue
            known_places.add(key)
            yield known, other
            pending.append((known, other))
            for scope in snapshot.scopes(other.place.document.source.path) if other.absent is None else ():
                beside = links(snapshot, snapshot.cluster(scope))
                pending += [(beside, each) for each in beside.exactly(other.place) if each.absent is None]


def _say(wanted: _Changes, place: Place, name: str, number: bool) -> None:
    document, path, _, part = place
    change: Set | SetSlice
    if part is None:
        change = Set(path, int(name) if number else name)
    else:
        change = SetSlice(path, *part, name if part[0] < part[1] else f":{name}")
    wanted.setdefault(id(document), (document, {}))[1][path, part] = change


def check(found: Occurrence, name: str) -> None:
    """Raises RenameError if the API server would refuse the new name."""
    kind, known = found.kind, found.things[0]
    if kind != LABEL and isinstance(known[-1], int):
        if not (name.isascii() and name.isdigit() and 0 < int(name) < 65536):
            raise RenameError("a port is a number from 1 to 65535")
        return
    if kind == LABEL:
        right, limit, what = _LABEL_VALUE, 63, "a label value has at most 63 letters, digits, '-', '_' and '.'"
    elif kind == OBJECT and known[2] == "Service":
        right, limit, what = _SERVICE, 63, "a Service's name is a DNS label: a-z, 0-9 and '-', a letter first"
    elif kind == OBJECT:
        right, limit, what = _SUBDOMAIN, 253, "a name is made of a-z, 0-9, '-' and '.'"
    elif kind == CONTAINER_PORT:
        what = "a port's name has at most 15 characters of a-z, 0-9 and '-', one of them a letter"
        right, limit = _PORT, 15
    else:
        right, limit, what = _LABEL_NAME, 63, "a port's name is a DNS label: a-z, 0-9 and '-'"
    if len(name) > limit or not right.fullmatch(name):
        raise RenameError(what)

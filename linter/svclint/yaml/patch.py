"""Changes of values → edits of text that leave everything else as it was written.

Comments, quotes, indentation, anchors, line ends and flow style stay. All paths of the changes of one document mean the
document as it is, not as earlier changes leave it. `verify` reads the edited text again and says whether exactly the
changes were made: whoever writes files asks it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from svclint.text import Edit, Span
from svclint.yaml.changes import Change, Insert, KeepLast, PatchError, Remove, RenameKey, Set, SetSlice, at_path, same
from svclint.yaml.document import parse
from svclint.yaml.scalars import Json
from svclint.yaml.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from svclint.yaml.document import Document, Path, Source

__all__ = [
    "Change",
    "Insert",
    "KeepLast",
    "PatchError",
    "Remove",
    "RenameKey",
    "Set",
    "SetSlice",
    "apply",
    "changed",
    "check",
    "edits",
    "verified",
    "verify",
]


def edits(document: Document, changes: Sequence[Change]) -> list[Edit]:
    """The edits that make `changes` in a readable document. Raises PatchError."""
    if document.value is None or document.positions.root is None:
        raise PatchError("the document can't be read")
    writer = Writer(document)
    made = [edit for change in _emptied(document.value, changes) for edit in writer.edits(change)]
    # Of several additions at the end of one line the innermost comes first.
    made.sort(key=lambda edit: (edit.span, -_indent(edit.text)))
    result: list[Edit] = []
    for edit in made:
        before = result[-1] if result else None
        if before is not None and not before.text and not edit.text and edit.span.start < before.span.end:
            # Neighbours in flow style that both go.
            result[-1] = Edit(Span(before.span.start, max(before.span.end, edit.span.end)), "")
        else:
            result.append(edit)
    return result


def _emptied(value: Json, changes: Sequence[Change]) -> list[Change]:
    """The changes, with the removal of all parts of something written as setting it to what is added, or to nothing."""
    removed: dict[Path, set[str | int]] = {}
    for change in changes:
        if isinstance(change, Remove) and change.path:
            removed.setdefault(change.path[:-1], set()).add(change.path[-1])
    emptied: dict[Path, Change] = {}
    for parent, keys in removed.items():
        holder = at_path(value, parent)
        if not isinstance(holder, (dict, list)) or len(keys) != len(holder):
            continue
        if keys != (set(holder) if isinstance(holder, dict) else set(range(len(holder)))):
            continue
        added = [change for change in changes if isinstance(change, Insert) and change.parent == parent]
        if isinstance(holder, dict):
            emptied[parent] = Set(parent, {change.key: change.value for change in added if isinstance(change.key, str)})
        else:
            added.sort(key=lambda change: change.key if isinstance(change.key, int) else len(holder))
            emptied[parent] = Set(parent, [change.value for change in added])
    return [change for change in changes if _holder(change) not in emptied] + list(emptied.values())


def _holder(change: Change) -> Path | None:
    """What a removal or an addition belongs to."""
    if isinstance(change, Insert):
        return change.parent
    return change.path[:-1] if isinstance(change, Remove) and change.path else None


def _indent(text: str) -> int:
    """How far added lines are indented; what goes into a line counts as not at all."""
    line = text.lstrip("\r\n")
    return len(line) - len(line.lstrip(" ")) if len(line) < len(text) or text.endswith(("\r", "\n")) else 0


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; insertions at one place in the order given. Raises PatchError if edits overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        if edit.span.start < at:
            raise PatchError("two changes touch the same text")
        parts.append(text[at : edit.span.start])
        parts.append(edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)


def verified(document: Document, changes: Sequence[Change]) -> list[Edit]:
    """The edits of `changes`, known to do exactly that. Raises PatchError otherwise."""
    made = edits(document, changes)
    error = check(document.source, {document.index: changes}, made)
    if error is not None:
        raise PatchError(error)
    return made


def verify(document: Document, changes: Sequence[Change]) -> str | None:
    """Why `changes` can't be made exactly as asked; None if they can."""
    try:
        verified(document, changes)
    except PatchError as error:
        return str(error)
    return None


def check(source: Source, changes: Mapping[int, Sequence[Change]], made: Sequence[Edit]) -> str | None:
    """Why the edited file would not be the old one with `changes` (by document index) made; None if it is."""
    try:
        text = apply(source.text, made)
        wanted = {index: changed(source.documents[index].literal, asked) for index, asked in changes.items()}
    except PatchError as error:
        return str(error)
    new = parse(text, source.path)
    if len(new.documents) != len(source.documents):
        return "the edit changes the number of documents"
    for old, read in zip(source.documents, new.documents, strict=True):
        if not same(read.literal, wanted.get(old.index, old.literal)):
            return "the edited document does not read as the change wants it"
        if len(read.problems) > len(old.problems):
            return read.problems[-1].message
    return None


class _Removed:
    """Stands for an item that is gone."""


_GONE = _Removed()


def changed(value: Json, changes: Sequence[Change]) -> Json:
    """The value with all changes made; their paths mean the value as given. Raises PatchError."""
    result = _rebuilt(value, (), _Wanted(changes))
    if isinstance(result, _Removed):
        raise PatchError("a document can't be removed from itself")
    return result


class _Wanted:
    """Changes by their path, the last steps of the paths below each path, and all paths on the way to a change."""

    __slots__ = ("at", "below", "touched")

    def __init__(self, changes: Sequence[Change]) -> None:
        self.at: dict[Path, list[Change]] = {}
        self.below: dict[Path, list[str | int]] = {}
        self.touched: set[Path] = set()
        for change in changes:
            path = change.parent if isinstance(change, Insert) else change.path
            if path not in self.at:
                self.at[path] = []
                if path:
                    self.below.setdefault(path[:-1], []).append(path[-1])
                self.touched.update(path[:length] for length in range(len(path) + 1))
            self.at[path].append(change)


def _rebuilt(value: Json, path: Path, wanted: _Wanted) -> Json | _Removed:
    if path not in wanted.touched:
        return value
    own = wanted.at.get(path, ())
    inserts: list[Insert] = []
    for change in own:
        if isinstance(change, Remove):
            return _GONE
        if isinstance(change, Set):
            return change.value
        if isinstance(change, Insert):
            inserts.append(change)
    slices = sorted((change for change in own if isinstance(change, SetSlice)), key=lambda change: change.start)
    if slices:
        return _rewritten(value, slices)
    if isinstance(value, list):
        return _rebuilt_list(value, path, wanted, inserts)
    if isinstance(value, dict) or (value is None and path in wanted.below):
        return _rebuilt_mapping(value if isinstance(value, dict) else {}, path, wanted, inserts)
    if inserts:
        if value is not None:
            raise PatchError("not a mapping or a sequence")
        return {insert.key: insert.value for insert in inserts if isinstance(insert.key, str)} or [
            insert.value for insert in inserts
        ]
    return value


def _rewritten(value: Json, slices: Sequence[SetSlice]) -> str:
    """A string with other text in slices of it, which are in order."""
    if not isinstance(value, str):
        raise PatchError("no such part of a string")
    parts, at = [], 0
    for change in slices:
        if change.start < at:
            raise PatchError("two changes touch the same text")
        parts += [value[at : change.start], change.text]
        at = change.end
    return "".join([*parts, value[at:]])


def _rebuilt_list(value: list[Json], path: Path, wanted: _Wanted, inserts: list[Insert]) -> Json:
    items: list[Json] = []
    before: dict[str | int | None, list[Json]] = {}
    for insert in inserts:
        before.setdefault(insert.key, []).append(insert.value)
    for index, part in enumerate(value):
        items.extend(before.get(index, ()))
        rebuilt = _rebuilt(part, (*path, index), wanted)
        if not isinstance(rebuilt, _Removed):
            items.append(rebuilt)
    ends = (None, len(value))
    items.extend(insert.value for insert in inserts if insert.key in ends)
    items.extend(change.value for change in wanted.at.get((*path, len(value)), ()) if isinstance(change, Set))
    return items


def _rebuilt_mapping(value: dict[str, Json], path: Path, wanted: _Wanted, inserts: list[Insert]) -> Json:
    result: dict[str, Json] = {}
    for key, part in value.items():
        rebuilt = _rebuilt(part, (*path, key), wanted)
        if isinstance(rebuilt, _Removed):
            continue
        names = [change.key for change in wanted.at.get((*path, key), ()) if isinstance(change, RenameKey)]
        result[names[-1] if names else key] = rebuilt
    for name in wanted.below.get(path, ()):
        if isinstance(name, str) and name not in value:
            for change in wanted.at[*path, name]:
                if isinstance(change, Set):
                    result[name] = change.value
    for insert in inserts:
        if not isinstance(insert.key, str):
            raise PatchError("a mapping takes keys, a sequence takes indexes")
        result[insert.key] = insert.value
    return result

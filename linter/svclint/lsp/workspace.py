"""What the server knows between two messages: the open buffers, and the projects that they belong to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from svclint import baseline, config, confined, incremental, local_rules, project, registry
from svclint.diagnostic import Report
from svclint.kube.facts import Facts
from svclint.lsp.disk import Memory
from svclint.lsp.positions import Encoding, Text
from svclint.lsp.snapshot import Said, Snapshot
from svclint.packs import OWN
from svclint.project.disk import Disk
from svclint.project.root import CONFIGURATION_FILES, find_configuration, find_root
from svclint.rule import Rule

if TYPE_CHECKING:
    from svclint import session
    from svclint.apiserver.verdict import Verdicts

MAX_BUFFER = 8 * 1024 * 1024
"""A buffer above this many characters is not looked at: no keystroke in it could be answered in time."""


class Buffer(NamedTuple):
    """An open document as the client has it."""

    uri: str
    version: int
    language: str
    text: Text


class Folder:
    """One project: its root, its configuration, and the snapshot of the moment."""

    _trusted = False
    note: str | None = None
    """What of the configuration is not done, and why."""

    def __init__(self, location: project.Location, facts_of: Callable[[Facts], Facts], encoding: Encoding) -> None:
        self.location = location
        self.error: str | None = None
        self._facts_of = facts_of
        self._encoding: Encoding = encoding
        self._memory = Memory()
        self._verdicts: Verdicts | None = None
        self._selection: session.Selection | None = None
        self._overlay: dict[str, Buffer] = {}
        self._bytes: dict[str, tuple[Text, bytes]] = {}
        self._snapshot: Snapshot | None = None
        self._checked: session.Checked | None = None
        self._before: Said | None = None
        self.read = False
        """Whether the project was read; before, what the last run said of the same files is enough."""
        self.configure()

    def trust(self, trusted: bool) -> None:
        """Whether the user trusts the rules of the project (`local-rules`), which are code; else they are not run."""
        if trusted != self._trusted:
            self._trusted = trusted
            if self._configured.local_rules:
                self.configure()

    def configure(self) -> None:
        """Reads the configuration; one that can't be read is told in `error`, and the defaults apply.

        Rule packs that can't be used are told there as well, rules that are not trusted in `note`.
        """
        self.note = None
        self._snapshot = self._before = None
        self._known: Any = None
        known = registry.installed()
        wrong: tuple[str, ...] = ()
        try:
            self._configured = config.load(self.location.root)
            self._known = self._baseline()
            known = self._chosen()
        except (config.ConfigError, baseline.BaselineError, OSError) as error:
            wrong = (str(error),)
            self._configured = config.Config()
        self.error = "\n".join((*wrong, *known.failures)) or None
        self._rules: Mapping[str, Rule] = known.rules
        self._facts = self._facts_of(config.facts(self._configured))
        self._selection = None

    def _chosen(self) -> registry.Registry:
        """The rules to choose from; that some are not trusted is told in `note`. Raises ConfigError."""
        known, run = local_rules.chosen(self._configured, self.location.root, self._trusted)
        if not run:
            folders = ", ".join(self._configured.local_rules)
            self.note = f"the rules in {folders} are code: not run before you trust them (trustLocalRules)"
        local_rules.check_names(self._configured, known, run)
        return known

    def has_page(self, rule: str) -> bool:
        """Whether a rule is explained where svclint's own are: one of a pack or of the project isn't."""
        known = self._rules.get(rule)
        return known is None or known.module.partition(".")[0] == OWN

    def _baseline(self) -> Any:
        """The findings that the configuration's baseline knows, None without one."""
        if not self._configured.baseline:
            return None
        data = confined.data(os.path.join(self.location.root, self._configured.baseline))
        return baseline.load(data.decode("utf-8", "replace"))

    def put(self, path: str, buffer: Buffer) -> None:
        """The buffer stands in for its file from now on."""
        self._overlay[path] = buffer
        self._snapshot = None

    def drop(self, path: str) -> None:
        """The file itself counts again."""
        self._overlay.pop(path, None)
        self._bytes.pop(path, None)
        self._memory.forget(path)
        self._snapshot = None

    def changed_on_disk(self, path: str | None = None) -> None:
        """A file was written (by path), or files have come or gone."""
        self._memory.forget(path)
        self._snapshot = self._before = None

    @property
    def buffers(self) -> Mapping[str, Buffer]:
        """The open buffers of this project, by path."""
        return self._overlay

    def _given(self) -> dict[str, bytes]:
        """The texts that stand in for files: buffers of files that the project has, or that aren't on the disk yet."""
        given: dict[str, bytes] = {}
        for path, buffer in self._overlay.items():
            if len(buffer.text.text) > MAX_BUFFER or not self._belongs(path):
                continue
            kept = self._bytes.get(path)
            if kept is None or kept[0] is not buffer.text:
                kept = self._bytes[path] = buffer.text, buffer.text.text.encode("utf-8", "replace")
            given[path] = kept[1]
        return given

    def _belongs(self, path: str) -> bool:
        return (
            self.location.alone
            or self._memory.holds(self.location, self._configured, path)
            or not os.path.exists(os.path.join(self.location.root, path))
        )

    def snapshot(self) -> Snapshot:
        """The project as it is now; the same one until something changes."""
        if self._snapshot is None:
            from svclint import session
            from svclint.apiserver.verdict import Verdicts

            self.read, self._before = True, None
            self._selection = self._selection or session.selection_of(self._configured, self._rules.values())
            self._verdicts = self._verdicts or Verdicts()
            read = self.location.load(self._configured, self._given(), self._facts.namespace, self._memory)
            self._checked = session.checked(read, self._facts, self._selection, self._verdicts)
            report = self._less_known(self._checked.report)
            uris = {path: buffer.uri for path, buffer in self._overlay.items()}
            self._snapshot = Snapshot(read, report, self._facts, self._selection, self._rules, self._encoding, uris)
        return self._snapshot

    def _less_known(self, report: Report) -> Report:
        """The report without what the baseline knows."""
        if self._known is None or not self._configured.baseline:
            return report
        return baseline.apply(report, self._known, self._configured.baseline, complete=False)

    def said(self) -> Said:
        """What is to be said of the project: before it is read, what the last run said of the same files."""
        if self._snapshot is None and not self.read and not self.location.alone:
            if self._before is None:
                before = incremental.known(self.location, self._configured, self._facts)
                report = before.unchanged() if before and not self._configured.local_rules else None
                if report is not None:
                    self._before = Said(self._less_known(report), self._encoding)
            if self._before is not None and self._as_on_disk():
                return self._before
        return self.snapshot()

    def _as_on_disk(self) -> bool:
        """Whether every open buffer is its file, and none a template, of which nothing is kept."""
        for path, buffer in self._overlay.items():
            text = buffer.text.text
            found = Disk().read(self.location.root, path)
            if buffer.language == "helm" or "{{" in text or "{%" in text or found != text.encode("utf-8", "replace"):
                return False
        return True

    def keep(self) -> None:
        """Keeps what was found for the next start, if it is what a run on the files themselves would find."""
        checked, snapshot, self._checked = self._checked, self._snapshot, None
        if checked is None or snapshot is None or self.location.alone or self._configured.local_rules:
            return
        found = incremental.known(self.location, self._configured, self._facts) if self._as_on_disk() else None
        if found is None or found.unchanged() is not None:
            return
        if self._memory.asked_again(found.disk, self.location, self._configured):
            found.keep(snapshot.project, checked)

    def uri(self, path: str) -> str:
        """The URI of a file: the client's own for what it has open."""
        buffer = self._overlay.get(path)
        return buffer.uri if buffer else from_fs_path(os.path.join(self.location.root, path)) or ""


class Workspace:
    """All folders and buffers. No method raises on what a client may send."""

    def __init__(self, facts_of: Callable[[Facts], Facts], encoding: Encoding = "utf-16") -> None:
        self.encoding: Encoding = encoding
        self._facts_of = facts_of
        self._tops: list[str] = []
        self._folders: dict[str, Folder] = {}
        self._places: dict[str, tuple[Folder, str]] = {}
        self._buffers: dict[str, Buffer] = {}
        self._trusted = False

    def trust(self, trusted: bool) -> None:
        """Whether the user trusts the rules of the projects."""
        self._trusted = trusted
        for folder in self._folders.values():
            folder.trust(trusted)

    @property
    def folders(self) -> Iterable[Folder]:
        """The projects that are known so far."""
        return self._folders.values()

    @property
    def buffers(self) -> Mapping[str, Buffer]:
        """The open buffers by URI."""
        return self._buffers

    def add_top(self, uri: str) -> None:
        """A folder that the client works in."""
        path = to_fs_path(uri)
        if path and path not in self._tops:
            self._tops.append(path)

    def remove_top(self, uri: str) -> None:
        """The client works no more in this folder."""
        path = to_fs_path(uri)
        if path in self._tops:
            self._tops.remove(path)

    def open_tops(self) -> None:
        """Makes the projects of all folders known, before any file of theirs is opened."""
        for top in self._tops:
            if os.path.isdir(top) and not _is_wide(root := find_root([top])):
                self._folder(root)

    def place(self, uri: str) -> tuple[Folder, str]:
        """The project of a document and its path in it. Raises KeyError for one that is neither open nor in a project
        that is known."""
        known = self._places.get(uri)
        if known is not None:
            return known
        path = to_fs_path(uri) if uri.startswith("file:") else None
        holding = [
            folder
            for folder in self._folders.values()
            if path and not folder.location.alone and path.startswith(folder.location.root + os.sep)
        ]
        if not path or not holding:
            raise KeyError(uri)
        nearest = max(holding, key=lambda folder: len(folder.location.root))
        return nearest, _relative(nearest.location.root, path)

    def _found(self, uri: str) -> tuple[Folder, str]:
        """The place of a document that is opened; one that is no file is a project of its own."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        if not path or "\0" in path:
            name = uri.rpartition("/")[2].rpartition(":")[2] or "untitled"
            name = name if name.endswith((".yaml", ".yml", ".json")) else name + ".yaml"
            found = self._alone(uri, os.path.abspath(self._tops[0] if self._tops else "."), name)
        else:
            path = os.path.abspath(path)
            root = self._root(path)
            if _is_wide(root):
                found = self._alone(uri, *os.path.split(path))
            else:
                found = self._folder(root), _relative(root, path)
        self._places[uri] = found
        return found

    def _root(self, path: str) -> str:
        """Where the command line would find the root of a file, but never above nothing: the client's folder then."""
        root = find_root([path])
        if os.path.lexists(os.path.join(root, ".git")) or find_configuration(root) is not None:
            return root
        above = [top for top in self._tops if path.startswith(top.rstrip(os.sep) + os.sep)]
        return max(above, key=len) if above else root

    def _folder(self, root: str) -> Folder:
        return self._folders.get(root) or self._made(root, project.Location(root))

    def _alone(self, uri: str, folder: str, name: str) -> tuple[Folder, str]:
        """A document that is a project of its own: nothing else is read."""
        return self._made(uri, project.Location(folder, (name,), (), None, True)), name

    def _made(self, key: str, location: project.Location) -> Folder:
        made = self._folders[key] = Folder(location, self._facts_of, self.encoding)
        made.trust(self._trusted)
        return made

    def open(self, uri: str, version: int, language: str, text: str) -> None:
        """The client has opened a document."""
        self._put(Buffer(uri, version, language, Text(text, self.encoding)))

    def change(self, uri: str, version: int, changes: Iterable[types.TextDocumentContentChangeEvent]) -> bool:
        """The client has changed a document; False for one that it never opened."""
        buffer = self._buffers.get(uri)
        if buffer is None:
            return False
        text = buffer.text
        for change in changes:
            text = text.changed(change)
        self._put(buffer._replace(version=version, text=text))
        return True

    def _put(self, buffer: Buffer) -> None:
        known = self._places.get(buffer.uri)
        folder, path = known or self._found(buffer.uri)
        if known is None:
            # A client that watches no files tells of new ones only so.
            folder.changed_on_disk()
        self._buffers[buffer.uri] = buffer
        folder.put(path, buffer)

    def close(self, uri: str) -> None:
        """The client has closed a document."""
        if self._buffers.pop(uri, None) is None:
            return
        folder, path = self._places.pop(uri)
        folder.drop(path)
        if not folder.buffers and (folder.location.alone or folder.location.root not in self._roots()):
            self._folders = {key: each for key, each in self._folders.items() if each is not folder}

    def _roots(self) -> set[str]:
        """The roots of the folders that the client works in, and what lies in these."""
        return {
            root for root in self._folders for top in self._tops if root == top or root.startswith(top + os.sep)
        } | {find_root([top]) for top in self._tops if os.path.isdir(top)}

    def touched(self, uri: str, kind: types.FileChangeType | int = types.FileChangeType.Changed) -> None:
        """A file was written, made or removed on the disk."""
        path = to_fs_path(uri) or ""
        if os.path.basename(path) in CONFIGURATION_FILES:
            self._places.clear()
            for each in self._folders.values():
                each.changed_on_disk()
                each.configure()
            for known in self._buffers.values():
                self._put(known)
            return
        for folder in self._folders.values():
            if path.startswith(folder.location.root + os.sep):
                relative = _relative(folder.location.root, path)
                folder.changed_on_disk(relative if kind == types.FileChangeType.Changed else None)


def _relative(root: str, path: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def _is_wide(root: str) -> bool:
    """Whether a folder is no project but everything, or all of somebody's: what `kubectl edit` opens lies in such a
    one, and walking it would take minutes. A configuration there says that it is meant."""
    home = os.path.expanduser("~")
    wide = {home, os.path.dirname(home), "/tmp", "/var/tmp", os.environ.get("TMPDIR", "").rstrip(os.sep)}
    return (root in wide or os.path.dirname(root) == root) and find_configuration(root) is None

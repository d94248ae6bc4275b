"""What a run found, kept for the next one: unchanged, nothing is parsed; with a file changed, only its part is.

A project falls into *parts*: scopes that share files, and files whose findings speak of each other. A part's findings
depend on the bytes of its own files and, of all others, only on which objects there are and what they offer: how the
project is divided into scopes (kinds and names, `outlines`), which custom kinds are namespaced, and what one scope asks
of the others (`elsewhere.offers`). As long as a changed file has the same outline and its scopes offer the same, its
part is checked alone and all other findings stand. In every other case the whole project is read again: there is no
second way in which a project is divided or a rule asked, only less of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from svclint import kept
from svclint.cache import LEAST_FILES, Recorder, Store, digest, stamp_of
from svclint.diagnostic import Note, Report, order
from svclint.grouping import grouped
from svclint.kube.read import find
from svclint.project.files import Problem, Walk
from svclint.project.manifest import is_for_tool, is_kustomization
from svclint.version import VERSION

if TYPE_CHECKING:
    from svclint.kube.facts import Facts
    from svclint.project.load import Project
    from svclint.project.location import Location, Settings
    from svclint.session import Checked, Selection
    from svclint.yaml import Source


class File(NamedTuple):
    """What is known of one file: a digest of its bytes and its stamp (None: it is only named by others), its outline
    (None: it is no manifest; "": all of its bytes count) and the number of its part."""

    path: str
    digest: str | None
    stamp: str | None
    outline: str | None
    part: int | None


class Part(NamedTuple):
    """What was found in one part, as JSON: its scopes, its diagnostics (`kept.dump`), the files that each suppressed
    one speaks of, and counts.

    A scope is its division (name, folders of kustomizations, plain files), all of its files, what it offers to others
    and what it was told by them; files are numbers in the list of files.
    """

    scopes: list[Any]
    diagnostics: list[Any]
    silenced: list[list[str]]
    objects: int
    documents: int


class Entry(NamedTuple):
    """What is known of a project: its files, what else was asked of the disk, and its parts."""

    files: list[File]
    asked: list[tuple[str, str, str]]
    known: list[tuple[str, str, bool]]
    notes: list[tuple[str, str]]
    file_count: int
    parts: list[Part]

    @classmethod
    def read(cls, found: Any) -> Entry:
        """From JSON. Raises TypeError or ValueError for what is no entry."""
        files, asked, known, notes, file_count, parts = found
        return cls([File(*f) for f in files], asked, known, notes, file_count, [Part(*part) for part in parts])


class Incremental:
    """What is known of one project on one set of terms, whichever files of it are asked about.

    `location` is the whole project, and `disk` what a run of it has to read from.
    """

    __slots__ = ("_asked", "_bytes", "_entry", "_settings", "_store", "_walks", "disk", "location")

    def __init__(self, store: Store, location: Location, settings: Settings) -> None:
        self._store = store
        self._asked = location
        self.location = location._replace(files=(), folders=())
        self._settings = settings
        self._entry: Entry | None = None
        self._bytes: dict[str, bytes] = {}
        self._walks: list[Walk] = []
        self.disk = Recorder()

    def unchanged(self) -> Report | None:
        """The last run's report, if everything that it read is as it was."""
        found = self._store.read()
        if found is None:
            return None
        try:
            entry = Entry.read(found)
            now = self._compared(entry)
            self._entry = now
            if now is None or self._bytes:
                return None
            if now.files != entry.files:
                self._store.write(now)
            return self._report(now)
        except (TypeError, ValueError, AttributeError, LookupError):
            # Signed, and not what this version writes: svclint itself was changed under way.
            self._entry = None
            return None

    def again(self, facts: Facts, selection: Selection) -> Report | None:
        """The report with the parts checked again whose files have changed; None if that can't be all that changes."""
        entry = self._entry
        if entry is None or not self._bytes:
            return None
        changed = [file for file in entry.files if file.path in self._bytes]
        # What is no manifest may become one; what decides by all of its bytes has changed.
        if not all(file.outline for file in changed):
            return None
        numbers = {file.part for file in changed}
        own = {file.path for file in entry.files if file.part in numbers}
        # A part that is most of the project spares nothing.
        if 2 * len(own) > len(entry.files):
            return None
        return self._checked(entry, {number for number in numbers if number is not None}, own, facts, selection)

    def _checked(
        self, entry: Entry, numbers: set[int], own: set[str], facts: Facts, selection: Selection
    ) -> Report | None:
        from svclint import session
        from svclint.project.elsewhere import Told, offers
        from svclint.project.scope import Division

        paths = [file.path for file in entry.files]
        known = [each for number in sorted(numbers) for each in entry.parts[number].scopes]
        reading = own
        if any(built for _, built, *_ in known):
            reading = own.union(filter(is_kustomization, paths))
        disk = _Reading(self._walks, reading, self._bytes, {file.path: file.digest for file in entry.files})
        project = self.location.load(self._settings, {}, facts.namespace, disk)
        project.known = {(group, kind): namespaced for group, kind, namespaced in entry.known}
        project.divisions = tuple(
            Division(name, tuple(built), tuple(paths[n] for n in plain)) for name, built, plain, *_ in known
        )
        now = {source.path: outline(source) for source in project.sources}
        if disk.moved or any(now.get(file.path) != file.outline for file in entry.files if file.path in self._bytes):
            return None
        scopes = project.scopes
        if len(scopes) != len(known):
            return None
        sources = {source.path: source for source in project.sources}
        told = []
        for scope, (*_, reached, offered, answers) in zip(scopes, known, strict=True):
            if scope.reached != {paths[n] for n in reached} or digest(offers(scope)) != offered:
                return None
            if answers is not None:
                scope.elsewhere = others = Told(kept.answered(answers, sources))
                told.append(others)
        checked = session.checked(project, facts, selection)
        if checked.report.crashes or any(others.asked_more for others in told):
            return None
        groups = [group for group in _groups(project, checked) if not own.isdisjoint(group)]
        # A finding that speaks of a file of another part puts both together.
        if any(not own.issuperset(group) for group in groups):
            return None
        new = self._with(entry, numbers, groups, _parts(project, checked, groups, paths))
        self._store.write(new)
        return self._report(new)

    def _with(self, entry: Entry, numbers: set[int], groups: list[list[str]], parts: list[Part]) -> Entry:
        """The entry with other parts in place of those of these numbers."""
        left = [number for number in range(len(entry.parts)) if number not in numbers]
        number_of: dict[int | None, int | None] = {old: number for number, old in enumerate(left)}
        part_of = {path: len(left) + number for number, group in enumerate(groups) for path in group}
        files = [file._replace(part=part_of.get(file.path, number_of.get(file.part))) for file in entry.files]
        return entry._replace(files=files, parts=[entry.parts[number] for number in left] + parts)

    def asked(self, project: Project, checked: Checked) -> Report | None:
        """What of a run of the whole is asked about; None where more has to be read for that."""
        self._walks = self.disk.walks(self.location, self._settings)
        manifests = {source.path for source in project.sources}
        return self._of_targets(checked.report, (d.files for d in checked.silenced), manifests)

    def _of_targets(
        self, report: Report, silenced: Iterable[Iterable[str]], manifests: Collection[str]
    ) -> Report | None:
        """As `session.checked` shows what is found in targets, and what is found elsewhere and speaks of them."""
        files, folders = frozenset(self._asked.files), self._asked.folders
        if "" in folders or not (files or folders):
            return report
        walked = [path for walk in self._walks for path in walk.files]
        below = tuple(folder + "/" for folder in folders)
        # Of a file that is named and no manifest something is noted, and a folder that is left out is read when it is
        # named; stubs are never targets.
        outside = any(not any(path.startswith(each) for path in walked) for each in below)
        if outside or self._settings.assume or not files.issubset(manifests):
            return None

        def asked(paths: Iterable[str]) -> bool:
            return any(path in files or path.startswith(below) for path in paths)

        return report._replace(
            diagnostics=tuple(d for d in report.diagnostics if asked(d.files)),
            files=sum(asked((path,)) for path in walked),
            suppressed=sum(map(asked, silenced)),
        )

    def keep(self, project: Project, checked: Checked) -> None:
        """Keeps what a run of the whole found."""
        report = checked.report
        answers = self.disk.answers
        if report.crashes or len(answers) < LEAST_FILES or not project.sources:
            return
        groups = _groups(project, checked)
        part_of = {path: number for number, group in enumerate(groups) for path in group}
        outlines = {source.path: outline(source) for source in project.sources}
        read = {path: answer for (what, path), answer in answers.items() if what == "read"}
        files = []
        for path in dict.fromkeys((*read, *part_of)):
            answer = read.get(path)
            said, stamp = answer if answer else (None, None)
            files.append(File(path, said, stamp, outlines.get(path), part_of.get(path)))
        entry = Entry(
            files,
            [(what, path, answer.digest) for (what, path), answer in answers.items() if what != "read"],
            [(group, kind, namespaced) for (group, kind), namespaced in sorted(project.known.items())],
            [(note.file, note.message) for note in report.notes],
            report.files,
            _parts(project, checked, groups, [file.path for file in files]),
        )
        self._store.write(entry)

    def _compared(self, entry: Entry) -> Entry | None:
        """The entry with the files as they are now; None if something has changed that is not one of these files.

        The bytes of those that have changed are in `_bytes` then.
        """
        disk = Recorder()
        root = self.location.root
        for what, path, said in entry.asked:
            if what == "walks":
                self._walks = disk.walks(self.location, self._settings)
            elif what == "reach":
                disk.reach(root, path)
            else:
                disk.below(root, path)
            if disk.answers[what, path].digest != said:
                return None
        files = []
        for file in entry.files:
            if file.digest is not None and (file.stamp is None or stamp_of(root, file.path) != file.stamp):
                found = disk.read(root, file.path)
                answer = disk.answers["read", file.path]
                if answer.digest != file.digest:
                    if not isinstance(found, bytes):
                        return None
                    self._bytes[file.path] = found
                file = file._replace(digest=answer.digest, stamp=answer.stamp)
            files.append(file)
        return entry._replace(files=files)

    def _report(self, entry: Entry) -> Report | None:
        root = self.location.root

        def text(path: str) -> str:
            from svclint.yaml.encoding import decode_bytes

            found = self._bytes.get(path)
            data: bytes | Problem = self.disk.under.read(root, path) if found is None else found
            return decode_bytes(data).text if isinstance(data, bytes) else ""

        texts = kept.Texts(text)
        silenced = [files for part in entry.parts for files in part.silenced]
        report = Report(
            tuple(sorted((kept.load(each, texts) for part in entry.parts for each in part.diagnostics), key=order)),
            tuple(Note(*note) for note in entry.notes),
            files=entry.file_count,
            documents=sum(part.documents for part in entry.parts),
            objects=sum(part.objects for part in entry.parts),
            suppressed=len(silenced),
        )
        return self._of_targets(report, silenced, {file.path for file in entry.files if file.outline is not None})


Patterns = tuple[str, ...]


def known(
    location: Location, settings: Settings, facts: Facts, rules: tuple[Patterns, Patterns, Patterns] = ((), (), ())
) -> Incremental | None:
    """What earlier runs know; None where nothing is kept.

    In: what is read and its configuration, the facts, and which rules are selected, selected beside the configuration's
    and ignored by the command line.
    """
    from svclint import cache, packs

    # Rules of a pack may read anything.
    if packs.any_pack():
        return None
    store = cache.store(location.root, (VERSION, settings, facts, rules))
    return Incremental(store, location, settings) if store else None


class _Reading(Recorder):
    """The disk as it was compared, seen only as far as some files reach."""

    __slots__ = ("_bytes", "_known", "_walks", "moved")

    def __init__(
        self,
        walks: Iterable[Walk],
        files: Collection[str],
        changed: Mapping[str, bytes],
        known: Mapping[str, str | None],
    ) -> None:
        super().__init__()
        self._walks = [
            walk._replace(files=tuple(path for path in walk.files if path in files), problems=()) for walk in walks
        ]
        self._bytes = changed
        self._known = known
        self.moved = False
        """Whether some file is not the one any more that was compared."""

    def walks(self, location: Location, settings: Settings) -> list[Walk]:
        return self._walks

    def read(self, root: str, path: str) -> bytes | Problem:
        if path in self._bytes:
            return self._bytes[path]
        found = self.under.read(root, path)
        self.moved = self.moved or digest(found) != self._known.get(path)
        return found


def outline(source: Source) -> str:
    """A digest of what of a file decides how the project is divided; "" where that is all of its bytes."""
    keys = None if is_kustomization(source.path) else _outline(source)
    return "" if keys is None else digest(keys)


def _outline(source: Source) -> list[Any] | None:
    if source.problems:
        return None
    keys: list[Any] = []
    for document in source.documents:
        value = document.value
        # What can't be read may hold anything, and so may the items of a list.
        if value is None or document.problems or (isinstance(value, dict) and "items" in value):
            return None
        if isinstance(value, dict):
            metadata = value.get("metadata")
            named = isinstance(metadata, dict) and (metadata.get("namespace"), metadata.get("name"))
            keys.append((value.get("apiVersion"), value.get("kind"), named, is_for_tool(value)))
            if value.get("kind") == "CustomResourceDefinition":
                # Whether its kind is namespaced counts everywhere, its schema only beside it.
                keys.append([find(value, "spec", *path) for path in (("group",), ("names", "kind"), ("scope",))])
        else:
            keys.append(None)
    return keys


def _groups(project: Project, checked: Checked) -> list[list[str]]:
    """The files of each part; every file that was read as a manifest is in one."""
    spoken = map(kept.files_of, (*checked.report.diagnostics, *checked.silenced))
    return grouped(
        (source.path for source in project.sources), chain((scope.reached for scope in project.scopes), spoken)
    )


def _parts(project: Project, checked: Checked, groups: list[list[str]], paths: list[str]) -> list[Part]:
    """What was found in each group of files; `paths` are the files by number."""
    from svclint.project.elsewhere import offers

    number_of = {path: number for number, path in enumerate(paths)}
    part_of = {path: number for number, group in enumerate(groups) for path in group}
    scopes: list[list[Any]] = [[] for _ in groups]
    objects: list[set[int]] = [set() for _ in groups]
    diagnostics: list[list[Any]] = [[] for _ in groups]
    silenced: list[list[list[str]]] = [[] for _ in groups]
    documents = [0] * len(groups)
    for source in project.sources:
        if source.path in part_of:
            documents[part_of[source.path]] += len(source.documents)
    for scope in project.scopes:
        reached = scope.reached
        part = part_of[min(reached)]
        objects[part].update(id(resource.value) for resource in scope.resources)
        name, built, plain = scope.division
        numbers = [number_of[path] for path in plain]
        everything = sorted(number_of[path] for path in reached)
        scopes[part].append(
            [
                name,
                built,
                numbers,
                everything,
                digest(offers(scope)),
                None if scope.elsewhere is None else kept.asked(scope.elsewhere.answers),
            ]
        )
    for d in checked.report.diagnostics:
        if d.region.file in part_of:
            diagnostics[part_of[d.region.file]].append(kept.dump(d))
    for d in checked.silenced:
        if d.region.file in part_of:
            silenced[part_of[d.region.file]].append(list(d.files))
    return [Part(*each) for each in zip(scopes, diagnostics, silenced, map(len, objects), documents, strict=True)]

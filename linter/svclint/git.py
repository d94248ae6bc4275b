"""What git holds of a project: its index or a commit as a disk to read from, and what differs between two of them.

Plumbing commands only, one process for a list and one for the bytes, never one a file; nothing is fetched and nothing
is written. Paths are relative to the project's root, which may be a folder of the work tree.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from svclint import confined
from svclint.project.disk import Disk
from svclint.project.files import SUFFIXES, VENDORED, Problem, Walk
from svclint.project.ignore import globs
from svclint.project.load import Note
from svclint.project.location import Location, Settings

_LINK, _SUBMODULE = "120000", "160000"
# A hook gets these from git; what they say of another repository than the project's must not count.
_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_INDEX_FILE")
_STORES = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")


# Nothing is fetched, and no program of a repository's own configuration is started.
_SETTINGS = ("protocol.allow=never", "core.fsmonitor=false", f"core.hooksPath={os.devnull}", "core.quotePath=false")
_SAFE = tuple(part for setting in _SETTINGS for part in ("-c", setting))


class GitError(Exception):
    """git can't answer: it isn't there, the folder is in no repository, or there is no such commit."""


class Entry(NamedTuple):
    """A file as git has it; a submodule's `id` is its commit."""

    mode: str
    id: str


class Change(NamedTuple):
    """A file that differs: its path before ("" if it is new) and after ("" if it is gone)."""

    before: str
    after: str


class Repository:
    """The repository that a project's root lies in. Raises GitError where there is none."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._environment = {name: value for name, value in os.environ.items() if name not in _LOCAL}
        self._environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        for name in _STORES:
            if name in os.environ:
                stores = os.environ[name].split(os.pathsep)
                self._environment[name] = os.pathsep.join(os.path.abspath(store) for store in stores)
        own = self._run("rev-parse", "--absolute-git-dir").strip()
        index = os.environ.get("GIT_INDEX_FILE")
        # `git commit FILE` and `git commit -a` make an index of their own and name it to their hooks.
        if index and self._hooked() == os.path.realpath(own):
            self._environment["GIT_INDEX_FILE"] = os.path.abspath(index)

    def index(self) -> dict[str, Entry]:
        """The files of the index; of an unmerged one the version of our side."""
        found: dict[str, Entry] = {}
        for line in self._run("ls-files", "--stage", "-z").split("\0"):
            about, _, path = line.partition("\t")
            if path:
                mode, name, stage = about.split(" ")
                if stage in ("0", "2"):
                    found[path] = Entry(mode, name)
        return found

    def commit(self, commit: str) -> dict[str, Entry]:
        """The files of a commit (or tree). Raises GitError if there is none of that name."""
        found: dict[str, Entry] = {}
        for line in self._run("ls-tree", "-r", "-z", "--end-of-options", commit).split("\0"):
            about, _, path = line.partition("\t")
            if path:
                mode, _, name = about.split(" ")
                found[path] = Entry(mode, name)
        return found

    def head(self) -> str:
        """The commit that HEAD names, or the empty tree before the first one."""
        return self.named("HEAD") or self._run("hash-object", "-t", "tree", "--stdin").strip()

    def named(self, name: str) -> str | None:
        """The id of the commit (or tree) that a name stands for; None if there is none."""
        try:
            return (
                self._run("rev-parse", "--quiet", "--verify", "--end-of-options", name + "^{tree}")
                and (self._run("rev-parse", "--quiet", "--verify", "--end-of-options", name).split("\n")[-2])
            )
        except GitError:
            return None

    def base(self, name: str) -> str:
        """Where HEAD went off from a branch (or tag, commit), or that commit itself if they share no history.

        Raises GitError if there is no such commit.
        """
        commit = self.named(name)
        if commit is None:
            raise GitError(f"no commit is named {name!r}; in a shallow clone, fetch it first (docs/ci.md)")
        try:
            return self._run("merge-base", commit, "HEAD").strip()
        except GitError:
            return commit

    def changes(self, before: str, cached: bool) -> list[Change]:
        """What differs between a commit and the index (`cached`) or the work tree, with renames found by git."""
        where = ("--cached",) if cached else ()
        flags = ("--name-status", "-z", "-M", "--relative", "--no-ext-diff", "--ignore-submodules=dirty")
        parts = iter(self._run("diff-index", *where, *flags, before, "--").split("\0"))
        found = []
        for status in parts:
            if status[:1] in ("R", "C"):
                old, new = next(parts), next(parts)
                found.append(Change(old if status[0] == "R" else "", new))
            elif status:
                path = next(parts)
                found.append(Change("" if status == "A" else path, "" if status == "D" else path))
        return found

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The bytes of blobs; what isn't there (a partial clone) or is too large is left out."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        sizes = self._bytes("cat-file", "--batch-check", given="\n".join(wanted).encode() + b"\n").decode().split("\n")
        there = [line.split(" ") for line in sizes if line.count(" ") == 2]
        small = [name for name, kind, size in there if kind == "blob" and int(size) <= confined.MAX_BYTES]
        out = self._bytes("cat-file", "--batch", given="".join(name + "\n" for name in small).encode())
        found: dict[str, bytes] = {}
        at = 0
        while at < len(out):
            end = out.index(b"\n", at)
            name, _, size = out[at:end].decode().split(" ")
            at = end + 1 + int(size)
            found[name] = out[end + 1 : at]
            at += 1
        return found

    def _hooked(self) -> str | None:
        """The git directory of the repository whose hook runs this, if any."""
        try:
            done = subprocess.run(
                [_git(), "rev-parse", "--absolute-git-dir"], capture_output=True, text=True, check=True
            )
        except (OSError, GitError, subprocess.CalledProcessError):
            return None
        return os.path.realpath(done.stdout.strip())

    def _run(self, *arguments: str) -> str:
        return self._bytes(*arguments).decode("utf-8", "surrogateescape")

    def _bytes(self, *arguments: str, given: bytes = b"") -> bytes:
        command = [_git(), *_SAFE, *arguments]
        try:
            done = subprocess.run(command, cwd=self.root, env=self._environment, input=given, capture_output=True)
        except OSError as error:
            raise GitError(f"git can't be run: {error.strerror}") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise GitError(said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
        return done.stdout


def _git() -> str:
    """The git of PATH. Raises GitError."""
    found = confined.program("git")
    if found is None:
        raise GitError("git is not on PATH")
    return found


class Tree(Disk):
    """The files that git holds, in place of those on the disk. `notes` tell of submodules that are not there."""

    __slots__ = ("_boundaries", "_files", "_later", "_listed", "notes")

    def __init__(self, repository: Repository, entries: Mapping[str, Entry]) -> None:
        self._boundaries: list[str] = []
        self._later: dict[str, tuple[Repository, str]] = {}
        self.notes: list[Note] = []
        self._files: dict[str, bytes] = {}
        self._listed: list[str] = []
        self._add(repository, entries, "")

    def _add(self, repository: Repository, entries: Mapping[str, Entry], prefix: str) -> None:
        wanted = {path: entry.id for path, entry in entries.items() if path.endswith(SUFFIXES) or entry.mode == _LINK}
        blobs = repository.blobs(id for path, id in wanted.items() if entries[path].mode != _SUBMODULE)
        links: dict[str, str] = {}
        for path, id in wanted.items():
            mode = entries[path].mode
            if mode == _LINK:
                target = blobs.get(id, b"").decode("utf-8", "surrogateescape")
                links[path] = os.path.normpath(os.path.join(os.path.dirname(path), target)).replace(os.sep, "/")
            elif mode != _SUBMODULE:
                self._listed.append(prefix + path)
                if id in blobs:
                    self._files[prefix + path] = blobs[id]
        more = {
            path: entries[target] for path, target in links.items() if target in entries and path.endswith(SUFFIXES)
        }
        data = repository.blobs(entry.id for entry in more.values() if entry.mode not in (_LINK, _SUBMODULE))
        for path, entry in more.items():
            # What a link leads to is a source by its own name, if by its name it may be one.
            if entry.id in data:
                self._files[prefix + path] = data[entry.id]
                if not links[path].endswith(SUFFIXES):
                    self._listed.append(prefix + path)
        for path, target in links.items():
            if path not in more and target in entries and entries[target].mode not in (_LINK, _SUBMODULE):
                self._later[prefix + path] = repository, entries[target].id
        for path, entry in entries.items():
            if entry.mode == _SUBMODULE:
                self._submodule(confined.within(repository.root, path), prefix + path, entry.id)
            elif path not in wanted:
                self._later[prefix + path] = repository, entry.id

    def _submodule(self, folder: str | None, path: str, commit: str) -> None:
        self._boundaries.append(path)
        try:
            if folder is None or not os.path.lexists(os.path.join(folder, ".git")):
                raise GitError("not checked out")
            inner = Repository(folder)
            self._add(inner, inner.commit(commit), path + "/")
        except GitError:
            self.notes.append(Note(path, "a submodule whose commit isn't there: not read"))

    def walks(self, location: Location, settings: Settings) -> list[Walk]:
        """The project's files; `.gitignore` says nothing about what git holds."""
        wanted, unwanted = globs(settings.sources), globs(settings.exclude)
        found = [
            path
            for path in self._listed
            if not any(part[0] == "." or part in VENDORED for part in path.split("/"))
            and (wanted is None or wanted.cover(path))
            and not (unwanted is not None and unwanted.cover(path))
        ]
        charts = [path.rpartition("/")[0] for path in found if path.rpartition("/")[2] == "Chart.yaml"]
        return [Walk(tuple(sorted(found)), (), tuple(sorted(charts)), tuple(sorted(self._boundaries)))]

    def read(self, root: str, path: str) -> bytes | Problem:
        """The bytes of a file that git holds."""
        found = self.reach(root, path)
        return Problem(path, "git doesn't hold it here, or it is too large") if found is None else found

    def reach(self, root: str, path: str) -> bytes | Problem | None:
        """A file that another one names, whatever it is called."""
        if path not in self._files and path in self._later:
            repository, name = self._later.pop(path)
            found = repository.blobs((name,))
            if found:
                self._files[path] = found[name]
        return self._files.get(path)

    def below(self, root: str, path: str) -> Sequence[str]:
        """The files below a folder, or the file itself."""
        folder = path.strip("/")
        found = sorted(each for each in self._listed if folder in ("", ".") or each.startswith(folder + "/"))
        return found or (path,)

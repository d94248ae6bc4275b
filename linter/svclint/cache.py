"""What a run printed, kept for the next one that would read the same: warm, nothing is parsed and no rule is asked.

An entry holds what was asked of the disk with a digest of each answer, the text that was printed and the exit code. It
holds if every answer is still the same; its name is a digest of everything else that the text depends on. Entries are
JSON, signed with a key of this user: a repository can carry a `.svclint_cache`, but not one that is believed. Whatever
goes wrong (no permission, a full disk, half an entry, another version's) means that there is no entry, nothing more.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, NamedTuple

from svclint.project.disk import Disk
from svclint.project.files import Problem, Walk

if TYPE_CHECKING:
    from svclint.project.location import Location, Settings

FOLDER = ".svclint_cache"
MOST_ENTRIES = 64
# Of fewer files an entry spares too little to leave a folder behind.
LEAST_FILES = 20
# What of the environment a report may depend on.
ENVIRONMENT = ("CI", "COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "TERM")


class Printed(NamedTuple):
    """What a run printed on standard output, and its exit code."""

    text: str
    code: int


class Recorder(Disk):
    """Another disk (`under`) that remembers what it was asked and a digest of each answer."""

    __slots__ = ("answers", "under")

    def __init__(self, under: Disk | None = None) -> None:
        self.under = under or Disk()
        self.answers: dict[tuple[str, str], str] = {}

    def walks(self, location: Location, settings: Settings) -> list[Walk]:
        found = self.under.walks(location, settings)
        self.answers["walks", ""] = digest(found)
        return found

    def read(self, root: str, path: str) -> bytes | Problem:
        found = self.under.read(root, path)
        self.answers["read", path] = digest(found)
        return found

    def reach(self, root: str, path: str) -> bytes | Problem | None:
        found = self.under.reach(root, path)
        self.answers["reach", path] = digest(found)
        return found

    def below(self, root: str, path: str) -> Sequence[str]:
        found = self.under.below(root, path)
        self.answers["below", path] = digest(found)
        return found


class Cache:
    """The entry of one question. `disk` is what the run has to read from; then `keep` what it printed."""

    def __init__(
        self, folder: str, secret: bytes, terms: Sequence[Any], location: Location, settings: Settings
    ) -> None:
        self._folder = folder
        self._secret = secret
        self._path = os.path.join(folder, digest(terms))
        self._location = location
        self._settings = settings
        self.disk = Recorder()

    def find(self) -> Printed | None:
        """What was printed, if everything that was read is as it was."""
        import json

        try:
            with open(self._path, "rb") as file:
                signature, _, body = file.read().partition(b"\n")
            if not compare_digest(signature, self._sign(body)):
                return None
            entry = json.loads(body)
            text, code, answers = entry["text"], entry["code"], entry["answers"]
            if not (isinstance(text, str) and isinstance(code, int) and self._holds(answers)):
                return None
            return Printed(text, code)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _holds(self, answers: list[list[str]]) -> bool:
        now = Recorder()
        root = self._location.root
        for what, path, answer in answers:
            if what == "walks":
                now.walks(self._location, self._settings)
            elif what == "read":
                now.read(root, path)
            elif what == "reach":
                now.reach(root, path)
            else:
                now.below(root, path)
            if now.answers.get((what, path)) != answer:
                return False
        return True

    def keep(self, text: str, code: int) -> None:
        """Writes the entry, in one step; an entry that can't be written is not missed."""
        import json
        import tempfile

        if len(self.disk.answers) < LEAST_FILES:
            return
        answers = [[what, path, answer] for (what, path), answer in self.disk.answers.items()]
        try:
            body = json.dumps({"text": text, "code": code, "answers": answers}).encode()
            _make(self._folder)
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
            try:
                with open(handle, "wb") as file:
                    file.write(self._sign(body) + b"\n" + body)
                os.replace(temporary, self._path)
            except BaseException:
                os.unlink(temporary)
                raise
            _prune(self._folder)
        except (OSError, ValueError):
            return

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._secret, digest_size=32).hexdigest().encode()


def of(
    location: Location, settings: Settings, terms: Sequence[Any], environ: Mapping[str, str] = os.environ
) -> Cache | None:
    """The cache for a question; None where there can be none.

    In: where the project is, its configuration, everything else that the answer depends on (compared by `repr`).
    """
    given = environ.get("SVCLINT_CACHE_DIR")
    folder = given or os.path.join(location.root, FOLDER)
    # A folder that is a link may have been put there to have something else written into.
    if not given and os.path.islink(folder):
        return None
    secret = _secret(given or _own_folder(environ))
    if secret is None:
        return None
    known = {name: environ.get(name) for name in ENVIRONMENT}
    return Cache(folder, secret, (*terms, location, known, os.getcwd(), code()), location, settings)


def digest(value: Any) -> str:
    """A name for a value: its bytes', or those of its `repr`."""
    data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "backslashreplace")
    return blake2b(data, digest_size=20, person=b"b" if isinstance(value, bytes) else b"r").hexdigest()


def code() -> tuple[int, int]:
    """How many files svclint and its rules are, and when the newest was written: an installation's identity."""
    import svclint_rules

    pending = [os.path.dirname(__file__), *svclint_rules.__path__]
    count = newest = 0
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name == "__pycache__":
                    continue
                if entry.is_dir():
                    pending.append(entry.path)
                elif entry.name.endswith(".py"):
                    count += 1
                    newest = max(newest, entry.stat().st_mtime_ns)
    return count, newest


def _own_folder(environ: Mapping[str, str]) -> str | None:
    base = environ.get("XDG_CACHE_HOME") or (environ.get("HOME") and os.path.join(environ["HOME"], ".cache"))
    return os.path.join(base, "svclint") if base and os.path.isabs(base) else None


def _secret(folder: str | None) -> bytes | None:
    """The key that entries are signed with, made at the first run; None where it can be neither read nor made."""
    if folder is None:
        return None
    path = os.path.join(folder, "key")
    try:
        if not os.path.exists(path):
            _make_secret(folder, path)
        with open(path, "rb") as file:
            found = file.read(64)
    except OSError:
        return None
    return found if len(found) == 32 else None


def _make_secret(folder: str, path: str) -> None:
    import tempfile

    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with open(handle, "wb") as file:
            file.write(os.urandom(32))
        # Of several runs that begin at once, the first makes the key.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)


def _make(folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        return
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, ".gitignore"), "w", encoding="utf-8") as file:
        file.write("# svclint's cache; it can be deleted at any time.\n*\n")


def _prune(folder: str) -> None:
    """Leaves the newest entries, and nothing that a killed run began."""
    with os.scandir(folder) as found:
        entries = [(e.stat().st_mtime_ns, e.path) for e in found if len(e.name) == 40 or e.name.startswith(".new-")]
    for _, path in sorted(entries, reverse=True)[MOST_ENTRIES:]:
        os.unlink(path)

"""What is kept between runs: JSON in the project's `.svclint_cache`, signed with a key of this user.

A repository can carry a `.svclint_cache`, but not one that is believed. Whatever goes wrong (no permission, a full
disk, half an entry, another version's) means that there is no entry, nothing more. `svclint.incremental` says what is
in one.
"""

from __future__ import annotations

import contextlib
import os
import time
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
# A file that was written so shortly before it was read (nanoseconds) may be written again within one tick of its clock.
RACY = 2_000_000_000

Question = tuple[str, str]
"""What was asked of the disk (`walks`, `read`, `reach`, `below`), and of which path."""


class Answer(NamedTuple):
    """A digest of what the disk said; for a file also its stamp, if that is enough to know that nothing has changed."""

    digest: str
    stamp: str | None = None


class Recorder(Disk):
    """Another disk (`under`) that remembers what it was asked and answered."""

    __slots__ = ("answers", "under")

    def __init__(self, under: Disk | None = None) -> None:
        self.under = under or Disk()
        self.answers: dict[Question, Answer] = {}

    def walks(self, location: Location, settings: Settings) -> list[Walk]:
        found = self.under.walks(location, settings)
        self.answers["walks", ""] = Answer(digest(found))
        return found

    def read(self, root: str, path: str) -> bytes | Problem:
        # Before the bytes: what is written in between makes another stamp.
        stamp = stamp_of(root, path)
        found = self.under.read(root, path)
        self.answers["read", path] = Answer(digest(found), stamp)
        return found

    def reach(self, root: str, path: str) -> bytes | Problem | None:
        found = self.under.reach(root, path)
        self.answers["reach", path] = Answer(digest(found))
        return found

    def below(self, root: str, path: str) -> Sequence[str]:
        found = self.under.below(root, path)
        self.answers["below", path] = Answer(digest(found))
        return found


def stamp_of(root: str, path: str) -> str | None:
    """What tells that a file is the one that was read: size, times and number, as in git's index.

    None for a file that is not there, or that was written too shortly before now (git's "racily clean").
    """
    try:
        found = os.stat(os.path.join(root, path))
    except (OSError, ValueError):
        return None
    if max(found.st_mtime_ns, found.st_ctime_ns) > time.time_ns() - RACY:
        return None
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


class Store:
    """One entry: its folder, its name (a digest of all that it depends on beside files) and the key that signs it."""

    __slots__ = ("_folder", "_path", "_secret")

    def __init__(self, folder: str, secret: bytes, terms: Sequence[Any]) -> None:
        self._folder = folder
        self._secret = secret
        self._path = os.path.join(folder, digest(terms))

    def read(self) -> Any:
        """What was kept; None if there is nothing, or nothing to be believed."""
        import json

        try:
            with open(self._path, "rb") as file:
                signature, _, body = file.read().partition(b"\n")
            return json.loads(body) if compare_digest(signature, self._sign(body)) else None
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, value: Any) -> None:
        """Keeps a value that JSON can hold, in one step; an entry that can't be written is not missed."""
        import json

        try:
            body = json.dumps(value, separators=(",", ":")).encode()
            _make(self._folder)
            temporary = _written(self._folder, self._sign(body) + b"\n" + body)
            try:
                os.replace(temporary, self._path)
            except BaseException:
                os.unlink(temporary)
                raise
            _prune(self._folder)
        except (OSError, ValueError):
            return

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._secret, digest_size=32).hexdigest().encode()


def store(root: str, terms: Sequence[Any], environ: Mapping[str, str] = os.environ) -> Store | None:
    """Where what depends on these terms (compared by `repr`) is kept; None where nothing can be."""
    given = environ.get("SVCLINT_CACHE_DIR")
    folder = given or os.path.join(root, FOLDER)
    # A folder that is a link may have been put there to have something else written into.
    if not given and os.path.islink(folder):
        return None
    secret = _secret(given or _own_folder(environ))
    return Store(folder, secret, (*terms, root, code())) if secret is not None else None


def digest(value: Any) -> str:
    """A name for a value: its bytes', or those of its `repr`."""
    data = value if isinstance(value, bytes) else repr(value).encode("utf-8", "backslashreplace")
    return blake2b(data, digest_size=16, person=b"b" if isinstance(value, bytes) else b"r").hexdigest()


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
    os.makedirs(folder, mode=0o700, exist_ok=True)
    temporary = _written(folder, os.urandom(32))
    try:
        # Of several runs that begin at once, the first makes the key.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        os.unlink(temporary)


def _written(folder: str, data: bytes) -> str:
    """The path of a new file that holds these bytes; none is left if they can't be written.

    `tempfile` would do; to import it takes longer than all of a warm run's work.
    """
    path = os.path.join(folder, f".new-{os.urandom(8).hex()}")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(data)
    except BaseException:
        os.unlink(path)
        raise
    return path


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
        entries = [(e.stat().st_mtime_ns, e.path) for e in found if len(e.name) == 32 or e.name.startswith(".new-")]
    for _, path in sorted(entries, reverse=True)[MOST_ENTRIES:]:
        os.unlink(path)

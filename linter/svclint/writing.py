"""Writing files so that nothing is lost: at any moment each is the old one or the new one, whatever happens."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from svclint import confined

# Hidden, and no name that a manifest has: one that a killed process left behind is never read.
PREFIX = ".svclint-"


class WriteError(Exception):
    """Files were not written; the message says which one can't be, why, and what was written before it."""


class NewText(NamedTuple):
    """A file to be written: its path below the root, the bytes that it was read as, and the new ones."""

    path: str
    before: bytes
    after: bytes


class _Prepared(NamedTuple):
    text: NewText
    target: str
    temporary: str


def replace_all(root: str, texts: Iterable[NewText]) -> None:
    """Writes files under `root`, by renaming a complete new one over each old one.

    First all new files are written beside the old ones, then all are renamed: a full disk or a folder that can't be
    written leaves everything as it was. Mode, owner and extended attributes are kept, a symbolic link stays one (its
    file is written). Raises WriteError: for a file that is not what was read, that is no ordinary file, that a link
    has outside of the root, that has two names and is to become two things, and for what the operating system refuses.
    """
    prepared: dict[str, _Prepared] = {}
    written: list[str] = []
    temporaries: list[str] = []
    try:
        for text in texts:
            try:
                target = _target(root, text.path)
                known = prepared.get(target)
                if known is None:
                    prepared[target] = _prepare(target, text, temporaries)
                elif known.text[1:] != text[1:]:
                    raise WriteError(f"another name of {known.text.path}, with other changes")
            except (OSError, WriteError) as error:
                raise _failed(text.path, error, ()) from error
        for text, target, temporary in prepared.values():
            try:
                _same(target, text)
                os.replace(temporary, target)
            except (OSError, WriteError) as error:
                raise _failed(text.path, error, written) from error
            written.append(text.path)
    finally:
        for left in temporaries:
            _remove(left)


def save(path: str, data: bytes) -> None:
    """Writes a report or a baseline, in one step where an ordinary file or none stands there.

    Anything else (a terminal, a pipe) is written into. A link that leads out of its folder is not followed: whoever
    may change the folder would choose what is overwritten. Raises WriteError.
    """
    temporaries: list[str] = []
    try:
        folder, name = os.path.split(os.path.abspath(path))
        given = (folder + "/").startswith(("/dev/", "/proc/"))
        if os.path.islink(path) and not given and confined.within(folder, name) is None:
            raise WriteError("a link that leads out of its folder: name the file itself")
        target = path if given else os.path.realpath(path)
        old = os.stat(target) if os.path.exists(target) else None
        if given or (old is not None and not _replaceable(target, old)):
            with open(target, "wb") as direct:
                direct.write(data)
            return
        with _new(target, temporaries, 0o666) as file:
            file.write(data)
            file.flush()
            if old is not None:
                _keep(target, old, temporaries[0])
            os.fsync(file.fileno())
        os.replace(temporaries[0], target)
    except (OSError, WriteError) as error:
        raise WriteError(f"{path}: {_reason(error)}") from error
    finally:
        for left in temporaries:
            _remove(left)


def _replaceable(target: str, old: os.stat_result) -> bool:
    """Whether a new file in place of this one would be the same to everybody."""
    ours = not hasattr(os, "geteuid") or os.geteuid() in (0, old.st_uid)
    return ours and stat.S_ISREG(old.st_mode) and os.access(os.path.dirname(target), os.W_OK)


def _prepare(target: str, text: NewText, temporaries: list[str]) -> _Prepared:
    """The new file, complete, beside the old one; its name joins `temporaries` before it is there."""
    old = _same(target, text)
    with _new(target, temporaries, 0o600) as new:
        new.write(text.after)
        new.flush()
        _keep(target, old, temporaries[-1])
        os.fsync(new.fileno())
    return _Prepared(text, target, temporaries[-1])


def _new(target: str, temporaries: list[str], mode: int) -> BinaryIO:
    """A file beside `target` that nobody else has, open; whoever interrupts this finds it among `temporaries`."""
    temporaries.append(os.path.join(os.path.dirname(target), PREFIX + os.urandom(8).hex()))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    return open(os.open(temporaries[-1], flags, mode), "wb")


def _target(root: str, path: str) -> str:
    """The file behind a path; a link may not lead out of the root, a path that says so may."""
    if not confined.leaves(path) and confined.within(root, path) is None:
        raise WriteError("a link that leads out of the project")
    return os.path.realpath(os.path.join(root, path))


def _same(target: str, text: NewText) -> os.stat_result:
    """The status of a file that is still what was read."""
    status = os.stat(target)
    if not stat.S_ISREG(status.st_mode):
        raise WriteError("not an ordinary file")
    if status.st_size == len(text.before):
        with open(target, "rb") as now:
            if now.read() == text.before:
                return status
    raise WriteError("changed since it was read")


def _keep(target: str, old: os.stat_result, temporary: str) -> None:
    """Gives the new file what the old one has beside its content, as far as the operating system lets us."""
    new = os.stat(temporary)
    if hasattr(os, "chown") and (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.chown(temporary, old.st_uid, old.st_gid)
        except PermissionError:
            raise WriteError("owned by somebody else") from None
    if hasattr(os, "listxattr"):
        with suppress(OSError):  # A file system without them, or a name that only root may set.
            for name in os.listxattr(target):
                os.setxattr(temporary, name, os.getxattr(target, name))
    os.chmod(temporary, stat.S_IMODE(old.st_mode))


def _failed(path: str, error: Exception, written: Iterable[str]) -> WriteError:
    done = ", ".join(written)
    return WriteError(
        f"{path}: {_reason(error)}; " + (f"not written (written before it: {done})" if done else "nothing written")
    )


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)

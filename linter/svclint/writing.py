"""Writing files so that nothing is lost: at any moment each is the old one or the new one, whatever happens."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

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
    has outside of the root, and for what the operating system refuses.
    """
    prepared: list[_Prepared] = []
    written: list[str] = []
    try:
        for text in texts:
            prepared.append(_prepare(root, text))  # noqa: PERF401 (one by one: those made before a failure are removed)
        while prepared:
            text, target, temporary = prepared[0]
            try:
                _same(target, text)
                os.replace(temporary, target)
            except (OSError, WriteError) as error:
                raise _failed(text.path, error, written) from error
            prepared.pop(0)
            written.append(text.path)
    finally:
        for left in prepared:
            _remove(left.temporary)


def _prepare(root: str, text: NewText) -> _Prepared:
    """The new file, complete, beside the old one."""
    import tempfile

    try:
        target = _target(root, text.path)
        old = _same(target, text)
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=PREFIX)
        try:
            with open(handle, "wb") as new:
                new.write(text.after)
                new.flush()
                _keep(target, old, temporary)
                os.fsync(handle)
        except BaseException:
            _remove(temporary)
            raise
    except (OSError, WriteError) as error:
        raise _failed(text.path, error, ()) from error
    return _Prepared(text, target, temporary)


def _target(root: str, path: str) -> str:
    """The file behind a path; a link may not lead out of the root, a path that says so may."""
    named = os.path.join(root, path)
    target = os.path.realpath(named)
    inside = os.path.realpath(root).rstrip(os.sep) + os.sep
    if not target.startswith(inside) and not os.path.normpath(path).startswith(os.pardir):
        raise WriteError("a link that leads out of the project")
    return target


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
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    done = ", ".join(written)
    return WriteError(
        f"{path}: {reason}; " + (f"not written (written before it: {done})" if done else "nothing written")
    )


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)

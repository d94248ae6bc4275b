"""Reading what somebody else may have put there: nothing outside of a folder, nothing that never ends."""

from __future__ import annotations

import errno
import os
import stat

# Ten times what an API server takes as one request; a file above this is no manifest that anybody applies.
MAX_BYTES = 32 * 1024 * 1024
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Refused(OSError):
    """A file that is not read though it could be; `strerror` says why."""


def within(root: str, path: str) -> str | None:
    """The real path of what lies in `root`; None for what doesn't (`..`, an absolute path, a symbolic link) and for
    what no path can be (a NUL in it)."""
    try:
        real = os.path.realpath(os.path.join(root, path))
    except ValueError:
        return None
    top = os.path.realpath(root)
    return real if real == top or real.startswith(top.rstrip(os.sep) + os.sep) else None


def leaves(path: str) -> bool:
    """Whether a path says itself that it leads out: it is absolute, or has more `..` than folders."""
    return os.path.isabs(path) or os.path.normpath(path).split(os.sep)[0] == os.pardir


def program(name: str) -> str | None:
    """A program on PATH; what PATH says of the working directory, where the repository lies, doesn't count."""
    import shutil

    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which(name, path=os.pathsep.join(filter(os.path.isabs, folders)) or os.devnull)
    return found if found is not None and os.path.isabs(found) else None


def data(path: str, follow: bool = True) -> bytes:
    """The bytes of an ordinary file of at most MAX_BYTES; a FIFO is not waited for, a device not read.

    With `follow` false a symbolic link is not opened. Raises OSError (Refused for what is there and not read), and
    ValueError for what no path can be.
    """
    # O_NONBLOCK: opening a FIFO must not wait for somebody to write.
    descriptor = os.open(path, _OPEN if follow else _OPEN | _NO_LINK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Refused(errno.EINVAL, "not an ordinary file", path)
        size, found = status.st_size, b""
        while max(size, len(found)) <= MAX_BYTES:
            # It may grow meanwhile, and what says that it is empty (below /proc) may go on for ever.
            part = os.read(descriptor, max(size - len(found), len(found)) + 1)
            found += part
            if not part or len(found) == size:
                return found
    finally:
        os.close(descriptor)
    size = max(size, len(found))
    raise Refused(errno.EFBIG, f"too large: {size >> 20} MiB, the limit is {MAX_BYTES >> 20} MiB", path)

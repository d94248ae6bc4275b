"""A line on the terminal while much is read: shown after a second, gone when the work is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from svclint.project.disk import Disk

if TYPE_CHECKING:
    from svclint.project import Location, Settings
    from svclint.project.files import Problem, Walk

AFTER = 1.0
EVERY = 0.1
WIDTH = 24


class Watched(Disk):
    """A disk that tells on a terminal how many of the files have been read."""

    __slots__ = ("_clock", "_done", "_last", "_shown", "_start", "_stream", "_total")

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._start = clock()
        self._last = 0.0
        self._done = 0
        self._total = 0
        self._shown = False

    def walks(self, location: Location, settings: Settings) -> list[Walk]:
        found = super().walks(location, settings)
        self._done = 0
        self._total = sum(len(walk.files) for walk in found)
        return found

    def read(self, root: str, path: str) -> bytes | Problem:
        self._done += 1
        now = self._clock()
        if now - self._start >= AFTER and now - self._last >= EVERY:
            self._last = now
            self._show()
        return super().read(root, path)

    def _show(self) -> None:
        total = max(self._total, self._done)
        filled = WIDTH * self._done // total
        bar = "#" * filled + "-" * (WIDTH - filled)
        self._shown = True
        self._stream.write(f"\r\x1b[K[{bar}] {self._done} of {total} files read")
        self._stream.flush()

    def close(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._shown = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()

"""What the client sends, before it is a message: every frame made right, so that one wrong length deafens nobody.

pygls takes a header only where it is a line of its own, so a frame whose `Content-Length` is too small would be
followed by nothing that it understands: bodies end without a line feed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_MESSAGE: Final = 256 << 20
"""Bytes of a message; who announces more has lost its place, and waiting for them would be for ever."""
MAX_HEADER: Final = 4096
"""Bytes that are taken for one line."""

_LENGTH: Final = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,20})[ \t]*\r?\n", re.I)
_HEADER: Final = re.compile(rb"[A-Za-z-]{1,64}[ \t]*:[^\r\n]*\r?\n")


class Reader:
    """A stream as pygls reads it: `readline` gives headers, `read` the body that they announce."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unread, self._at = b"", 0
        self._headers: list[bytes] = []
        self._body = b""

    def readline(self) -> bytes:
        """The next header line; nothing at the end of the stream."""
        if not self._headers:
            body = self._next()
            if body is None:
                return b""
            self._body = body
            self._headers = [b"\r\n", b"Content-Length: %d\r\n" % len(body)]
        return self._headers.pop()

    def read(self, _: int) -> bytes:
        """The body of the frame whose headers were read."""
        return self._body

    def _next(self) -> bytes | None:
        """The body of the next frame; None at the end of the stream."""
        while True:
            length = self._length()
            if length is None:
                return None
            body = self._take(length)
            if len(body) < length:
                return None
            if body.lstrip()[:1] == b"{" and body.rstrip()[-1:] == b"}":
                return body
            # Too long a length has swallowed the frames behind.
            swallowed = _LENGTH.search(body)
            if swallowed is not None:
                self._put_back(body[swallowed.start() :])
                body = body[: swallowed.start()]
            if body.strip():
                return body

    def _length(self) -> int | None:
        """The length that the next headers give; what stands before them is passed over."""
        tail = b""
        while line := self._line():
            found = _LENGTH.search(tail + line)
            tail = b"" if line.endswith(b"\n") else line[-100:]
            if found is None or not 0 < int(found[1]) <= MAX_MESSAGE:
                continue
            length = int(found[1])
            while (line := self._line()).strip():
                again = _LENGTH.fullmatch(line)
                if again is not None:
                    length = int(again[1])
                elif not _HEADER.fullmatch(line):
                    self._put_back(line)
                    break
            if line and not line.strip() and 0 < length <= MAX_MESSAGE:
                return length
        return None

    def _line(self) -> bytes:
        if self._at == len(self._unread):
            return self._stream.readline(MAX_HEADER)
        start, self._at = self._at, self._unread.find(b"\n", self._at) + 1 or len(self._unread)
        line = self._unread[start : self._at]
        return line if line.endswith(b"\n") else line + self._stream.readline(MAX_HEADER)

    def _take(self, count: int) -> bytes:
        found = self._unread[self._at : self._at + count]
        self._at += len(found)
        return found + self._stream.read(count - len(found)) if len(found) < count else found

    def _put_back(self, data: bytes) -> None:
        self._unread, self._at = data + self._unread[self._at :], 0

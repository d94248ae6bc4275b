"""Bytes on the server's standard input: messages, halves of messages, and what was never one.

Whatever comes, the server reads on until the end, and what it writes are messages.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

from base import Failure
from pygls.io_ import StdoutWriter, run_async

from svclint.lsp.reader import Reader
from svclint.lsp.server import make

MESSAGES: tuple[dict[str, Any], ...] = (
    {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
    {"method": "initialized", "params": {}},
    {
        "method": "textDocument/didOpen",
        "params": {"textDocument": {"uri": "untitled:x", "languageId": "yaml", "version": 1, "text": "a: 1\n"}},
    },
    {
        "method": "textDocument/didChange",
        "params": {
            "textDocument": {"uri": "untitled:x", "version": 2},
            "contentChanges": [
                {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 9}}, "text": "b"},
                {"text": "kind: Service"},
            ],
        },
    },
    {
        "id": "two",
        "method": "textDocument/hover",
        "params": {"textDocument": {"uri": "untitled:x"}, "position": {"line": 0, "character": 1}},
    },
    {"id": 3, "method": "textDocument/diagnostic", "params": {"textDocument": {"uri": "untitled:x"}}},
    {"method": "$/cancelRequest", "params": {"id": 3}},
    {"id": 4, "result": None},
    {"id": 4, "error": {"code": 1, "message": "x"}},
    {"id": 5, "method": "shutdown"},
)


def frame(body: bytes, length: int | None = None) -> bytes:
    """A message as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body) if length is None else length, body)


def frames(data: bytes) -> None:
    """A whole conversation."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    written = io.BytesIO()
    asyncio.run(_converse(data, written))
    rest = written.getvalue()
    while rest:
        head, found, rest = rest.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")) if found else {}
        length = int(fields.get(b"Content-Length", b"-1"))
        if length < 0 or "jsonrpc" not in json.loads(rest[:length]):
            raise Failure(f"no message is written: {head[:60]!r}")
        rest = rest[length:]


async def _converse(data: bytes, written: io.BytesIO) -> None:
    server = make(lambda facts: facts)
    server.protocol.set_writer(StdoutWriter(written))  # type: ignore[arg-type]
    reader = Reader(io.BytesIO(data))

    class Now:
        async def readline(self) -> bytes:
            return reader.readline()

        async def readexactly(self, size: int) -> bytes:
            return reader.read(size)

    try:
        await run_async(threading.Event(), Now(), server.protocol, None, server.report_server_error)
    except SystemExit:
        pass
    finally:
        server.shutdown()


def conversations() -> Iterator[bytes]:
    """Whole conversations, and single messages with what may be wrong about them."""
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in MESSAGES]
    yield b"".join(map(frame, bodies))
    for body in bodies:
        yield frame(body)
    yield frame(b"\xff\xfe") + frame(b"[" * 100_000) + frame(b"1" * 5_000) + frame(bodies[0], 7) + frame(bodies[1])
    yield b"Content-Length: 99999999999999999999\r\n\r\n{}"
    yield b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n{}"
    yield b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}\r\n\r\nContent-Length: 0\r\n\r\nContent-Length: -1\r\n\r\n"

"""Bytes that no client should send: frames that are none, and requests at the wrong time. The server goes on."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svclint.lsp.reader import Reader

BODY = re.compile(rb"\r\n\r\n(\{.*?\})(?=Content-Length|\Z)", re.DOTALL)
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, prot: TCP}]}
"""


def frame(body: bytes, length: int | None = None) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body) if length is None else length, body)


def message(method: str, params: object, number: object = None) -> bytes:
    said = {"jsonrpc": "2.0", "method": method, "params": params}
    return frame(json.dumps(said if number is None else {**said, "id": number}).encode())


def spoken(root: Path, *said: bytes) -> dict[Any, dict[str, Any]]:
    """What a server answers by id, when all is said to it at once; "" for what it says by itself."""
    command = [sys.executable, "-m", "svclint", "server"]
    done = subprocess.run(command, input=b"".join(said), capture_output=True, cwd=root, timeout=60, check=False)
    answers = [json.loads(each) for each in BODY.findall(done.stdout)]
    assert done.returncode == 0, done.stderr[-2000:]
    return {answer.get("id", ""): answer for answer in answers}


def greeting(root: Path) -> bytes:
    return message("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}}, 1) + message(
        "initialized", {}
    )


LEAVING = message("shutdown", None, "bye") + message("exit", None)
ASKING = message("workspace/symbol", {"query": "web"}, "alive")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "web.yaml").write_text(SERVICE)
    return tmp_path


GARBAGE = {
    "not-utf-8": frame(b"\xff\xfe\x00 not utf-8"),
    "not-json": frame(b"not json"),
    "a-list": frame(b"[1, 2]"),
    "a-number": frame(b"7"),
    "deep": frame(b"[" * 100_000),
    "no-version": frame(b"{}"),
    "wrong-version": frame(b'{"jsonrpc": "1.0", "id": 7, "method": "shutdown"}'),
    "too-short": frame(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen"}', 20),
    "too-long": frame(b'{"jsonrpc": "2.0", "method": "initialized", "params": {}}', 80),
    "far-too-long": frame(b"{}", 10**15),
    "absurdly-long": frame(b"{}", 10**4000),
    "nothing": b"Content-Length: 0\r\n\r\n",
    "negative": b"Content-Length: -5\r\n\r\n{}",
    "no-length": b"Content-Type: text/plain\r\n\r\n{}",
    "no-blank-line": b"Content-Length: 2\r\n{}",
    "a-line-of-words": b"hello, server\r\n",
    "zeros": b"\0" * 10_000,
    "an-unknown-notification": message("no/suchNotification", {}),
    "a-notification-of-another-shape": message("textDocument/didOpen", {"textDocument": 7}),
    "a-notification-without-params": message("textDocument/didChange", None),
    "an-answer-to-nothing": frame(b'{"jsonrpc": "2.0", "id": 99, "result": null}'),
    "an-error-to-nothing": frame(b'{"jsonrpc": "2.0", "id": 99, "error": {"code": 1, "message": "no"}}'),
    "a-cancellation-of-nothing": message("$/cancelRequest", {"id": 4711}),
    "a-second-initialized": message("initialized", {}),
    "a-symbol-of-numbers": message("workspace/symbol", {"query": 7}, 8),
}


def test_what_comes_behind_garbage_is_answered(root: Path) -> None:
    asked = [garbage + message("workspace/symbol", {"query": "web"}, name) for name, garbage in GARBAGE.items()]
    answers = spoken(root, greeting(root), *asked, LEAVING)
    heard = {name: [each["name"] for each in answers.get(name, {}).get("result") or ()] for name in GARBAGE}
    assert heard == {name: ["default/web"] for name in GARBAGE}
    assert "result" in answers["bye"]


def test_headers_of_every_kind_are_read(root: Path) -> None:
    body = json.dumps(
        {"jsonrpc": "2.0", "id": "odd", "method": "workspace/symbol", "params": {"query": "web"}}
    ).encode()
    odd = b"content-length:%d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%b" % (len(body), body)
    assert spoken(root, greeting(root), odd, LEAVING)["odd"]["result"] != []


def test_every_request_is_answered_at_whatever_time(root: Path) -> None:
    hover = {"textDocument": {"uri": "file:///x.yaml"}, "position": {"line": 0, "character": 0}}
    answers = spoken(
        root,
        message("textDocument/hover", hover, "early"),
        message(
            "textDocument/didOpen", {"textDocument": {"uri": "file:///x", "languageId": "", "version": 1, "text": ""}}
        ),
        greeting(root),
        message("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, "twice"),
        message("textDocument/hover", None, "badly typed"),
        message("no/suchMethod", {}, "unknown"),
        ASKING,
        message("shutdown", None, "down"),
        message("textDocument/hover", hover, "late"),
        message("shutdown", None, "down again"),
        message("exit", None),
    )
    codes = {key: answer["error"]["code"] for key, answer in answers.items() if "error" in answer}
    assert codes == {
        "early": -32002,
        "twice": -32600,
        "badly typed": -32602,
        "unknown": -32601,
        "late": -32600,
        "down again": -32600,
    }
    assert answers["alive"]["result"] != []
    assert "result" in answers["down"]


def test_requests_that_are_cancelled_are_answered_and_the_others_too(root: Path) -> None:
    document = {"textDocument": {"uri": (root / "web.yaml").as_uri()}}
    pulls = b"".join(message("textDocument/diagnostic", document, number) for number in (10, 11, 12))
    cancelled = message("$/cancelRequest", {"id": 11}) + message("$/cancelRequest", {"id": 11})
    answers = spoken(root, greeting(root), pulls, cancelled, message("workspace/symbol", {"query": ""}, 13), LEAVING)
    assert {10, 11, 12} <= set(answers)
    assert answers[13]["result"] != []


def test_a_client_that_goes_without_a_word_takes_the_server_with_it(root: Path) -> None:
    command = [sys.executable, "-m", "svclint", "server"]
    cut = frame(b'{"jsonrpc": "2.0"', 5000)
    done = subprocess.run(command, input=greeting(root) + cut, capture_output=True, cwd=root, timeout=60, check=False)
    assert b'"capabilities"' in done.stdout
    assert b"Traceback" not in done.stderr


def read(data: bytes) -> list[bytes]:
    """The bodies that a reader gives of a stream."""
    reader, bodies = Reader(io.BytesIO(data)), []
    while header := reader.readline():
        assert header.startswith(b"Content-Length: ")
        assert reader.readline() == b"\r\n"
        bodies.append(reader.read(int(header[16:])))
    return bodies


@given(st.lists(st.binary(max_size=60), max_size=4), st.integers(0, 4))
def test_a_frame_behind_any_bytes_is_read_in_the_end(garbage: list[bytes], where: int) -> None:
    sound = b'{"jsonrpc": "2.0", "id": 1}'
    # Who speaks three times is heard, whatever was said before: an unfinished frame takes what follows for its own.
    data = b"".join(garbage[:where]) + frame(sound) + b"".join(garbage[where:]) + frame(sound) * 3
    assert sound in read(data)


@given(st.lists(st.binary(min_size=1, max_size=300).map(lambda body: b"{" + body + b"}"), max_size=5))
def test_sound_frames_are_read_as_they_are(bodies: list[bytes]) -> None:
    assert read(b"".join(map(frame, bodies))) == bodies

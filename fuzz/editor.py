"""An editor gone mad, in process: edits and requests in any order about documents known and unknown.

No handler may fail, the text must be what an editor of a few plain lines has, and what is said in the end must be what
a server says that sees the same texts for the first time.
"""

from __future__ import annotations

import json
import logging
import os
import random
import tempfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from base import Failure
from lsprotocol import converters, types
from pygls.exceptions import JsonRpcException
from pygls.uris import from_fs_path

from svclint.lsp.server import Server, make
from svclint.yaml import parse

FILES = {
    "deploy.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: example/web:1, ports: [{name: http, containerPort: 8080}]}
""",
    "service.yaml": """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
""",
}
NAMES = (*FILES, "new.yaml", "below/new.json", "README.md", "kustomization.yaml")
URIS = ("untitled:Untitled-1", "file:///nowhere/x.yaml", "file://", "%%%", "", "http://x/y.yaml", "file:///\0.yaml")
PIECES = (
    "",
    "\n",
    "\r",
    "\r\n",
    " ",
    "a: 1\n",
    "# é\n",
    "\U0001f600",
    "---\n",
    "app: web",
    "- ",
    "\ud800",
    "\ufeff",
    "\x0c",
)
LARGE = 2**31 - 1
STEPS = 12


class _Log(logging.Handler):
    """What a handler, which never raises, has to tell of itself."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@cache
def _log() -> _Log:
    found = _Log()
    logger = logging.getLogger("svclint")
    logger.addHandler(found)
    logger.propagate = False
    return found


@cache
def _root() -> str:
    """A project on the disk, made once."""
    folder = tempfile.mkdtemp(prefix="svclint-fuzz-")
    os.mkdir(os.path.join(folder, ".git"))
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return folder


class Plain:
    """A document as an editor has it that only counts."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self._width: Callable[[str], int] = {
            "utf-8": lambda char: len(char.encode("utf-8", "surrogatepass")),
            "utf-16": lambda char: 2 if ord(char) > 0xFFFF else 1,
        }.get(encoding, lambda char: 1)

    def offset(self, position: types.Position) -> int:
        text, at, line = self.text, 0, 0
        while line < position.line:
            while at < len(text) and text[at] not in "\r\n":
                at += 1
            if at == len(text):
                return at
            at += 2 if text[at : at + 2] == "\r\n" else 1
            line += 1
        left = position.character
        while at < len(text) and text[at] not in "\r\n" and left >= self._width(text[at]):
            left -= self._width(text[at])
            at += 1
        return at

    def change(self, change: Any) -> None:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = sorted((self.offset(change.range.start), self.offset(change.range.end)))
            self.text = self.text[:start] + change.text + self.text[end:]
        else:
            self.text = change.text


class Session:
    """One client and its server, with the texts that must be the same on both sides."""

    def __init__(self, encoding: str, log: _Log) -> None:
        self.encoding = encoding
        self.server: Server = make(lambda facts: facts)
        self.server.state.encoding = encoding  # type: ignore[assignment]
        # Nobody listens, and time is no part of this.
        self.server.later = lambda: None  # type: ignore[method-assign]
        self.server.rest = lambda: None  # type: ignore[method-assign]
        for name in ("text_document_publish_diagnostics", "workspace_diagnostic_refresh", "window_show_message"):
            setattr(self.server, name, lambda *_: None)
        self.server.state.add_top(str(from_fs_path(_root())))
        self.server.state.open_tops()
        self.texts: dict[str, Plain] = {}
        self.unknown: set[str] = set()
        self._log = log
        self._converter = converters.get_converter()

    @classmethod
    def of_one(cls, text: str) -> Session:
        """A session with one document."""
        _log().records.clear()
        found = cls("utf-16", _log())
        found.open(str(from_fs_path(os.path.join(_root(), "new.yaml"))), 1, text)
        return found

    def everywhere(self, at: types.Position) -> None:
        """Every request about one place of the first document."""
        uri = next(iter(self.texts))
        document = types.TextDocumentIdentifier(uri)
        here = types.Range(types.Position(max(at.line - 20, 0), 0), at)
        self.ask(types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, at))
        self.ask(types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(document, at))
        self.ask(types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(document, at))
        self.ask(types.TEXT_DOCUMENT_RENAME, types.RenameParams(document, at, "x"))
        self.ask(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensParams(document))
        self.ask(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintParams(document, here))
        self.ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(document))
        self.ask(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionParams(document, here, types.CodeActionContext([])))

    def asking(self, uri: str) -> None:
        """A question about a document is coming; there is no answer about one that isn't open nor in the project."""
        self.unknown = set() if uri in self.texts else {uri}

    def ask(self, method: str, params: Any) -> Any:
        """The answer of a handler as the client would get it; None for one that is an error in the protocol's words."""
        try:
            answer = self.server.protocol.fm.features[method](params)
        except JsonRpcException:
            return None
        finally:
            self.trouble(method)
        return json.loads(json.dumps(self._converter.unstructure(answer)))

    def trouble(self, what: str) -> None:
        """Raises Failure if something went wrong behind the answer."""
        records, self._log.records = self._log.records, []
        for record in records:
            error = record.exc_info[1] if record.exc_info else None
            if isinstance(error, KeyError) and error.args[0] in self.unknown:
                continue
            raise Failure(f"{what} goes wrong: {record.getMessage()}: {error!r}") from error

    def open(self, uri: str, version: int, text: str) -> None:
        self.texts[uri] = Plain(text, self.encoding)
        item = types.TextDocumentItem(uri, "yaml", version, text)
        self.ask(types.TEXT_DOCUMENT_DID_OPEN, types.DidOpenTextDocumentParams(item))

    def change(self, uri: str, version: int, changes: list[Any]) -> None:
        if uri in self.texts:
            for each in changes:
                self.texts[uri].change(each)
        named = types.VersionedTextDocumentIdentifier(version, uri)
        self.ask(types.TEXT_DOCUMENT_DID_CHANGE, types.DidChangeTextDocumentParams(named, changes))

    def close(self, uri: str) -> None:
        self.texts.pop(uri, None)
        self.ask(types.TEXT_DOCUMENT_DID_CLOSE, types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def said(self) -> dict[str, Any]:
        """The diagnostics of every open document."""
        found = {uri: self._converter.unstructure(self.server.items(uri)) for uri in sorted(self.texts)}
        self.trouble("diagnostics")
        return found


def editor(data: bytes) -> None:
    """A session that the bytes decide; they are the text of one of its documents."""
    rng = random.Random(zlib.crc32(data))
    log = _log()
    log.records.clear()
    encoding = rng.choice(("utf-8", "utf-16", "utf-32"))
    session = Session(encoding, log)
    text = data.decode("utf-8", rng.choice(("replace", "surrogateescape")))
    uris = [*(str(from_fs_path(os.path.join(_root(), name))) for name in NAMES), *URIS]
    session.open(rng.choice(uris[:4]), 1, text)
    for _ in range(rng.randint(1, STEPS)):
        _step(session, rng, rng.choice((*session.texts, rng.choice(uris))), text)
    for uri, plain in session.texts.items():
        buffer = session.server.state.buffers.get(uri)
        if buffer is None or buffer.text.text != plain.text:
            raise Failure(f"the text of a document is not what was typed: {encoding}")
    session.server._now()
    session.trouble("publishing")
    fresh = Session(encoding, log)
    for uri, buffer in session.server.state.buffers.items():
        fresh.open(uri, buffer.version, buffer.text.text)
    if fresh.said() != session.said():
        raise Failure("what is said depends on how the text came about")


def _step(session: Session, rng: random.Random, uri: str, text: str) -> None:
    session.asking(uri)
    what = rng.randrange(10)
    if what == 0:
        session.open(uri, rng.randint(-3, 3), rng.choice((text, rng.choice(PIECES), rng.choice(tuple(FILES.values())))))
    elif what == 1:
        session.close(uri)
    elif what < 6:
        session.change(uri, rng.randint(-5, 5), [_change(session, rng, uri) for _ in range(rng.randint(0, 4))])
    else:
        for method in rng.sample(tuple(REQUESTS), 5):
            answer = session.ask(method, REQUESTS[method](session, rng, uri))
            _judge(session, method, answer)


def _change(session: Session, rng: random.Random, uri: str) -> Any:
    new = rng.choice((*PIECES, *FILES.values())) if rng.random() < 0.9 else "x" * 3000
    if rng.random() < 0.1:
        return types.TextDocumentContentChangeWholeDocument(new)
    return types.TextDocumentContentChangePartial(_range(session, rng, uri), new)


def _position(session: Session, rng: random.Random, uri: str) -> types.Position:
    plain = session.texts.get(uri)
    lines = plain.text.split("\n") if plain else [""]
    line = rng.randrange(len(lines))
    if rng.random() < 0.1:
        return types.Position(rng.choice((line, len(lines), LARGE)), rng.choice((0, 1, LARGE)))
    return types.Position(line, rng.randint(0, len(lines[line]) + 1))


def _range(session: Session, rng: random.Random, uri: str) -> types.Range:
    start = _position(session, rng, uri)
    if rng.random() < 0.7:
        return types.Range(start, types.Position(start.line, min(start.character + rng.randrange(5), LARGE)))
    return types.Range(start, _position(session, rng, uri))


def _at(make: Callable[..., Any]) -> Callable[[Session, random.Random, str], Any]:
    """The parameters of a request about a place."""
    return lambda session, rng, uri: make(types.TextDocumentIdentifier(uri), _position(session, rng, uri))


def _whole(make: Callable[..., Any]) -> Callable[[Session, random.Random, str], Any]:
    return lambda session, rng, uri: make(types.TextDocumentIdentifier(uri))


def _item(session: Session, rng: random.Random, uri: str) -> types.CallHierarchyItem:
    """An item that the server gave, or one that it never did."""
    asked = types.CallHierarchyPrepareParams(types.TextDocumentIdentifier(uri), _position(session, rng, uri))
    given = session.server.protocol.fm.features[types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY](asked)
    session.trouble("preparing calls")
    if given and rng.random() < 0.8:
        return given[0]
    at = _range(session, rng, uri)
    data = rng.choice(
        (None, [], ["", "Service", "shop", "web"], ["apps", "Deployment", "shop", "web"], [1, 2, 3, {}], "x")
    )
    return types.CallHierarchyItem("x", types.SymbolKind.Class, uri, at, at, data=data)


NEW_NAMES = ("web", "x", "", "a b", "é", "-", "x" * 300, "true", "8080", "a\nb")
CONTEXTS = (None, [], ["quickfix"], ["source.fixAll"], ["source"], ["refactor"], [""])
REQUESTS: Mapping[str, Callable[[Session, random.Random, str], Any]] = {
    types.TEXT_DOCUMENT_HOVER: _at(types.HoverParams),
    types.TEXT_DOCUMENT_DEFINITION: _at(types.DefinitionParams),
    types.TEXT_DOCUMENT_REFERENCES: lambda session, rng, uri: types.ReferenceParams(
        types.ReferenceContext(rng.random() < 0.5), types.TextDocumentIdentifier(uri), _position(session, rng, uri)
    ),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: _at(types.DocumentHighlightParams),
    types.TEXT_DOCUMENT_COMPLETION: _at(types.CompletionParams),
    types.TEXT_DOCUMENT_PREPARE_RENAME: _at(types.PrepareRenameParams),
    types.TEXT_DOCUMENT_RENAME: lambda session, rng, uri: types.RenameParams(
        types.TextDocumentIdentifier(uri), _position(session, rng, uri), rng.choice(NEW_NAMES)
    ),
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: _at(types.CallHierarchyPrepareParams),
    types.TEXT_DOCUMENT_CODE_LENS: _whole(types.CodeLensParams),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: _whole(types.DocumentSymbolParams),
    types.WORKSPACE_SYMBOL: lambda session, rng, uri: types.WorkspaceSymbolParams(rng.choice(("", "web", "é", "*"))),
    types.TEXT_DOCUMENT_INLAY_HINT: lambda session, rng, uri: types.InlayHintParams(
        types.TextDocumentIdentifier(uri), _range(session, rng, uri)
    ),
    types.TEXT_DOCUMENT_CODE_ACTION: lambda session, rng, uri: types.CodeActionParams(
        types.TextDocumentIdentifier(uri),
        _range(session, rng, uri),
        types.CodeActionContext([], rng.choice(CONTEXTS)),  # type: ignore[arg-type]
    ),
    types.CALL_HIERARCHY_INCOMING_CALLS: lambda session, rng, uri: types.CallHierarchyIncomingCallsParams(
        _item(session, rng, uri)
    ),
    types.CALL_HIERARCHY_OUTGOING_CALLS: lambda session, rng, uri: types.CallHierarchyOutgoingCallsParams(
        _item(session, rng, uri)
    ),
    types.TEXT_DOCUMENT_DID_SAVE: _whole(types.DidSaveTextDocumentParams),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: lambda session, rng, uri: types.DidChangeWatchedFilesParams(
        [types.FileEvent(uri, rng.choice(tuple(types.FileChangeType)))]
    ),
}


def _judge(session: Session, method: str, answer: Any) -> None:
    """Edits that a client is offered can be made, and leave readable what was."""
    actions = answer if method == types.TEXT_DOCUMENT_CODE_ACTION else [{"edit": answer}]
    if method not in (types.TEXT_DOCUMENT_CODE_ACTION, types.TEXT_DOCUMENT_RENAME):
        return
    for action in actions or ():
        edits = (action.get("edit") or {}).get("changes") or {}
        for uri, some in edits.items():
            plain = session.texts.get(uri)
            if plain is not None:
                _edited(plain, some, f"{method} {action.get('title', '')}")


def _edited(plain: Plain, edits: list[Any], what: str) -> None:
    spans = []
    for each in edits:
        start, end = (types.Position(**each["range"][part]) for part in ("start", "end"))
        spans.append((plain.offset(start), plain.offset(end), each["newText"]))
    spans.sort(key=lambda span: span[:2])
    if any(one[1] > other[0] for one, other in pairwise(spans)):
        raise Failure(f"{what} gives edits that overlap")
    text = plain.text
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    before = sum(document.value is None for document in parse(plain.text, "x").documents)
    if sum(document.value is None for document in parse(text, "x").documents) > before:
        raise Failure(f"{what} makes a document that can't be read")

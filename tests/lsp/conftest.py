"""A client that speaks with a real `svclint server` about a small project."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: main
        image: example/web:1.0.0
        ports:
        - name: http
          containerPort: 8080
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: http
"""
FILES = {"deploy.yaml": DEPLOYMENT, "service.yaml": SERVICE}


class Editor:
    """The client with the project's folder, in a client's own words."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.versions: dict[str, int] = {}

    def make(self) -> None:
        """The project as it begins."""
        (self.root / ".git").mkdir()
        self.write(FILES)

    def close_all(self) -> None:
        for name in list(self.versions):
            self.close(name)

    def close(self, name: str) -> None:
        del self.versions[name]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")

    def open(self, name: str, text: str | None = None, language: str = "yaml") -> str:
        """Opens a file as it is on the disk, or a text; gives the text."""
        if text is None:
            text = (self.root / name).read_bytes().decode("utf-8")
        self.versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return text

    def change(self, name: str, text: str) -> None:
        self.versions[name] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    async def pull(self, name: str, previous: str | None = None) -> types.DocumentDiagnosticReport:
        return await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(self.document(name), previous_result_id=previous)
        )

    async def codes(self, name: str) -> list[str]:
        """The rules that a pull names."""
        report = await self.pull(name)
        return [str(d.code) for d in report.items]

    async def until(self, true: Callable[[], bool], message: str = "diagnostics") -> None:
        """Waits for publications until something is true."""
        while not true():
            await asyncio.wait_for(self.client.wait_for_notification("textDocument/publishDiagnostics"), 20)

    async def eventually(self, true: Callable[[], bool], name: str = "service.yaml") -> None:
        """Pulls until something is true: a pull is answered after the server's moment of silence."""
        async with asyncio.timeout(60):
            while not true():
                await self.pull(name)

    def published(self, name: str) -> list[str]:
        """The rules of the last publication."""
        return [str(d.code) for d in self.client.diagnostics.get(self.uri(name), [])]

    def at(self, text: str, what: str, nth: int = 0) -> types.Position:
        """The position of the nth occurrence of some characters, one character into them."""
        return self._position(text, self._offset(text, what, nth) + 1)

    def _offset(self, text: str, what: str, nth: int) -> int:
        offset = -1
        for _ in range(nth + 1):
            offset = text.index(what, offset + 1)
        return offset

    def _position(self, text: str, offset: int) -> types.Position:
        return types.Position(text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1))

    def end_of(self, text: str, what: str, nth: int = 0) -> types.Position:
        """The position of the last character of the nth occurrence of some characters."""
        return self._position(text, self._offset(text, what, nth) + len(what) - 1)

    def where(self, at: types.Location) -> str:
        """`FILE: the line that it points to`, as the file is on the disk."""
        name = at.uri.rpartition("/")[2]
        return f"{name}: {(self.root / name).read_text().splitlines()[at.range.start.line].strip()}"

    async def definition(self, name: str, what: str, nth: int = 0) -> list[str]:
        """Where the last character of some characters of a file leads."""
        position = self.end_of(self.open(name), what, nth)
        found = await self.client.text_document_definition_async(types.DefinitionParams(self.document(name), position))
        return sorted(map(self.where, found))

    async def references(self, name: str, what: str, nth: int = 0) -> list[str]:
        """What means the same as the last character of some characters of a file, its definitions left out."""
        position = self.end_of(self.open(name), what, nth)
        found = await self.client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(False), self.document(name), position)
        )
        return sorted(map(self.where, found))

    async def rename(self, name: str, what: str, new: str, nth: int = 0) -> dict[str, str]:
        """The files after a rename of what stands at the last character of some characters."""
        position = self.end_of(self.open(name), what, nth)
        edit = await self.client.text_document_rename_async(types.RenameParams(self.document(name), position, new))
        changed = {uri.rpartition("/")[2]: edits for uri, edits in edit.changes.items()}
        return {file: self.applied((self.root / file).read_text(), edits) for file, edits in changed.items()}

    @staticmethod
    def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
        """A text of ASCII with edits done."""
        lines = text.splitlines(keepends=True)

        def offset(at: types.Position) -> int:
            return sum(map(len, lines[: at.line])) + at.character

        for edit in sorted(edits, key=lambda e: offset(e.range.start), reverse=True):
            text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
        return text

    async def hover(self, name: str, what: str, nth: int = 0) -> str:
        """What is shown at the last character of some characters of a file."""
        position = self.end_of(self.open(name), what, nth)
        found = await self.client.text_document_hover_async(types.HoverParams(self.document(name), position))
        return found.contents.value if found else ""


PULLING = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
    workspace=types.WorkspaceClientCapabilities(
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    ),
)


async def connect(
    capabilities: types.ClientCapabilities, root: Path, options: object = None, flags: Sequence[str] = ()
) -> LanguageClient:
    """A server of its own, and the client that has greeted it."""
    command = [sys.executable, "-m", "svclint", "server", *flags]
    client: LanguageClient = await ClientServerConfig(server_command=command).start()
    await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            initialization_options=options,
            workspace_folders=[types.WorkspaceFolder(root.as_uri(), "projects")],
        )
    )
    return client


async def stop(client: LanguageClient) -> None:
    await client.shutdown_session()
    await client.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pulling(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LanguageClient]:
    """One server for all tests of a client that pulls, as VS Code does."""
    client = await connect(PULLING, tmp_path_factory.getbasetemp())
    yield client
    await stop(client)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def publishing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LanguageClient]:
    """One server for all tests of a client that knows no pull, as older ones."""
    client = await connect(types.ClientCapabilities(), tmp_path_factory.getbasetemp())
    yield client
    await stop(client)


@pytest_asyncio.fixture(loop_scope="session")
async def editor(pulling: LanguageClient, tmp_path: Path) -> AsyncIterator[Editor]:
    """A project of its own with a web server behind a Service, for a client that pulls."""
    made = Editor(pulling, tmp_path)
    made.make()
    yield made
    made.close_all()


@pytest_asyncio.fixture(loop_scope="session")
async def pushed(publishing: LanguageClient, tmp_path: Path) -> AsyncIterator[Editor]:
    """The same for a client that is pushed to."""
    made = Editor(publishing, tmp_path)
    made.make()
    yield made
    made.close_all()


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Editor]]:
    """Starts a server of the test's own for a client with certain capabilities, initialization options and flags."""

    @asynccontextmanager
    async def started(
        capabilities: types.ClientCapabilities = PULLING,
        options: object = None,
        flags: Sequence[str] = (),
        files: Mapping[str, str] = {},
    ) -> AsyncIterator[Editor]:
        # A configuration is read when the server starts.
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        made = Editor(await connect(capabilities, tmp_path, options, flags), tmp_path)
        made.make()
        yield made
        await stop(made.client)

    return started


@pytest.fixture
def wrong() -> str:
    """The Service with a selector that meets nothing."""
    return SERVICE.replace("    app: web", "    app: wbe")

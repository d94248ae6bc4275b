"""The language server: pygls' messages on one side, the workspace on the other, nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from svclint.kube.facts import Facts
from svclint.lsp import diagnostics, features
from svclint.lsp.reader import Reader
from svclint.lsp.shown import Shown, word_for
from svclint.lsp.workspace import Folder, Workspace
from svclint.version import VERSION

DELAY = 0.01
"""Seconds of silence before diagnostics are worked out: a paste or a held key comes as many changes at once."""

IDLE = 1.0
"""Seconds without a request before garbage is looked for: a cluster holds itself in circles."""
MANY = 50_000
"""Objects made before Python looks for garbage by itself: the usual 700 would cost a tenth of each keystroke."""

WATCHED = ("**/*.{yaml,yml,json}", "**/Kustomization", "**/svclint.toml", "**/pyproject.toml", "**/.gitignore")
logger = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """Keeps no documents of its own: buffers are the workspace's, which takes what pygls would raise on.

    Every request is answered, one that comes too early, too late or badly typed by its refusal. The handlers are no
    generators: pygls keeps a future of each notification that is answered by one, for ever.
    """

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        refusal = self._refusal(getattr(message, "method", None))
        if refusal is None:
            super().handle_message(message)
        elif hasattr(message, "id"):
            self._send_response(message.id, error=refusal.to_response_error())

    def _refusal(self, method: str | None) -> JsonRpcException | None:
        """Why a message is not looked at (the protocol's "Server lifecycle"); None for one that is."""
        if method is None or method == types.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("the server was shut down")
        if (self._workspace is None) == (method == types.INITIALIZE):
            return None
        if self._workspace is None:
            return JsonRpcServerNotInitialized("the server is not initialized")
        return None if method != types.INITIALIZE else JsonRpcInvalidRequest("the server is initialized")

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self.fm.features[types.TEXT_DOCUMENT_DID_OPEN](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE](params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE](params)


class Server(LanguageServer):
    """One client's server."""

    def __init__(self, facts_of: Callable[[Facts], Facts], trusts: bool = False) -> None:
        super().__init__("svclint", VERSION, protocol_cls=Protocol)
        self.state = Workspace(facts_of)
        self.pulls = False
        self.shows_references = False
        self.watches = False
        self.configures = False
        self.trusts = trusts
        self.trusts_at_first = trusts
        self.diagnostics, self.lenses, self.hints = Shown(), Shown(), Shown()
        self._refreshes: list[tuple[Shown, Callable[[], object]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._settled = False
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._edited: set[str] = set()
        self._told: set[str] = set()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Into the log and never into the user's face: what went wrong is a message, not the session."""
        logger.error("%s: %s", getattr(source, "__name__", source), error)

    def edited(self, uri: str) -> None:
        """A document was changed by the client."""
        self._edited.add(uri)
        self.later()

    def later(self) -> None:
        """Diagnostics after a moment of silence."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(DELAY, self._now)

    def _now(self) -> None:
        self._timer = None
        try:
            self._tell()
            if not self.pulls:
                self._publish()
            self._refresh()
        except Exception:
            logger.exception("diagnostics")
        unread = [folder for folder in self.state.folders if not folder.read]
        if unread:
            # The last run's answer is out: the project is read before anybody asks for more of it.
            self._timer = asyncio.get_running_loop().call_later(DELAY, self._read, unread)
        else:
            self.rest()

    def _read(self, folders: Iterable[Folder]) -> None:
        for folder in folders:
            with contextlib.suppress(Exception):
                folder.snapshot()
        self._now()

    def rest(self) -> None:
        """After some silence garbage is taken away; what the first answer left behind is there for good."""
        if not self._settled:
            self._settled = True
            gc.collect()
            gc.freeze()
            gc.set_threshold(MANY, 10, 10)
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE, self._rested)

    def _rested(self) -> None:
        gc.collect()
        for folder in self.state.folders:
            try:
                folder.keep()
            except Exception:
                logger.exception("keeping")

    def _tell(self) -> None:
        """What is wrong with a project's configuration, and what of it isn't done; once."""
        for folder in self.state.folders:
            for kind, text in (
                (types.MessageType.Warning, folder.error),
                (types.MessageType.Info, folder.note),
            ):
                if text and text not in self._told:
                    self._told.add(text)
                    self.window_show_message(types.ShowMessageParams(kind, f"svclint: {text}"))

    def _publish(self) -> None:
        """Sends what has changed since it was last sent, for every file of every project."""
        wanted: dict[str, tuple[list[types.Diagnostic], int | None]] = {}
        for folder in list(self.state.folders):
            for path in diagnostics.paths(folder):
                buffer = folder.buffers.get(path)
                version = buffer.version if buffer else None
                wanted[folder.uri(path)] = diagnostics.of_file(folder, path), version
        for uri in list(self._published):
            if uri not in wanted:
                wanted[uri] = [], None
        for uri, (found, version) in wanted.items():
            if self._published.get(uri, []) != found:
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))
            if found:
                self._published[uri] = found
            else:
                self._published.pop(uri, None)

    def refreshes(self, known: types.ClientCapabilities) -> None:
        """What of its answers a client can be asked to ask for again."""
        workspace = known.workspace or types.WorkspaceClientCapabilities()
        if workspace.diagnostics and workspace.diagnostics.refresh_support:
            self._refreshes.append((self.diagnostics, lambda: self.workspace_diagnostic_refresh(None)))
        if workspace.code_lens and workspace.code_lens.refresh_support:
            self._refreshes.append((self.lenses, lambda: self.workspace_code_lens_refresh(None)))
        if workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self._refreshes.append((self.hints, lambda: self.workspace_inlay_hint_refresh(None)))

    def _refresh(self) -> None:
        """Asks the client to ask again where an answer that it got is no longer true because of another file."""
        edited, self._edited = self._edited, set()
        for shown, refresh in self._refreshes:
            if shown.stale(edited, self.state.buffers):
                refresh()

    def settings(self, given: object) -> None:
        """What the client's settings say; what isn't said is as it was at the start. A flag is not taken back."""
        asked = given.get("trustLocalRules") if isinstance(given, dict) else None
        self.state.trust(self.trusts or (asked if isinstance(asked, bool) else self.trusts_at_first))
        self.later()

    def ask_settings(self) -> None:
        """Asks the client for its settings."""
        wanted = types.ConfigurationParams([types.ConfigurationItem(section="svclint")])
        self.workspace_configuration(wanted, lambda found: self.settings(next(iter(found or ()), None)))

    def items(self, uri: str) -> list[types.Diagnostic]:
        """The diagnostics of one document; none of one that nobody knows."""
        try:
            folder, path = self.state.place(uri)
            return diagnostics.of_file(folder, path)
        except Exception:
            logger.exception("diagnostics of %s", uri)
            return []

    def pulled(self, uri: str, previous: str | None) -> types.DocumentDiagnosticReport:
        """The answer to a pull."""
        found = self.items(uri)
        result = self.diagnostics.keep(uri, found, lambda: self.items(uri))
        if result == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
        return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=result)

    def everything(self, known: Mapping[str, str]) -> Iterator[types.WorkspaceDocumentDiagnosticReport]:
        """The answer to a pull of all files: of those that have something to say, and of those that had."""
        said: set[str] = set()
        for folder in list(self.state.folders):
            for path in diagnostics.paths(folder):
                uri = folder.uri(path)
                said.add(uri)
                yield self._reported(uri, known.get(uri))
        for uri in known:
            if uri not in said:
                yield self._reported(uri, known[uri])

    def _reported(self, uri: str, previous: str | None) -> types.WorkspaceDocumentDiagnosticReport:
        buffer = self.state.buffers.get(uri)
        version = buffer.version if buffer is not None else None
        found = self.items(uri)
        result = word_for(found)
        if result == previous:
            return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result, version)
        return types.WorkspaceFullDocumentDiagnosticReport(uri, found, version, result_id=result)


def make(facts_of: Callable[[Facts], Facts], trusts: bool = False) -> Server:
    """A server with all its features; `facts_of` lays what the command line says over a configuration's facts, `trusts`
    says that the rules of the projects may run."""
    server = Server(facts_of, trusts)
    feature = server.feature

    @feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        known = params.capabilities
        encoding = str(getattr(server.workspace.position_encoding, "value", server.workspace.position_encoding))
        server.state.encoding = encoding if encoding in ("utf-8", "utf-32") else "utf-16"  # type: ignore[assignment]
        server.pulls = known.text_document is not None and known.text_document.diagnostic is not None
        workspace = known.workspace
        watching = workspace.did_change_watched_files if workspace else None
        server.watches = bool(watching and watching.dynamic_registration)
        server.configures = bool(workspace and workspace.configuration)
        server.refreshes(known)
        options = params.initialization_options if isinstance(params.initialization_options, dict) else {}
        server.shows_references = options.get("showReferences") is True
        server.trusts_at_first = server.trusts or options.get("trustLocalRules") is True
        server.state.trust(server.trusts_at_first)
        folders = [each.uri for each in params.workspace_folders or ()]
        for uri in folders or ([params.root_uri] if params.root_uri else []):
            server.state.add_top(uri)

    @feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        server.state.open_tops()
        server.later()
        if server.configures:
            server.ask_settings()
        if server.watches:
            watchers = [types.FileSystemWatcher(glob) for glob in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            known = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await server.client_register_capability_async(types.RegistrationParams([known]))

    @feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        server.state.open(item.uri, item.version, str(item.language_id), item.text)
        server.later()

    @feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        if server.state.change(params.text_document.uri, params.text_document.version, params.content_changes):
            server.edited(params.text_document.uri)

    @feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.state.touched(params.text_document.uri)
        server.later()

    @feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.state.close(params.text_document.uri)
        server.later()

    @feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        for each in params.changes:
            server.state.touched(each.uri, each.type)
        server.later()

    @feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        if server.configures:
            server.ask_settings()
        else:
            given = params.settings
            server.settings(given.get("svclint", given) if isinstance(given, dict) else None)

    @feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for gone in params.event.removed:
            server.state.remove_top(gone.uri)
        for new in params.event.added:
            server.state.add_top(new.uri)
        server.state.open_tops()
        server.later()

    @feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="svclint"),
    )
    async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        await asyncio.sleep(DELAY)
        return server.pulled(params.text_document.uri, params.previous_result_id)

    @feature(types.WORKSPACE_DIAGNOSTIC)
    async def pull_all(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        await asyncio.sleep(DELAY)
        known = {each.uri: each.value for each in params.previous_result_ids}
        return types.WorkspaceDiagnosticReport(items=list(server.everything(known)))

    features.register(server)
    return server


def serve(facts_of: Callable[[Facts], Facts], trusts: bool = False) -> None:
    """Speaks with one client on standard input and output until it goes; see `make`.

    What anything else prints (a rule of somebody's pack) goes to standard error: the client would choke on it.
    """
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        with contextlib.suppress(ValueError):
            make(facts_of, trusts).start_io(Reader(sys.stdin.buffer), out)  # type: ignore[arg-type]


__all__ = ["Folder", "Server", "make", "serve"]

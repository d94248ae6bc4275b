"""The requests of the protocol, each handed to the module that answers it from the snapshot of the moment, which is
imported then: the first diagnostics wait for none of them.

What a client sends is never trusted: a request about an unknown document, about a place that isn't there or that came
too late gets an empty answer.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from svclint.lsp import actions, diagnostics
from svclint.text import Span

if TYPE_CHECKING:
    from svclint.kube.resource import Place, Resource
    from svclint.lsp.server import Server
    from svclint.lsp.snapshot import Snapshot
    from svclint.lsp.workspace import Folder

T = TypeVar("T")
logger = logging.getLogger(__name__)

REQUEST_FAILED = -32803
"""The protocol's code for a request that was understood and can't be answered."""
REFERENCES = "svclint.showReferences"
"""The command behind a lens: the client's own, since only clients can show places."""


def safe(default: Any) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """An answer whatever happens: what goes wrong is logged, and the client gets `default`."""

    def wrap(handler: Callable[..., T]) -> Callable[..., T]:
        @functools.wraps(handler)
        def answer(*args: Any) -> T:
            try:
                return handler(*args)
            except JsonRpcException:
                raise
            except Exception:
                logger.exception(handler.__name__)
                return default  # type: ignore[no-any-return]

        return answer

    return wrap


def location(folder: Folder, place: Place) -> types.Location:
    """A place as the client has it."""
    return types.Location(folder.uri(place.document.source.path), folder.snapshot().range(place))


def workspace_edit(folder: Folder, edits: Mapping[str, Iterable[tuple[Span, str]]]) -> types.WorkspaceEdit:
    """Edits of sources, by path, as the client has them."""
    snapshot = folder.snapshot()
    changes: dict[str, list[types.TextEdit]] = {}
    for path, wanted in edits.items():
        source = snapshot.source(path)
        if source is not None:
            text = snapshot.text(source)
            changes[folder.uri(path)] = [types.TextEdit(text.range(span), new) for span, new in wanted]
    return types.WorkspaceEdit(changes=changes)


def register(server: Server) -> None:
    """Makes all features known to the server."""
    _register_reading(server)
    _register_writing(server)
    _register_calls(server)


def _register_reading(server: Server) -> None:
    def place(params: Any) -> tuple[Folder, Snapshot, str]:
        folder, path = server.state.place(params.text_document.uri)
        return folder, folder.snapshot(), path

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    @safe(None)
    def hovering(params: types.HoverParams) -> types.Hover | None:
        from svclint.lsp import hover

        _, snapshot, path = place(params)
        return hover.hover(snapshot, path, params.position)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    @safe([])
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        from svclint.lsp import navigate

        folder, snapshot, path = place(params)
        return [location(folder, each) for each in navigate.definitions(snapshot, path, params.position)]

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    @safe([])
    def references(params: types.ReferenceParams) -> list[types.Location]:
        from svclint.lsp import navigate

        folder, snapshot, path = place(params)
        declaration = params.context.include_declaration
        return [location(folder, each) for each in navigate.references(snapshot, path, params.position, declaration)]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    @safe([])
    def highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        from svclint.lsp import navigate

        _, snapshot, path = place(params)
        found = navigate.references(snapshot, path, params.position, True)
        return [types.DocumentHighlight(snapshot.range(p)) for p in found if p.document.source.path == path]

    def lenses_of(uri: str) -> list[types.CodeLens]:
        from svclint.lsp import lens

        folder, path = server.state.place(uri)
        made = []
        for at, title, places in lens.lenses(folder.snapshot(), path):
            # A client that can't show places is given the words alone.
            command = types.Command(title, "")
            if places and server.shows_references:
                goals = [location(folder, each) for each in places]
                command = types.Command(title, REFERENCES, arguments=[uri, at.start, goals])
            made.append(types.CodeLens(at, command))
        return made

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    @safe([])
    def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        made = lenses_of(uri)
        server.lenses.keep(uri, made, lambda: lenses_of(uri))
        return made

    def hints_of(uri: str, within: types.Range) -> list[types.InlayHint]:
        from svclint.lsp import hints

        folder, path = server.state.place(uri)
        return list(hints.hints(folder.snapshot(), path, within))

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    @safe([])
    def inlay(params: types.InlayHintParams) -> list[types.InlayHint]:
        uri, within = params.text_document.uri, params.range
        made = hints_of(uri, within)
        server.hints.keep(uri, made, lambda: hints_of(uri, within))
        return made

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    @safe([])
    def document_symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        from svclint.lsp import symbols

        _, snapshot, path = place(params)
        return symbols.of_file(snapshot, path)

    @server.feature(types.WORKSPACE_SYMBOL)
    @safe([])
    def workspace_symbols(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        from svclint.lsp import symbols

        return [
            types.WorkspaceSymbol(
                location(folder, found.at("metadata", "name")), name, symbols.kind_of(found), container_name=found.kind
            )
            for folder in list(server.state.folders)
            for found, name in symbols.matching(folder.snapshot(), params.query)
        ]


def _register_writing(server: Server) -> None:
    def place(params: Any) -> tuple[Folder, Snapshot, str]:
        folder, path = server.state.place(params.text_document.uri)
        return folder, folder.snapshot(), path

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        # The protocol's kinds are open, lsprotocol's enumeration is not.
        types.CodeActionOptions(code_action_kinds=[actions.QUICK_FIX, actions.FIX_ALL]),
    )
    @safe([])
    def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        folder, snapshot, path = place(params)
        only = None if params.context.only is None else [getattr(k, "value", k) for k in params.context.only]
        lines = params.range.start.line + 1, params.range.end.line + 1
        return [
            types.CodeAction(
                each.title,
                each.kind,
                diagnostics=[diagnostics.diagnostic(folder, snapshot, answered) for answered in each.answers],
                is_preferred=each.preferred or None,
                edit=workspace_edit(folder, each.edits),
            )
            for each in actions.actions(snapshot, path, lines, only)
        ]

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[" ", ":", "/", ".", "[", '"']),
    )
    @safe([])
    def completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        from svclint.lsp import complete

        folder, snapshot, path = place(params)
        buffer = folder.buffers.get(path)
        return complete.completions(snapshot, path, buffer.text, params.position) if buffer else []

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    @safe(None)
    def prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        from svclint.lsp import rename

        _, snapshot, path = place(params)
        try:
            found = rename.subject(snapshot, path, params.position)
        except rename.RenameError as error:
            raise JsonRpcException(str(error), REQUEST_FAILED) from None
        return types.PrepareRenamePlaceholder(snapshot.range(found.place), found.word)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    @safe(None)
    def renaming(params: types.RenameParams) -> types.WorkspaceEdit | None:
        from svclint.lsp import rename

        folder, snapshot, path = place(params)
        try:
            made = rename.changes(snapshot, path, params.position, params.new_name)
        except rename.RenameError as error:
            raise JsonRpcException(str(error), REQUEST_FAILED) from None
        return types.WorkspaceEdit(changes={folder.uri(file): list(edits) for file, edits in made.items()})


def _register_calls(server: Server) -> None:
    def item(folder: Folder, resource: Resource) -> types.CallHierarchyItem:
        from svclint.lsp import symbols

        snapshot = folder.snapshot()
        named = snapshot.range(resource.at("metadata", "name"))
        whole = snapshot.range(resource.at())
        uri = folder.uri(resource.document.source.path)
        detail = " ".join(filter(None, (resource.kind, resource.namespace)))
        known = [resource.group, resource.kind, resource.namespace, resource.name]
        return types.CallHierarchyItem(
            resource.name, symbols.kind_of(resource), uri, whole, named, detail=detail, data=known
        )

    def found(asked: types.CallHierarchyItem) -> tuple[Folder, Any, Resource | None]:
        """The object again that an item was made of."""
        folder, path = server.state.place(asked.uri)
        snapshot = folder.snapshot()
        scope = snapshot.scope(path)
        if scope is None or not isinstance(asked.data, (list, tuple)) or len(asked.data) != 4:
            return folder, None, None
        cluster = snapshot.cluster(scope)
        return folder, cluster, cluster.index.get(*map(str, asked.data))

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    @safe([])
    def prepare(params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem]:
        from svclint.lsp import calls

        folder, path = server.state.place(params.text_document.uri)
        return [item(folder, each) for each in calls.subjects(folder.snapshot(), path, params.position)]

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    @safe([])
    def incoming(params: types.CallHierarchyIncomingCallsParams) -> list[types.CallHierarchyIncomingCall]:
        from svclint.lsp import calls

        folder, cluster, resource = found(params.item)
        if resource is None:
            return []
        snapshot = folder.snapshot()
        return [
            types.CallHierarchyIncomingCall(item(folder, each), [snapshot.range(p) for p in places])
            for each, places in calls.incoming(snapshot, cluster, resource)
        ]

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    @safe([])
    def outgoing(params: types.CallHierarchyOutgoingCallsParams) -> list[types.CallHierarchyOutgoingCall]:
        from svclint.lsp import calls

        folder, cluster, resource = found(params.item)
        if resource is None:
            return []
        snapshot = folder.snapshot()
        return [
            types.CallHierarchyOutgoingCall(item(folder, each), [snapshot.range(p) for p in places])
            for each, places in calls.outgoing(snapshot, cluster, resource)
        ]

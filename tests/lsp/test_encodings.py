"""Every feature that takes or gives positions, behind emoji and Chinese characters, as UTF-8, UTF-16 and UTF-32 count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTE = 'annotations: {note: "语😀é𝒳"}'
SERVICE = (
    f"{{apiVersion: v1, kind: Service, metadata: {{{NOTE}, name: web, namespace: shop}}, spec: {{selector: {{app: web}}, "
    "ports: [{name: http, port: 80, targetPort: htpx}]}}"
)
DEPLOYMENT = (
    f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{{NOTE}, name: web, namespace: shop}}, spec: {{selector: "
    "{matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "
    "example/web:1.0.0, ports: [{name: htpx, containerPort: 8080}]}]}}}}"
)
CLIENT = (
    f"{{apiVersion: v1, kind: Pod, metadata: {{{NOTE}, name: client, namespace: shop}}, spec: {{containers: [{{name: main, "
    'image: "example/client:1.0.0", env: [{name: URL, value: "http://语:1/ http://web:80/😀"}]}]}}'
)
TEXTS = {"service.yaml": SERVICE, "deploy.yaml": DEPLOYMENT, "client.yaml": CLIENT}
WIDTHS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Counting:
    """An editor that counts in some code units, with a project whose every line has characters beyond ASCII."""

    def __init__(self, editor: Any, kind: str) -> None:
        self.editor = editor
        self.client = editor.client
        self.codec, self.width = WIDTHS[kind]
        self.texts = dict(TEXTS)

    def position(self, name: str, what: str, nth: int = 0, after: int = 0) -> types.Position:
        offset = -1
        for _ in range(nth + 1):
            offset = self.texts[name].index(what, offset + 1)
        return types.Position(0, len(self.texts[name][: offset + after].encode(self.codec)) // self.width)

    def asked(self, name: str, what: str, nth: int = 0, after: int = 0) -> dict[str, Any]:
        """A document and a position in it, as most requests have them."""
        return {
            "text_document": self.editor.document(name),
            "position": self.position(name, what, nth, after),
        }

    def cut(self, name: str, at: types.Range) -> str:
        """The characters of a range of a file."""
        assert at.start.line == at.end.line == 0
        units = self.texts[name].encode(self.codec)
        return units[at.start.character * self.width : at.end.character * self.width].decode(self.codec)

    def cut_at(self, at: types.Location) -> str:
        name = at.uri.rpartition("/")[2]
        return f"{name}: {self.cut(name, at.range)}"

    def edited(self, name: str, edits: list[types.TextEdit]) -> str:
        units = self.texts[name].encode(self.codec)
        for edit in sorted(edits, key=lambda each: -each.range.start.character):
            start, end = edit.range.start.character * self.width, edit.range.end.character * self.width
            units = units[:start] + edit.new_text.encode(self.codec) + units[end:]
        return units.decode(self.codec)


@pytest_asyncio.fixture(params=list(WIDTHS), loop_scope="session")
async def counting(request: pytest.FixtureRequest, start: Any) -> AsyncIterator[Counting]:
    capabilities = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind(request.param)]),
    )
    async with start(capabilities) as editor:
        editor.write(TEXTS)
        for name in TEXTS:
            editor.open(name)
        yield Counting(editor, request.param)


async def test_what_is_read(counting: Counting) -> None:
    client, document = counting.client, counting.editor.document
    hover = await client.text_document_hover_async(
        types.HoverParams(**counting.asked("deploy.yaml", "labels", after=1))
    )
    assert counting.cut("deploy.yaml", hover.range) == "labels"

    asked = counting.asked("client.yaml", "web:80", after=1)
    (found,) = await client.text_document_definition_async(types.DefinitionParams(**asked))
    assert counting.cut_at(found) == "service.yaml: web"
    (port,) = await client.text_document_definition_async(
        types.DefinitionParams(**counting.asked("client.yaml", "80/", after=1))
    )
    assert counting.cut_at(port) == "service.yaml: 80"

    asked = counting.asked("service.yaml", "htpx", after=1)
    context = types.ReferenceContext(True)
    references = await client.text_document_references_async(types.ReferenceParams(context, **asked))
    assert sorted(map(counting.cut_at, references)) == ["deploy.yaml: htpx", "service.yaml: htpx"]
    (here,) = await client.text_document_document_highlight_async(types.DocumentHighlightParams(**asked))
    assert counting.cut("service.yaml", here.range) == "htpx"

    (lens,) = await client.text_document_code_lens_async(types.CodeLensParams(document("service.yaml")))
    assert counting.cut("service.yaml", lens.range) == "kind"
    whole = types.Range(types.Position(0, 0), types.Position(1, 0))
    (hint,) = await client.text_document_inlay_hint_async(types.InlayHintParams(document("service.yaml"), whole))
    assert hint.position == counting.position("service.yaml", "htpx", after=4)

    (symbol,) = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document("service.yaml")))
    assert counting.cut("service.yaml", symbol.range) == SERVICE
    assert counting.cut("service.yaml", symbol.selection_range) == "web"
    assert counting.cut("service.yaml", symbol.children[0].range) == "{name: http, port: 80, targetPort: htpx}"
    everywhere = await client.workspace_symbol_async(types.WorkspaceSymbolParams("shop web"))
    mine = [each.location for each in everywhere if each.location.uri.startswith(counting.editor.root.as_uri())]
    assert sorted(map(counting.cut_at, mine)) == ["deploy.yaml: web", "service.yaml: web"]

    prepare = types.CallHierarchyPrepareParams(**counting.asked("client.yaml", "web:80", after=1))
    (item,) = await client.text_document_prepare_call_hierarchy_async(prepare)
    assert counting.cut("service.yaml", item.selection_range) == "web"
    (call,) = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item))
    assert [counting.cut("client.yaml", each) for each in call.from_ranges] == ["web"]


async def test_what_is_written(counting: Counting) -> None:
    client = counting.client
    asked = counting.asked("service.yaml", "htpx", after=2)
    prepared = await client.text_document_prepare_rename_async(types.PrepareRenameParams(**asked))
    assert counting.cut("service.yaml", prepared.range) == prepared.placeholder == "htpx"
    edit = await client.text_document_rename_async(types.RenameParams(new_name="http", **asked))
    for name in ("service.yaml", "deploy.yaml"):
        made = counting.edited(name, list(edit.changes[counting.editor.uri(name)]))
        assert made == TEXTS[name].replace("htpx", "http")
    asked = counting.asked("service.yaml", "name: web", after=7)
    edit = await client.text_document_rename_async(types.RenameParams(new_name="front", **asked))
    made = counting.edited("client.yaml", list(edit.changes[counting.editor.uri("client.yaml")]))
    assert made == CLIENT.replace("http://web:80/", "http://front:80/")

    counting.texts["new.yaml"] = '      value: "语😀 http://we'
    head = "kind: Pod\nmetadata: {name: new, namespace: shop}\nspec:\n  containers:\n  - env:\n    - name: URL\n"
    counting.editor.open("new.yaml", head + counting.texts["new.yaml"])
    at = counting.position("new.yaml", "we", after=2)
    proposed = await client.text_document_completion_async(
        types.CompletionParams(counting.editor.document("new.yaml"), types.Position(head.count("\n"), at.character))
    )
    (web,) = [each for each in proposed if each.label == "web.shop"]
    assert counting.edited("new.yaml", [web.text_edit]) == '      value: "语😀 http://web.shop'


async def test_what_is_found_and_repaired(counting: Counting) -> None:
    client, document = counting.client, counting.editor.document
    wrong = SERVICE.replace("targetPort: htpx", "targetPort: htxp")
    counting.editor.change("service.yaml", wrong)
    counting.texts["wrong.yaml"] = wrong
    (found,) = (await counting.editor.pull("service.yaml")).items
    assert counting.cut("wrong.yaml", found.range) == "htxp"
    assert [counting.cut_at(each.location) for each in found.related_information] == ["deploy.yaml: htpx"]
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(document("service.yaml"), found.range, types.CodeActionContext([], ["quickfix"]))
    )
    uri = counting.editor.uri("service.yaml")
    assert counting.edited("wrong.yaml", list(actions[0].edit.changes[uri])) == SERVICE
    (suppress,) = [each for each in actions if each.title.startswith("Suppress")]
    comment = f"  # svclint: ignore[{found.code}]"
    assert counting.edited("wrong.yaml", list(suppress.edit.changes[uri])) == wrong + comment

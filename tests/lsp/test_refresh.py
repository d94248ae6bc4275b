"""Lenses and hints that another file makes untrue: a client that can is asked to ask again, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

CAPABILITIES = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
    workspace=types.WorkspaceClientCapabilities(
        code_lens=types.CodeLensWorkspaceClientCapabilities(refresh_support=True),
        inlay_hint=types.InlayHintWorkspaceClientCapabilities(refresh_support=True),
    ),
)


class Asked:
    """How often the server asked its client to ask again."""

    def __init__(self, editor: Any) -> None:
        self.editor = editor
        self.lenses = self.hints = 0

        @editor.client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
        def lenses(_: None) -> None:
            self.lenses += 1

        @editor.client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
        def hints(_: None) -> None:
            self.hints += 1

    async def show(self, name: str) -> tuple[list[str], list[str]]:
        """The lenses and the hints of a document."""
        client, document = self.editor.client, self.editor.document(name)
        found = await client.text_document_code_lens_async(types.CodeLensParams(document))
        whole = types.Range(types.Position(0, 0), types.Position(99, 0))
        hints = await client.text_document_inlay_hint_async(types.InlayHintParams(document, whole))
        return [each.command.title for each in found], [each.label for each in hints]

    async def settle(self) -> None:
        """Waits until the server has had its moment of silence: a pull is answered after it."""
        for _ in range(3):
            await self.editor.pull("service.yaml")


async def test_lenses_and_hints_are_asked_for_again_when_another_file_changes_them(start: Any) -> None:
    async with start(CAPABILITIES) as editor:
        asked = Asked(editor)
        editor.open("service.yaml")
        text = editor.open("deploy.yaml")
        assert await asked.show("service.yaml") == (["selects 1 workload"], ["= 8080"])
        editor.change("deploy.yaml", text.replace("8080", "9090"))
        await editor.eventually(lambda: asked.hints > 0)
        assert asked.lenses == 0
        assert await asked.show("service.yaml") == (["selects 1 workload"], ["= 9090"])
        editor.change("deploy.yaml", text.replace("        app: web\n    spec", "        app: wbe\n    spec"))
        await editor.eventually(lambda: asked.lenses > 0)
        assert await asked.show("service.yaml") == (["selects nothing"], [])


async def test_what_is_still_true_is_not_asked_for_again(start: Any) -> None:
    async with start(CAPABILITIES) as editor:
        asked = Asked(editor)
        service = editor.open("service.yaml")
        text = editor.open("deploy.yaml")
        await asked.show("service.yaml")
        await asked.show("deploy.yaml")
        editor.change("deploy.yaml", text + "# a remark\n")
        await asked.settle()
        # What the client changes itself, it asks for by itself.
        editor.change("service.yaml", service.replace("targetPort: http", "targetPort: https"))
        await asked.settle()
        assert (asked.lenses, asked.hints) == (0, 0)


async def test_a_client_that_cannot_be_asked_is_not(start: Any) -> None:
    pulls = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    async with start(types.ClientCapabilities(text_document=pulls)) as editor:
        asked = Asked(editor)
        editor.open("service.yaml")
        text = editor.open("deploy.yaml")
        await asked.show("service.yaml")
        editor.change("deploy.yaml", text.replace("8080", "9090"))
        await asked.settle()
        assert (asked.lenses, asked.hints) == (0, 0)

"""What no client should send: the server answers, logs, and goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def alive(editor: Any, wrong: str) -> None:
    """The server still finds what is to be found."""
    editor.open("service.yaml", wrong)
    assert await editor.codes("service.yaml") == ["selector-typo"]


def far() -> types.Range:
    return types.Range(types.Position(5, 7), types.Position(100_000, 100_000))


async def test_documents_that_nobody_opened(editor: Any, wrong: str) -> None:
    gone = types.TextDocumentIdentifier(editor.uri("nowhere.yaml"))
    for each in (gone, types.TextDocumentIdentifier("untitled:Untitled-1"), types.TextDocumentIdentifier("%%%")):
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(each))
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(each))
        editor.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(3, each.uri), [types.TextDocumentContentChangeWholeDocument("x")]
            )
        )
        at = types.Position(3, 3)
        client = editor.client
        assert await client.text_document_hover_async(types.HoverParams(each, at)) is None
        assert not await client.text_document_definition_async(types.DefinitionParams(each, at))
        assert not await client.text_document_completion_async(types.CompletionParams(each, at))
        assert not await client.text_document_code_lens_async(types.CodeLensParams(each))
        assert not await client.text_document_inlay_hint_async(types.InlayHintParams(each, far()))
        assert not await client.text_document_document_symbol_async(types.DocumentSymbolParams(each))
    await alive(editor, wrong)


async def test_changes_outside_of_the_text_and_over_each_other(editor: Any, wrong: str) -> None:
    editor.open("service.yaml")
    backwards = types.Range(types.Position(9, 9), types.Position(1, 1))
    changes = [types.TextDocumentContentChangePartial(at, "kind: 语\n") for at in (far(), backwards, far(), backwards)]
    editor.client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(-1, editor.uri("service.yaml")), changes
        )
    )
    await editor.pull("service.yaml")
    editor.close("service.yaml")
    await alive(editor, wrong)


async def test_a_request_that_is_cancelled(editor: Any, wrong: str) -> None:
    editor.open("service.yaml")
    asked = asyncio.ensure_future(editor.pull("service.yaml"))
    await asyncio.sleep(0)
    number = next(iter(editor.client.protocol._request_futures))
    editor.client.cancel_request(types.CancelParams(number))
    editor.client.cancel_request(types.CancelParams("no-such-request"))
    with pytest.raises(Exception, match="cancel"):
        await asked
    editor.close("service.yaml")
    await alive(editor, wrong)


@pytest.mark.parametrize(
    "text",
    [
        "\ud800\udfff: [",
        "a: &a [*a, *a]\n",
        "\x00\x01\x02",
        "- " * 20_000,
        "{" * 5_000,
        "apiVersion: v1\nkind: Service\nspec: [1, {a: 2}]\n",
    ],
    ids=["surrogates", "alias-in-itself", "zero-bytes", "deep-lists", "deep-maps", "wrong-types"],
)
async def test_texts_that_are_no_manifests(editor: Any, wrong: str, text: str) -> None:
    editor.open("odd.yaml", text)
    await editor.pull("odd.yaml")
    at = types.Position(0, 1)
    document = editor.document("odd.yaml")
    await editor.client.text_document_hover_async(types.HoverParams(document, at))
    await editor.client.text_document_completion_async(types.CompletionParams(document, at))
    await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    await alive(editor, wrong)


async def test_a_huge_buffer_is_left_alone(editor: Any, wrong: str) -> None:
    editor.open("huge.yaml", "apiVersion: v1\nkind: Service\n# " + "x" * (9 << 20))
    assert await editor.codes("huge.yaml") == []
    await alive(editor, wrong)


async def test_a_configuration_that_cannot_be_read_is_told_once(editor: Any, wrong: str) -> None:
    editor.write({"svclint.toml": "select = 7\n"})
    editor.open("service.yaml", wrong)
    assert await editor.codes("service.yaml") == ["selector-typo"]
    assert any("svclint.toml" in each.message for each in editor.client.messages)
    editor.write({"svclint.toml": 'ignore = ["selector-typo"]\n'})
    editor.client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(editor.uri("svclint.toml"), types.FileChangeType.Changed)])
    )
    assert await editor.codes("service.yaml") == []

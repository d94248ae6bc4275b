"""The rules of a project are code: they run in the server only where the user says so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULE = '''\
"""No Service is called web."""

from svclint.kube.service import Service
from svclint.rule import Finding, rule


@rule("no-web", on=Service)
def no_web(service, cluster):
    if service.name == "web":
        yield Finding(service.at("metadata", "name"), "web is no name")
'''
FILES = {"svclint.toml": 'local-rules = ["lint"]\n', "lint/no_web.py": RULE}


async def codes(editor: Any) -> list[str]:
    editor.open("service.yaml")
    return await editor.codes("service.yaml")  # type: ignore[no-any-return]


async def told(editor: Any) -> list[str]:
    """The messages, once there are some."""
    await editor.eventually(lambda: bool(editor.client.messages))
    return [each.message for each in editor.client.messages]


async def test_nothing_of_the_project_runs_unless_it_is_trusted_and_that_is_said(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SVCLINT_TRUST_LOCAL_RULES", raising=False)
    async with start(files=FILES) as editor:
        assert await codes(editor) == []
        (said,) = await told(editor)
        assert "lint are code: not run before you trust them (trustLocalRules)" in said


@pytest.mark.parametrize(
    ("options", "flags", "environment"),
    [({"trustLocalRules": True}, [], ""), (None, ["--trust-local-rules"], ""), (None, [], "1")],
    ids=["option", "flag", "environment"],
)
async def test_rules_that_are_trusted_run(
    start: Any, monkeypatch: pytest.MonkeyPatch, options: Any, flags: list[str], environment: str
) -> None:
    monkeypatch.setenv("SVCLINT_TRUST_LOCAL_RULES", environment)
    async with start(options=options, flags=flags, files=FILES) as editor:
        assert await codes(editor) == ["no-web"]
        assert editor.client.messages == []
        (found,) = (await editor.pull("service.yaml")).items
        assert found.code_description is None


@pytest.mark.parametrize("options", ["yes", {"trustLocalRules": "true"}, ["trustLocalRules"], {"trustLocalRules": 1}])
async def test_only_a_plain_yes_is_trust(start: Any, options: Any) -> None:
    async with start(options=options, files=FILES) as editor:
        assert await codes(editor) == []


async def test_trust_is_given_and_taken_by_settings(start: Any) -> None:
    async with start(files=FILES) as editor:
        assert await codes(editor) == []
        for settings, expected in (
            ({"svclint": {"trustLocalRules": True}}, ["no-web"]),
            ({"trustLocalRules": False}, []),
            ({"trustLocalRules": True}, ["no-web"]),
            ("nonsense", []),
        ):
            editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
            assert await editor.codes("service.yaml") == expected


async def test_a_flag_is_not_taken_back_by_a_setting(start: Any) -> None:
    async with start(options={"trustLocalRules": False}, flags=["--trust-local-rules"], files=FILES) as editor:
        assert await codes(editor) == ["no-web"]
        settings = types.DidChangeConfigurationParams({"trustLocalRules": False})
        editor.client.workspace_did_change_configuration(settings)
        assert await editor.codes("service.yaml") == ["no-web"]


async def test_a_client_that_can_be_asked_for_its_settings_is_asked(start: Any) -> None:
    pulls = types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities())
    workspace = types.WorkspaceClientCapabilities(configuration=True)
    async with start(types.ClientCapabilities(text_document=pulls, workspace=workspace), files=FILES) as editor:
        assert await codes(editor) == []
        editor.client.set_configuration({"trustLocalRules": True}, section="svclint")
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        async with asyncio.timeout(60):
            while await editor.codes("service.yaml") != ["no-web"]:
                pass


async def test_a_configuration_that_names_no_rule_is_told(start: Any) -> None:
    async with start(files={"svclint.toml": 'ignore = ["no-such-rule"]\n'}) as editor:
        editor.open("service.yaml")
        assert any("no-such-rule" in said for said in await told(editor))


async def test_a_rule_that_cannot_be_imported_is_told_and_the_others_run(start: Any) -> None:
    files = {**FILES, "lint/broken.py": "import no_such_module\n"}
    async with start(options={"trustLocalRules": True}, files=files) as editor:
        assert await codes(editor) == ["no-web"]
        assert any("no_such_module" in said for said in await told(editor))

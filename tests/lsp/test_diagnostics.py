"""Diagnostics: cross-file, pulled or pushed and never both, with rules' pages, related places and tags."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_mistake_in_another_file_is_reported_and_its_repair_clears_it(editor: Any) -> None:
    service = editor.open("service.yaml")
    deployment = editor.open("deploy.yaml")
    assert await editor.codes("service.yaml") == []
    editor.change("deploy.yaml", deployment.replace("        app: web\n    spec", "        app: wbe\n    spec"))
    assert await editor.codes("service.yaml") != []
    editor.change("deploy.yaml", deployment)
    assert await editor.codes("service.yaml") == []
    assert service


async def test_a_diagnostic_has_its_place_its_page_and_what_it_is_related_to(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    (found,) = (await editor.pull("service.yaml")).items
    assert found.code == "selector-typo"
    assert found.source == "svclint"
    assert found.severity == types.DiagnosticSeverity.Error
    assert found.code_description.href.endswith("/selector-typo/")
    assert wrong.splitlines()[found.range.start.line][found.range.start.character :] == "wbe"
    assert {each.location.uri for each in found.related_information} == {editor.uri("deploy.yaml")}


async def test_the_same_answer_is_not_sent_twice(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    first = await editor.pull("service.yaml")
    assert (await editor.pull("service.yaml", first.result_id)).kind == "unchanged"
    assert (await editor.pull("service.yaml", "nonsense")).kind == "full"


async def test_a_client_that_pulls_is_never_pushed_to(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    await editor.pull("service.yaml")
    await editor.pull("service.yaml")
    assert editor.client.diagnostics == {}


async def test_a_client_that_cannot_pull_is_told_of_all_files(pushed: Any, wrong: str) -> None:
    pushed.open("deploy.yaml")
    pushed.open("service.yaml", wrong)
    await pushed.until(lambda: pushed.published("service.yaml") == ["selector-typo"])
    pushed.change("service.yaml", (pushed.root / "service.yaml").read_text())
    await pushed.until(lambda: pushed.published("service.yaml") == [])


async def test_a_closed_file_is_what_the_disk_says(editor: Any, wrong: str) -> None:
    editor.open("deploy.yaml")
    editor.open("service.yaml", wrong)
    assert await editor.codes("service.yaml") == ["selector-typo"]
    editor.close("service.yaml")
    assert await editor.codes("service.yaml") == []


async def test_an_unrendered_template_gets_one_quiet_note(editor: Any) -> None:
    editor.open(
        "t.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n{{- if x }}\n", "helm"
    )
    (note,) = (await editor.pull("t.yaml")).items
    assert (note.code, note.severity) == ("unrendered-template", types.DiagnosticSeverity.Information)


async def test_what_is_suppressed_for_nothing_is_shown_as_unnecessary(editor: Any) -> None:
    text = (editor.root / "service.yaml").read_text()
    editor.open("service.yaml", text.replace("app: web", "app: web # svclint: ignore[selector-typo] no"))
    (found,) = (await editor.pull("service.yaml")).items
    assert (found.code, *found.tags) == ("unused-suppression", types.DiagnosticTag.Unnecessary)


async def test_a_client_that_asks_for_all_files_hears_of_those_that_it_has_not_opened(editor: Any, wrong: str) -> None:
    editor.write({"service.yaml": wrong})
    editor.open("deploy.yaml")

    async def said(known: list[types.PreviousResultId]) -> dict[str, Any]:
        report = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
        return {each.uri: each for each in report.items}

    uri = editor.uri("service.yaml")
    first = (await said([]))[uri]
    assert [each.code for each in first.items] == ["selector-typo"]
    again = (await said([types.PreviousResultId(uri, first.result_id)]))[uri]
    assert again.kind == "unchanged"
    editor.write({"service.yaml": wrong.replace("wbe", "web")})
    changed = types.FileEvent(uri, types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    assert (await said([types.PreviousResultId(uri, first.result_id)]))[uri].items == ()


async def test_a_file_that_appears_on_the_disk_counts(editor: Any) -> None:
    editor.open("service.yaml")
    (editor.root / "deploy.yaml").rename(editor.root / "deploy.txt")
    gone = types.FileEvent(editor.uri("deploy.yaml"), types.FileChangeType.Deleted)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([gone]))
    hover = types.HoverParams(editor.document("service.yaml"), types.Position(1, 1))
    assert "**Deployment/web**" not in (await editor.client.text_document_hover_async(hover)).contents.value
    (editor.root / "deploy.txt").rename(editor.root / "deploy.yaml")
    there = types.FileEvent(editor.uri("deploy.yaml"), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([there]))
    assert "**Deployment/web**" in (await editor.client.text_document_hover_async(hover)).contents.value


async def test_the_baseline_and_the_configuration_count_as_on_the_command_line(editor: Any, wrong: str) -> None:
    editor.write({"svclint.toml": '[per-file-ignores]\n"service.yaml" = ["selector-typo"]\n'})
    editor.open("service.yaml", wrong)
    assert await editor.codes("service.yaml") == []


async def test_a_client_pulls_again_when_another_file_changes_the_answer(editor: Any) -> None:
    editor.open("service.yaml")
    text = editor.open("deploy.yaml")
    await editor.pull("service.yaml")
    await editor.pull("deploy.yaml")
    before = editor.client.diagnostic_refresh_count
    editor.change("deploy.yaml", text.replace("        app: web\n    spec", "        app: wbe\n    spec"))
    await editor.pull("deploy.yaml")
    await editor.eventually(lambda: editor.client.diagnostic_refresh_count > before, "deploy.yaml")
    editor.change("deploy.yaml", text + "# a remark\n")
    await editor.pull("service.yaml")
    await editor.pull("deploy.yaml")
    quiet = editor.client.diagnostic_refresh_count
    editor.change("deploy.yaml", text + "# another remark\n")
    await editor.pull("deploy.yaml")
    await editor.pull("deploy.yaml")
    assert editor.client.diagnostic_refresh_count == quiet


async def test_another_tools_file_with_marks_is_no_template(editor: Any) -> None:
    editor.open("workflow.yml", "on: push\nname: ${{ github.ref }}\n")
    assert await editor.codes("workflow.yml") == []


async def test_a_version_that_is_gone_is_shown_as_deprecated(editor: Any) -> None:
    text = (editor.root / "deploy.yaml").read_text()
    editor.open("deploy.yaml", text.replace("apps/v1", "apps/v1beta1"))
    (found,) = [each for each in (await editor.pull("deploy.yaml")).items if each.code == "removed-api"]
    assert list(found.tags) == [types.DiagnosticTag.Deprecated]
    assert found.code_description.href.endswith("/removed-api/")

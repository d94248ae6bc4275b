"""Quick fixes, suppressions and completion."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def actions(editor: Any, name: str, line: int, only: list[str] | None = None) -> list[types.CodeAction]:
    at = types.Range(types.Position(line, 0), types.Position(line, 0))
    return await editor.client.text_document_code_action_async(
        types.CodeActionParams(editor.document(name), at, types.CodeActionContext([], only))
    )


async def test_a_quick_fix_repairs_what_it_says(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    offered = await actions(editor, "service.yaml", 7, ["quickfix"])
    first = offered[0]
    assert first.kind == "quickfix"
    assert [each.code for each in first.diagnostics] == ["selector-typo"]
    fixed = editor.applied(wrong, first.edit.changes[editor.uri("service.yaml")])
    assert fixed == wrong.replace("wbe", "web")
    editor.change("service.yaml", fixed)
    assert await editor.codes("service.yaml") == []


async def test_all_of_a_rule_are_fixed_at_once(editor: Any, wrong: str) -> None:
    two = wrong + "---\n" + wrong.replace("name: web\n", "name: web-2\n")
    editor.open("service.yaml", two)
    offered = {each.title: each for each in await actions(editor, "service.yaml", 7)}
    every = offered["Fix all selector-typo in this file"]
    assert editor.applied(two, every.edit.changes[editor.uri("service.yaml")]).count("app: web\n") == 2


async def test_fix_all_takes_safe_fixes_alone(editor: Any) -> None:
    text = (editor.root / "service.yaml").read_text().replace("targetPort: http", 'targetPort: "8080"')
    editor.open("service.yaml", text)
    assert await editor.codes("service.yaml") == ["target-port-in-quotes"]
    (found,) = await actions(editor, "service.yaml", 0, ["source.fixAll.svclint"])
    assert found.kind == "source.fixAll.svclint"
    editor.change("service.yaml", editor.applied(text, found.edit.changes[editor.uri("service.yaml")]))
    assert await editor.codes("service.yaml") == []
    assert not await actions(editor, "service.yaml", 0, ["source.fixAll"])


async def test_a_comment_suppresses(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    offered = {each.title: each for each in await actions(editor, "service.yaml", 7)}
    suppress = offered["Suppress selector-typo here"]
    text = editor.applied(wrong, suppress.edit.changes[editor.uri("service.yaml")])
    assert "app: wbe  # svclint: ignore[selector-typo]\n" in text
    editor.change("service.yaml", text)
    assert await editor.codes("service.yaml") == []


async def test_a_comment_that_is_there_gets_the_rule_too(editor: Any, wrong: str) -> None:
    text = wrong.replace("wbe", "wbe # svclint: ignore[duplicate-key] why")
    editor.open("service.yaml", text)
    offered = {each.title: each for each in await actions(editor, "service.yaml", 7)}
    edits = offered["Suppress selector-typo here"].edit.changes[editor.uri("service.yaml")]
    assert "# svclint: ignore[duplicate-key, selector-typo] why" in editor.applied(text, edits)


async def test_a_comment_stands_above_what_it_cannot_stand_in(editor: Any) -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: urls\n  namespace: shop\ndata:\n  urls: |\n"
        "    first\n    http://wbe.shop.svc.cluster.local:80/x\n  other: x\n"
    )
    editor.open("urls.yaml", text)
    (rule,) = await editor.codes("urls.yaml")
    (suppress,) = [e for e in await actions(editor, "urls.yaml", 8, ["quickfix"]) if e.title.startswith("Suppress")]
    made = editor.applied(text, suppress.edit.changes[editor.uri("urls.yaml")])
    assert made == text.replace("  urls: |", f"  # svclint: ignore[{rule}]\n  urls: |")
    editor.change("urls.yaml", made)
    assert await editor.codes("urls.yaml") == []


def two(wrong: str) -> str:
    """A Service whose fix is a guess, and one whose fix is safe."""
    right = wrong.replace("wbe", "web").replace("name: web\n", "name: web-2\n")
    return wrong + "---\n" + right.replace("targetPort: http", "targetPort: http\n    protocol: tcp")


async def test_only_a_safe_fix_is_the_preferred_one(editor: Any, wrong: str) -> None:
    text = two(wrong)
    editor.open("service.yaml", text)
    lines = (text[: text.index(what)].count("\n") for what in ("wbe", "tcp"))
    offered = {each.title: each for line in lines for each in await actions(editor, "service.yaml", line)}
    assert offered["Write app: web"].is_preferred is None
    assert offered["Write TCP"].is_preferred is True


async def test_a_client_gets_the_kinds_that_it_asks_for(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", two(wrong))
    kinds = {
        asked: {str(each.kind) for each in await actions(editor, "service.yaml", 7, [asked])}
        for asked in (
            "quickfix",
            "source",
            "source.fixAll",
            "source.fixAll.svclint",
            "source.fixAll.other",
            "refactor",
            "",
        )
    }
    assert kinds == {
        "quickfix": {"quickfix"},
        "source": {"source.fixAll.svclint"},
        "source.fixAll": {"source.fixAll.svclint"},
        "source.fixAll.svclint": {"source.fixAll.svclint"},
        "source.fixAll.other": set(),
        "refactor": set(),
        "": {"quickfix", "source.fixAll.svclint"},
    }


async def test_a_fix_answers_the_diagnostic_that_the_client_shows(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    (shown,) = (await editor.pull("service.yaml")).items
    for each in await actions(editor, "service.yaml", 7):
        assert list(each.diagnostics) == [shown]


async def complete(editor: Any, text: str, name: str = "new.yaml") -> list[str]:
    """What is offered where `|` stands."""
    before, _, after = text.partition("|")
    editor.open(name, before + after)
    at = types.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
    found = await editor.client.text_document_completion_async(types.CompletionParams(editor.document(name), at))
    for item in found:
        assert item.text_edit.range.end == at
    return [item.label for item in found]


HEAD = "apiVersion: v1\nkind: Service\nmetadata:\n  name: new\n  namespace: shop\nspec:\n"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (HEAD + "  selector:\n    app: |\n", ["web"]),
        (HEAD + "  selector:\n    |\n", ["app: web"]),
        (HEAD + "  ports:\n  - port: 80\n    targetPort: h|\n", ["http", "8080"]),
        (HEAD.replace("namespace: shop", "namespace: |"), ["default", "shop"]),
        (
            "kind: Ingress\nmetadata:\n  namespace: shop\nspec:\n  rules:\n  - http:\n      paths:\n      - backend:\n"
            "          service:\n            name: |\n",
            ["web"],
        ),
        (
            "kind: Ingress\nmetadata:\n  namespace: shop\nspec:\n  defaultBackend:\n    service:\n      name: web\n"
            "      port:\n        name: |\n",
            ["http"],
        ),
        (
            "kind: Pod\nmetadata:\n  namespace: shop\nspec:\n  containers:\n  - env:\n    - name: URL\n"
            "      value: http://w|\n",
            ["web", "web.shop", "web.shop.svc.cluster.local"],
        ),
        (
            "kind: Pod\nmetadata:\n  namespace: other\nspec:\n  containers:\n  - env:\n    - name: URL\n"
            '      value: "http://|"\n',
            ["web.shop", "web.shop.svc.cluster.local"],
        ),
        (
            "kind: ServiceMonitor\nmetadata:\n  namespace: shop\nspec:\n  selector:\n    matchLabels:\n      team: |\n",
            ["front"],
        ),
        ("kind: ServiceMonitor\nmetadata:\n  namespace: shop\nspec:\n  endpoints:\n  - port: |\n", ["http"]),
        (
            "kind: PodMonitor\nmetadata:\n  namespace: shop\nspec:\n  podMetricsEndpoints:\n  - port: |\n",
            ["http"],
        ),
        (
            "kind: NetworkPolicy\nmetadata:\n  namespace: shop\nspec:\n  ingress:\n  - ports:\n    - port: |\n",
            ["http", "8080"],
        ),
        (
            "kind: NetworkPolicy\nmetadata:\n  namespace: shop\nspec:\n  podSelector:\n    matchLabels:\n      |\n",
            ["app: web"],
        ),
        (
            "kind: HorizontalPodAutoscaler\nmetadata:\n  namespace: shop\nspec:\n  scaleTargetRef:\n    name: |\n",
            ["web"],
        ),
    ],
)
async def test_completion_offers_what_exists(editor: Any, text: str, offered: list[str]) -> None:
    service = (editor.root / "service.yaml").read_text()
    editor.write(
        {"service.yaml": service.replace("  namespace: shop\n", "  namespace: shop\n  labels: {team: front}\n")}
    )
    found = await complete(editor, text)
    assert [each for each in found if not each.startswith("kube-")] == offered


async def test_completion_offers_rules_in_a_suppression(editor: Any) -> None:
    assert "selector-typo" in await complete(editor, HEAD + "  selector: {} # svclint: ignore[|\n")

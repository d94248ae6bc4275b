"""Hover, lenses, hints, symbols, definition, references and calls over a small shop."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOP = {
    "ingress.yaml": """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
spec:
  rules:
  - host: shop.example
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              name: http
""",
    "client.yaml": """\
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: shop
  labels:
    app: client
spec:
  containers:
  - name: main
    image: example/client:1.0.0
    env:
    - name: WEB_URL
      value: http://web.shop:80/api
""",
    "policy.yaml": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web-only-from-ingress
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: proxy
""",
    "scaler.yaml": """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
  namespace: shop
spec:
  maxReplicas: 3
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
""",
    "budget.yaml": """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
  namespace: shop
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
""",
}


@pytest.fixture
def shop(editor: Any) -> Any:
    editor.write(SHOP)
    return editor


async def test_hover_on_a_service_shows_pods_ports_names_callers_and_policies(shop: Any) -> None:
    text = await shop.hover("service.yaml", "name: web")
    assert "**Deployment/web** · 2 pods · `app=web`" in text
    assert "| http 80/TCP | http | http 8080 main |" in text
    assert "`web.shop.svc.cluster.local`" in text
    assert "- Ingress/shop: shop.example/" in text
    assert "- Pod/client: web.shop:80" in text
    assert "isolated by `web-only-from-ingress`" in text
    assert "- Pod/client: **may not connect**" in text


async def test_hover_on_a_failing_selector_shows_the_nearest_template(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    position = editor.at(wrong, "app: wbe")
    found = await editor.client.text_document_hover_async(types.HoverParams(editor.document("service.yaml"), position))
    assert "**Selects nothing.**" in found.contents.value
    assert "```diff\n- app: wbe\n+ app: web\n```" in found.contents.value


async def test_hover_on_a_host_shows_the_service_behind_it(shop: Any) -> None:
    assert "**Service shop/web**" in await shop.hover("client.yaml", "web.shop")
    assert "**Service shop/web**" in await shop.hover("ingress.yaml", "name: web")


async def test_hover_on_a_workload_shows_who_selects_it(shop: Any) -> None:
    assert "selected by Service **web**" in await shop.hover("deploy.yaml", "app: web", 1)


async def test_hover_on_a_rule_in_a_comment_shows_its_page(editor: Any) -> None:
    text = (editor.root / "service.yaml").read_text().replace("app: web", "app: web # svclint: ignore[selector-typo]")
    (editor.root / "service.yaml").write_text(text)
    assert (await editor.hover("service.yaml", "selector-typo")).startswith("# selector-typo\n")


async def test_lenses_count_workloads_and_callers(shop: Any) -> None:
    shop.open("service.yaml")
    shop.open("deploy.yaml")
    lenses = {}
    for name in ("service.yaml", "deploy.yaml"):
        found = await shop.client.text_document_code_lens_async(types.CodeLensParams(shop.document(name)))
        lenses[name] = [(each.range.start.line, each.command.title) for each in found]
    assert lenses == {
        "service.yaml": [(1, "selects 1 workload · 2 callers")],
        "deploy.yaml": [(12, "selected by web")],
    }


async def test_a_lens_says_that_nothing_is_selected(editor: Any, wrong: str) -> None:
    editor.open("service.yaml", wrong)
    (found,) = await editor.client.text_document_code_lens_async(types.CodeLensParams(editor.document("service.yaml")))
    assert found.command.title == "selects nothing"


async def test_hints_show_the_numbers_of_names_and_the_namespace_that_applies(shop: Any) -> None:
    async def hints(name: str, text: str) -> list[tuple[str, str]]:
        whole = types.Range(types.Position(0, 0), types.Position(text.count("\n"), 0))
        found = await shop.client.text_document_inlay_hint_async(types.InlayHintParams(shop.document(name), whole))
        return [(text.splitlines()[h.position.line].strip(), h.label) for h in found]

    assert await hints("service.yaml", shop.open("service.yaml")) == [("targetPort: http", "= 8080")]
    assert await hints("ingress.yaml", shop.open("ingress.yaml")) == [("name: http", "= 80")]
    bare = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bare\n"
    shop.open("bare.yaml", bare)
    assert await hints("bare.yaml", bare) == [("name: bare", "in default")]


async def test_symbols_of_a_file_and_of_the_project(shop: Any) -> None:
    shop.open("service.yaml")
    (found,) = await shop.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(shop.document("service.yaml"))
    )
    assert (found.name, found.detail, [each.name for each in found.children]) == (
        "web",
        "Service shop",
        ["http 80/TCP"],
    )
    everywhere = await shop.client.workspace_symbol_async(types.WorkspaceSymbolParams("shop/web"))
    mine = [each for each in everywhere if each.location.uri.startswith(shop.root.as_uri())]
    assert {each.container_name for each in mine} >= {"Service", "Deployment", "HorizontalPodAutoscaler"}
    assert {each.name for each in mine} == {"shop/web", "shop/web-only-from-ingress"}


@pytest.mark.parametrize(
    ("name", "what", "nth", "goals"),
    [
        ("service.yaml", "app: web", 0, ["deploy.yaml: app: web"]),
        ("policy.yaml", "app: web", 0, ["deploy.yaml: app: web"]),
        ("budget.yaml", "app: web", 0, ["deploy.yaml: app: web"]),
        ("scaler.yaml", "name: web", 1, ["deploy.yaml: name: web"]),
        ("ingress.yaml", "name: web", 0, ["service.yaml: name: web"]),
        ("ingress.yaml", "name: http", 0, ["service.yaml: - name: http"]),
        ("service.yaml", "name: http", 0, ["deploy.yaml: - name: http"]),
        ("service.yaml", "targetPort: http", 0, ["deploy.yaml: - name: http"]),
        ("client.yaml", "web.shop", 0, ["service.yaml: name: web"]),
        ("client.yaml", "shop:80", 0, ["service.yaml: port: 80"]),
    ],
)
async def test_definition_follows(shop: Any, name: str, what: str, nth: int, goals: list[str]) -> None:
    assert await shop.definition(name, what, nth) == goals


async def test_references_of_a_label_are_all_selectors_of_it(shop: Any) -> None:
    assert await shop.references("deploy.yaml", "app: web", 1) == [
        "budget.yaml: app: web",
        "deploy.yaml: app: web",
        "policy.yaml: app: web",
        "service.yaml: app: web",
    ]


async def test_calls_follow_the_traffic(shop: Any) -> None:
    position = shop.at(shop.open("ingress.yaml"), "name: web")
    position.character += 6
    prepare = types.CallHierarchyPrepareParams(shop.document("ingress.yaml"), position)
    (service,) = await shop.client.text_document_prepare_call_hierarchy_async(prepare)
    assert (service.name, service.detail) == ("web", "Service shop")
    incoming = await shop.client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(service))
    assert {each.from_.detail for each in incoming} == {"Ingress shop", "Pod shop"}
    outgoing = await shop.client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(service))
    assert [each.to.detail for each in outgoing] == ["Deployment shop"]
    client = next(each.from_ for each in incoming if each.from_.detail == "Pod shop")
    (called,) = await shop.client.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(client))
    assert called.to.name == "web"

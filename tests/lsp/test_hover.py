"""Hover where something is wrong: what it is, and what was most likely meant."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  defaultBackend: {service: {name: web, port: {name: http}}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from:
    - podSelector: {matchExpressions: [{key: app, operator: In, values: [wbe]}]}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  minAvailable: 1
  selector: {matchLabels: {app: wbe}}
"""
MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {team: front}}
  endpoints: [{port: http}]
"""
CLIENT = """\
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec:
  containers:
  - name: main
    image: example/client:1.0.0
    env:
    - {name: WEB_URL, value: "http://web/x"}
    - {name: WBE_URL, value: "http://wbe:80/x"}
    - {name: FAR_URL, value: "https://example.com/x"}
"""


async def test_a_target_port_with_a_typo_shows_the_nearest_port(editor: Any) -> None:
    text = (editor.root / "service.yaml").read_text()
    editor.write({"service.yaml": text.replace("targetPort: http", "targetPort: htpp")})
    shown = await editor.hover("service.yaml", "targetPort: htpp")
    assert "| http 80/TCP | htpp | **no port `htpp` in Deployment/web**, nearest is `http` 8080 |" in shown


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("targetPort: 9999", "9999 (not declared; Deployment/web declares `http`)"),
        ("targetPort: zebra", "**no port `zebra` in Deployment/web**, it has `http`"),
        ("targetPort: http\n    protocol: UDP", "**`http` of Deployment/web is TCP, not UDP**"),
    ],
)
async def test_a_target_port_that_meets_nothing_says_what_there_is(editor: Any, target: str, said: str) -> None:
    text = (editor.root / "service.yaml").read_text()
    editor.write({"service.yaml": text.replace("targetPort: http", target)})
    assert said in await editor.hover("service.yaml", "name: web")


async def test_a_container_port_shows_the_services_that_lead_to_it(editor: Any) -> None:
    shown = await editor.hover("deploy.yaml", "containerPort: 8080")
    assert shown == "Port http 8080/TCP of Deployment/web is reached through:\n- Service **web**: port http 80/TCP"
    text = (editor.root / "service.yaml").read_text()
    editor.open("service.yaml", text.replace("targetPort: http", "targetPort: 9090"))
    none = await editor.hover("deploy.yaml", "- name: http")
    assert none == "Port http 8080/TCP of Deployment/web is reached through no Service."


async def test_without_pods_no_container_is_shown(editor: Any, wrong: str) -> None:
    editor.write({"service.yaml": wrong})
    assert "| http 80/TCP | http | no pods |" in await editor.hover("service.yaml", "name: web")


async def test_a_selector_of_a_policy_shows_what_it_takes_or_the_nearest(editor: Any) -> None:
    editor.write({"policy.yaml": POLICY})
    assert await editor.hover("policy.yaml", "app: web") == "Takes in shop:\n- **Deployment/web** · 2 pods · `app=web`"
    missed = await editor.hover("policy.yaml", "[wbe")
    assert "**Takes nothing** in shop." in missed
    assert "Nearest is Deployment/web:\n```diff\n- app in (wbe)\n+ app: web\n```" in missed


async def test_a_budgets_selector_shows_the_nearest_template(editor: Any) -> None:
    editor.write({"budget.yaml": BUDGET})
    assert "Nearest is Deployment/web:\n```diff\n- app: wbe\n+ app: web\n```" in await editor.hover(
        "budget.yaml", "app: wbe"
    )


async def test_a_workloads_own_selector_shows_by_which_labels_its_template_differs(editor: Any) -> None:
    text = (editor.root / "deploy.yaml").read_text()
    editor.write({"deploy.yaml": text.replace("matchLabels:\n      app: web", "matchLabels:\n      app: wbe")})
    shown = await editor.hover("deploy.yaml", "app: wbe")
    assert "**Does not take the pods of its own template**" in shown
    assert "```diff\n- app: wbe\n+ app: web\n```" in shown


async def test_a_service_monitors_selector_asks_for_the_labels_of_services(editor: Any) -> None:
    editor.write({"monitor.yaml": MONITOR})
    text = (editor.root / "service.yaml").read_text()
    assert "**Takes no Service.**" in await editor.hover("monitor.yaml", "team: front")
    editor.write({"service.yaml": text.replace("  namespace: shop\n", "  namespace: shop\n  labels: {team: front}\n")})
    editor.open("service.yaml")
    assert "- **Service shop/web** · http 80/TCP" in await editor.hover("monitor.yaml", "team: front")


async def test_an_ingress_backend_shows_its_service_and_where_the_port_leads(editor: Any) -> None:
    editor.write({"ingress.yaml": INGRESS})
    assert (await editor.hover("ingress.yaml", "name: web")).startswith("**Service shop/web** · ClusterIP")
    port = await editor.hover("ingress.yaml", "{name: http")
    assert port.startswith("Port http 80/TCP of Service web → http → http 8080 main\n\n**Service shop/web**")


async def test_a_backend_that_is_not_there_shows_the_nearest(editor: Any) -> None:
    editor.write({"ingress.yaml": INGRESS.replace("name: web", "name: wbe")})
    said = "**No Service `wbe` in namespace shop** in these manifests: nearest is `web`."
    assert await editor.hover("ingress.yaml", "name: wbe") == said
    editor.write({"other.yaml": INGRESS.replace("name: http", "name: htpp").replace("name: shop,", "name: two,")})
    port = await editor.hover("other.yaml", "name: htpp")
    assert port.startswith("**Service web has no port `htpp`**: nearest is `http`.")


async def test_a_host_shows_what_dns_answers_and_where_a_connection_goes(editor: Any) -> None:
    editor.write({"client.yaml": CLIENT})
    shown = await editor.hover("client.yaml", "http://web")
    assert shown.startswith(
        "`web` as Pod/client asks for it:\n- `web.shop.svc.cluster.local.` → A service shop/web\n\n"
        "A connection to `web:80`: **reached**\n"
    )
    assert "- end: shop/Deployment/web on port 8080" in shown
    assert "**Service shop/web** · ClusterIP" in shown
    missed = await editor.hover("client.yaml", "http://wbe")
    assert "- `wbe.shop.svc.cluster.local.` → NXDOMAIN" in missed
    assert "A connection to `wbe:80`: **unresolved**" in missed
    assert "nearest is `web`" in missed
    assert "- `example.com.` → REFUSED" in await editor.hover("client.yaml", "https://example.com")


@pytest.mark.parametrize(
    "marked", ["app: web # svclint: ignore[selector-typo] why", "app: web #svclint:ignore[selector-typo]"]
)
async def test_a_rule_in_a_comment_shows_its_page(editor: Any, marked: str) -> None:
    text = (editor.root / "service.yaml").read_text()
    editor.write({"service.yaml": text.replace("app: web", marked)})
    assert (await editor.hover("service.yaml", "selector-ty")).startswith("# selector-typo\n")


async def test_a_rule_in_an_annotation_shows_its_page_and_elsewhere_it_does_not(editor: Any) -> None:
    text = (editor.root / "service.yaml").read_text()
    noted = "  annotations: {svclint.dev/ignore: selector-typo, other: selector-typo}\n"
    editor.write({"service.yaml": text.replace("spec:\n", noted + "spec:\n", 1)})
    assert (await editor.hover("service.yaml", "selector-ty")).startswith("# selector-typo\n")
    editor.write({"deploy.yaml": (editor.root / "deploy.yaml").read_text() + "# selector-typo is no word of svclint\n"})
    assert await editor.hover("deploy.yaml", "selector-ty") == ""

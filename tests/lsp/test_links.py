"""Definition, references and rename over everything that a word of a manifest may mean elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="session")


def workload(name: str, labels: str, port: int = 8080, extra: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: shop
spec:
  selector:
    matchExpressions:
    - {{key: app, operator: In, values: [{name}]}}
  template:
    metadata:
      labels: {{{labels}}}
    spec:
      containers:
      - name: main
        image: example/{name}:1.0.0
        ports:
        - name: web
          containerPort: {port}
        readinessProbe:
          httpGet: {{path: /, port: {port}}}
{extra}"""


NUMBERS = {
    "deploy.yaml": workload("web", "app: web, tier: front"),
    "api.yaml": workload("api", "app: api, tier: back"),
    "service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
  labels: {team: front}
spec:
  selector: {app: web}
  ports:
  - name: http
    port: 80
    targetPort: 8080
""",
    "plain.yaml": """\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  selector: {app: api}
  ports:
  - port: 8080
""",
    "ingress.yaml": """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
""",
    "route.yaml": """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  rules:
  - backendRefs:
    - {name: web, port: 80}
""",
    "policy.yaml": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector:
    matchExpressions:
    - {key: app, operator: In, values: [web, other]}
  ingress:
  - from:
    - podSelector:
        matchExpressions:
        - {key: app, operator: NotIn, values: [web]}
    ports:
    - port: 8080
""",
    "egress.yaml": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: clients, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to:
    - podSelector: {matchLabels: {tier: front}}
      namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
    ports:
    - port: web
""",
    "monitor.yaml": """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {team: front}}
  endpoints:
  - port: http
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web, namespace: watch}
spec:
  namespaceSelector: {any: true}
  selector: {matchLabels: {app: web}}
  podMetricsEndpoints:
  - port: web
""",
    "client.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata: {name: urls, namespace: shop}
data:
  urls: "http://web/a http://web:80/b see web-2:80"
""",
}


@pytest.fixture
def shop(editor: Any) -> Any:
    editor.write(NUMBERS)
    return editor


@pytest.mark.parametrize(
    ("name", "what", "goals"),
    [
        ("service.yaml", "targetPort: 8080", ["deploy.yaml: containerPort: 8080"]),
        ("service.yaml", "port: 80", ["deploy.yaml: containerPort: 8080"]),
        ("plain.yaml", "port: 8080", ["api.yaml: containerPort: 8080"]),
        ("ingress.yaml", "number: 80", ["service.yaml: port: 80"]),
        ("route.yaml", "port: 80", ["service.yaml: port: 80"]),
        ("route.yaml", "name: web", ["service.yaml: name: web"]),
        ("policy.yaml", "port: 8080", ["deploy.yaml: containerPort: 8080"]),
        ("policy.yaml", "[web", ["deploy.yaml: labels: {app: web, tier: front}"]),
        ("policy.yaml", "NotIn, values: [web", ["deploy.yaml: labels: {app: web, tier: front}"]),
        ("egress.yaml", "port: web", ["deploy.yaml: - name: web"]),
        ("egress.yaml", "tier: front", ["deploy.yaml: labels: {app: web, tier: front}"]),
        ("deploy.yaml", "values: [web", ["deploy.yaml: labels: {app: web, tier: front}"]),
        ("monitor.yaml", "team: front", ["service.yaml: labels: {team: front}"]),
        ("monitor.yaml", "port: http", ["service.yaml: - name: http"]),
        ("monitor.yaml", "port: web", ["deploy.yaml: - name: web"]),
        ("monitor.yaml", "app: web", ["deploy.yaml: labels: {app: web, tier: front}"]),
        ("client.yaml", "http://web:80", ["service.yaml: port: 80"]),
        ("client.yaml", "http://web", ["service.yaml: name: web"]),
    ],
)
async def test_definition_follows(shop: Any, name: str, what: str, goals: list[str]) -> None:
    assert await shop.definition(name, what) == goals


async def test_hints_show_the_numbers_of_ports_that_policies_and_monitors_name(shop: Any) -> None:
    async def hints(name: str) -> list[tuple[str, str]]:
        text = shop.open(name)
        whole = types.Range(types.Position(0, 0), types.Position(99, 0))
        found = await shop.client.text_document_inlay_hint_async(types.InlayHintParams(shop.document(name), whole))
        return [(text.splitlines()[hint.position.line].strip(), hint.label) for hint in found]

    assert await hints("egress.yaml") == [("- port: web", "= 8080")]
    assert await hints("monitor.yaml") == [("- port: http", "= 80"), ("- port: web", "= 8080")]
    assert await hints("policy.yaml") == []


async def test_references_of_a_container_port_are_all_that_leads_to_it(shop: Any) -> None:
    assert await shop.references("deploy.yaml", "containerPort: 8080") == [
        "deploy.yaml: httpGet: {path: /, port: 8080}",
        "policy.yaml: - port: 8080",
        "service.yaml: targetPort: 8080",
    ]
    assert await shop.references("api.yaml", "containerPort: 8080") == [
        "api.yaml: httpGet: {path: /, port: 8080}",
        "plain.yaml: - port: 8080",
    ]


async def test_references_of_a_label_are_all_selectors_of_it(shop: Any) -> None:
    assert await shop.references("deploy.yaml", "labels: {app: web") == [
        "deploy.yaml: - {key: app, operator: In, values: [web]}",
        "monitor.yaml: selector: {matchLabels: {app: web}}",
        "policy.yaml: - {key: app, operator: In, values: [web, other]}",
        "policy.yaml: - {key: app, operator: NotIn, values: [web]}",
        "service.yaml: selector: {app: web}",
    ]


async def test_rename_of_a_container_ports_number_follows_what_leads_to_it(shop: Any) -> None:
    files = await shop.rename("service.yaml", "targetPort: 8080", "9090")
    assert set(files) == {"service.yaml", "deploy.yaml", "policy.yaml"}
    assert "    port: 80\n    targetPort: 9090\n" in files["service.yaml"]
    assert "containerPort: 9090" in files["deploy.yaml"]
    assert "port: 9090}" in files["deploy.yaml"]
    assert "    - port: 9090\n" in files["policy.yaml"]


async def test_rename_of_a_services_port_number_follows_backends_and_hosts(shop: Any) -> None:
    files = await shop.rename("ingress.yaml", "number: 80", "81")
    assert set(files) == {"service.yaml", "ingress.yaml", "route.yaml", "client.yaml"}
    assert "    port: 81\n    targetPort: 8080\n" in files["service.yaml"]
    assert "{number: 81}" in files["ingress.yaml"]
    assert "{name: web, port: 81}" in files["route.yaml"]
    assert '"http://web:81/a http://web:81/b see web-2:80"' in files["client.yaml"]


async def test_a_target_port_that_was_left_out_is_written_where_the_numbers_part(shop: Any) -> None:
    files = await shop.rename("plain.yaml", "port: 8080", "80")
    assert set(files) == {"plain.yaml"}
    assert "  - port: 80\n    targetPort: 8080\n" in files["plain.yaml"]
    files = await shop.rename("api.yaml", "containerPort: 8080", "9090")
    assert set(files) == {"plain.yaml", "api.yaml"}
    assert "  - port: 8080\n    targetPort: 9090\n" in files["plain.yaml"]


async def test_rename_of_a_label_value_follows_expressions(shop: Any) -> None:
    files = await shop.rename("service.yaml", "selector: {app: web", "front")
    assert set(files) == {"service.yaml", "deploy.yaml", "policy.yaml", "monitor.yaml"}
    assert "labels: {app: front, tier: front}" in files["deploy.yaml"]
    assert "operator: In, values: [front]" in files["deploy.yaml"]
    assert "operator: In, values: [front, other]" in files["policy.yaml"]
    assert "operator: NotIn, values: [front]" in files["policy.yaml"]
    assert "selector: {matchLabels: {app: front}}" in files["monitor.yaml"]
    assert "{team: front}" in files["service.yaml"]


async def test_rename_of_a_services_own_label_follows_its_monitor(shop: Any) -> None:
    files = await shop.rename("monitor.yaml", "team: front", "web")
    assert set(files) == {"service.yaml", "monitor.yaml"}
    assert "labels: {team: web}" in files["service.yaml"]


async def test_what_one_selector_takes_together_is_renamed_together(shop: Any) -> None:
    both = NUMBERS["plain.yaml"].replace("{app: api}", "{part: shop}")
    shop.write(
        {
            "plain.yaml": both,
            "deploy.yaml": NUMBERS["deploy.yaml"].replace("tier: front", "part: shop"),
            "api.yaml": NUMBERS["api.yaml"].replace("tier: back", "part: shop"),
        }
    )
    files = await shop.rename("deploy.yaml", "part: shop", "store")
    assert set(files) == {"plain.yaml", "deploy.yaml", "api.yaml"}
    assert await shop.definition("deploy.yaml", "part: shop") == ["plain.yaml: selector: {part: shop}"]


@pytest.mark.parametrize(("what", "new"), [("port: 80", "http"), ("port: 80", "0"), ("targetPort: 8080", "65536")])
async def test_a_port_is_a_number(shop: Any, what: str, new: str) -> None:
    with pytest.raises(JsonRpcException, match="from 1 to 65535"):
        await shop.rename("service.yaml", what, new)


async def test_what_may_be_named_elsewhere_is_not_renamed(shop: Any) -> None:
    shop.write({"account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, namespace: shop}\n"})
    with pytest.raises(JsonRpcException, match="ServiceAccount"):
        await shop.rename("account.yaml", "name: robot", "android")


async def test_what_a_kustomization_changes_is_not_renamed(shop: Any) -> None:
    kustomization = "namePrefix: dev-\nresources: [service.yaml, deploy.yaml]\n"
    shop.write({"kustomization.yaml": kustomization})
    with pytest.raises(JsonRpcException, match="kustomization"):
        await shop.rename("service.yaml", "name: web", "front")


HEADLESS = """\
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  clusterIP: None
  selector: {app: db}
  ports:
  - {name: sql, port: 5432}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: main
        image: example/db:1.0.0
        ports:
        - containerPort: 5432
---
apiVersion: v1
kind: ConfigMap
metadata: {name: dsn, namespace: shop}
data:
  first: "postgres://u:p@db-0.db.shop.svc:5432/x"
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: db-extra
  namespace: shop
  labels: {kubernetes.io/service-name: db}
addressType: IPv4
ports:
- {name: sql, port: 5432}
endpoints:
- addresses: [10.0.0.9]
"""


async def test_a_headless_services_clients_meet_the_pods_own_port(editor: Any) -> None:
    editor.write({"db.yaml": HEADLESS})
    assert await editor.definition("db.yaml", "db.shop.svc:5432") == ["db.yaml: - containerPort: 5432"]
    assert (await editor.rename("db.yaml", "containerPort: 5432", "5433"))["db.yaml"] == HEADLESS.replace(
        "{name: sql, port: 5432}\n---", "{name: sql, port: 5433}\n---"
    ).replace("containerPort: 5432", "containerPort: 5433").replace("svc:5432/x", "svc:5433/x")


async def test_a_stateful_sets_name_is_a_part_of_its_pods_hosts(editor: Any) -> None:
    editor.write({"db.yaml": HEADLESS})
    renamed = (await editor.rename("db.yaml", "kind: StatefulSet\nmetadata: {name: db", "sql"))["db.yaml"]
    assert renamed == HEADLESS.replace("StatefulSet\nmetadata: {name: db", "StatefulSet\nmetadata: {name: sql").replace(
        "db-0.db.shop", "sql-0.db.shop"
    )
    renamed = (await editor.rename("db.yaml", "serviceName: db", "sql"))["db.yaml"]
    assert "db-0.sql.shop" in renamed
    assert "serviceName: sql" in renamed
    assert "{kubernetes.io/service-name: sql}" in renamed


async def test_a_ports_name_is_that_of_the_endpoint_slices_port(editor: Any) -> None:
    editor.write({"db.yaml": HEADLESS})
    assert (await editor.rename("db.yaml", "name: sql", "pg"))["db.yaml"] == HEADLESS.replace("sql", "pg")


OTHER = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
  - http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: client, namespace: shop}
spec:
  selector: {matchLabels: {app: client}}
  template:
    metadata: {labels: {app: client}}
    spec:
      containers:
      - name: main
        image: example/client:1.0.0
        env:
        - {name: URL, value: "http://web.shop:80/web"}
"""


async def test_rename_of_a_label_touches_what_selects_it_and_nothing_else(editor: Any) -> None:
    editor.write({"other.yaml": OTHER.replace("app: client", "app: web, role: client")})
    files = await editor.rename("service.yaml", "app: web", "front")
    assert set(files) == {"service.yaml", "deploy.yaml", "other.yaml"}
    editor.write({"other.yaml": OTHER})
    editor.client.workspace_did_change_watched_files(
        types.DidChangeWatchedFilesParams([types.FileEvent(editor.uri("other.yaml"), types.FileChangeType.Changed)])
    )
    files = await editor.rename("deploy.yaml", "app: web", "front", 1)
    assert set(files) == {"service.yaml", "deploy.yaml"}
    assert files["deploy.yaml"].count("app: front") == 2
    assert "    app: front\n" in files["service.yaml"]
    assert "name: web\n" in files["deploy.yaml"]


async def test_rename_of_a_service_follows_backends_and_hosts(editor: Any) -> None:
    editor.write({"other.yaml": OTHER})
    files = await editor.rename("service.yaml", "name: web", "front")
    assert set(files) == {"service.yaml", "other.yaml"}
    assert "service: {name: front, port: {name: http}}" in files["other.yaml"]
    assert '"http://front.shop:80/web"' in files["other.yaml"]
    assert "app: web\n" in files["service.yaml"]


async def test_rename_of_a_container_port_follows_target_ports(editor: Any) -> None:
    files = await editor.rename("service.yaml", "targetPort: http", "web-port")
    assert "    targetPort: web-port\n" in files["service.yaml"]
    assert "  - name: http\n" in files["service.yaml"]
    assert "        - name: web-port\n" in files["deploy.yaml"]


async def test_rename_of_a_service_port_follows_ingresses(editor: Any) -> None:
    editor.write({"other.yaml": OTHER})
    files = await editor.rename("service.yaml", "name: http", "www")
    assert "port: {name: www}" in files["other.yaml"]
    assert "deploy.yaml" not in files


@pytest.mark.parametrize(("what", "new"), [("name: web", "Not A Name"), ("app: web", "a b"), ("port: 80", "http")])
async def test_rename_to_what_the_server_refuses_is_refused(editor: Any, what: str, new: str) -> None:
    with pytest.raises(JsonRpcException):
        await editor.rename("service.yaml", what, new)


async def test_prepare_rename_shows_the_word(editor: Any) -> None:
    position = editor.at(editor.open("service.yaml"), "app: web")
    position.character += 4
    found = await editor.client.text_document_prepare_rename_async(
        types.PrepareRenameParams(editor.document("service.yaml"), position)
    )
    assert found.placeholder == "web"

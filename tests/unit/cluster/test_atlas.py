"""The map in its formats."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess

import pytest

import svclint
from svclint.atlas.diagram import dot, mermaid
from svclint.atlas.graph import Graph, graph
from svclint.atlas.page import page
from svclint.atlas.tree import tree

WORLD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: x, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: broken}
spec: {selector: {app: wbe}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: other}
spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: manual}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: manual-1, labels: {kubernetes.io/service-name: manual}}
addressType: IPv4
ports: [{name: "", port: 9}]
endpoints: [{addresses: [192.0.2.1]}]
---
apiVersion: v1
kind: Service
metadata: {name: Bad}
spec: {ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  ingressClassName: any
  rules:
  - host: shop.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: "/</script><b>", pathType: Prefix, backend: {service: {name: nope, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {}}
"""


@pytest.fixture
def paper(tmp_path: pathlib.Path) -> svclint.PaperCluster:
    (tmp_path / "svclint.toml").write_text("")
    (tmp_path / "world.yaml").write_text(WORLD)
    return svclint.load([str(tmp_path)])


def test_json_has_what_the_contract_says(paper: svclint.PaperCluster) -> None:
    found = json.loads(json.dumps(paper.map()))
    assert list(found) == ["default/broken", "default/manual", "default/web", "other/alias"]
    web = found["default/web"]
    assert (web["type"], web["headless"], web["ports"]) == ("NodePort", False, [["http", 80, "TCP", "http", 30080]])
    assert web["endpoints"] == [
        {
            "workload": "Deployment/web",
            "pod": None,
            "address": None,
            "family": "IPv4",
            "ready": True,
            "hostname": None,
            "ports": [["http", 8080, "TCP"]],
            "count": 3,
        }
    ]
    assert [(item["kind"], item["name"], item["what"]) for item in web["callers"]] == [
        ("Ingress", "front", "shop.example/"),
        ("Service", "alias", "ExternalName"),
    ]
    assert web["policies"] == ["deny (Ingress)"]
    assert web["place"] == {"file": "world.yaml", "line": 14, "column": 18}
    assert found["default/manual"]["endpoints"][0]["address"] == "192.0.2.1"
    assert found["other/alias"]["external_name"] == "web.default.svc.cluster.local"


def test_tree(paper: svclint.PaperCluster) -> None:
    text = tree(paper)
    assert text.startswith("namespace default\n  broken (ClusterIP)\n")
    assert "    └─ pods: none labelled app=wbe\n" in text
    assert "    ├─ port: http 80/TCP → http, node port 30080\n" in text
    assert "    ├─ from: Ingress default/front shop.example/\n" in text
    assert '\nrefused by the API server: default/Service/Bad: Service "Bad" is invalid: ' in text


@pytest.fixture
def drawn(paper: svclint.PaperCluster) -> Graph:
    return graph(paper.cluster, {("Service", "default", "broken"): ["error: selects nothing"]})


def test_graph(drawn: Graph) -> None:
    states = {(edge.source, edge.target): edge.state for edge in drawn.edges}
    assert states == {
        ("Service/default/broken", "none/default/app=wbe"): "off",
        ("Service/default/manual", "address/192.0.2.1"): "ok",
        ("Ingress/default/front", "Service/default/web"): "ok",
        ("Service/other/alias", "Service/default/web"): "ok",
        ("outside/default/web", "Service/default/web"): "ok",
        ("Service/default/web", "default/Deployment/web"): "ok",
        ("Ingress/default/front", "Service/default/nope"): "off",
    }
    ends = {(edge.source_port, edge.target_port) for edge in drawn.edges if edge.target == "default/Deployment/web"}
    assert ends == {("80/TCP", "8080/TCP")}
    nodes = {node.id: node for node in drawn.nodes}
    assert nodes["Service/default/broken"].findings == ("error: selects nothing",)
    assert nodes["default/Deployment/web"].policies == ("deny (Ingress)",)
    assert all(edge.source in nodes and edge.target in nodes for edge in drawn.edges)


def test_mermaid_and_dot_quote_what_they_show(drawn: Graph) -> None:
    flow = mermaid({".": drawn})
    assert flow.startswith("flowchart LR\n")
    assert "<b>" not in flow
    assert "#60;/script#62;" in flow
    digraph = dot({".": drawn})
    assert re.search(r'n0_\d+ -> n0_\d+ \[style=dashed, label="shop.example/</script><b>"\];', digraph)
    assert digraph.count("{") == digraph.count("}")


def test_page_holds_texts_as_data_only(drawn: Graph) -> None:
    html = page({".": drawn})
    assert html.count("</script>") == 2
    assert "<b>" not in html.replace("<b class", "")
    data = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert len(json.loads(data[1])["."]["nodes"]) == len(drawn.nodes)
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no headless browser")
@pytest.mark.parametrize(
    ("link", "cards", "said"),
    [
        ("", {"broken", "web", "nope", "front", "app=wbe", "web ×3", "manual", "192.0.2.1", "alias"}, "4 Services"),
        ("#search=wbe", {"broken", "app=wbe"}, "1 Services"),
        ("#namespace=other", {"alias", "web", "web ×3"}, "2 Services"),
        ("#trouble=1&search=broken", {"broken", "app=wbe"}, "with trouble"),
    ],
)
def test_page_in_a_browser(tmp_path: pathlib.Path, drawn: Graph, link: str, cards: set[str], said: str) -> None:
    file = tmp_path / "map.html"
    file.write_text(page({".": drawn}), encoding="utf-8")
    assert CHROMIUM is not None
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
    done = subprocess.run([CHROMIUM, *options, f"file://{file}{link}"], capture_output=True, text=True, timeout=60)
    names = set(re.findall(r'class="name">([^<]*)<', done.stdout))
    assert names >= cards if not link else names == cards
    assert said in done.stdout
    assert "<path" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no headless browser")
def test_a_chosen_service_is_followed_in_a_browser(tmp_path: pathlib.Path, drawn: Graph) -> None:
    file = tmp_path / "map.html"
    file.write_text(page({".": drawn}), encoding="utf-8")
    assert CHROMIUM is not None
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
    link = f"file://{file}#id=Service/default/broken"
    done = subprocess.run([CHROMIUM, *options, link], capture_output=True, text=True, timeout=60)
    dimmed = {
        identity
        for classes, identity in re.findall(r'<button class="([^"]*)" data-id="([^"]*)"', done.stdout)
        if "dim" in classes.split()
    }
    assert {"Service/default/web", "Ingress/default/front"} <= dimmed
    assert not dimmed & {"Service/default/broken", "none/default/app=wbe"}
    assert "error: selects nothing" in done.stdout


def test_api(paper: svclint.PaperCluster) -> None:
    assert paper.services == ("default/broken", "default/manual", "default/web", "other/alias")
    assert sum(item.size for item in paper.endpoints("web")) == 3
    with pytest.raises(KeyError):
        paper.endpoints("default/nope")
    assert paper.dig("web.default.svc.cluster.local").answers[0].data == "service default/web"
    assert paper.resolve("http://web", "other/Pod/nope").verdict == "unknown"
    assert [resource.name for resource, _ in paper.refused] == ["Bad"]


def test_several_clusters(tmp_path: pathlib.Path) -> None:
    for overlay in ("dev", "prod"):
        (tmp_path / "overlays" / overlay).mkdir(parents=True)
        (tmp_path / "overlays" / overlay / "w.yaml").write_text(WORLD)
    (tmp_path / "svclint.toml").write_text("")
    assert len(svclint.load_scopes([str(tmp_path)])) == 2
    with pytest.raises(ValueError, match="several clusters"):
        svclint.load([str(tmp_path)])

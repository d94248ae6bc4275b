"""Whatever is renamed, the cluster that comes out is the one that was: nothing is found that wasn't, nothing lost."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from lsprotocol import types

from svclint.locate import locate
from svclint.lsp import navigate, rename
from svclint.lsp.snapshot import Snapshot
from svclint.lsp.things import LABEL, Occurrence
from svclint.lsp.workspace import Folder, Workspace

HEALTHY = """\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop, labels: {team: api}}
spec:
  selector: {app: api, part: shop}
  ports:
  - {name: http, port: 80, targetPort: web}
  - {name: metrics, port: 9100, targetPort: 9090}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  clusterIP: None
  selector: {app: db}
  ports: [{name: sql, port: 5432}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}, matchExpressions: [{key: part, operator: In, values: [shop, store]}]}
  template:
    metadata: {labels: {app: api, part: shop}}
    spec:
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: api}}}
      containers:
      - name: main
        image: example/api:1.0.0
        env:
        - {name: DSN, value: "postgres://db-0.db.shop.svc:5432/api"}
        - {name: SELF, value: "http://api/ http://api.shop:80/x https://api.shop.svc.cluster.local:80"}
        ports: [{name: web, containerPort: 8080}, {name: metrics, containerPort: 9090}]
        readinessProbe: {httpGet: {path: /, port: web}}
        livenessProbe: {tcpSocket: {port: 8080}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db, part: shop}}
    spec:
      containers:
      - name: main
        image: example/db:1.0.0
        ports: [{name: sql, containerPort: 5432}]
        readinessProbe: {tcpSocket: {port: 5432}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
  - http:
      paths:
      - {path: /a, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}
      - {path: /b, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: api}}}]
    ports: [{port: sql}, {port: 5432}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec: {minAvailable: 1, selector: {matchExpressions: [{key: app, operator: In, values: [api]}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: api, namespace: shop}
spec: {selector: {matchLabels: {team: api}}, endpoints: [{port: metrics}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: urls, namespace: other}
data:
  upstream.conf: |
    server api.shop:80;
    server api.shop.svc.cluster.local:9100;
"""
CLASS = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n"


def folder_of(root: Path) -> Folder:
    workspace = Workspace(lambda facts: facts)
    workspace.add_top(root.as_uri())
    workspace.open_tops()
    return next(iter(workspace.folders))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop.yaml").write_text(HEALTHY + "---\n" + CLASS, newline="")
    return tmp_path


def everything(snapshot: Snapshot) -> list[Occurrence]:
    """What is said in the project and what follows from it, in the order of the text."""
    links = navigate.links(snapshot, snapshot.cluster(snapshot.project.scopes[0]))
    return sorted(chain(*links._by_path.values()), key=lambda found: locate(found.place)[1])


def kinds(snapshot: Snapshot) -> Counter[tuple[str, bool, int]]:
    """How much is said of what, and of how many things at once."""
    return Counter((found.kind, found.defines, len(found.things)) for found in everything(snapshot))


def renamed(snapshot: Snapshot, found: Occurrence) -> str | None:
    """The text with what stands at an occurrence renamed to something new; None where that is refused."""
    source = found.place.document.source
    at = snapshot.range(found.place).start
    new = "54321" if found.kind != LABEL and isinstance(found.things[0][-1], int) else "brand-new"
    try:
        edits = rename.changes(snapshot, source.path, at, new)[source.path]
    except rename.RenameError:
        return None
    text = snapshot.text(source)

    def start(edit: types.TextEdit) -> int:
        return text.span(edit.range).start

    made = source.text
    for edit in sorted(edits, key=start, reverse=True):
        begin, end = text.span(edit.range)
        made = made[:begin] + edit.new_text + made[end:]
    return made


def test_the_project_is_healthy_and_has_something_to_rename(root: Path) -> None:
    snapshot = folder_of(root).snapshot()
    assert [each.message for each in snapshot.report.diagnostics] == []
    refused = {found.word for found in everything(snapshot) if not found.absent and renamed(snapshot, found) is None}
    assert refused == {"shop", "other", "nginx"}


def test_nothing_is_found_after_a_rename_and_everything_still_leads_where_it_led(root: Path) -> None:
    snapshot = folder_of(root).snapshot()
    before = kinds(snapshot)
    said_here = [found for found in everything(snapshot) if found.absent is None]
    texts = {text: found for found in said_here if (text := renamed(snapshot, found)) is not None}
    for text, found in texts.items():
        assert text != HEALTHY + "---\n" + CLASS
        (root / "shop.yaml").write_text(text, newline="")
        after = folder_of(root).snapshot()
        said = [each.message for each in after.report.diagnostics]
        assert said == [], (found.kind, found.word)
        assert kinds(after) == before, (found.kind, found.word)

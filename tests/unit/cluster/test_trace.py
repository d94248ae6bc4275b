"""Whole paths: targets, clients, names, policies, entrances (semantics §F4)."""

from __future__ import annotations

import pytest

from svclint.cluster import Cluster, Completeness, Gap
from svclint.cluster.target import TargetError, parse_target
from svclint.cluster.trace import Trace
from svclint.kube.facts import Facts
from svclint.kube.resource import resources
from svclint.yaml import parse

WORLD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.9, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: hl}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: shop}
spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: far, namespace: shop}
spec: {type: ExternalName, externalName: db.example.com}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: on-host, namespace: shop}
spec: {hostNetwork: true, containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: knows, namespace: shop}
spec: {hostAliases: [{ip: 10.96.0.9, hostnames: [old.example]}], containers: [{name: c}]}
"""


def cluster(text: str = WORLD, facts: Facts | None = None) -> Cluster:
    found = [item for document in parse(text, "w.yaml").documents for item in resources(document)]
    return Cluster(found, facts or Facts())


def follow(target: str, where: str = "pod", text: str = WORLD, facts: Facts | None = None) -> Trace:
    return cluster(text, facts).resolve(target, where)


@pytest.mark.parametrize(
    ("text", "host", "port", "protocol"),
    [
        ("web:80", "web", 80, "TCP"),
        ("web:53/udp", "web", 53, "UDP"),
        ("http://web", "web", 80, "TCP"),
        ("https://user:pw@web.shop/path?x=1", "web.shop", 443, "TCP"),
        ("postgresql+psycopg://u@db/name", "db", 5432, "TCP"),
        ("redis://[fd00::1]:7000/0", "fd00::1", 7000, "TCP"),
        ("[fd00::1]:80", "fd00::1", 80, "TCP"),
        ("tcp://web:1234", "web", 1234, "TCP"),
        ("udp://web:1234", "web", 1234, "UDP"),
        ("a/Pod/b:80/TCP", "a/Pod/b", 80, "TCP"),
    ],
)
def test_targets(text: str, host: str, port: int, protocol: str) -> None:
    found = parse_target(text)
    assert (found.host, found.port, found.protocol) == (host, port, protocol)


@pytest.mark.parametrize("text", ["web", "web:0", "web:65536", "web:http", ":80", "http://", "foo://web", "", "a b:80"])
def test_texts_that_are_no_target(text: str) -> None:
    with pytest.raises(TargetError):
        parse_target(text)
    assert follow(text).verdict == "unknown"


@pytest.mark.parametrize(
    ("target", "where", "verdict"),
    [
        ("web:80", "pod", "reached"),
        ("web:80", "default/Deployment/web", "reached"),
        ("web:80", "default/deployment/web", "reached"),
        ("web:80", "shop/Pod/client", "unresolved"),
        ("web.default:80", "shop/Pod/client", "reached"),
        ("web.default.svc.cluster.local.:80", "shop/Pod/client", "reached"),
        ("alias:80", "shop/Pod/client", "reached"),
        ("alias:8080", "shop/Pod/client", "unreachable"),
        ("far:5432", "shop/Pod/client", "unknown"),
        ("example.com:443", "pod", "unknown"),
        ("nope:80", "pod", "unresolved"),
        ("web.shop:80", "pod", "unresolved"),
        ("web.default.svc:80", "pod", "reached"),
        ("nope.default.svc.cluster.local:80", "pod", "unresolved"),
        ("web.default:80", "shop/Pod/on-host", "unresolved"),
        ("example.com:80", "shop/Pod/on-host", "unknown"),
        ("old.example:80", "shop/Pod/knows", "reached"),
        ("10.96.0.9:80", "pod", "reached"),
        ("10.96.0.9:81", "pod", "unreachable"),
        ("10.96.0.9:80", "outside", "unreachable"),
        ("default/Service/web:80", "pod", "reached"),
        ("default/Service/hl:8080", "pod", "reached"),
        ("default/Service/nope:80", "pod", "unknown"),
        ("default/Service/web:80", "outside", "unreachable"),
        ("default/Service/hl:80", "outside", "unreachable"),
        ("default/Deployment/web:8080", "pod", "reached"),
        ("default/Deployment/nope:8080", "pod", "unknown"),
        ("default/Deployment/web:8080", "outside", "unreachable"),
        ("web.default.svc.cluster.local:80", "outside", "unresolved"),
        ("shop.example:80", "outside", "unknown"),
        ("kubernetes.default:443", "pod", "reached"),
        ("kubernetes.default:80", "pod", "unreachable"),
        ("web:80", "default/Pod/nope", "unknown"),
        ("web:80", "nonsense", "unknown"),
    ],
)
def test_verdicts(target: str, where: str, verdict: str) -> None:
    assert follow(target, where).verdict == verdict


def test_headless_needs_the_pods_own_port() -> None:
    assert [(reach.port, reach.declared) for reach in follow("hl:80").reaches] == [(80, False)]
    assert [(reach.port, reach.declared) for reach in follow("hl:8080").reaches] == [(8080, True)]


def test_each_step_has_the_place_that_decides() -> None:
    steps = follow("web:80").steps
    lines = [
        step.place.document.source.position(step.place.document.span(step.place.path).start).line
        for step in steps
        if step.place is not None
    ]
    assert [step.topic for step in steps] == ["dns", "service", "service", "proxy", "end"]
    assert lines == [11, 12]


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (("app: web}, ports", "app: wbe}, ports"), "no pod is labelled app=wbe"),
        (("targetPort: http", "targetPort: htpt"), "no ready pod has the targetPort htpt"),
    ],
)
def test_the_reason_for_no_endpoints(broken: tuple[str, str], text: str) -> None:
    found = follow("web:80", text=WORLD.replace(*broken))
    assert found.verdict == "refused"
    assert text in [step.text for step in found.steps]


@pytest.mark.parametrize("target", ["web:80", "hl:80", "db-0.hl:80", "http://shop.example"])
def test_pods_that_nobody_saw_make_it_unknown(target: str) -> None:
    text = WORLD.replace("app: web}", "app: kafka}", 1).replace("labels: {app: web}", "labels: {app: other}")
    text += INGRESS % ("web", 80)
    where = "outside" if "shop" in target else "pod"
    lost = {"web:80": "refused", "http://shop.example": "unreachable"}.get(target, "unresolved")
    assert follow(target, where, text).verdict == lost
    broker = "\n---\n{apiVersion: kafka.strimzi.io/v1, kind: Kafka, metadata: {name: k}}"
    found = follow(target, where, text + broker)
    assert found.verdict == "unknown"
    assert found.steps[-1].text == "but Kafka k may make pods"


def test_a_service_that_nobody_read_makes_a_name_unknown() -> None:
    found = [item for document in parse(WORLD, "w.yaml").documents for item in resources(document)]
    gap = Gap("a template is not rendered", "default", frozenset({("", "Service")}))
    world = Cluster(found, completeness=Completeness([gap]))
    assert world.resolve("nope:80").verdict == "unknown"
    assert world.resolve("nope.shop:80").verdict == "unresolved"
    assert world.resolve("web:80").verdict == "reached"


def test_unready_pods_are_the_reason() -> None:
    found = follow("web:80", facts=Facts(not_ready=frozenset({"Deployment/web"})))
    assert "no pod that is labelled app=web is ready" in [step.text for step in found.steps]


DENY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: %s}
spec: {podSelector: {}, policyTypes: [%s]}
"""


@pytest.mark.parametrize(
    ("namespace", "direction", "verdict"),
    [
        ("default", "Ingress", "denied"),
        ("default", "Egress", "reached"),
        ("shop", "Egress", "denied"),
        ("shop", "Ingress", "reached"),
    ],
)
def test_policies(namespace: str, direction: str, verdict: str) -> None:
    text = WORLD + DENY % (namespace, direction)
    found = follow("web.default:80", "shop/Pod/client", text)
    assert found.verdict == verdict
    assert follow("web.default:80", "shop/Pod/client", text, Facts(network_policies=False)).verdict == "reached"
    if verdict == "denied":
        assert found.steps[-1].topic == "policy"
        assert found.steps[-1].place is not None


def test_egress_without_dns_is_said() -> None:
    allow = DENY.replace(
        "policyTypes: [%s]", "policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: 8080}]}]"
    )
    text = WORLD + allow % "shop"
    assert follow("10.96.0.9:80", "shop/Pod/client", text).verdict == "reached"
    found = follow("web.default:80", "shop/Pod/client", text)
    assert found.verdict == "denied"
    assert found.steps[-1].text.startswith("DNS can't be asked")


INGRESS = """
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules:
  - host: shop.example
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: %s, port: {number: %s}}}}
"""
GATEWAY = """
---
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: any}, spec: {controllerName: a.b/c}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec: {gatewayClassName: any, listeners: [{name: http, port: 8000, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: %s, port: %s}]}]}
"""


@pytest.mark.parametrize(
    ("front", "target"), [(INGRESS, "http://shop.example/cart"), (GATEWAY, "http://shop.example:8000/cart")]
)
def test_from_outside_by_name(front: str, target: str) -> None:
    found = follow(target, "outside", WORLD + front % ("web", 80))
    assert found.verdict == "reached"
    assert [(reach.workload, reach.port) for reach in found.reaches] == [("Deployment/web", 8080)]
    assert follow(target, "outside", WORLD + front % ("hl", 80)).verdict == "reached"
    assert follow(target, "outside", WORLD + front % ("nope", 80)).verdict == "unreachable"
    assert follow(target, "outside", WORLD + front % ("web", 81)).verdict == "unreachable"
    empty = Facts(not_ready=frozenset({"Deployment/web"}))
    assert follow(target, "outside", WORLD + front % ("web", 80), empty).verdict == "unreachable"
    assert follow("http://shop.example:9999", "outside", WORLD + front % ("web", 80)).verdict == "unknown"
    isolated = WORLD + front % ("web", 80) + DENY % ("default", "Ingress")
    assert follow(target, "outside", isolated).verdict == "unknown"


def test_the_default_ingress_class_is_a_fact() -> None:
    world = cluster(WORLD + INGRESS % ("web", 80), Facts(default_ingress_class="nginx"))
    (route,) = world.ingresses.routes
    choice = world.ingresses.class_of(route.ingress)
    assert (choice.name, choice.source) == ("nginx", "default")
    assert cluster(WORLD + INGRESS % ("web", 80)).ingresses.routes[0].class_name == ""
    text = WORLD + INGRESS % ("web", 80)
    text += """
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: traefik, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
"""
    assert cluster(text, Facts(default_ingress_class="nginx")).ingresses.routes[0].class_name == "traefik"


def test_a_pod_of_a_stateful_set_and_an_adopted_one_are_found_by_name() -> None:
    text = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {replicas: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c}]}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: set}
spec: {selector: {matchLabels: {c: d}}, template: {metadata: {labels: {c: d}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: orphan, labels: {c: d}}
spec: {containers: [{name: c}]}
"""
    found = follow("default/Pod/db-1:80", "default/Pod/orphan", text)
    assert [(reach.workload, reach.pod) for reach in found.reaches] == [("StatefulSet/db", "db-1")]
    found = follow("default/pod/orphan:80", "default/Pod/db-0", text)
    assert [(reach.workload, reach.pod) for reach in found.reaches] == [("ReplicaSet/set", None)]
    assert follow("default/Pod/db-2:80", "pod", text).verdict == "unknown"

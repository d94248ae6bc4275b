"""What rules about references must not say: manifests that may be right give no finding."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from svclint import registry, testing
from svclint.yaml import parse

RULES = registry.rules()
WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers: [{{name: main, image: registry.example.com/x, ports: [{{containerPort: 8080}}], env: {env}}}]
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
spec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 80, targetPort: 8080}}]}}
"""


def workload(name: str, namespace: str = "shop", env: str = "[]") -> str:
    return WORKLOAD.format(name=name, namespace=namespace, env=env)


def service(name: str, namespace: str = "shop") -> str:
    return SERVICE.format(name=name, namespace=namespace)


def policy(spec: str, namespace: str = "shop") -> str:
    return (
        "\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: policy, namespace: {namespace}}}\nspec: {spec}\n"
    )


def route(spec: str, namespace: str = "shop") -> str:
    return (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n"
        f"metadata: {{name: route, namespace: {namespace}}}\nspec: {spec}\n"
    )


def gateway(name: str, namespace: str, listener: str = "{name: http, port: 80, protocol: HTTP}") -> str:
    return (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{gatewayClassName: x, listeners: [{listener}]}}\n"
    )


OPERATED = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: thing, namespace: shop}\n"
ASKS = '[{name: API_URL, value: "http://api:80"}]'

QUIET = {
    "network-policy-selects-nothing": [
        ("Pods that others make", workload("web") + "---" + policy("{podSelector: {matchLabels: {app: kafka}}}")),
        ("an operator may make them", f"{workload('web')}---\n{OPERATED}---\n"
         + policy("{podSelector: {matchLabels: {app: wbe}}}")),
        ("it takes every Pod", policy("{podSelector: {}}")),
        ("a label that a controller adds", workload("web") + "---"
         + policy("{podSelector: {matchLabels: {app: web, pod-template-hash: abc}}}")),
    ],
    "network-policy-peer-selects-nothing": [
        ("a peer of any namespace", workload("web") + "---" + policy(
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: wbe}}}]}]}")),
        ("ingress rules don't count for Egress alone", workload("web") + "---" + policy(
            "{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{podSelector: {matchLabels: {app: wbe}}}]}]}")),
        ("a controller of another repository", workload("web") + "---" + policy(
            "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: prometheus}}}]}]}")),
    ],
    "network-policy-service-port": [
        ("both ports are listed", f"{workload('web')}---{service('web')}---" + policy(
            "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}, {port: 8080}]}]}")),
        ("another rule lets the Pods' port through", f"{workload('web')}---{service('web')}---" + policy(
            "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}, {ports: [{port: 8080}]}]}")),
        ("egress to anywhere", f"{workload('web')}---{service('web')}---" + policy(
            "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}")),
        ("a range holds the port", f"{workload('web')}---{service('web')}---" + policy(
            "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80, endPort: 9000}]}]}")),
    ],
    "network-policy-without-dns": [
        ("no names are used", workload("web") + "---" + policy("{podSelector: {}, policyTypes: [Egress]}")),
        ("an ipBlock may hold the node's cache", f"{workload('web', env=ASKS)}---{service('api')}---" + policy(
            "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")),
        ("every port is open", f"{workload('web', env=ASKS)}---{service('api')}---" + policy(
            "{podSelector: {}, policyTypes: [Egress], egress: [{}]}")),
        ("a policy of another API may allow it", f"{workload('web', env=ASKS)}---{service('api')}---"
         "\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: dns, namespace: shop}\n"
         "spec: {endpointSelector: {}, egress: [{}]}\n---\n"
         + policy("{podSelector: {}, policyTypes: [Egress]}")),
    ],
    "network-policy-blocks-reference": [
        ("the rule's name is the port's", f"{workload('web', env=ASKS)}---{workload('api')}---{service('api')}---" + policy(
            "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 8080}]}]}")),
        ("nobody knows the Pods behind", f"{workload('web', env=ASKS)}---{service('api')}---" + policy(
            "{podSelector: {matchLabels: {app: api}}}")),
    ],
    "route-missing-parent": [
        ("a Gateway of another team", route("{parentRefs: [{name: shared, namespace: infra}]}")),
        ("another Gateway is there", route("{parentRefs: [{name: shared}]}") + "---\n" + gateway("internal", "shop")),
        ("a mesh", route("{parentRefs: [{group: '', kind: Service, name: web}]}") + "---\n" + gateway("web2", "shop")),
    ],
    "route-hostname-mismatch": [
        ("the listener serves every host", route("{parentRefs: [{name: gw}], hostnames: [a.example.com]}") + "---\n"
         + gateway("gw", "shop")),
        ("one of two parents takes it", route("{parentRefs: [{name: gw}, {name: any}], hostnames: [a.example.com]}")
         + "---\n" + gateway("gw", "shop", "{name: a, port: 80, protocol: HTTP, hostname: b.example.com}")
         + "---\n" + gateway("any", "shop")),
    ],
    "route-not-allowed": [
        ("the namespace's labels aren't known", route("{parentRefs: [{name: gw, namespace: infra}]}") + "---\n" + gateway(
            "gw", "infra", "{name: a, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, "
            "selector: {matchLabels: {team: a}}}}}")),
    ],
    "route-without-grant": [
        ("the other namespace isn't among the sources",
         route("{rules: [{backendRefs: [{name: api, namespace: other, port: 80}]}]}")),
    ],
    "route-missing-service": [
        ("no Service of the namespace is known", route("{rules: [{backendRefs: [{name: api, port: 80}]}]}")),
        ("a custom backend", service("apis") + "---\n" + route(
            "{rules: [{backendRefs: [{group: example.com, kind: Backend, name: api, port: 80}]}]}")),
    ],
    "ingress-missing-service": [
        (
            "an action of an annotation",
            service("web") + "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n"
            "metadata: {name: x, namespace: shop}\n"
            "spec: {defaultBackend: {service: {name: ssl-redirect, port: {name: use-annotation}}}}\n",
        ),
    ],
    "autoscaler-target-missing": [
        ("a custom resource", workload("web") + "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n"
         "metadata: {name: x, namespace: shop}\n"
         "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: example.com/v1, kind: Thing, name: x}}\n"),
        ("no workload of the namespace is known", "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n"
         "metadata: {name: x, namespace: shop}\n"
         "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: x}}\n"),
    ],
    "monitor-port": [
        ("nothing is selected", "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\n"
         "metadata: {name: x, namespace: shop}\nspec: {selector: {matchLabels: {app: x}}, endpoints: [{port: nope}]}\n"),
        ("one of two Services has it", service("web") + "---" + service("api").replace("http", "metrics").replace(
            "labels: {app: api}", "labels: {app: web}") + "---\napiVersion: monitoring.coreos.com/v1\n"
         "kind: ServiceMonitor\nmetadata: {name: x, namespace: shop}\n"
         "spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metrics}]}\n"),
    ],
    "service-link-variable-missing": [
        ("a variable of its own", service("web") + "---"
         + workload("api", env="[{name: WBE_SERVICE_HOST, value: x}, {name: A, value: $(WBE_SERVICE_HOST)}]")),
        ("escaped", service("web") + "---" + workload("api", env="[{name: A, value: $$(WBE_SERVICE_HOST)}]")),
        ("the API server's", workload("api", env="[{name: A, value: $(KUBERNETES_SERVICE_HOST)}]")),
        ("nothing like it", service("web") + "---" + workload("api", env="[{name: A, value: $(KAFKA_SERVICE_HOST)}]")),
    ],
    "service-link-clobber": [
        ("the link itself is read", service("web") + "---" + workload("api", env="[{name: A, value: $(WEB_PORT)}]")),
        ("the port of the Service is read", service("web") + "---"
         + workload("api", env='[{name: A, value: "web:$(WEB_SERVICE_PORT)"}]')),
    ],
    "well-known-image-port": [
        ("a port is declared", service("web") + "---" + workload("web").replace("registry.example.com/x", "nginx:1")),
        ("another registry's", service("web") + "---" + workload("web").replace("ports: [{containerPort: 8080}], ", "")),
    ],
    "unlikely-probe-port": [
        ("a health port of its own", workload("web").replace(
            "env: []", "readinessProbe: {httpGet: {port: 8081}}")),
        ("two probes agree", workload("web").replace(
            "env: []", "readinessProbe: {httpGet: {port: 8008}}, livenessProbe: {httpGet: {port: 8008}}")),
        ("the arguments say so", workload("web").replace(
            "env: []", 'args: ["--health=:8008"], readinessProbe: {httpGet: {port: 8008}}')),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, cases in QUIET.items() for _, t in cases])
def test_nothing_is_said(name: str, text: str) -> None:
    report = testing.check_text(text, [RULES[name], RULES["yaml-syntax"], RULES["duplicate-key"]])
    assert report.crashes == ()
    assert report.objects == len(re.findall(r"^apiVersion:", text, re.MULTILINE))
    assert [d.message for d in report.diagnostics] == []


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path below a value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize("seed", range(4))
def test_no_manifest_makes_a_rule_raise(seed: int) -> None:
    """The pages' examples with wrong types in any place."""
    rnd = random.Random(seed)
    rules = list(RULES.values())
    texts = [example.text for rule in rules for example in testing.examples(rule.doc)]
    wrong: list[Any] = [None, 7, -1, "", [], {}, True, 1.5, [None], [1], [{}], {"a": None}]
    for _ in range(150):
        documents: list[Any] = [copy.deepcopy(d.value) for d in parse(rnd.choice(texts), "x").documents]
        victim = rnd.choice([d for d in documents if isinstance(d, dict)] or [{"kind": "x", "metadata": {}}])
        *parents, last = rnd.choice([p for p in paths(victim) if p not in (("kind",), ("apiVersion",))])
        for step in parents:
            victim = victim[step]
        victim[last] = rnd.choice(wrong)
        text = "".join(f"---\n{json.dumps(document)}\n" for document in documents)
        assert testing.check_text(text, rules).crashes == (), text


def test_a_finding_about_the_cluster_names_the_object() -> None:
    text = f"{workload('web', env=ASKS)}---{workload('api')}---{service('api')}---\n" + policy(
        "{podSelector: {matchLabels: {app: api}}}"
    )
    (found,) = testing.check_text(text, [RULES["network-policy-blocks-reference"]]).diagnostics
    assert found.object is not None
    assert (found.object.kind, found.object.name) == ("Deployment", "web")
    assert found.field == "spec.template.spec.containers[0].env[0].value"


def test_a_label_that_a_service_asks_for_in_vain_is_the_services_finding() -> None:
    text = (
        f"{workload('web')}---{service('web').replace('selector: {app: web}', 'selector: {app: web-old}')}---\n"
        + policy("{podSelector: {matchLabels: {app: web-old}}}")
    )
    rules = [RULES["network-policy-selects-nothing"], RULES["selector-matches-no-pod"], RULES["selector-typo"]]
    assert [d.object.kind for d in testing.check_text(text, rules).diagnostics if d.object] == ["Service"]


@pytest.mark.parametrize(("count", "said"), [(3, "(2 more clients: web1, web2)"), (2, "(1 more client: web1)")])
def test_one_finding_for_all_clients_that_one_policy_keeps_out(count: int, said: str) -> None:
    clients = "---".join(workload(f"web{i}", env=ASKS) for i in range(count))
    text = f"{clients}---{workload('api')}---{service('api')}---\n" + policy("{podSelector: {matchLabels: {app: api}}}")
    (found,) = testing.check_text(text, [RULES["network-policy-blocks-reference"]]).diagnostics
    assert said in found.message

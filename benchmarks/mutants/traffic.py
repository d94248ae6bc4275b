"""What no longer lets traffic through: NetworkPolicies, Gateways and routes, Ingresses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

from application import (
    WORKLOADS,
    App,
    Mutant,
    Object,
    Steps,
    behind,
    drop,
    get,
    mentions,
    name_of,
    ns_of,
    put,
    services,
    typo,
)

GATEWAY = "gateway.networking.k8s.io"


def policies(app: App) -> Iterator[Mutant]:
    """NetworkPolicies that no longer do what is asked of them."""
    for number, policy in app.of("NetworkPolicy"):
        labels = get(policy, "spec", "podSelector", "matchLabels") or {}
        workloads = [
            w
            for _, w in app.of(*WORKLOADS)
            if labels
            and ns_of(w) == ns_of(policy)
            and labels.items() <= (get(w, "spec", "template", "metadata", "labels") or {}).items()
        ]
        if not workloads:
            continue
        also = tuple(name_of(w) for w in workloads)
        for key, text in labels.items():
            yield app.mutant(
                "policy-selects-nothing",
                number,
                put("spec", "podSelector", "matchLabels", key, value=text + "-x"),
                *also,
            )
            break
        for which, peers in (("ingress", "from"), ("egress", "to")):
            for i, rule in enumerate(get(policy, "spec", which) or []):
                for j, peer in enumerate(rule.get(peers) or []):
                    chosen = get(peer, "podSelector", "matchLabels") or {}
                    known = any(
                        chosen.items() <= (get(w, "spec", "template", "metadata", "labels") or {}).items()
                        for _, w in app.of(*WORKLOADS)
                        if ns_of(w) == ns_of(policy)
                    )
                    if not chosen or not known or "namespaceSelector" in peer:
                        continue
                    key, text = next(iter(chosen.items()))
                    path: Steps = ("spec", which, i, peers, j, "podSelector", "matchLabels", key)
                    yield app.mutant("policy-peer-typo", number, put(*path, value=text + "-x"), *also)
                    break
                asking = [w for service in services(app).values() for w, _, _ in mentions(app, service)]
                if any(p.get("port") == 53 for p in rule.get("ports") or []) and any(w in asking for w in workloads):
                    yield app.mutant("policy-without-dns", number, drop("spec", which, i), *also)
        for i, rule in enumerate(get(policy, "spec", "ingress") or []):
            for j, port in enumerate(rule.get("ports") or []):
                for service in services(app).values():
                    for p in get(service, "spec", "ports") or []:
                        target = p.get("targetPort")
                        if target != port.get("port") or p["port"] == target or not behind(app, service):
                            continue
                        if any(w in workloads for w in behind(app, service)):
                            path = ("spec", "ingress", i, "ports", j, "port")
                            yield app.mutant("policy-service-port", number, put(*path, value=p["port"]), *also)
    for number, service in app.of("Service"):
        if get(service, "spec", "clusterIP") == "None":
            continue
        for workload in behind(app, service)[:1]:
            callers = [c for c, _, _ in mentions(app, service)]
            if callers and workload not in callers:
                labels = get(workload, "spec", "template", "metadata", "labels")
                deny = {
                    "apiVersion": "networking.k8s.io/v1",
                    "kind": "NetworkPolicy",
                    "metadata": {"name": "closed", "namespace": ns_of(service)},
                    "spec": {"podSelector": {"matchLabels": dict(labels)}, "policyTypes": ["Ingress"]},
                }
                if not any(p for _, p in app.of("NetworkPolicy") if ns_of(p) == ns_of(service)):
                    yield app.adding("policy-blocks-reference", number, deny, name_of(service))
    for number, policy in app.of("NetworkPolicy"):
        labels = get(policy, "spec", "podSelector", "matchLabels") or {}
        called = [
            service
            for service in services(app).values()
            if ns_of(service) == ns_of(policy)
            and labels
            and labels.items() <= (get(service, "spec", "selector") or {}).items()
            and any(client not in behind(app, service) for client, _, _ in mentions(app, service))
        ]
        if called and len(get(policy, "spec", "ingress") or []) == 1 and get(policy, "spec", "ingress", 0, "from"):
            yield app.mutant("policy-blocks-reference", number, put("spec", "ingress", value=[]))


def gateways(app: App) -> Iterator[Mutant]:
    """Gateways, routes and grants that no longer meet."""
    here = {(ns_of(g), name_of(g)): (n, g) for n, g in app.of("Gateway") if GATEWAY in g["apiVersion"]}
    for number, route in app.of("HTTPRoute", "GRPCRoute"):
        for i, parent in enumerate(get(route, "spec", "parentRefs") or []):
            found = here.get((parent.get("namespace") or ns_of(route), parent.get("name")))
            if found is None or parent.get("kind", "Gateway") != "Gateway":
                continue
            also = (parent["name"],)
            path: Steps = ("spec", "parentRefs", i)
            yield app.mutant("route-parent", number, put(*path, "name", value=typo(parent["name"])), *also)
            yield app.mutant("route-section", number, put(*path, "sectionName", value="no-such-listener"), *also)
            listeners = get(found[1], "spec", "listeners") or []
            alone = len(get(route, "spec", "parentRefs")) == 1
            hosts = get(route, "spec", "hostnames") or []
            if alone and hosts and all(item.get("hostname") for item in listeners):
                changed = [host + ".invalid" for host in hosts]
                yield app.mutant("route-hostname", number, put("spec", "hostnames", value=changed), *also)
            if alone and hosts and len(listeners) == 1:
                changed_listener = put("spec", "listeners", 0, "hostname", value="*.elsewhere.invalid")
                yield app.mutant("listener-hostname", found[0], changed_listener, name_of(route))
            if alone and parent.get("namespace", ns_of(route)) != ns_of(route):

                def closed(gateway: Object) -> None:
                    for listener in gateway["spec"]["listeners"]:
                        listener.pop("allowedRoutes", None)

                yield app.mutant("route-not-allowed", found[0], closed, name_of(route))
        for i, rule in enumerate(get(route, "spec", "rules") or []):
            for j, backend in enumerate(rule.get("backendRefs") or []):
                key = (backend.get("namespace") or ns_of(route), backend.get("name"))
                if key not in services(app) or backend.get("kind", "Service") != "Service":
                    continue
                path = ("spec", "rules", i, "backendRefs", j)
                yield app.mutant("route-backend", number, put(*path, "name", value=key[1] + "-x"), key[1])
                yield app.mutant("route-port", number, put(*path, "port", value=61234), key[1])
                if key[0] != ns_of(route):
                    for at, grant in app.of("ReferenceGrant"):
                        if ns_of(grant) == key[0]:
                            yield app.without("grant-missing", at, name_of(route))
    for number, gateway in here.values():
        listeners = get(gateway, "spec", "listeners") or []
        for listener in listeners:
            if listener.get("protocol") == "HTTP":
                more = [*listeners, {"name": "plain-tcp", "port": listener["port"], "protocol": "TCP"}]
                yield app.mutant("listener-conflict", number, put("spec", "listeners", value=more))
                break


def ingresses(app: App) -> Iterator[Mutant]:
    """Ingresses that clash or that nobody serves."""
    classes = [name_of(c) for _, c in app.of("IngressClass")]
    for number, ingress in app.of("Ingress"):
        name = get(ingress, "spec", "ingressClassName")
        if name in classes:
            yield app.mutant("ingress-class", number, put("spec", "ingressClassName", value=typo(name)))
        first = get(ingress, "spec", "rules", 0, "http", "paths", 0)
        if get(first, "backend", "service", "name") and first.get("pathType") in ("Prefix", "Exact"):
            others = [n for ns, n in services(app) if ns == ns_of(ingress) and n != first["backend"]["service"]["name"]]
            if others:
                double = copy.deepcopy(ingress)
                double["metadata"]["name"] += "-double"
                service = services(app)[ns_of(ingress), others[0]]
                port = get(service, "spec", "ports", 0, "port")
                if port is None:
                    continue
                double["spec"]["rules"][0]["http"]["paths"] = [
                    {**first, "backend": {"service": {"name": others[0], "port": {"number": port}}}}
                ]
                double["spec"]["rules"] = double["spec"]["rules"][:1]
                double["spec"].pop("defaultBackend", None)
                yield app.adding("ingress-path-twice", number, double, name_of(ingress))
        for key, text in (ingress["metadata"].get("annotations") or {}).items():
            match = re.search(r"//([a-z0-9-]+)\.([a-z0-9-]+)\.svc\b", text) if isinstance(text, str) else None
            if match and (match[2], match[1]) in services(app):
                wrong = text.replace(match[1], typo(match[1]), 1)
                yield app.mutant("annotation-host", number, put("metadata", "annotations", key, value=wrong))

"""Working applications broken in one known way each, in classes of svclint's own; how many it notices.

    mutants.py [FOLDER…] [--per-class N] [--out FOLDER] [--show N]

FOLDERs are applications (default: the one beside this file). A mutant is caught when an error or warning
that the unbroken application doesn't have speaks of an object that was broken. With `--out` the mutants are written as
`tools/score.py recall` and benchmarks/repair.py read them (APPLICATION/base, APPLICATION/CLASS-N, index.json).
"""

from __future__ import annotations

import argparse
import collections
import copy
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from svclint import project, registry, session
from svclint.config import Config
from svclint.diagnostic import Diagnostic
from svclint.kube.facts import Facts
from svclint.yaml import parse

Object = dict[str, Any]
Steps = tuple[str | int, ...]
RULES = session.Selection(session.selected(registry.rules().values()))
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
GATEWAY = "gateway.networking.k8s.io"


class Entry(NamedTuple):
    """One document: the file it stands in and its value."""

    file: str
    value: Object


class Mutant(NamedTuple):
    """A broken application: its class, the object that was broken, other names that findings may use, the documents."""

    name: str
    object: str
    also: tuple[str, ...]
    entries: list[Entry]


class App:
    """An application and what the mutations ask of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = [
            Entry(str(path.relative_to(folder)), document.value)
            for path in sorted(folder.rglob("*"))
            if path.suffix in (".yaml", ".yml") and path.is_file()
            for document in parse(path.read_bytes(), str(path)).documents
            if isinstance(document.value, dict) and isinstance(document.value.get("metadata"), dict)
        ]
        ids = [(e.value.get("kind"), ns_of(e.value), name_of(e.value)) for e in self.entries]
        self._repeated = {each for each, count in collections.Counter(ids).items() if count > 1}

    def of(self, *kinds: str) -> Iterator[tuple[int, Object]]:
        """Number and value of the documents of these kinds; what stands there twice is an alternative and left out."""
        for number, entry in enumerate(self.entries):
            value = entry.value
            if value.get("kind") in kinds and (value["kind"], ns_of(value), name_of(value)) not in self._repeated:
                yield number, value

    def mutant(self, name: str, number: int, change: Callable[[Object], None], *also: str) -> Mutant:
        """The application with one document changed."""
        entries = list(self.entries)
        value = copy.deepcopy(entries[number].value)
        title = f"{value['kind']}/{value['metadata'].get('name')}"
        change(value)
        entries[number] = Entry(entries[number].file, value)
        return Mutant(name, title, also, entries)

    def without(self, name: str, number: int, *also: str) -> Mutant:
        """The application without a document."""
        value = self.entries[number].value
        entries = self.entries[:number] + self.entries[number + 1 :]
        return Mutant(name, f"{value['kind']}/{value['metadata'].get('name')}", also, entries)

    def adding(self, name: str, beside: int, value: Object, *also: str) -> Mutant:
        """The application with one document more."""
        entries = [*self.entries, Entry(self.entries[beside].file, value)]
        return Mutant(name, f"{value['kind']}/{value['metadata'].get('name')}", also, entries)


def get(value: Any, *path: str | int) -> Any:
    """What stands at a path, None where nothing does."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def put(*path: str | int, value: Any) -> Callable[[Object], None]:
    """The change that writes a value at a path."""

    def change(target: Object) -> None:
        inner: Any = target
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Object], None]:
    """The change that takes away what stands at a path."""

    def change(target: Object) -> None:
        inner: Any = target
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


def typo(word: str) -> str:
    """The word with two letters swapped, or one doubled."""
    for i in range(len(word) - 1, 1, -1):
        if word[i] != word[i - 1] and word[i].isalnum() and word[i - 1].isalnum():
            return word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]
    return word + word[-1]


def name_of(value: Object) -> str:
    """metadata.name."""
    return str(value["metadata"].get("name"))


def ns_of(value: Object) -> str:
    """metadata.namespace with its default."""
    return str(value["metadata"].get("namespace") or "default")


def services(app: App) -> dict[tuple[str, str], Object]:
    """The Services by namespace and name."""
    return {(ns_of(s), name_of(s)): s for _, s in app.of("Service")}


def behind(app: App, service: Object) -> list[Object]:
    """The workloads that a Service selects."""
    selector = get(service, "spec", "selector") or {}
    return [
        w
        for _, w in app.of(*WORKLOADS)
        if selector
        and ns_of(w) == ns_of(service)
        and selector.items() <= (get(w, "spec", "template", "metadata", "labels") or {}).items()
    ]


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


def mentions(app: App, service: Object) -> Iterator[tuple[Object, int, str]]:
    """The workloads of the Service's namespace whose env names it with a port of its own."""
    ports = [p["port"] for p in get(service, "spec", "ports") or [] if "port" in p]
    for _, workload in app.of(*WORKLOADS):
        for container in get(workload, "spec", "template", "spec", "containers") or []:
            for i, env in enumerate(container.get("env") or []):
                text = env.get("value")
                if ns_of(workload) == ns_of(service) and isinstance(text, str):
                    for port in ports:
                        if re.search(rf"(?:^|[/@]){re.escape(name_of(service))}:{port}\b", text):
                            yield workload, i, text


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


def pointers(app: App) -> Iterator[Mutant]:
    """Objects that point at a workload, Pods or a Service."""
    for number, scaler in app.of("HorizontalPodAutoscaler"):
        name, kind = get(scaler, "spec", "scaleTargetRef", "name"), get(scaler, "spec", "scaleTargetRef", "kind")
        if any(name_of(w) == name and ns_of(w) == ns_of(scaler) and w["kind"] == kind for _, w in app.of(*WORKLOADS)):
            path: Steps = ("spec", "scaleTargetRef")
            yield app.mutant("autoscaler-target", number, put(*path, "name", value=f"{name}-gone"))
            other = "StatefulSet" if kind == "Deployment" else "Deployment"
            yield app.mutant("autoscaler-kind", number, put(*path, "kind", value=other))
    for number, budget in app.of("PodDisruptionBudget"):
        labels = get(budget, "spec", "selector", "matchLabels") or {}
        for _, workload in app.of(*WORKLOADS):
            have = get(workload, "spec", "template", "metadata", "labels") or {}
            if labels and ns_of(workload) == ns_of(budget) and labels.items() <= have.items():
                key = sorted(labels)[0]
                path = ("spec", "selector", "matchLabels", key)
                yield app.mutant("budget-selector", number, put(*path, value=labels[key] + "x"))
                break
    for number, monitor in app.of("ServiceMonitor"):
        labels = get(monitor, "spec", "selector", "matchLabels") or {}
        if get(monitor, "spec", "namespaceSelector"):
            continue
        for (ns, _), service in services(app).items():
            if labels and ns == ns_of(monitor) and labels.items() <= (service["metadata"].get("labels") or {}).items():
                key = sorted(labels)[0]
                path = ("spec", "selector", "matchLabels", key)
                yield app.mutant("monitor-selector", number, put(*path, value=labels[key] + "x"))
                if get(monitor, "spec", "endpoints", 0, "port"):
                    yield app.mutant("monitor-port", number, put("spec", "endpoints", 0, "port", value="nope"))
                break
    for number, hook in app.of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        for i, item in enumerate(hook.get("webhooks") or []):
            called = get(item, "clientConfig", "service") or {}
            if (called.get("namespace"), called.get("name")) in services(app):
                path = ("webhooks", i, "clientConfig", "service")
                yield app.mutant("webhook-service", number, put(*path, "name", value=typo(called["name"])))
                yield app.mutant("webhook-port", number, put(*path, "port", value=61234), called["name"])
                break


def workloads(app: App) -> Iterator[Mutant]:
    """Probes, ordinals, service links and images."""
    for number, workload in app.of(*WORKLOADS):
        spec = ("spec", "template", "spec")
        containers = get(workload, *spec, "containers") or []
        declared = {p.get("containerPort") for c in containers for p in c.get("ports") or []}
        for i, container in enumerate(containers):
            path: Steps = (*spec, "containers", i)
            probe = get(container, "readinessProbe", "httpGet") or {}
            port = probe.get("port")
            asked = [get(container, p, "httpGet", "port") for p in ("readinessProbe", "livenessProbe", "startupProbe")]
            if isinstance(port, int) and declared == {port} and asked.count(port) == 1 and len(str(port)) > 2:
                wrong = int(str(port)[:-1]) if str(port)[-1] == str(port)[-2] else int(typo(str(port)))
                yield app.mutant("probe-port", number, put(*path, "readinessProbe", "httpGet", "port", value=wrong))
            near = [n for ns, n in services(app) if ns == ns_of(workload)]
            if probe and near:
                yield app.mutant("probe-host", number, put(*path, "readinessProbe", "httpGet", "host", value=near[0]))
            for j, env in enumerate(container.get("env") or []):
                text = env.get("value")
                match = re.search(r"\$\(([A-Z0-9_]+)_SERVICE_HOST\)", text) if isinstance(text, str) else None
                if match:
                    wrong_text = text.replace(match[1], typo(match[1]), 1)
                    yield app.mutant("service-link", number, put(*path, "env", j, "value", value=wrong_text))
                    called = match[1].lower().replace("_", "-")
                    for at, service in app.of("Service"):
                        if name_of(service) == called and ns_of(service) == ns_of(workload):
                            yield app.mutant(
                                "service-link-headless", at, put("spec", "clusterIP", value="None"), name_of(workload)
                            )
        if workload["kind"] == "StatefulSet" and (get(workload, "spec", "replicas") or 1) > 1:
            last = f"{name_of(workload)}-{workload['spec']['replicas'] - 1}."
            if any(last in json.dumps(w) for _, w in app.of(*WORKLOADS)):
                fewer = workload["spec"]["replicas"] - 1
                yield app.mutant("ordinal-beyond", number, put("spec", "replicas", value=fewer))
    for number, service in app.of("Service"):
        chosen = behind(app, service)
        images = [get(w, "spec", "template", "spec", "containers", 0) or {} for w in chosen]
        plain = all(
            re.fullmatch(r"(redis|nginx|httpd|memcached)(:[\w.-]+)?", c.get("image", ""))
            and not any(c.get(f) for f in ("ports", "command", "args", "env", "volumeMounts"))
            for c in images
        )
        if chosen and plain and len(get(service, "spec", "ports") or []) == 1:
            yield app.mutant("image-port", number, put("spec", "ports", 0, "targetPort", value=8099))
        target = get(service, "spec", "externalName")
        if isinstance(target, str) and ".svc." in target:
            first, dot, rest = target.partition(".")
            wrong_name = put("spec", "externalName", value=first + "-x" + dot + rest)
            yield app.mutant("external-name-target", number, wrong_name)
    for number, part in app.of("EndpointSlice"):
        owner = (ns_of(part), (part["metadata"].get("labels") or {}).get("kubernetes.io/service-name"))
        if owner in services(app) and get(part, "ports", 0, "name"):
            yield app.mutant("slice-port-name", number, put("ports", 0, "name", value="other"), str(owner[1]))


FAMILIES = (policies, gateways, ingresses, pointers, workloads)


def write(app: App, entries: list[Entry], folder: Path) -> None:
    """The application's folder with the changed files rewritten (as JSON, which is YAML)."""
    shutil.copytree(app.folder, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    was: dict[str, list[Object]] = {}
    now: dict[str, list[Object]] = {}
    for entry in app.entries:
        was.setdefault(entry.file, []).append(entry.value)
    for entry in entries:
        now.setdefault(entry.file, []).append(entry.value)
    for file in was:
        if now.get(file) != was[file]:
            text = "".join(f"---\n{json.dumps(value, indent=1)}\n" for value in now.get(file, []))
            (folder / file).write_text(text)


def findings(folder: Path) -> tuple[Diagnostic, ...]:
    """The errors and warnings of a folder."""
    read = project.find([str(folder)], root=str(folder)).load(Config(), {})
    report = session.check(read, Facts(), RULES)
    return tuple(d for d in report.diagnostics if d.severity != "info")


def sign(finding: Diagnostic) -> tuple[str, str]:
    """What makes a finding the same in two runs."""
    return finding.rule, finding.message


def speaks(finding: Diagnostic, mutant: Mutant) -> bool:
    """Whether a finding names an object that was broken."""
    texts = [finding.message, *(r.message for r in finding.related)]
    if finding.object is not None and finding.object.name == mutant.object.partition("/")[2]:
        return True
    names = (mutant.object.partition("/")[2], *mutant.also)
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) for name in names for text in texts)


def main() -> None:
    """Prints recall by class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(__file__).parent / "shop"])
    parser.add_argument("--per-class", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    score: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    index: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as temporary:
        out = arguments.out or Path(temporary)
        for folder in arguments.folders:
            app = App(folder)
            write(app, app.entries, out / folder.name / "base")
            base = {sign(d) for d in findings(out / folder.name / "base")}
            made: collections.Counter[str] = collections.Counter()
            for mutant in (m for family in FAMILIES for m in family(app)):
                if made[mutant.name] >= arguments.per_class:
                    continue
                place = f"{folder.name}/{mutant.name}-{made[mutant.name]}"
                made[mutant.name] += 1
                write(app, mutant.entries, out / place)
                index.append({"bundle": folder.name, "class": mutant.name, "object": mutant.object, "dir": place})
                new = [d for d in findings(out / place) if sign(d) not in base]
                caught = any(speaks(d, mutant) for d in new)
                score[mutant.name][0] += caught
                score[mutant.name][1] += 1
                if not caught and arguments.show:
                    print("missed:", place, mutant.object, [sign(d) for d in new][: arguments.show])
        if arguments.out:
            (out / "index.json").write_text(json.dumps(index, indent=0))
    for name, (noticed, total) in sorted(score.items()):
        print(f"  {name:26} {noticed}/{total}")
    noticed, total = (sum(pair[i] for pair in score.values()) for i in (0, 1))
    print(f"recall: {100 * noticed / max(1, total):.1f} % of {total} breakages in {len(score)} classes")


if __name__ == "__main__":
    main()

"""What no longer meets what it points at: autoscalers, budgets, monitors, webhooks, probes, names, images."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from application import WORKLOADS, App, Mutant, Steps, behind, get, name_of, ns_of, put, services, typo


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

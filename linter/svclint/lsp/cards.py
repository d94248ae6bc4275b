"""What a hover shows of a Service, a workload, a selector and a port, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from svclint.cluster import Cluster, Presence
from svclint.cluster.callers import callers
from svclint.kube.labels import LabelSelector
from svclint.kube.pod import ContainerPort
from svclint.kube.references import Monitor
from svclint.kube.resource import Resource
from svclint.kube.service import Service, ServicePort
from svclint.kube.workload import Workload
from svclint.lsp.callers import workload_of
from svclint.lsp.near import difference, nearest
from svclint.lsp.selectors import Selector, Selectors
from svclint.rule import nearest as nearest_word
from svclint.text import counted

MOST = 8
"""How many lines of one kind are shown; a hover is no report."""


def service_card(cluster: Cluster, service: Service) -> str:
    """All about a Service."""
    kind = "headless" if service.headless else service.type
    out = [f"**Service {service.namespace}/{service.name}** · {kind}"]
    out += _pods(cluster, service)
    if service.ports and not service.is_external_name:
        out.append(_ports(cluster, service))
    domain = cluster.facts.cluster_domain
    short = f"{service.name}.{service.namespace}"
    out.append(f"DNS: `{service.name}` (in {service.namespace}) · `{short}` · `{short}.svc` · `{short}.svc.{domain}`")
    leading = callers(cluster, service)
    if leading:
        out.append("Leads here:\n" + listed(f"- {c.resource.kind}/{c.resource.name}: {c.says}" for c in leading))
    else:
        out.append("Nothing in these manifests leads here.")
    out += _policies(cluster, service)
    return "\n\n".join(out)


def listed(lines: Iterable[str]) -> str:
    """The first lines, and how many more there are."""
    every = list(dict.fromkeys(lines))
    more = [f"- … and {len(every) - MOST} more"] if len(every) > MOST else []
    return "\n".join(every[:MOST] + more)


def workload_card(cluster: Cluster, resource: Resource) -> str | None:
    """Which Services take a workload's pods; None for an object that makes none."""
    workload = workload_of(cluster, resource)
    if workload is None:
        return None
    selecting = cluster.selecting(workload)
    lines = [_one_workload(cluster, workload)[2:]]
    lines += [f"- selected by Service **{service.name}**" for service in selecting[:MOST]]
    return "\n".join(lines if selecting else [*lines, "\nNo Service selects its pods."])


# Selectors.


def _pods(cluster: Cluster, service: Service) -> Iterator[str]:
    if service.is_external_name:
        yield f"Answers with the CNAME `{service.external_name}`."
        return
    if not service.selector:
        given = len(cluster.given_endpoints(service))
        yield (
            f"No selector: {counted(given, 'hand-written endpoint object')}." if given else "No selector, no endpoints."
        )
        return
    selection = cluster.selection(service)
    if selection.workloads:
        yield "Selects:\n" + listed(_one_workload(cluster, workload) for workload in selection.workloads)
    elif selection.possible or selection.gap:
        reason = selection.gap.reason if selection.gap else "labels that controllers add decide"
        yield f"Whether it selects pods can't be told: {reason}."
    else:
        yield "**Selects nothing.**"
        here = cluster.workloads_in(service.namespace)
        yield from _meant(LabelSelector(service.selector, ()), service.name, here)


def _meant(selector: LabelSelector, name: str, workloads: Iterable[Workload]) -> Iterator[str]:
    """The nearest template and the labels that differ."""
    near = nearest(selector, name, ((w.display_name, w.name, w.pod_labels.labels) for w in workloads))
    if near is not None:
        yield f"Nearest is {near[0]}:\n```diff\n" + "\n".join(difference(selector, near[2])) + "\n```"


def selector_card(cluster: Cluster, selector: Selector) -> str:
    """What a selector over pods takes."""
    _, _, says, namespaces = selector
    where = "every namespace" if namespaces is None else ", ".join(namespaces) or "no namespace"
    if says.empty:
        return f"Takes every pod of {where}."
    known = Selectors(cluster)
    taken = list(dict.fromkeys(known.taken(namespaces, says)))
    if taken:
        return f"Takes in {where}:\n" + listed(_one_workload(cluster, workload) for workload in taken)
    if not says.labels and not any(each.operator == "In" for each in says.requirements):
        return f"Takes pods of {where} by the labels that they lack or have: `{says}`."
    open_ones = [name for name in namespaces or () if cluster.taken(name, says).presence is Presence.UNKNOWN]
    if open_ones:
        return f"Whether it takes pods of {', '.join(open_ones)} can't be told from these manifests."
    there = cluster.workloads if namespaces is None else [w for name in namespaces for w in cluster.workloads_in(name)]
    return "\n\n".join([f"**Takes nothing** in {where}.", *_meant(says, selector.resource.name, there)])


def own_selector_card(cluster: Cluster, workload: Workload) -> str | None:
    """What is wrong with the selector of a workload that doesn't take its own template; None if it does."""
    says, labels = workload.selector, workload.template.labels
    if says is None or says.matches(labels):
        return None
    lines = "\n".join(difference(says, labels))
    return f"**Does not take the pods of its own template**, so the API server refuses it:\n```diff\n{lines}\n```"


def monitor_card(cluster: Cluster, monitor: Monitor) -> str:
    """Which Services a ServiceMonitor takes by their own labels."""
    taken = list(dict.fromkeys(Selectors(cluster).services(monitor)))
    if taken:
        return "Takes:\n" + listed(
            f"- **Service {each.namespace}/{each.name}** · {', '.join(map(str, each.ports))}" for each in taken
        )
    says, namespaces = monitor.selector, monitor.namespaces
    if says.empty:
        return "Takes every Service where it looks."
    there = cluster.services if namespaces is None else [s for name in namespaces for s in cluster.services_in(name)]
    near = nearest(says, monitor.name, ((f"Service {s.name}", s.name, s.resource.labels) for s in there))
    out = ["**Takes no Service.** It asks for labels of Services themselves, not of their pods."]
    if near is not None:
        out.append(f"Nearest is {near[0]}:\n```diff\n" + "\n".join(difference(says, near[2])) + "\n```")
    return "\n\n".join(out)


def _one_workload(cluster: Cluster, workload: Workload) -> str:
    pods = sum(pod.count for pod in cluster.pods_of(workload))
    labels = ", ".join(f"{key}={value}" for key, value in workload.template.labels.items())
    return f"- **{workload.display_name}** · {counted(pods, 'pod')} · `{labels}`"


# Ports.


def _ports(cluster: Cluster, service: Service) -> str:
    rows = ["| port | targetPort | container |", "| --- | --- | --- |"]
    rows += [f"| {port} | {port.target_port} | {target_of(cluster, service, port)} |" for port in service.ports]
    return "\n".join(rows)


def target_of(cluster: Cluster, service: Service, port: ServicePort) -> str:
    """Where a port of a Service leads in the pods that it selects, or what is wrong with it."""
    workloads = cluster.selection(service).workloads
    goals: dict[str, None] = {}
    for workload in workloads:
        goals.update(dict.fromkeys([_goal(workload, port)]))
    if goals:
        return ", ".join(goals)
    return "no pods" if service.selector else "–"


def _goal(workload: Workload, port: ServicePort) -> str:
    """The container port that a Service's port means in the pods of one workload."""
    number = workload.template.find_port(port.target_port, port.protocol)
    every = list(workload.template.ports())
    declared = [each for each in every if each.port == number and each.protocol == port.protocol]
    if declared:
        first = declared[0]
        return " ".join(filter(None, (first.port_name, str(first.port), first.container.container_name)))
    fitting = {each.port_name or str(each.port): each for each in every if each.protocol == port.protocol}
    has = ", ".join(f"`{name}`" for name in list(fitting)[:MOST])
    if number is not None:
        return f"{number} (not declared{f'; {workload.display_name} declares {has}' if has else ''})"
    other = next((each.protocol for each in every if each.port_name == port.target_port), None)
    if other is not None:
        return f"**`{port.target_port}` of {workload.display_name} is {other}, not {port.protocol}**"
    near = nearest_word(str(port.target_port), (each.port_name for each in fitting.values() if each.port_name))
    hint = f"nearest is `{near}` {fitting[near].port}" if near else f"it has {has}" if has else "it declares none"
    return f"**no port `{port.target_port}` in {workload.display_name}**, {hint}"


def port_line(cluster: Cluster, service: Service, word: int | str) -> str:
    """Where a port that somebody names (by number or name) leads, or what is wrong with it."""
    port = service.port_named(word) if isinstance(word, str) else service.port_numbered(word)
    if port is not None:
        if service.is_external_name:
            return f"Port {port} of Service {service.name}."
        return f"Port {port} of Service {service.name} → {port.target_port} → {target_of(cluster, service, port)}"
    names = [each.port_name for each in service.ports if each.port_name]
    near = nearest_word(word, names) if isinstance(word, str) else None
    has = f"nearest is `{near}`" if near else f"it has {', '.join(f'`{each}`' for each in service.ports) or 'none'}"
    return f"**Service {service.name} has no port `{word}`**: {has}."


def container_port_card(cluster: Cluster, workload: Workload, port: ContainerPort) -> str:
    """Which Services lead to a port of the pods of a workload."""
    protocol = port.protocol
    leading = [
        f"- Service **{service.name}**: port {each}"
        for service in cluster.selecting(workload)
        for each in service.ports
        if each.protocol == protocol and workload.template.find_port(each.target_port, protocol) == port.port
    ]
    named = " ".join(filter(None, (port.port_name, f"{port.port}/{protocol}")))
    said = "is reached through:\n" + listed(leading) if leading else "is reached through no Service."
    return f"Port {named} of {workload.display_name} {said}"


def missing_card(cluster: Cluster, namespace: str, name: str) -> str:
    """What is to be said of a Service that isn't there."""
    near = nearest_word(name, (service.name for service in cluster.services_in(namespace)))
    out = f"**No Service `{name}` in namespace {namespace}** in these manifests"
    if near:
        return f"{out}: nearest is `{near}`."
    elsewhere = [f"`{service.namespace}`" for service in cluster.services_named(name)]
    return f"{out}; there is one in {', '.join(elsewhere[:MOST])}." if elsewhere else f"{out}."


# Policies.


def _policies(cluster: Cluster, service: Service) -> Iterator[str]:
    if not cluster.facts.network_policies:
        return
    pods = cluster.selected_pods(service) if service.selector else ()
    isolating = {policy.name for pod in pods for policy in cluster.policies.isolating(pod, "Ingress")}
    if not pods:
        return
    if not isolating:
        yield "Policies: none selects its pods, everybody may connect."
        return
    lines = [f"Policies: isolated by {', '.join(f'`{name}`' for name in sorted(isolating))}."]
    port = next(iter(service.ports), None)
    number = pods[0].template.find_port(port.target_port, port.protocol) if port is not None else None
    if port is not None and number is not None:
        lines += dict.fromkeys(_answers(cluster, service, number, port.protocol))
    yield "\n".join(lines[: MOST + 1])


def _answers(cluster: Cluster, service: Service, port: int, protocol: str) -> Iterator[str]:
    server = cluster.selected_pods(service)[0]
    for caller in callers(cluster, service):
        workload = workload_of(cluster, caller.resource)
        pods = cluster.pods_of(workload) if workload is not None else ()
        if workload is not None and pods:
            decision = cluster.policies.decide(pods[0], server, port, protocol)
            word = {True: "may connect", False: "**may not connect**", None: "can't be told"}[decision.allowed]
            yield f"- {workload.display_name}: {word}" + (f" ({decision.policy.name})" if decision.policy else "")

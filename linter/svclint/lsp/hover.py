"""Hover: what the cluster would make of the thing under the pointer, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from svclint.cluster import Cluster
from svclint.explain import rule_page
from svclint.kube.resource import Place, Resource
from svclint.kube.service import Service
from svclint.kube.workload import Workload
from svclint.lsp.callers import callers, workload_of
from svclint.lsp.links import OBJECT
from svclint.lsp.navigate import links
from svclint.lsp.snapshot import Cursor, Snapshot
from svclint.rule import distance
from svclint.text import Span

MOST = 8
"""How many lines of one kind are shown; a hover is no report."""
_WORD = re.compile(r"[a-z][a-z0-9-]*")
_PARTS = (("kind",), ("metadata", "name"), ("spec",))


def hover(snapshot: Snapshot, path: str, position: types.Position) -> types.Hover | None:
    """What is shown at a position."""
    comment = _rule(snapshot, path, position)
    if comment is not None:
        return comment
    cursor, scope = snapshot.cursor(path, position), snapshot.scope(path)
    if cursor is None or scope is None:
        return None
    cluster = snapshot.cluster(scope)
    resource = snapshot.resource(scope, cursor)
    text = None
    if resource is not None:
        inside = cursor.path[len(resource.path) :]
        if Service.reads(resource) and any(inside[: len(part)] == part for part in _PARTS):
            service = cluster.service_named(resource.namespace, resource.name)
            text = service_card(snapshot, cluster, service or Service(resource))
        elif inside and ("labels" in inside or inside == ("kind",) or inside == ("metadata", "name")):
            text = _workload_card(cluster, resource)
    text = text or _referred(snapshot, cluster, cursor)
    if text is None:
        return None
    span = cursor.document.span(cursor.path, "key" if cursor.part == "key" else "value")
    at = snapshot.text(cursor.source).range(span)
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, text), at if at.start.line == at.end.line else None
    )


def _rule(snapshot: Snapshot, path: str, position: types.Position) -> types.Hover | None:
    """The page of the rule that a suppressing comment names."""
    source = snapshot.source(path)
    if source is None:
        return None
    text = snapshot.text(source)
    offset = text.offset(position)
    line = text.line_span(text.line_of(offset))
    if "svclint" not in source.text[line.start : line.end]:
        return None
    for word in _WORD.finditer(source.text, line.start, line.end):
        if word.start() <= offset <= word.end() and word[0] in snapshot.rules:
            page = rule_page(snapshot.rules[word[0]]).markdown
            return types.Hover(
                types.MarkupContent(types.MarkupKind.Markdown, page), text.range(Span(word.start(), word.end()))
            )
    return None


def _referred(snapshot: Snapshot, cluster: Cluster, cursor: Cursor) -> str | None:
    """The card of the Service that is named here."""
    known = links(snapshot, cluster)
    for each in known.at(Place(cursor.document, cursor.path), cursor.offset):
        if each.thing[:3] == (OBJECT, "", "Service"):
            service = cluster.service_named(str(each.thing[3]), str(each.thing[4]))
            if service is not None:
                return service_card(snapshot, cluster, service)
    return None


def service_card(snapshot: Snapshot, cluster: Cluster, service: Service) -> str:
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
        out.append("Leads here:\n" + _list(f"- {c.resource.kind}/{c.resource.name}: {c.says}" for c in leading))
    else:
        out.append("Nothing in these manifests leads here.")
    out += _policies(snapshot, cluster, service)
    return "\n\n".join(out)


def _list(lines: Iterator[str]) -> str:
    every = list(dict.fromkeys(lines))
    more = [f"- … and {len(every) - MOST} more"] if len(every) > MOST else []
    return "\n".join(every[:MOST] + more)


def _pods(cluster: Cluster, service: Service) -> Iterator[str]:
    if service.is_external_name:
        yield f"Answers with the CNAME `{service.external_name}`."
        return
    if not service.selector:
        given = cluster.given_endpoints(service)
        yield f"No selector: {len(given)} hand-written endpoint objects." if given else "No selector, no endpoints."
        return
    selection = cluster.selection(service)
    if selection.workloads:
        yield "Selects:\n" + _list(_one_workload(cluster, workload) for workload in selection.workloads)
        return
    if selection.possible or selection.gap:
        reason = selection.gap.reason if selection.gap else "labels that controllers add decide"
        yield f"Whether it selects pods can't be told: {reason}."
        return
    yield "**Selects nothing.**"
    near = nearest(cluster, service)
    if near is not None:
        wanted, has = service.selector, near.pod_labels.labels
        lines = [f"  {key}: {value}" for key, value in wanted.items() if has.get(key) == value]
        for key, value in wanted.items():
            if has.get(key) != value:
                lines.append(f"- {key}: {value}")
                lines += [f"+ {key}: {has[key]}"] if key in has else []
        yield f"Nearest is {near.display_name}:\n```diff\n" + "\n".join(lines) + "\n```"


def nearest(cluster: Cluster, service: Service) -> Workload | None:
    """The workload of the namespace whose pod labels are most like the selector."""

    def likeness(workload: Workload) -> float:
        has = workload.pod_labels.labels
        score = 1.0 if workload.name == service.name else 0.0
        for key, value in service.selector.items():
            if has.get(key) == value:
                score += 2
            elif key in has:
                score += 1 if distance(has[key], value, 2) <= 2 else 0.25
        return score

    best = max(cluster.workloads_in(service.namespace), key=likeness, default=None)
    return best if best is not None and likeness(best) else None


def _one_workload(cluster: Cluster, workload: Workload) -> str:
    pods = sum(pod.count for pod in cluster.pods_of(workload))
    labels = ", ".join(f"{key}={value}" for key, value in workload.template.labels.items())
    return f"- **{workload.display_name}** · {pods} {'pod' if pods == 1 else 'pods'} · `{labels}`"


def _ports(cluster: Cluster, service: Service) -> str:
    rows = ["| port | targetPort | container |", "| --- | --- | --- |"]
    workloads = cluster.selection(service).workloads
    for port in service.ports:
        goals: dict[str, None] = {}
        for workload in workloads:
            number = workload.template.find_port(port.target_port, port.protocol)
            declared = next((p for p in workload.template.ports() if p.port == number), None)
            if number is None:
                goals[f"none in {workload.display_name}"] = None
            elif declared is None:
                goals[f"{number} (not declared)"] = None
            else:
                goals[" ".join(filter(None, (declared.port_name, str(number), declared.container.container_name)))] = (
                    None
                )
        rows.append(f"| {port} | {port.target_port} | {', '.join(goals) or '–'} |")
    return "\n".join(rows)


def _policies(snapshot: Snapshot, cluster: Cluster, service: Service) -> Iterator[str]:
    if not cluster.facts.network_policies:
        return
    pods = cluster.selected_pods(service)
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
        lines += dict.fromkeys(_answers(snapshot, cluster, service, number, port.protocol))
    yield "\n".join(lines[: MOST + 1])


def _answers(snapshot: Snapshot, cluster: Cluster, service: Service, port: int, protocol: str) -> Iterator[str]:
    server = cluster.selected_pods(service)[0]
    for caller in callers(cluster, service):
        workload = workload_of(cluster, caller.resource)
        pods = cluster.pods_of(workload) if workload is not None else ()
        if workload is not None and pods:
            decision = cluster.policies.decide(pods[0], server, port, protocol)
            word = {True: "may connect", False: "**may not connect**", None: "can't be told"}[decision.allowed]
            yield f"- {workload.display_name}: {word}" + (f" ({decision.policy.name})" if decision.policy else "")


def _workload_card(cluster: Cluster, resource: Resource) -> str | None:
    """Which Services take a workload's pods."""
    workload = workload_of(cluster, resource)
    if workload is None:
        return None
    selecting = cluster.selecting(workload)
    lines = [_one_workload(cluster, workload)[2:]]
    lines += [f"- selected by Service **{service.name}**" for service in selecting[:MOST]]
    return "\n".join(lines if selecting else [*lines, "\nNo Service selects its pods."])

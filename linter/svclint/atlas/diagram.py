"""The map as text that other tools draw: Mermaid and DOT."""

from __future__ import annotations

import re
from collections.abc import Iterable

from svclint.atlas.graph import Edge, Graph, Node

_COLUMNS = (("entrance", "what leads there"), ("service", "Services"), ("pods", "pods"))


def mermaid(graphs: dict[str, Graph]) -> str:
    """A Mermaid flowchart, one subgraph a namespace (and scope)."""
    lines = ["flowchart LR"]
    for prefix, (scope, graph) in enumerate(graphs.items()):
        names = {node.id: f"n{prefix}_{number}" for number, node in enumerate(graph.nodes)}
        for number, (namespace, nodes) in enumerate(_by_namespace(graph.nodes)):
            title = f"{scope}: {namespace}" if len(graphs) > 1 else namespace
            lines.append(f'  subgraph g{prefix}_{number}["{_mermaid(title)}"]')
            for node in nodes:
                text = "<br/>".join(map(_mermaid, _text(node)))
                start, end = {"entrance": ("([", "])"), "service": ("[", "]"), "pods": ("[(", ")]")}[node.column]
                lines.append(f'    {names[node.id]}{start}"{text}"{end}')
            lines.append("  end")
        for edge in _merged(graph.edges):
            arrow = {"ok": "-->", "off": "-.->", "unknown": "-.-"}[edge.state]
            label = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
            if edge.source in names and edge.target in names:
                lines.append(f"  {names[edge.source]} {arrow}{label} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def dot(graphs: dict[str, Graph]) -> str:
    """A Graphviz digraph, one cluster a namespace (and scope)."""
    lines = ["digraph svclint {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif", fontsize=10];']
    for prefix, (scope, graph) in enumerate(graphs.items()):
        names = {node.id: f"n{prefix}_{number}" for number, node in enumerate(graph.nodes)}
        for number, (namespace, nodes) in enumerate(_by_namespace(graph.nodes)):
            title = f"{scope}: {namespace}" if len(graphs) > 1 else namespace
            lines += [f"  subgraph cluster_{prefix}_{number} {{", f"    label={_dot(title)};"]
            for node in nodes:
                shape = {"entrance": "cds", "service": "box", "pods": "box3d"}[node.column]
                lines.append(f"    {names[node.id]} [shape={shape}, label={_dot(chr(10).join(_text(node)))}];")
            lines.append("  }")
        for edge in _merged(graph.edges):
            style = {"ok": "solid", "off": "dashed", "unknown": "dotted"}[edge.state]
            if edge.source in names and edge.target in names:
                ends = f"{names[edge.source]} -> {names[edge.target]}"
                lines.append(f"  {ends} [style={style}, label={_dot(edge.label)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _text(node: Node) -> list[str]:
    rows = [text for _, text in node.ports] if node.column == "service" else []
    return [f"{node.kind} {node.name}", *rows, *([node.detail] if node.detail and node.column == "entrance" else [])]


def _by_namespace(nodes: Iterable[Node]) -> list[tuple[str, list[Node]]]:
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(node.namespace, []).append(node)
    return sorted(found.items())


def _merged(edges: Iterable[Edge]) -> list[Edge]:
    """One edge for those that differ in ports only, with what they lead to as its label."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for edge in edges:
        what = edge.label or (edge.target_port if edge.source.startswith("Service/") else "")
        labels = found.setdefault((edge.source, edge.target, edge.state), [])
        if what and what not in labels:
            labels.append(what)
    return [
        Edge(source, "", target, "", ", ".join(labels), state)  # type: ignore[arg-type]
        for (source, target, state), labels in found.items()
    ]


def _mermaid(text: str) -> str:
    """Text inside a Mermaid label: its own entity codes for what would end or mark it."""
    return re.sub(r"[^\w ./:,=*×→()\[\]@+-]", lambda match: f"#{ord(match[0])};", text)


def _dot(text: str) -> str:
    """A DOT string; no command to a build's log (`##vso[`)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("##", "#&#35;")
    return '"' + "".join(char if char.isprintable() else "?" for char in escaped) + '"'

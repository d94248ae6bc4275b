"""The map as one self-contained HTML page: it loads nothing and needs no network."""

from __future__ import annotations

import json
import os

from svclint.atlas.graph import Graph


def page(graphs: dict[str, Graph]) -> str:
    """The page; texts from manifests are in it as data only, never as markup."""
    data = {
        scope: {"nodes": [node._asdict() for node in graph.nodes], "edges": [edge._asdict() for edge in graph.edges]}
        for scope, graph in graphs.items()
    }
    # In a script element only `</` and `<!--` could end or change it, in a build's log `##vso[` would be a command.
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c").replace("##", "#\\u0023")
    with open(os.path.join(os.path.dirname(__file__), "page.html"), encoding="utf-8") as template:
        return template.read().replace("__DATA__", text)

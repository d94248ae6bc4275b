"""Hosts in what pods are told: which one stands at a place, and where in it the Service's name does."""

from __future__ import annotations

from svclint.cluster import Cluster
from svclint.cluster.mentions import Mention, Target, mentions
from svclint.kube.resource import Place
from svclint.lsp.snapshot import Cursor


def host_at(cluster: Cluster, cursor: Cursor) -> Mention | None:
    """The host whose characters the cursor stands in, or whose port's."""
    for mention in mentions(cluster):
        if mention.place.document is cursor.document and mention.place.path == cursor.path:
            end = mention.offset + len(mention.host)
            if mention.port is not None:
                end = mention.port_offset + len(str(mention.port))
            span = cursor.document.slice_span(cursor.path, mention.offset, end)
            if span.start <= cursor.offset <= span.end:
                return mention
    return None


def name_place(mention: Mention, meant: Target) -> Place:
    """The characters of a host that are the Service's name."""
    start = mention.offset + (len(meant.pod) + 1 if meant.pod else 0)
    return mention.place._replace(slice=(start, start + len(meant.name)))

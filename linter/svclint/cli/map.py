"""`svclint map`: every Service with its names, ports and endpoints, and what leads to it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from svclint.cli.options import cluster_options

if TYPE_CHECKING:
    from svclint.api import PaperCluster
    from svclint.atlas.graph import Findings
    from svclint.kube.facts import Facts

FORMATS = ("text", "json", "mermaid", "dot", "html")


@click.command("map")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="[text]")
@click.option("--output-file", metavar="FILE", help="Write there instead of standard output.")
@click.option("--no-findings", is_flag=True, help="html: without what `svclint check` says.")
@cluster_options
def map_(
    paths: tuple[str, ...],
    output_format: str,
    output_file: str | None,
    no_findings: bool,
    facts_of: Callable[..., Facts],
) -> None:
    """Show every Service with its DNS names, ports and endpoints, and what leads to it.

    Reads PATHs and nothing else (none: the project root; `-`: standard input).
    """
    from svclint.output import emit

    if output_format == "html" and not no_findings:
        findings: dict[str, Findings] = {}
        found = read_clusters(paths, facts_of, findings)
    else:
        found, findings = read_clusters(paths, facts_of), {}
    text = render(found, output_format, findings)
    if output_file is None:
        emit(text, sys.stdout)
        return
    from svclint import writing

    try:
        writing.save(output_file, text.encode("utf-8", "backslashreplace"))
    except writing.WriteError as error:
        raise click.ClickException(str(error)) from None


def render(found: dict[str, PaperCluster], output_format: str, findings: dict[str, Findings]) -> str:
    """The map in one of FORMATS."""
    if output_format == "json":
        from svclint.output.printable import dump_json

        return dump_json(as_json(found), None)
    if output_format == "text":
        from svclint.atlas.tree import tree

        return "".join(tree(paper, name if len(found) > 1 else None) for name, paper in found.items())
    from svclint.atlas.graph import graph

    graphs = {name: graph(paper.cluster, findings.get(name)) for name, paper in found.items()}
    if output_format == "html":
        from svclint.atlas.page import page

        return page(graphs)
    from svclint.atlas import diagram

    return diagram.dot(graphs) if output_format == "dot" else diagram.mermaid(graphs)


def as_json(found: dict[str, PaperCluster]) -> dict[str, object]:
    """The map as contract.md has it: one scope's Services, or those of several."""
    if len(found) == 1:
        return {"services": next(iter(found.values())).map()}
    return {"scopes": {name: {"services": paper.map()} for name, paper in found.items()}}


def read_clusters(
    paths: tuple[str, ...], facts_of: Callable[..., Facts], findings: dict[str, Findings] | None = None
) -> dict[str, PaperCluster]:
    """The clusters at PATHs, with the facts that the flags and the configuration tell. What `svclint check` says of
    them goes into `findings`, if given. Raises ClickException."""
    from svclint import api, config, project

    stdin = sys.stdin.buffer.read() if "-" in paths else None
    try:
        read, configured = api.open_project(paths, facts_of, stdin)
    except (config.ConfigError, project.ProjectError) as error:
        raise click.ClickException(str(error)) from None
    facts = facts_of(config.facts(configured))
    found = api.clusters(read, facts, configured)
    if findings is not None:
        said = api.findings(read, facts, configured)
        findings.update(dict.fromkeys(found, said))
    return found

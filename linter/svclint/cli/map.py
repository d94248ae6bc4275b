"""`svclint map`: every Service with its names, ports and endpoints."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from svclint.cli.options import cluster_options

if TYPE_CHECKING:
    from svclint.api import PaperCluster
    from svclint.kube.facts import Facts

FORMATS = ("text", "json")


@click.command("map")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="[text]")
@cluster_options
def map_(paths: tuple[str, ...], output_format: str, facts_of: Callable[..., Facts]) -> None:
    """Show every Service with its DNS names, ports and endpoints, and what leads to it.

    Reads PATHs and nothing else (none: the project root; `-`: standard input).
    """
    found = read_clusters(paths, facts_of)
    if output_format == "json":
        import json

        json.dump(as_json(found), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        from svclint.atlas.tree import tree

        for name, paper in found.items():
            sys.stdout.write(tree(paper, name if len(found) > 1 else None))


def as_json(found: dict[str, PaperCluster]) -> dict[str, object]:
    """The map as contract.md has it: one scope's Services, or those of several."""
    if len(found) == 1:
        return {"services": next(iter(found.values())).map()}
    return {"scopes": {name: {"services": paper.map()} for name, paper in found.items()}}


def read_clusters(paths: tuple[str, ...], facts_of: Callable[..., Facts]) -> dict[str, PaperCluster]:
    """The clusters at PATHs, with the facts that the flags and the configuration tell. Raises ClickException."""
    from svclint import api, config, project

    stdin = sys.stdin.buffer.read() if "-" in paths else None
    try:
        read, configured = api.open_project(paths, facts_of(), stdin)
        facts = facts_of(config.facts(configured))
        if facts.namespace != read.namespace:
            read, configured = api.open_project(paths, facts, stdin)
    except (config.ConfigError, project.ProjectError) as error:
        raise click.ClickException(str(error)) from None
    return api.clusters(read, facts, configured)

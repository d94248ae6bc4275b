"""`svclint resolve`: the whole path of one connection, step by step."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from svclint.cli.dig import choose, read_lines
from svclint.cli.map import read_clusters
from svclint.cli.options import cluster_options
from svclint.output import emit
from svclint.output.printable import dump_json, leading, plain

if TYPE_CHECKING:
    from svclint.api import PaperCluster
    from svclint.cluster.resolver import Libc
    from svclint.cluster.trace import Step, Trace
    from svclint.kube.facts import Facts


@click.command()
@click.argument("target", required=False)
@click.option("--from", "source", metavar="WHERE", default="pod", help="pod, outside or NAMESPACE/KIND/NAME.  [pod]")
@click.option("-f", "--file", "batch", metavar="FILE", help="Read `TARGET WHERE` lines (`-`: standard input).")
@click.option("--in", "paths", multiple=True, metavar="PATH", help="Read these manifests.  [the project root]")
@click.option("--scope", metavar="FOLDER", help="Ask this cluster, where the manifests make several.")
@click.option("--libc", type=click.Choice(["glibc", "musl"]), default="glibc", help="How names are resolved.  [glibc]")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="[text]")
@cluster_options
def resolve(
    target: str | None,
    source: str,
    batch: str | None,
    paths: tuple[str, ...],
    scope: str | None,
    libc: Libc,
    output_format: str,
    facts_of: Callable[..., Facts],
) -> None:
    """Follow a connection to TARGET: HOST:PORT[/PROTOCOL] or a URL.

    HOST is a DNS name as the client would type it, a cluster IP, an external IP, `node` or NAMESPACE/KIND/NAME.
    """
    if (target is None) == (batch is None):
        raise click.UsageError("give TARGET, or -f FILE")
    if target is not None:
        _check(target)
        questions = [(target, source)]
    else:
        words = [line.split() for line in read_lines(batch or "-")]
        questions = [(line[0], line[1] if len(line) > 1 else source) for line in words]
    found = choose(read_clusters(paths, facts_of), scope)
    traces = [_trace(found, one, where, libc) for one, where in questions]
    if output_format == "json":
        shown: Any = [as_json(item) for item in traces] if batch is not None else as_json(traces[0])
        emit(dump_json(shown, None), sys.stdout)
    else:
        emit("\n".join(as_text(item, os.path.relpath(found[0].root)) for item in traces), sys.stdout)


def _check(target: str) -> None:
    from svclint.cluster.target import TargetError, parse_target

    try:
        parse_target(target)
    except TargetError as error:
        raise click.UsageError(str(error)) from None


def _trace(found: list[PaperCluster], target: str, where: str, libc: Libc) -> Trace:
    """The path in the first cluster that knows the target."""
    first: Trace | None = None
    for paper in found:
        trace = paper.resolve(target, where, libc)
        if trace.verdict not in ("unresolved", "unknown"):
            return trace
        first = first or trace
    assert first is not None
    return first


def as_json(trace: Trace) -> dict[str, Any]:
    """The path as contract.md has it."""
    return {
        "target": trace.target,
        "from": trace.source,
        "verdict": trace.verdict,
        "reaches": [reach._asdict() for reach in trace.reaches],
        "steps": [_step(step) for step in trace.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    where = position(step)
    return {
        "topic": step.topic,
        "text": step.text,
        "file": where[0] if where else None,
        "line": where[1] if where else None,
        "column": where[2] if where else None,
    }


def position(step: Step) -> tuple[str, int, int] | None:
    """The file, line and column of what decides a step."""
    if step.place is None:
        return None
    document = step.place.document
    span = document.span(step.place.path, step.place.part)
    at = document.source.position(span.start)
    return document.source.path, at.line, at.column


def as_text(trace: Trace, folder: str = ".") -> str:
    """Numbered steps, each with its manifest line, and the verdict; `folder` is where the files are."""
    lines = [leading(f"{trace.target} from {trace.source}")]
    for number, step in enumerate(trace.steps, 1):
        where = position(step)
        known = where is not None and not where[0].startswith("<")
        shown = f"  [{os.path.normpath(os.path.join(folder, where[0]))}:{where[1]}]" if where and known else ""
        lines.append(plain(f"{number:3}. {step.topic}: {step.text}{shown}"))
    lines.append(f"  => {trace.verdict}")
    return "\n".join(lines) + "\n"

"""`svclint dig`: what CoreDNS would answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from svclint.cli.map import read_clusters
from svclint.cli.options import cluster_options
from svclint.output import emit
from svclint.output.printable import dump_json, plain

if TYPE_CHECKING:
    from svclint.api import PaperCluster
    from svclint.cluster.dns import Answer
    from svclint.kube.facts import Facts


@click.command()
@click.argument("name", required=False)
@click.argument("type_", metavar="[TYPE]", required=False, default="A")
@click.option("-x", "--reverse", is_flag=True, help="NAME is an address: which names does it have?")
@click.option("-f", "--file", "batch", metavar="FILE", help="Read `NAME TYPE` lines (`-`: standard input).")
@click.option("--in", "paths", multiple=True, metavar="PATH", help="Read these manifests.  [the project root]")
@click.option("--scope", metavar="FOLDER", help="Ask this cluster, where the manifests make several.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="[text]")
@cluster_options
def dig(
    name: str | None,
    type_: str,
    reverse: bool,
    batch: str | None,
    paths: tuple[str, ...],
    scope: str | None,
    output_format: str,
    facts_of: Callable[..., Facts],
) -> None:
    """Say what the cluster's DNS would answer about NAME (absolute, as for `dig`; TYPE is A, AAAA, SRV, CNAME, …)."""
    if (name is None) == (batch is None):
        raise click.UsageError("give NAME, or -f FILE")
    if name is None:
        questions = list(_questions(read_lines(batch or "-")))
    else:
        questions = [(_pointer(name), "PTR")] if reverse else [(name, type_)]
    found = choose(read_clusters(paths, facts_of), scope)
    answers = [_answer(found, one, kind) for one, kind in questions]
    if output_format == "json":
        emit(dump_json([as_json(answer) for answer in answers], None), sys.stdout)
    else:
        emit("".join(as_text(answer) + _meant(answer, found) for answer in answers), sys.stdout)


def read_lines(file: str) -> list[str]:
    """The lines of a batch file that say something. Raises ClickException."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(file, "rb") as stream:
                data = stream.read()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    return [line for line in lines if line and not line.startswith(("#", ";"))]


def choose(found: dict[str, PaperCluster], scope: str | None) -> list[PaperCluster]:
    """The clusters to ask, in order. Raises ClickException for a scope that isn't there."""
    if scope is None:
        return list(found.values())
    if scope not in found:
        raise click.ClickException(f"no cluster {scope!r}; there are: {', '.join(found)}")
    return [found[scope]]


def _questions(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        words = line.split()
        yield words[0], words[1] if len(words) > 1 else "A"


def _pointer(address: str) -> str:
    """The name under which the names of an address are asked. Raises UsageError."""
    import ipaddress

    try:
        return ipaddress.ip_address(address).reverse_pointer
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _answer(found: list[PaperCluster], name: str, kind: str) -> Answer:
    """The answer of the first cluster that knows the name."""
    first: Answer | None = None
    for paper in found:
        answer = paper.dig(name, kind)
        if answer.rcode == "NOERROR":
            return answer
        first = first or answer
    assert first is not None
    return first


def _meant(answer: Answer, found: list[PaperCluster]) -> str:
    """The whole name of a Service, for who asks for it as a program would."""
    labels = answer.name.rstrip(".").split(".")
    if answer.rcode != "REFUSED":
        return ""
    for paper in found:
        facts = paper.cluster.facts
        namespace = labels[1] if len(labels) > 1 else facts.namespace
        if len(labels) <= 3 and paper.cluster.service_named(namespace, labels[0]) is not None:
            name = f"{labels[0]}.{namespace}.svc.{facts.cluster_domain}"
            return f"; names are absolute here, as for dig: did you mean {plain(name)}?\n"
    return ""


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as contract.md has it."""
    return {
        "name": answer.name,
        "type": answer.type,
        "rcode": answer.rcode,
        "answers": [record.json() for record in answer.answers],
    }


def as_text(answer: Answer) -> str:
    """The answer in dig's own manner."""
    lines = [f"; {answer.name} {answer.type}: {answer.rcode}{f' ({answer.reason})' if answer.reason else ''}"]
    if answer.rcode == "NOERROR" and not answer.answers:
        lines[0] += ", no data"
    lines += [
        f"{record.owner}\tIN\t{record.type}\t" + (f"{record.port} " if record.port is not None else "") + record.data
        for record in answer.answers
    ]
    return "\n".join("\t".join(map(plain, line.split("\t"))) for line in lines) + "\n"

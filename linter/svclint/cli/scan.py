"""`svclint scan`: many repositories, and what crosses them."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from svclint.cli.options import cluster_options
from svclint.rule import SEVERITIES

if TYPE_CHECKING:
    from svclint.kube.facts import Facts
    from svclint.scan import Repository


class _Given:
    """Stands for Facts where only what the command line sets is wanted."""

    def _replace(self, **said: Any) -> dict[str, Any]:
        return said


@click.command()
@click.argument("repositories", nargs=-1, required=True, metavar="REPOSITORY...")
@click.option("--executor", "kind", type=click.Choice(["processes", "serial", "dask"]), default="processes")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many workers.  [one a CPU]")
@click.option("--scheduler", metavar="ADDRESS", help="With --executor dask: the cluster's scheduler, tcp://HOST:PORT.")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), default="error", show_default=True)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@cluster_options
def scan(
    repositories: tuple[str, ...],
    kind: str,
    jobs: int | None,
    scheduler: str | None,
    fail_on: str,
    output_format: str,
    facts_of: Callable[..., Facts],
) -> None:
    """Check many repositories (folders), each with the Services of the others that it speaks of.

    A name in one repository meets the Service in another one where both state the namespace.
    """
    from svclint import executors
    from svclint.output import emit
    from svclint.scan import scan as run

    for path in repositories:
        if not os.path.isdir(path):
            raise click.ClickException(f"no such folder: {path}")
    said: Any = facts_of(_Given())
    try:
        with executors.executor(kind, jobs, scheduler) as executor:
            found = run(repositories, executor, said)
    except executors.ExecutorError as error:
        raise click.ClickException(str(error)) from None
    emit(as_json(found) if output_format == "json" else as_text(found), sys.stdout)
    if any(each.crashes for each in found):
        sys.exit(2)
    bad = () if fail_on == "never" else SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    if any(said["severity"] in bad for each in found for said in each.findings):
        sys.exit(1)


def as_text(found: Sequence[Repository]) -> str:
    """One line a finding, then one line a repository that has any."""
    from svclint.output.printable import leading
    from svclint.text import counted

    lines = []
    for each in found:
        for said in each.findings:
            where = f"{said['file']}:{said['line']}:{said['column']}"
            lines.append(leading(f"{where}: {said['severity']}[{said['rule']}] {said['message']}"))
        lines += [leading(f"{each.name}: svclint failed: {crash}") for crash in each.crashes]
    by_severity = Counter(said["severity"] for each in found for said in each.findings)
    numbers = ", ".join(counted(by_severity[severity], severity) for severity in SEVERITIES if by_severity[severity])
    objects = counted(sum(each.objects for each in found), "object")
    where = "1 repository" if len(found) == 1 else f"{len(found)} repositories"
    lines.append(f"{numbers or 'no findings'} in {objects} in {where}.")
    return "\n".join(lines) + "\n"


def as_json(found: Sequence[Repository]) -> str:
    """`{"version": 1, "repositories": [{"name", "objects", "findings", "notes", "crashes"}]}`."""
    from svclint.output.printable import dump_json

    listed = [{**each._asdict(), "notes": [note._asdict() for note in each.notes]} for each in found]
    return dump_json({"version": 1, "repositories": listed}) + "\n"

"""`svclint krm`: the KRM function for kustomize and kpt."""

from __future__ import annotations

import sys

import click


@click.command()
def krm() -> None:
    """Read a ResourceList on standard input, write it back with the findings as results.

    Findings go to standard error too, because `kustomize build` shows no results. Exit code 1 if one is an error.
    """
    from svclint import krm as function
    from svclint import registry
    from svclint.output.printable import plain

    try:
        outcome = function.run(sys.stdin.buffer.read())
    except function.KrmError as error:
        raise click.ClickException(str(error)) from None
    for failure in registry.failures():
        click.echo(plain(f"Warning: {failure}"), err=True)
    sys.stdout.buffer.write(outcome.text.encode())
    sys.stdout.buffer.flush()
    for result in outcome.results:
        click.echo(function.line(result), err=True)
    for crash in outcome.report.crashes:
        click.echo(plain(f"svclint failed: {crash}"), err=True)
    if outcome.report.crashes:
        sys.exit(2)
    if function.severity_of(outcome.results) == "error":
        sys.exit(1)

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
    from svclint import output, registry

    try:
        outcome = function.run(sys.stdin.buffer.read())
    except function.KrmError as error:
        raise click.ClickException(str(error)) from None
    for failure in registry.failures():
        click.echo(f"Warning: {failure}", err=True)
    sys.stdout.buffer.write(outcome.text.encode())
    sys.stdout.buffer.flush()
    if outcome.results:
        click.echo(output.render(outcome.report, "concise", output.Style(notes=False)), err=True, nl=False)
    if function.severity_of(outcome.results) == "error":
        sys.exit(1)

"""`svclint rules`: all rules."""

from __future__ import annotations

import click


@click.command()
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
def rules(output_format: str) -> None:
    """List all rules: name, severity and what each one says."""
    from svclint.registry import rules as registered

    found = sorted(registered().values(), key=lambda r: r.name)
    if output_format == "json":
        import json

        shown = [
            {
                "name": r.name,
                "severity": r.severity,
                "default": r.default,
                "since": r.since,
                "summary": summary(r.doc),
                "doc": r.doc,
                "options": {k: {"default": o.default, "help": o.help} for k, o in r.options.items()},
            }
            for r in found
        ]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    width = max((len(r.name) for r in found), default=0)
    for r in found:
        off = "" if r.default else " (off by default)"
        click.echo(f"{r.name:{width}}  {r.severity:7}  {summary(r.doc)}{off}")


def summary(doc: str) -> str:
    """The first sentence of a rule's page."""
    return doc.strip().split("\n\n")[0].replace("\n", " ")

"""`svclint rules`: all rules."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from svclint.rule import Rule


@click.command()
@click.option("--output-format", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--trust-local-rules", is_flag=True, help="List the rules in the folders that `local-rules` names too.")
def rules(output_format: str, trust_local_rules: bool) -> None:
    """List all rules: name, severity and what each one says."""
    from svclint.cli.world import WorldError, rules_here
    from svclint.output import emit
    from svclint.output.printable import plain

    try:
        known = rules_here(trust_local_rules)
    except WorldError as error:
        raise click.ClickException(str(error)) from None
    found = sorted(known.rules.values(), key=lambda r: r.name)
    for failure in known.failures:
        click.echo(plain(f"Warning: {failure}"), err=True)
    shape = {"text": as_text, "json": as_json, "markdown": as_markdown}[output_format]
    emit(shape(found) + "\n", sys.stdout)


def as_text(found: Iterable[Rule]) -> str:
    """One line a rule."""
    from svclint.explain import rule_page

    listed = list(found)
    width = max((len(r.name) for r in listed), default=0)
    lines = []
    for r in listed:
        off = "" if r.default else " (off by default)"
        lines.append(f"{r.name:{width}}  {r.severity:7}  {rule_page(r).summary}{off}")
    return "\n".join(lines)


def as_json(found: Iterable[Rule]) -> str:
    """A list of objects, with the whole page of each rule."""
    import json

    from svclint.explain import rule_page

    shown = []
    for r in found:
        page = rule_page(r)
        shown.append(
            {
                "name": r.name,
                "group": page.group,
                "severity": r.severity,
                "default": r.default,
                "since": r.since,
                "summary": page.summary,
                "symptoms": list(page.symptoms),
                "options": {name: {"default": o.default, "help": o.help} for name, o in r.options.items()},
                "doc": r.doc,
            }
        )
    return json.dumps(shown, indent=2, ensure_ascii=False)


def as_markdown(found: Iterable[Rule]) -> str:
    """A table."""
    from svclint.explain import rule_page

    rows = ["| rule | severity | what it says |", "|---|---|---|"]
    for r in found:
        summary = rule_page(r).summary.replace("|", "\\|")
        rows.append(f"| `{r.name}` | {r.severity}{'' if r.default else ', off by default'} | {summary} |")
    return "\n".join(rows)

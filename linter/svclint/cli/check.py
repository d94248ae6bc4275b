"""`svclint check`: the arguments; what it does is in `linting`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from svclint.cli.linting import Asked, CheckError, WrongUse, run
from svclint.cli.options import cluster_options
from svclint.rule import SEVERITIES

if TYPE_CHECKING:
    from svclint.kube.facts import Facts


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--root", metavar="DIR", help="The project's root; sources are read from here.")
@click.option("--config", "config_file", metavar="FILE", help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Ignore configuration files.")
@click.option("--select", multiple=True, metavar="RULE", help="Ask only these rules (patterns; ALL for every rule).")
@click.option("--extend-select", multiple=True, metavar="RULE", help="Ask these rules too.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Don't ask these rules.")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), help="Exit 1 from this severity on.  [error]")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: apply unsafe fixes too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; exit 1 if anything.")
@click.option(
    "--output-format",
    "output_formats",
    multiple=True,
    metavar="FORMAT[:FILE]",
    help="text, concise, json, sarif, github, gitlab, junit …; repeatable.  [text]",
)
@click.option("--baseline", "baseline_file", metavar="FILE", help="Leave out the findings that this file knows.")
@click.option("--write-baseline", metavar="FILE", help="Write all findings into this file, and exit 0.")
@click.option("--stdin-filename", metavar="FILE", help="With PATH `-`: the text on standard input replaces this file.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text output.")
@click.option("--language", metavar="TAG", help="Language of the messages: en, zh-Hans.  [the locale's]")
@click.option("-q", "--quiet", is_flag=True, help="No notes.")
@click.option("--staged", is_flag=True, help="Read git's index; show what the commit affects, deletions included.")
@click.option(
    "--diff-base", metavar="REF", help="Show what is new since this branch, tag or commit, wherever it shows."
)
@click.option("--render", metavar="TOOL[,TOOL]", help="Render charts and overlays by helm, kustomize (from PATH).")
@click.option(
    "--policy", "policies", multiple=True, metavar="FILE", help="ValidatingAdmissionPolicies to ask; repeatable."
)
@click.option("--trust-local-rules", is_flag=True, help="Run the rules in the folders that `local-rules` names.")
@cluster_options
def check(facts_of: Callable[..., Facts], **asked: Any) -> None:
    """Lint manifests: every name, selector and port must meet something.

    PATHs are what is reported on; what they meet is read from the whole project.
    """
    try:
        code = run(Asked(**asked), facts_of)
    except WrongUse as error:
        raise click.UsageError(str(error)) from None
    except CheckError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code)

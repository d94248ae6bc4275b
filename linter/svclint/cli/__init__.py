"""The command line: thin over one session; every verb's module is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from svclint.version import VERSION

VERBS = {
    "admit": "svclint.cli.admit:admit",
    "cel": "svclint.cli.cel:cel",
    "check": "svclint.cli.check:check",
    "config": "svclint.cli.config:config",
    "dig": "svclint.cli.dig:dig",
    "explain": "svclint.cli.explain:explain",
    "krm": "svclint.cli.krm:krm",
    "map": "svclint.cli.map:map_",
    "resolve": "svclint.cli.resolve:resolve",
    "rules": "svclint.cli.rules:rules",
    "scan": "svclint.cli.scan:scan",
    "server": "svclint.cli.server:server",
}


class Verbs(click.Group):
    """A group whose commands are imported only when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = VERBS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "SVCLINT"})
@click.version_option(VERSION, prog_name="svclint")
def root() -> None:
    """Says what your Kubernetes cluster would say, before it does."""


def main() -> None:
    """Entry point of the console scripts; exit codes: 0 fine, 1 findings, 2 svclint could not do its work."""
    try:
        root(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`| head`) has gone: nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)

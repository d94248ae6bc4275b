"""The command group: every verb's module is imported when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from svclint.cli import VERBS
from svclint.version import VERSION


class ReaderGone(Exception):
    """Whoever reads the output has gone; of a BrokenPipeError click itself would make exit code 1."""


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

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGone from None


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "SVCLINT"})
@click.version_option(VERSION, prog_name="svclint")
def root() -> None:
    """Says what your Kubernetes cluster would say, before it does."""


def main() -> int:
    """Reads the arguments, runs the verb and gives the exit code."""
    try:
        root(standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        from svclint.output.printable import plain

        # What was given on the command line is in it, and may be the name of a file of somebody else.
        vars(error)["message"] = plain(error.message)
        error.show()
        return 2
    except click.Abort:
        return 130
    except ReaderGone:
        raise BrokenPipeError from None
    return 0

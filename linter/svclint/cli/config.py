"""`svclint config`: the configuration that applies, its schema, and a first one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from svclint.config import Config

STARTER = """\
# svclint: docs/configuration.md tells every key.
kubernetes-version = "1.36"
# select = ["ALL"]                  # ask every rule, also those that are off by default
# ignore = ["undeclared-target-port"]
# exclude = ["generated/"]
# assume = ["stubs/"]               # manifests of what lives elsewhere

# [rules.selector-matches-no-pod]
# severity = "error"
"""


@click.command()
@click.option("--root", metavar="DIR", help="The project's root.")
@click.option("--config", "config_file", metavar="FILE", help="Use this configuration file.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the configuration, for editors.")
@click.option("--init", is_flag=True, help="Write a first svclint.toml, if there is no configuration.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def config(root: str | None, config_file: str | None, schema: bool, init: bool, output_format: str) -> None:
    """Show the configuration that applies here, and what it sets."""
    import json

    from svclint import config as configuration
    from svclint import project, registry
    from svclint.output import emit
    from svclint.output.printable import dump_json, plain

    if schema:
        emit(json.dumps(configuration.schema(), indent=2, ensure_ascii=False) + "\n", sys.stdout)
        return
    try:
        place = project.find([], root=root).root
        found = configuration.load(place, config_file)
        if init:
            click.echo(plain(_init(place, found.path)))
            return
        known = registry.installed()
        configuration.check_options(found, known.rules)
        if not known.failures and not found.local_rules:
            configuration.check_rules(found, known.rules)
    except (configuration.ConfigError, project.ProjectError) as error:
        raise click.ClickException(str(error)) from None
    shown = {"root": place, "file": found.path, "set": _set(found)}
    if output_format == "json":
        emit(dump_json(shown), sys.stdout)
        return
    lines = [plain(f"root: {place}"), plain(f"file: {found.path or 'none, the defaults apply'}")]
    lines += [f"{key} = {dump_json(value, None).rstrip()}" for key, value in shown["set"].items()]  # type: ignore[union-attr]
    emit("\n".join(lines) + "\n", sys.stdout)


def _set(found: Config) -> dict[str, Any]:
    """What differs from the defaults, as plain values."""
    nothing = type(found)()
    shown: dict[str, Any] = {}
    for name, value in found._asdict().items():
        if name not in ("path", "said") and value != getattr(nothing, name):
            shown[name.replace("_", "-")] = dict(value) if hasattr(value, "items") else value
    for name, value in found.said.items():
        shown[name.replace("_", "-")] = sorted(value) if isinstance(value, frozenset) else value
    return shown


def _init(root: str, there: str | None) -> str:
    path = os.path.join(root, "svclint.toml")
    if there is not None or os.path.lexists(path):
        raise click.ClickException(f"there is a configuration already: {there or path}")
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(STARTER)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    return f"written: {path}"

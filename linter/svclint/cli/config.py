"""`svclint config`: the configuration that applies, its schema, and a first one."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
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
    lines = [plain(f"# root: {place}"), plain(f"# file: {found.path or 'none, the defaults apply'}")]
    emit("\n".join([*lines, *_toml(_set(found))]) + "\n", sys.stdout)


def _set(found: Config) -> dict[str, Any]:
    """What differs from the defaults, by the keys of the file and as it is written there."""
    nothing = type(found)()
    shown = {
        name.replace("_", "-"): value
        for name, value in found._asdict().items()
        if name not in _SHAPED and value != getattr(nothing, name)
    }
    for name, value in found.said.items():
        key = "service-cidr" if name == "service_cidrs" else name.replace("_", "-")
        shown[key] = _FACTS[name](value) if name in _FACTS else value
    if found.per_file_ignores:
        shown["per-file-ignores"] = dict(found.per_file_ignores)
    rules: dict[str, dict[str, Any]] = {}
    for name, options in found.options.items():
        severity = {"severity": found.severities[name]} if name in found.severities else {}
        settings = severity | {key.replace("_", "-"): value for key, value in options.items()}
        if settings:
            rules[name] = settings
    if rules:
        shown["rules"] = rules
    if found.workload_kinds:
        shown["workload-kinds"] = [
            {
                key: ".".join(value) if isinstance(value, tuple) else value
                for key, value in each._asdict().items()
                if value
            }
            for each in found.workload_kinds
        ]
    return shown


_SHAPED = frozenset({"path", "said", "per_file_ignores", "severities", "options", "workload_kinds"})
_FACTS: dict[str, Callable[[Any], Any]] = {
    "kubernetes_version": lambda value: ".".join(map(str, value)),
    "node_port_range": lambda value: "-".join(map(str, value)),
    "network_policies": lambda value: "enforced" if value else "ignored",
    "not_ready": sorted,
    "succeeded": sorted,
    "nodes": lambda value: [{key: text for key, text in node._asdict().items() if text} for node in value],
}


def _toml(shown: Mapping[str, Any]) -> Iterator[str]:
    """The keys as a svclint.toml has them: what is no table first."""
    from svclint.output.printable import dump_json

    def text(value: Any) -> str:
        return dump_json(value, None).rstrip()

    def pairs(table: Mapping[str, Any]) -> Iterator[str]:
        for key, value in table.items():
            yield f"{key if _BARE.fullmatch(key) else text(key)} = {text(value)}"

    lists = {key: value for key, value in shown.items() if key in ("nodes", "workload-kinds")}
    tables = {key: value for key, value in shown.items() if isinstance(value, dict)}
    yield from pairs({key: value for key, value in shown.items() if key not in lists and key not in tables})
    for key, items in lists.items():
        for item in items:
            yield from ("", f"[[{key}]]", *pairs(item))
    for key, table in tables.items():
        if key == "rules":
            for name, settings in table.items():
                yield from ("", f"[rules.{name if _BARE.fullmatch(name) else text(name)}]", *pairs(settings))
        else:
            yield from ("", f"[{key}]", *pairs(table))


_BARE = re.compile(r"[A-Za-z0-9_-]+")


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

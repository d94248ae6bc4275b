"""What `svclint check` asks of what: the project's own rules, and git's files in place of those on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from svclint import registry
from svclint.diagnostic import Note, Report

if TYPE_CHECKING:
    from svclint.config import Config
    from svclint.kube.facts import Facts
    from svclint.project import Location, Project
    from svclint.registry import Registry
    from svclint.render import Origin, Rendered
    from svclint.staged import Comparison


class WorldError(Exception):
    """What is asked for can't be had; the message is for the user."""


def rules_of(configured: Config, root: str, trust: bool) -> tuple[Registry, tuple[Note, ...]]:
    """The rules to choose from, and what is to be said of those that are not run.

    Raises ConfigError if the configuration names a rule or an option that there isn't, as far as all rules are known.
    """
    from svclint import local_rules

    found, run = local_rules.chosen(configured, root, trust)
    local_rules.check_names(configured, found, run)
    said = f"local rules are code: not run without --trust-local-rules (or {local_rules.VARIABLE}=1)"
    return found, () if run else tuple(Note(folder, said) for folder in configured.local_rules)


def rules_here(trust: bool) -> Registry:
    """The rules to read about: the installed ones, with those of the project here if they are trusted.

    Raises WorldError for a configuration that can't be read.
    """
    from svclint import local_rules

    found = registry.installed()
    if not local_rules.trusted(trust):
        return found
    from svclint import config, project

    try:
        root = project.find([]).root
        return local_rules.added(found, root, config.load(root).local_rules)
    except (config.ConfigError, project.ProjectError) as error:
        raise WorldError(str(error)) from None


def rendering(asked: str | None, facts: Facts) -> Rendered | None:
    """What `--render` asks for. Raises WorldError for a tool that isn't known."""
    if not asked:
        return None
    from svclint import render

    tools = [each.strip() for each in asked.split(",") if each.strip()]
    for tool in tools:
        if tool not in render.TOOLS:
            raise WorldError(f"--render knows {' and '.join(render.TOOLS)}, not {tool!r}")
    return render.Rendered(tools, facts)


class Piped(NamedTuple):
    """What stands on standard input, taken apart into the files that a tool says it comes from."""

    location: Location
    configured: Config
    given: Mapping[str, bytes]
    origins: Mapping[str, Origin]


def piped(location: Location, configured: Config, data: bytes) -> Piped:
    """Standard input as `helm template` or `kustomize build` print it; any other text as the one file that it is."""
    from svclint import render

    found = render.stream(data, location.root) if location.alone else None
    if found is None or location.stdin is None:
        return Piped(location, configured, location.overlay(data), {})
    contents, origins = found
    unnamed = contents.pop("", b"")
    given = {**contents, **({location.stdin: unnamed} if unnamed else {})}
    # What was printed together goes to one cluster.
    one = configured._replace(scopes=(".",))
    return Piped(
        location._replace(files=tuple(contents), stdin=location.stdin if unnamed else None), one, given, origins
    )


def mapped(report: Report, project: Project, rendered: Rendered | None, origins: Mapping[str, Origin]) -> Report:
    """The report with what was found in rendered files said of what they were rendered from."""
    if rendered is not None:
        notes = tuple(Note(*note) for note in rendered.notes)
        report = report._replace(notes=tuple(dict.fromkeys((*report.notes, *notes))))
        origins = rendered.origins
    if not origins:
        return report
    from svclint.rendered import mapped as at_origins

    return at_origins(report, project, origins)


def comparison(root: str, diff_base: str | None) -> Comparison:
    """What `--diff-base` asks for, or else `--staged`. Raises WorldError."""
    from svclint import git
    from svclint import staged as changes

    try:
        return changes.staged(root) if diff_base is None else changes.since(root, diff_base)
    except git.GitError as error:
        raise WorldError(str(error)) from None


NOTHING = Report((), (Note(".", "no manifest is changed: nothing to check"),))

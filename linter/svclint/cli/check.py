"""`svclint check`: lint, and fix."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from svclint.cli.options import cluster_options
from svclint.rule import SEVERITIES, nearest

if TYPE_CHECKING:
    from svclint.diagnostic import Report
    from svclint.kube.facts import Facts
    from svclint.rule import Rule


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--root", metavar="DIR", help="The project's root; sources are read from here.")
@click.option("--config", "config_file", metavar="FILE", help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Ignore configuration files.")
@click.option("--select", multiple=True, metavar="RULE", help="Ask only these rules (patterns; ALL for every rule).")
@click.option("--extend-select", multiple=True, metavar="RULE", help="Ask these rules too.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Don't ask these rules.")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), help="Exit 1 from this severity on.  [error]")
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
@click.option("-q", "--quiet", is_flag=True, help="No notes.")
@cluster_options
def check(
    paths: tuple[str, ...],
    root: str | None,
    config_file: str | None,
    isolated: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    output_formats: tuple[str, ...],
    baseline_file: str | None,
    write_baseline: str | None,
    stdin_filename: str | None,
    no_cache: bool,
    color: str,
    quiet: bool,
    facts_of: Callable[..., Facts],
) -> None:
    """Lint manifests: every name, selector and port must meet something.

    PATHs are what is reported on; what they meet is read from the whole project.
    """
    from svclint import config, project, registry, session

    stdin = sys.stdin.buffer.read() if "-" in paths else None
    try:
        location = project.find(paths, root=root, stdin_filename=stdin_filename)
        configured = config.Config() if isolated else config.load(location.root, config_file)
        every = registry.rules()
    except (config.ConfigError, project.ProjectError, registry.RulePackError) as error:
        raise click.ClickException(str(error)) from None
    facts = facts_of(config.facts(configured))
    wanted, without, extended = names(select, every), names(ignore, every), names(extend_select, every)
    selection = session.Selection(
        session.selected(
            every.values(),
            wanted or configured.select,
            (*without, *configured.ignore),
            (*extended, *configured.extend_select),
        ),
        configured.options,
        configured.severities,
        configured.per_file_ignores,
        session.asked_for(
            every.values(), wanted, extended, configured.select, configured.extend_select, tuple(configured.severities)
        ),
    )
    given = location.overlay(stdin)

    def run(overlay: Mapping[str, bytes]) -> Report:
        return session.check(location.load(configured, {**given, **overlay}, facts.namespace), facts, selection)

    if fix or diff:
        report, text = _fix(run, location.root, given, unsafe_fixes, write=not diff)
        if diff:
            click.echo(text, nl=False)
            sys.exit(1 if text else 0)
    else:
        report = run({})
    if write_baseline is not None:
        _write_baseline(report, write_baseline)
        return
    known = baseline_file or (configured.baseline and os.path.join(location.root, configured.baseline))
    if known:
        report = _without(report, known, complete=not (paths or select or ignore))
    show(
        report,
        output_formats or tuple(filter(None, [configured.output_format])) or ("text",),
        color,
        not quiet,
        location.root,
        every,
    )
    if report.crashes:
        sys.exit(2)
    threshold = fail_on or configured.fail_on
    if threshold != "never":
        bad = SEVERITIES[: SEVERITIES.index(threshold) + 1]
        if any(d.severity in bad for d in report.diagnostics):
            sys.exit(1)


def names(patterns: Sequence[str], rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """The rule names in `a,b` arguments. Raises UsageError for one that no rule answers to."""
    from fnmatch import filter as matching

    found = tuple(part.strip() for each in patterns for part in each.split(",") if part.strip())
    for name in found:
        if name != "ALL" and not matching(rules, name):
            near = nearest(name, rules)
            raise click.UsageError(f"no rule is named {name!r}" + (f", did you mean {near!r}?" if near else ""))
    return found


def show(report: Report, formats: Sequence[str], color: str, notes: bool, root: str, every: Mapping[str, Rule]) -> None:
    """Prints the report in every format; `FORMAT:FILE` writes it into a file."""
    from svclint import output

    prefix = output.repository_prefix(root)
    for each in formats:
        try:
            name, file = output.parse_format(each)
        except output.FormatError as error:
            raise click.UsageError(str(error)) from None
        if file is None:
            colour = name in output.FOR_PEOPLE and output.use_colour(color, sys.stdout)
            style = output.Style(colour, output.needs_ascii(sys.stdout), notes, prefix, every)
            click.echo(output.render(report, name, style), nl=False, color=colour)
        else:
            with open(file, "w", encoding="utf-8", newline="\n") as to:
                to.write(output.render(report, name, output.Style(notes=notes, prefix=prefix, rules=every)))


def _write_baseline(report: Report, file: str) -> None:
    from svclint import baseline

    with open(file, "w", encoding="utf-8", newline="\n") as to:
        to.write(baseline.dump(report.diagnostics))
    click.echo(f"{len(report.diagnostics)} findings written to {file}")


def _without(report: Report, file: str, complete: bool) -> Report:
    from svclint import baseline

    try:
        with open(file, encoding="utf-8") as found:
            known = baseline.load(found.read())
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    except baseline.BaselineError as error:
        raise click.ClickException(f"{file}: {error}") from None
    return baseline.apply(report, known, file, complete)


def _fix(
    run: Callable[[Mapping[str, bytes]], Report], root: str, given: Mapping[str, bytes], unsafe: bool, write: bool
) -> tuple[Report, str]:
    """The report after fixing, and the diff; with `write` the files are written (those on standard input never)."""
    from svclint import fix

    fixed = fix.converge(run, unsafe)
    if write:
        for path, data in sorted(fixed.contents.items()):
            if path in given:
                continue
            source = fixed.before[path]
            try:
                fix.write(os.path.join(root, path), source.encode(source.text), data)
            except fix.WriteError as error:
                raise click.ClickException(str(error)) from None
    return fixed.report, fix.diff(fixed)

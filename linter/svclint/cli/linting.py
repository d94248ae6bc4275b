"""What `svclint check` does once its arguments are read, whoever read them: click, or `quick` without it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from svclint.rule import SEVERITIES, nearest

if TYPE_CHECKING:
    from svclint.diagnostic import Report
    from svclint.kube.facts import Facts
    from svclint.rule import Rule


class CheckError(Exception):
    """svclint can't do its work; the message is for the user."""


class WrongUse(CheckError):
    """An argument that can't be meant; nothing has been printed."""


class Asked(NamedTuple):
    """The arguments of `svclint check`, by the names of its options."""

    paths: tuple[str, ...] = ()
    root: str | None = None
    config_file: str | None = None
    isolated: bool = False
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    output_formats: tuple[str, ...] = ()
    baseline_file: str | None = None
    write_baseline: str | None = None
    stdin_filename: str | None = None
    no_cache: bool = False
    color: str = "auto"
    quiet: bool = False


def run(asked: Asked, facts_of: Callable[[Facts], Facts]) -> int:
    """Lints, prints the report and gives the exit code. Raises CheckError; WrongUse before anything is printed."""
    from svclint import config, output, project, registry, session

    formats = [_format(each) for each in asked.output_formats]
    stdin = sys.stdin.buffer.read() if "-" in asked.paths else None
    try:
        location = project.find(asked.paths, root=asked.root, stdin_filename=asked.stdin_filename)
        configured = config.Config() if asked.isolated else config.load(location.root, asked.config_file)
        every = registry.rules()
    except (config.ConfigError, project.ProjectError, registry.RulePackError) as error:
        raise CheckError(str(error)) from None
    facts = facts_of(config.facts(configured))
    wanted, without = names(asked.select, every), names(asked.ignore, every)
    extended = names(asked.extend_select, every)
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

    def lint(overlay: Mapping[str, bytes]) -> Report:
        return session.check(location.load(configured, {**given, **overlay}, facts.namespace), facts, selection)

    if asked.fix or asked.diff:
        report, text = _fix(lint, location.root, given, asked.unsafe_fixes, write=not asked.diff)
        if asked.diff:
            output.emit(text, sys.stdout)
            return 1 if text else 0
    else:
        report = lint({})
    if asked.write_baseline is not None:
        _write_baseline(report, asked.write_baseline)
        return 0
    known = asked.baseline_file or (configured.baseline and os.path.join(location.root, configured.baseline))
    if known:
        report = _without(report, known, complete=not (asked.paths or asked.select or asked.ignore))
    show(
        report,
        formats or [_format(configured.output_format or "text")],
        asked.color,
        not asked.quiet,
        location.root,
        every,
    )
    if report.crashes:
        return 2
    threshold = asked.fail_on or configured.fail_on
    if threshold != "never":
        bad = SEVERITIES[: SEVERITIES.index(threshold) + 1]
        if any(d.severity in bad for d in report.diagnostics):
            return 1
    return 0


def names(patterns: Sequence[str], rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """The rule names in `a,b` arguments. Raises WrongUse for one that no rule answers to."""
    from fnmatch import filter as matching

    found = tuple(part.strip() for each in patterns for part in each.split(",") if part.strip())
    for name in found:
        if name != "ALL" and not matching(rules, name):
            near = nearest(name, rules)
            raise WrongUse(f"no rule is named {name!r}" + (f", did you mean {near!r}?" if near else ""))
    return found


def _format(text: str) -> tuple[str, str | None]:
    from svclint import output

    try:
        return output.parse_format(text)
    except output.FormatError as error:
        raise WrongUse(str(error)) from None


def show(
    report: Report,
    formats: Sequence[tuple[str, str | None]],
    color: str,
    notes: bool,
    root: str,
    every: Mapping[str, Rule],
) -> None:
    """Prints the report in every format (a name, and the file it goes to). Raises CheckError for an unwritable file."""
    from svclint import output

    prefix = output.repository_prefix(root)
    for name, file in formats:
        if file is None:
            colour = name in output.FOR_PEOPLE and output.use_colour(color, sys.stdout)
            style = output.Style(colour, output.needs_ascii(sys.stdout), notes, prefix, every)
            output.write(report, name, style, sys.stdout)
        else:
            _save(file, output.render(report, name, output.Style(notes=notes, prefix=prefix, rules=every)))
    sys.stdout.flush()


def _save(file: str, text: str) -> None:
    try:
        with open(file, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as to:
            to.write(text)
    except OSError as error:
        raise CheckError(f"{file}: {error.strerror}") from None


def _write_baseline(report: Report, file: str) -> None:
    from svclint import baseline

    _save(file, baseline.dump(report.diagnostics))
    print(f"{len(report.diagnostics)} findings written to {file}")


def _without(report: Report, file: str, complete: bool) -> Report:
    from svclint import baseline

    try:
        with open(file, encoding="utf-8") as found:
            known = baseline.load(found.read())
    except OSError as error:
        raise CheckError(f"{file}: {error.strerror}") from None
    except (baseline.BaselineError, UnicodeDecodeError) as error:
        raise CheckError(f"{file}: {error}") from None
    return baseline.apply(report, known, file, complete)


def _fix(
    lint: Callable[[Mapping[str, bytes]], Report], root: str, given: Mapping[str, bytes], unsafe: bool, write: bool
) -> tuple[Report, str]:
    """The report after fixing, and the diff; with `write` the files are written (those on standard input never)."""
    from svclint import fix

    fixed = fix.converge(lint, unsafe)
    if write:
        for path, data in sorted(fixed.contents.items()):
            if path in given:
                continue
            source = fixed.before[path]
            try:
                fix.write(os.path.join(root, path), source.encode(source.text), data)
            except fix.WriteError as error:
                raise CheckError(str(error)) from None
    return fixed.report, fix.diff(fixed)

"""What `svclint check` does once its arguments are read, whoever read them: click, or `quick` without it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO

from svclint.severity import SEVERITIES

if TYPE_CHECKING:
    from svclint.config import Config
    from svclint.diagnostic import Report
    from svclint.fix import Fixed
    from svclint.incremental import Incremental
    from svclint.kube.facts import Facts
    from svclint.output import Style
    from svclint.project import Location, Project
    from svclint.project.disk import Disk
    from svclint.render import Origin
    from svclint.rule import Rule
    from svclint.session import Selection
    from svclint.staged import Comparison


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
    language: str | None = None
    exit_zero: bool = False
    quiet: bool = False
    trust_local_rules: bool = False
    staged: bool = False
    diff_base: str | None = None
    render: str | None = None
    policies: tuple[str, ...] = ()


def run(asked: Asked, facts_of: Callable[[Facts], Facts]) -> int:
    """Lints, prints the report and gives the exit code. Raises CheckError; WrongUse before anything is printed."""
    from svclint import config, project

    formats = [_format(each) for each in asked.output_formats]
    if (asked.staged or asked.diff_base is not None) and (asked.fix or asked.diff or "-" in asked.paths):
        raise WrongUse("--staged and --diff-base go with neither --fix nor --diff nor standard input")
    if asked.staged and asked.diff_base is not None:
        raise WrongUse("--staged and --diff-base compare with different things: give one of them")
    if asked.render and (asked.staged or asked.diff_base is not None):
        raise WrongUse("--render reads the files on the disk, not those of git")
    try:
        location = project.find(asked.paths, root=asked.root, stdin_filename=asked.stdin_filename)
        compared = _comparison(asked, location)
        held = compared.held(location.root) if compared else None
        configured = config.Config() if asked.isolated else config.load(location.root, asked.config_file, held)
        configured = _with_policies(configured, location.root, asked.policies)
        facts = facts_of(config.facts(configured))
        _take(asked.policies, facts)
    except (config.ConfigError, project.ProjectError) as error:
        raise CheckError(str(error)) from None
    told = Told(asked, configured, location, formats, _language(asked, configured), compared)
    known = _known(asked, location, configured, facts)
    report = known.unchanged() if known else None
    return _lint(told, facts, known) if report is None else _tell(report, told)


class Told(NamedTuple):
    """What a run is told: its arguments, and what follows from them before anything is read."""

    asked: Asked
    configured: Config
    location: Location
    formats: Sequence[tuple[str, str | None]]
    language: str
    compared: Comparison | None


def _comparison(asked: Asked, location: Location) -> Comparison | None:
    """What `--staged` or `--diff-base` compares. Raises CheckError."""
    if not asked.staged and asked.diff_base is None:
        return None
    from svclint.cli import world

    try:
        return world.comparison(location.root, asked.diff_base)
    except world.WorldError as error:
        raise CheckError(str(error)) from None


def _lint(told: Told, facts: Facts, known: Incremental | None) -> int:
    """Reads the project, asks the rules, and tells."""
    from svclint import config, output, session, workers
    from svclint.cli import world
    from svclint.output.printable import log, plain

    asked, configured, location, *_ = told
    compared = told.compared
    try:
        known_rules, untrusted = world.rules_of(configured, location.root, asked.trust_local_rules)
    except (config.ConfigError, world.WorldError) as error:
        raise CheckError(str(error)) from None
    every = known_rules.rules
    origins: Mapping[str, Origin] = {}
    try:
        rendered = world.rendering(asked.render, facts)
    except world.WorldError as error:
        raise WrongUse(str(error)) from None
    selection = _selection(asked, configured, every)
    found = known.again(facts, selection) if known else None
    if found is not None:
        return _tell(found, told)
    stdin = sys.stdin.buffer.read() if "-" in asked.paths else None
    given: Mapping[str, bytes] = location.overlay(stdin)
    if stdin is not None and not (asked.fix or asked.diff or asked.stdin_filename):
        piped = world.piped(location, configured, stdin)
        location, configured, given = piped.location, piped.configured, piped.given
        origins = piped.origins
    read: list[Project] = []

    def lint_on(disk: Disk | None, overlay: Mapping[str, bytes]) -> Report:
        if known and disk is known.disk:
            read[:] = [known.location.load(configured, {}, facts.namespace, disk)]
            whole = workers.checked(read[0], facts, selection)
            known.keep(read[0], whole)
            found = known.asked(read[0], whole)
            if found is not None:
                return found
        read[:] = [location.load(configured, {**given, **overlay}, facts.namespace, disk)]
        # A fix needs the findings, which another process does not send.
        alone = asked.fix or asked.diff or rendered or origins
        checked = (session if alone else workers).checked(read[0], facts, selection)
        return world.mapped(checked.report, read[0], rendered, origins)

    def lint(overlay: Mapping[str, bytes]) -> Report:
        if compared or rendered or asked.quiet or not watched(sys.stderr):
            return lint_on(known.disk if known else compared.now if compared else rendered, overlay)
        from svclint.cli.progress import Watched

        shown = Watched(sys.stderr)
        if known:
            known.disk.under = shown
        try:
            return lint_on(known.disk if known else shown, overlay)
        finally:
            shown.close()

    report = world.NOTHING if compared and not compared.concerns_manifests else lint({})
    if compared:
        report = compared.shown(report, lambda disk: lint_on(disk, {}))
    if read and not read[0].sources:
        print(f"Warning: no Kubernetes manifests found in {plain(location.root)}", file=sys.stderr)
    to = sys.stdout
    if asked.fix or asked.diff:
        fixed = _fix(lint, report, location, given, asked, read[0].targets)
        if asked.diff:
            from svclint import fix

            text = fix.diff(fixed)
            output.emit(log(text) if output.is_log(to) else text, to)
            to.flush()
            return 1 if text and not asked.exit_zero else 0
        report = fixed.report
        for path, before in given.items():
            # As a filter: the text goes to standard output, what is left to be said beside it.
            sys.stdout.buffer.write(fixed.contents.get(path, before))
            sys.stdout.flush()
            to = sys.stderr
    report = report._replace(crashes=(*known_rules.failures, *report.crashes), notes=(*report.notes, *untrusted))
    if asked.write_baseline is not None:
        _write_baseline(report, asked.write_baseline)
        return 0
    code = _tell(report, told, every, to)
    _left_whole(read)
    return code


def _left_whole(value: object) -> None:
    """Leaves a value to the end of the process, which gives its memory back whole: to take a large project apart object
    by object is a tenth of a run. A ring that nothing leads to and the collector doesn't look at is never freed."""
    ring = [value]
    ring.append(ring)
    gc.freeze()


def _tell(report: Report, told: Told, rules: Mapping[str, Rule] | None = None, to: TextIO | None = None) -> int:
    """Prints what the baseline doesn't know, and gives the exit code; no `rules`: the installed ones."""
    from svclint import output

    asked, configured, location, formats, language, compared = told
    baseline_file = asked.baseline_file or (configured.baseline and os.path.join(location.root, configured.baseline))
    if baseline_file:
        partial = asked.paths or asked.select or asked.ignore or compared
        held = compared.held(location.root) if compared else None
        report = _without(report, baseline_file, asked.baseline_file is not None, not partial, held)
    prefix = output.repository_prefix(location.root)

    def every() -> Mapping[str, Rule]:
        from svclint import registry

        return registry.rules() if rules is None else rules

    style = output.Style(notes=not asked.quiet, prefix=prefix, rules=every, language=language)
    show(report, formats or [_format(configured.output_format or "text")], asked.color, style, to or sys.stdout)
    if report.crashes:
        return 2
    return 0 if asked.exit_zero else _code(report, asked.fail_on or configured.fail_on)


def _selection(asked: Asked, configured: Config, every: Mapping[str, Rule]) -> Selection:
    """Which rules are asked. Raises WrongUse for a name that no rule answers to."""
    from svclint.session import selection_of

    wanted, without = names(asked.select, every), names(asked.ignore, every)
    return selection_of(configured, every.values(), wanted, without, names(asked.extend_select, every))


def _code(report: Report, threshold: str) -> int:
    if threshold == "never":
        return 0
    bad = SEVERITIES[: SEVERITIES.index(threshold) + 1]
    return 1 if any(d.severity in bad for d in report.diagnostics) else 0


def _with_policies(configured: Config, root: str, policies: tuple[str, ...]) -> Config:
    """The configuration with files of policies (bindings, parameters, Namespaces) beside its stubs: they are objects of
    every scope that nobody is blamed for. Raises WrongUse for a file that isn't there."""
    for policy in policies:
        if not os.path.isfile(policy):
            raise WrongUse(f"--policy: no such file: {policy}")
    paths = tuple(os.path.relpath(os.path.abspath(policy), root).replace(os.sep, "/") for policy in policies)
    return configured._replace(assume=(*configured.assume, *paths))


def _take(policies: tuple[str, ...], facts: Facts) -> None:
    """Raises WrongUse for a policy that the API server refuses: it would never be asked."""
    if policies:
        from svclint.cli.admit import refused_policies

        for refusal in refused_policies(policies, facts):
            raise WrongUse(f"--policy: the API server says: {refusal.splitlines()[0]}")


def _known(asked: Asked, location: Location, configured: Config, facts: Facts) -> Incremental | None:
    """What earlier runs know, for one that reads the disk, asks the installed rules and does nothing but print."""
    special = asked.fix or asked.diff or asked.write_baseline or asked.staged or asked.diff_base or asked.render
    if asked.no_cache or asked.policies or special or location.stdin is not None or configured.local_rules:
        return None
    from svclint import incremental

    return incremental.known(location, configured, facts, (asked.select, asked.extend_select, asked.ignore))


def watched(stream: TextIO) -> bool:
    """Whether somebody looks on: a terminal that is not a log's."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def _language(asked: Asked, configured: Config) -> str:
    from svclint import language

    try:
        return language.choose(asked.language or configured.language)
    except LookupError as error:
        raise (WrongUse if asked.language else CheckError)(str(error.args[0])) from None


def names(patterns: Sequence[str], rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """The rule names in `a,b` arguments. Raises WrongUse for one that no rule answers to."""
    from fnmatch import filter as matching

    found = tuple(part.strip() for each in patterns for part in each.split(",") if part.strip())
    for name in found:
        if name != "ALL" and not matching(rules, name):
            from svclint.rule import nearest

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
    style: Style,
    stream: TextIO | None = None,
) -> None:
    """Prints the report in every format (a name, and the file it goes to) in a style that the stream can show.

    Raises CheckError for a file that can't be written.
    """
    from svclint import output

    to = stream or sys.stdout
    for name, file in formats:
        if file is None:
            colour = name in output.FOR_PEOPLE and output.use_colour(color, to)
            output.write(report, name, style._replace(colour=colour, ascii=output.needs_ascii(to)), to)
        else:
            _save(file, output.render(report, name, style))
    to.flush()


def _save(file: str, text: str) -> None:
    from svclint import writing

    try:
        writing.save(file, text.encode("utf-8", "backslashreplace"))
    except writing.WriteError as error:
        raise CheckError(str(error)) from None


def _write_baseline(report: Report, file: str) -> None:
    from svclint import baseline
    from svclint.output.printable import plain
    from svclint.text import counted

    _save(file, baseline.dump(report.diagnostics))
    print(f"{counted(len(report.diagnostics), 'finding')} written to {plain(file)}")


def _without(
    report: Report, file: str, named: bool, complete: bool, held: Callable[[str], bytes | None] | None
) -> Report:
    """The report without what a baseline knows: as git holds it if that stands in for the disk, else one `named` by the
    user may be anything that can be read."""
    from svclint import baseline, confined

    try:
        staged = held(file) if held else None
        if staged is not None:
            data = staged
        elif held is not None and not named:
            raise CheckError(f"{file}: not in git's index: add it there, or name a file with --baseline")
        elif named:
            with open(file, "rb") as found:
                data = found.read()
        else:
            data = confined.data(file)
        known = baseline.load(data.decode())
    except OSError as error:
        hint = "; write it with --write-baseline" if isinstance(error, FileNotFoundError) else ""
        raise CheckError(f"{file}: {error.strerror}{hint}") from None
    except (baseline.BaselineError, UnicodeDecodeError) as error:
        raise CheckError(f"{file}: {error}") from None
    return baseline.apply(report, known, file, complete)


def _fix(
    lint: Callable[[Mapping[str, bytes]], Report],
    report: Report,
    location: Location,
    given: Mapping[str, bytes],
    asked: Asked,
    targets: Collection[str] | None,
) -> Fixed:
    """What was fixed; the files are written unless only the difference is asked for, the text on standard input never.

    Raises CheckError where a file can't be written.
    """
    from svclint import fix, writing

    fixed = fix.converge(lambda contents: lint(contents) if contents else report, asked.unsafe_fixes, targets)
    if not asked.diff:
        texts = [
            writing.NewText(path, fix.original(fixed.before[path]), data)
            for path, data in sorted(fixed.contents.items())
            if path not in given
        ]
        _end_in_order()
        try:
            writing.replace_all(location.root, texts)
        except writing.WriteError as error:
            raise CheckError(str(error)) from None
    return fixed


def _end_in_order() -> None:
    """Asked to end, the process takes away what it has half written. (Killed it can't: that is a hidden file.)"""
    import signal

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))

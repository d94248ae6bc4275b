"""Which rules are asked, and what of their answers is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from svclint.config import Config
    from svclint.kube.custom_workloads import TemplateAt
    from svclint.rule import Rule, Severity


class Selection(NamedTuple):
    """Which rules are asked, and what of their answers is shown."""

    rules: tuple[Rule, ...]
    options: Mapping[str, Mapping[str, Any]] = {}
    severities: Mapping[str, Severity] = {}
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    asked_for: frozenset[str] = frozenset()
    """Rules that were named: of them findings of severity info are shown too."""
    templates: Mapping[tuple[str, str], tuple[TemplateAt, ...]] = {}
    """The pod templates of custom kinds that the configuration adds (`config.templates`)."""


def selected(
    rules: Iterable[Rule],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    extend: Sequence[str] = (),
) -> tuple[Rule, ...]:
    """The rules to ask: those named by `select` (patterns, `ALL`; default: those on by default), less `ignore`."""

    def named(rule: Rule, patterns: Sequence[str]) -> bool:
        return any(p == "ALL" or fnmatchcase(rule.name, p) for p in patterns)

    return tuple(
        rule
        for rule in rules
        if ((named(rule, select) if select else rule.default) or named(rule, extend)) and not named(rule, ignore)
    )


def asked_for(rules: Iterable[Rule], *patterns: Sequence[str]) -> frozenset[str]:
    """The rules that one of the patterns names."""
    return frozenset(
        r.name for r in rules if any(p == "ALL" or fnmatchcase(r.name, p) for each in patterns for p in each)
    )


def selection_of(
    configured: Config,
    rules: Iterable[Rule],
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    extend: Sequence[str] = (),
) -> Selection:
    """What a configuration selects of the rules there are, with what a command line says: its `select` in place of the
    configuration's, its `ignore` and `extend` beside them."""
    from svclint import config

    every = tuple(rules)
    return Selection(
        selected(
            every, select or configured.select, (*ignore, *configured.ignore), (*extend, *configured.extend_select)
        ),
        configured.options,
        configured.severities,
        configured.per_file_ignores,
        asked_for(every, select, extend, configured.select, configured.extend_select, tuple(configured.severities)),
        config.templates(configured),
    )

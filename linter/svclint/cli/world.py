"""What `svclint check` asks of what: the project's own rules, and git's files in place of those on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svclint import registry
from svclint.diagnostic import Note, Report

if TYPE_CHECKING:
    from svclint.config import Config
    from svclint.registry import Registry
    from svclint.staged import Comparison


class WorldError(Exception):
    """What is asked for can't be had; the message is for the user."""


def rules_of(configured: Config, root: str, trust: bool) -> tuple[Registry, tuple[Note, ...]]:
    """The rules to choose from, and what is to be said of those that are not run.

    Raises ConfigError if the configuration names a rule or an option that there isn't, as far as all rules are known.
    """
    from svclint import config

    found = registry.installed()
    notes: tuple[Note, ...] = ()
    if configured.local_rules:
        from svclint import local_rules

        if local_rules.trusted(trust):
            found = local_rules.added(found, root, configured.local_rules)
        else:
            said = f"local rules are code: not run without --trust-local-rules (or {local_rules.VARIABLE}=1)"
            notes = tuple(Note(folder, said) for folder in configured.local_rules)
    if not notes and not found.failures:
        config.check_rules(configured, found.rules)
    config.check_options(configured, found.rules)
    return found, notes


def comparison(root: str, staged: bool, diff_base: str | None) -> Comparison | None:
    """What `--staged` or `--diff-base` asks for; None for neither. Raises WorldError."""
    if not staged and diff_base is None:
        return None
    from svclint import git
    from svclint import staged as changes

    try:
        return changes.staged(root) if diff_base is None else changes.since(root, diff_base)
    except git.GitError as error:
        raise WorldError(str(error)) from None


NOTHING = Report((), (Note(".", "no manifest is changed: nothing to check"),))

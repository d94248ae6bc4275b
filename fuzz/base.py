"""What all targets share: a failure, and the report of every rule on some bytes."""

from __future__ import annotations

from collections.abc import Mapping

from svclint import project, registry, session
from svclint.config import Config
from svclint.diagnostic import Report
from svclint.kube.facts import Facts

FILE = "input.yaml"
FACTS = Facts()
RULES = session.selected(registry.rules().values(), ("ALL",))
SELECTION = session.Selection(RULES, asked_for=frozenset(r.name for r in RULES))


class Failure(AssertionError):
    """Something that svclint promises does not hold."""


def load(data: bytes | Mapping[str, bytes]) -> project.Project:
    """The project of one file, or of several."""
    contents = {FILE: data} if isinstance(data, bytes) else dict(data)
    return project.Location("/", tuple(contents), alone=True).load(Config(), contents, "default")


def reported(loaded: project.Project) -> Report:
    """The report of all rules; raises Failure if one crashed."""
    report = session.check(loaded, FACTS, SELECTION)
    if report.crashes:
        raise Failure("; ".join(report.crashes))
    return report


def lint(data: bytes | Mapping[str, bytes]) -> Report:
    """The report of all rules on a file, or on several; raises Failure if one crashed."""
    return reported(load(data))

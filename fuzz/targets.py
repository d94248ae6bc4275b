"""What is fuzzed. Each target takes bytes; whatever it raises is a defect of svclint.

A rule or an admission that raises is caught by the session and named in `Report.crashes`: here that is a failure too.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from svclint import fix, project, registry, session
from svclint.config import Config
from svclint.diagnostic import Report
from svclint.kube.facts import Facts
from svclint.yaml import parse

FILE = "input.yaml"
FACTS = Facts()
RULES = session.selected(registry.rules().values(), ("ALL",))
SELECTION = session.Selection(RULES, asked_for=frozenset(r.name for r in RULES))
# What a terminal or a CI log must never get raw.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Failure(AssertionError):
    """Something that svclint promises does not hold."""


def load(data: bytes | Mapping[str, bytes]) -> project.Project:
    """The project of one file, or of several."""
    contents = {FILE: data} if isinstance(data, bytes) else dict(data)
    return project.Location("/", tuple(contents), alone=True).load(Config(), contents, "default")


def lint(data: bytes | Mapping[str, bytes]) -> Report:
    """The report of all rules; raises Failure if one crashed."""
    report = session.check(load(data), FACTS, SELECTION)
    if report.crashes:
        raise Failure("; ".join(report.crashes))
    return report


def yaml(data: bytes) -> None:
    """Reading, and the place of everything that was read."""
    source = parse(data, FILE)
    end = len(source.text)
    for document in source.documents:
        for path in _paths(document.value):
            for part in ("key", "value"):
                span = document.span(path, part)  # type: ignore[arg-type]
                if not 0 <= span.start <= span.end <= end:
                    raise Failure(f"{path} {part}: {span} is not inside the text")
                source.position(span.start)
    if not source.lossy and not source.problems and source.encode(source.text) != data:
        raise Failure("writing what was read gives other bytes")


def _paths(value: Any, path: tuple[str | int, ...] = (), depth: int = 0) -> list[tuple[str | int, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if depth < 6:
        for key, item in items:
            found += _paths(item, (*path, key), depth + 1)
            if len(found) > 200:
                break
    return found


def check(data: bytes) -> None:
    """Every rule, every output format."""
    from svclint import output

    report = lint(data)
    for name in output.FORMATS:
        text = output.render(report, name, output.Style(rules=registry.rules()))
        found = CONTROL.search(text)
        if found is not None:
            raise Failure(
                f"{name}: {found[0]!r} is printed raw: {text[max(0, found.start() - 40) : found.end() + 40]!r}"
            )
        text.encode()


def repair(data: bytes) -> None:
    """Fixing: what comes out can be read, and fixing it again changes nothing."""

    def again(contents: Mapping[str, bytes]) -> Report:
        return lint(contents.get(FILE, data))

    fixed = fix.converge(again, True)
    for text in fixed.contents.values():
        before = sum(d.value is None for d in parse(data, FILE).documents)
        if sum(d.value is None for d in parse(text, FILE).documents) > before:
            raise Failure("a fix made a document that can't be read")
    fix.diff(fixed)


def paper(data: bytes) -> None:
    """The map, and questions to the paper cluster."""
    from svclint import api

    for cluster in api.clusters(load(data), FACTS, Config()).values():
        cluster.map()
        for service in cluster.services[:3]:
            host = service.partition("/")[2]
            if host and " " not in host:
                cluster.dig(f"{host}.default.svc.cluster.local")
                with contextlib.suppress(ValueError):
                    cluster.resolve(f"{host}:80")


def config(data: bytes) -> None:
    """A configuration file: read, or refused in words."""
    import os
    import tempfile

    from svclint import config as configuration

    with tempfile.TemporaryDirectory() as folder:
        for name in ("svclint.toml", ".svclint.yaml"):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(data)
            with contextlib.suppress(configuration.ConfigError):
                configuration.facts(configuration.load(folder, None))
            os.unlink(path)


def krm(data: bytes) -> None:
    """A KRM function's input."""
    from svclint import krm as function

    with contextlib.suppress(function.KrmError):
        parse(function.run(data).text, FILE)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "yaml": yaml,
    "check": check,
    "repair": repair,
    "paper": paper,
    "config": config,
    "krm": krm,
}

"""What is fuzzed. Each target takes bytes; whatever it raises is a defect of svclint.

A rule or an admission that raises is caught by the session and named in `Report.crashes`: here that is a failure too.
"""

from __future__ import annotations

import contextlib
import random
import re
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mutate
from agreement import agreement
from base import FACTS, FILE, Failure, lint, load
from comments import comments
from editor import editor
from expressions import cel, policy
from frames import frames
from views import views

from svclint import fix, registry
from svclint.config import Config
from svclint.diagnostic import Report
from svclint.yaml import parse

LARGE = 100_000
"""Bytes that must be no trouble."""
LONG = 1.0
"""Seconds of CPU time that are looked at."""
STEEP = 8
"""How many times as long four times as much may take: what grows with the square takes sixteen times."""
# What a terminal or a CI log must never get raw.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


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
        text = output.render(report, name, output.Style(rules=registry.rules))
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


def large(data: bytes) -> None:
    """An input with one part of it repeated: what it costs grows as it does, or is little."""
    seed = zlib.crc32(data)
    each = random.Random(seed).choice((lint, lint, repair, paper, comments, agreement, typed))
    took = []
    for size in (LARGE // 4, LARGE):
        grown = mutate.grown(data, random.Random(seed), size)
        began = time.process_time()
        each(grown)
        took.append(time.process_time() - began)
    if took[1] > LONG and took[1] > took[0] * STEEP:
        raise Failure(f"{each.__name__} grows too fast: {took[0]:.2f} s, {took[1]:.2f} s for four times as much")


def typed(data: bytes) -> None:
    """What an editor asks at the end of a line of the text, and at the end of all."""
    from editor import Session, types

    text = data.decode("utf-8", "replace")
    session = Session.of_one(text)
    lines = text.split("\n")
    for line in {0, len(lines) // 2, len(lines) - 1}:
        session.everywhere(types.Position(line, len(lines[line])))


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "yaml": yaml,
    "check": check,
    "repair": repair,
    "paper": paper,
    "config": config,
    "krm": krm,
    "comments": comments,
    "views": views,
    "agreement": agreement,
    "editor": editor,
    "frames": frames,
    "cel": cel,
    "policy": policy,
    "large": large,
}


def change(target: str, data: bytes, rng: random.Random, others: Sequence[bytes], limit: int) -> bytes:
    """An input of a target changed as befits it; `others` are inputs to take parts from."""
    if target in ("cel", "frames") or (target == "policy" and rng.random() < 0.3):
        return mutate.splice(data, rng, others, limit)
    return mutate.mutate(data, rng, limit)

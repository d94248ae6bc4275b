"""Many repositories at once: each is checked, with the Services of the others that it speaks of as stubs.

Two maps over a `concurrent.futures` executor, one task a repository: `survey` tells what a repository offers (Services
whose namespace it states) and which namespaces it speaks of, `check` lints it with what the others offer there. What
goes between processes is plain data, so any executor does; what comes out doesn't depend on which, nor on any order.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, NamedTuple, TypeVar

from svclint import config, registry, session
from svclint.diagnostic import Note
from svclint.kube.read import mapping
from svclint.kube.service import Service
from svclint.output.json import finding
from svclint.project import Location
from svclint.project.disk import Disk
from svclint.project.files import Problem

STUBS = ".svclint-elsewhere.yaml"
_DOTTED = re.compile(r"(?<![-a-z0-9])-*+[a-z0-9][-a-z0-9]*+(?<!-)\.([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)(?![-a-z0-9])")
T = TypeVar("T")
Said = Mapping[str, Any]
"""Fields of Facts that the command line sets."""


class Offer(NamedTuple):
    """A Service as others may meet it, and where it is defined."""

    namespace: str
    name: str
    spec: str
    file: str
    line: int
    column: int


class Survey(NamedTuple):
    """What a repository offers, and the namespaces that it speaks of or states for its own objects."""

    offers: tuple[Offer, ...]
    namespaces: frozenset[str]
    problem: str | None = None


class Repository(NamedTuple):
    """The report on one repository; `findings` as `svclint check --output-format json` gives them."""

    name: str
    findings: tuple[dict[str, Any], ...]
    notes: tuple[Note, ...] = ()
    objects: int = 0
    crashes: tuple[str, ...] = ()


class _Outside(Disk):
    """The disk, with a file of stubs that `assume` names."""

    __slots__ = ("_stubs",)

    def __init__(self, stubs: str) -> None:
        self._stubs = stubs.encode()

    def below(self, root: str, path: str) -> Sequence[str]:
        return (path,) if path == STUBS else super().below(root, path)

    def read(self, root: str, path: str) -> bytes | Problem:
        return self._stubs if path == STUBS else super().read(root, path)


def scan(paths: Sequence[str], executor: Executor, said: Said) -> list[Repository]:
    """Checks the repositories at these folders, in the order of their names. Raises nothing for what a worker does:
    a repository that can't be read, or whose worker dies with it again and again, says so in `crashes`."""
    names = named(paths)
    roots = {name: os.path.abspath(path) for name, path in names.items()}
    surveys: dict[str, Survey] = {}
    for name, answer in _each(executor, survey, {name: (root, said) for name, root in roots.items()}).items():
        surveys[name] = answer if isinstance(answer, Survey) else Survey((), frozenset(), answer)
    tasks = {
        name: (name, roots[name], said, stubs)
        for name, stubs in joined(surveys).items()
        if surveys[name].problem is None
    }
    reports = _each(executor, check, tasks)
    found = []
    for name in sorted(roots):
        report = reports.get(name, surveys[name].problem)
        found.append(report if isinstance(report, Repository) else Repository(name, (), crashes=(str(report),)))
    return found


def named(paths: Sequence[str]) -> dict[str, str]:
    """Each folder by a name for people: its own, with those above it where two have the same."""
    whole = {os.path.abspath(path): path for path in paths}
    found: dict[str, str] = {}
    for absolute, path in whole.items():
        parts = absolute.split(os.sep)
        for count in range(1, len(parts) + 1):
            name = "/".join(parts[-count:])
            if sum(other == absolute or other.endswith("/" + name) for other in whole) <= 1:
                break
        found[name] = path
    return found


def _each(executor: Executor, work: Callable[..., T], tasks: Mapping[str, tuple[Any, ...]]) -> dict[str, T | str]:
    """The answer of each task, or what went wrong.

    A worker that dies takes what waits in its pool with it: that is given out again, the last time one by one, so that
    only a task that kills its worker each time is lost.
    """
    done: dict[str, T | str] = {}
    left = _together(executor, work, tasks, done)
    renew: Callable[[], None] | None = getattr(executor, "renew", None)
    if left and renew is not None:
        renew()
        left = _together(executor, work, left, done)
        for name, arguments in left.items():
            renew()
            _together(executor, work, {name: arguments}, done)
    return done


def _together(
    executor: Executor, work: Callable[..., T], tasks: Mapping[str, tuple[Any, ...]], done: dict[str, T | str]
) -> dict[str, tuple[Any, ...]]:
    """Puts answers into `done`; gives back the tasks whose workers died."""
    futures: dict[str, Future[T]] = {}
    lost: dict[str, tuple[Any, ...]] = {}
    for name, arguments in tasks.items():
        try:
            futures[name] = executor.submit(work, *arguments)
        except BrokenExecutor:
            lost[name] = arguments
    for name, future in futures.items():
        try:
            done[name] = future.result()
        except BrokenExecutor:
            lost[name] = tasks[name]
        except Exception as error:
            done[name] = f"{type(error).__name__}: {error}"
    done.update(dict.fromkeys(lost, "the worker died with it again and again"))
    return lost


def survey(root: str, said: Said) -> Survey:
    """What a repository offers and speaks of."""
    try:
        configured = config.load(root)
    except config.ConfigError as error:
        return Survey((), frozenset(), str(error))
    facts = config.facts(configured)._replace(**said)
    project = Location(root).load(configured, {}, facts.namespace)
    stated = "namespace" in said or "namespace" in configured.said
    offers: dict[tuple[str, str], Offer] = {}
    namespaces: set[str] = set()
    for source in project.sources:
        namespaces.update(_DOTTED.findall(source.text))
    for scope in project.scopes:
        for resource in scope.resources:
            if not (stated or isinstance(mapping(resource.value.get("metadata")).get("namespace"), str)):
                continue
            namespaces.add(resource.namespace)
            if Service.reads(resource) and resource.name:
                span = resource.document.span((*resource.path, "metadata", "name"))
                at = resource.document.source.position(span.start)
                spec = json.dumps(mapping(resource.value.get("spec")), sort_keys=True)
                offer = Offer(
                    resource.namespace, resource.name, spec, resource.document.source.path, at.line, at.column
                )
                offers.setdefault((offer.namespace, offer.name), offer)
    return Survey(tuple(offers[key] for key in sorted(offers)), frozenset(namespaces))


def joined(surveys: Mapping[str, Survey]) -> dict[str, tuple[tuple[str, Offer], ...]]:
    """For each repository what the others offer where it looks. A name that several offer is nobody's: unknown."""
    by_namespace: dict[str, dict[str, list[tuple[str, Offer]]]] = {}
    for repository in sorted(surveys):
        for offer in surveys[repository].offers:
            by_namespace.setdefault(offer.namespace, {}).setdefault(offer.name, []).append((repository, offer))
    found: dict[str, tuple[tuple[str, Offer], ...]] = {}
    for repository, own in surveys.items():
        stubs: list[tuple[str, Offer]] = []
        for namespace in sorted(own.namespaces & by_namespace.keys()):
            for _, offered in sorted(by_namespace[namespace].items()):
                if all(other != repository for other, _ in offered):
                    other, offer = offered[0]
                    # One name with several owners: it is there, and its ports are the ports of any of them.
                    stubs.append((other, offer if len(offered) == 1 else offer._replace(spec=_any(offered))))
        found[repository] = tuple(stubs)
    return found


def _any(offered: Iterable[tuple[str, Offer]]) -> str:
    ports: list[Any] = []
    for _, offer in offered:
        listed = json.loads(offer.spec).get("ports")
        ports += [dict(port, name=f"port-{len(ports)}") for port in listed or () if isinstance(port, dict)]
    return json.dumps({"ports": ports})


def check(name: str, root: str, said: Said, stubs: Sequence[tuple[str, Offer]]) -> Repository:
    """The report on one repository among others."""
    configured = config.load(root)
    facts = config.facts(configured)._replace(**said)
    rules = registry.installed()
    lines = [_stub(offer) for _, offer in stubs]
    settings = configured._replace(assume=(*configured.assume, STUBS)) if stubs else configured
    project = Location(root).load(settings, {}, facts.namespace, _Outside("---\n".join(lines)) if stubs else None)
    report = session.check(project, facts, session.selection_of(configured, rules.rules.values()))
    return Repository(
        name,
        tuple(_prefixed(finding(d), name, stubs) for d in report.diagnostics),
        tuple(Note(f"{name}/{note.file}", note.message) for note in report.notes if note.file != STUBS),
        report.objects,
        (*rules.failures, *report.crashes),
    )


def _stub(offer: Offer) -> str:
    """One line of JSON, so that a line of the stubs is one Service's."""
    metadata = {"name": offer.name, "namespace": offer.namespace}
    return (
        json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": json.loads(offer.spec)}) + "\n"
    )


def _prefixed(said: dict[str, Any], name: str, stubs: Sequence[tuple[str, Offer]]) -> dict[str, Any]:
    """The finding with its files as `REPOSITORY/FILE`, and stubs as the Services that they stand for."""
    related = []
    for each in said["related"]:
        if each["file"] == STUBS:
            other, offer = stubs[(each["line"] - 1) // 2]
            at = {"line": offer.line, "column": offer.column, "end_line": offer.line}
            each = {**each, **at, "end_column": offer.column + len(offer.name), "file": f"{other}/{offer.file}"}
        else:
            each = {**each, "file": f"{name}/{each['file']}"}
        related.append(each)
    fix = said["fix"]
    if fix is not None:
        fix = {**fix, "edits": [{**edit, "file": f"{name}/{edit['file']}"} for edit in fix["edits"]]}
    return {**said, "file": f"{name}/{said['file']}", "related": related, "fix": fix}

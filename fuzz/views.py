"""Typed views and rules on values of any kind: called directly, on what no API server would have taken."""

from __future__ import annotations

import inspect
import json
import random
import zlib
from collections.abc import Iterable
from functools import cache
from typing import Any

import mutate
from base import FACTS, FILE, RULES, Failure, load

from svclint import session
from svclint.cluster import Cluster
from svclint.kube.resource import ObjectView, Resource, View
from svclint.locate import resolve
from svclint.rule import Rule
from svclint.yaml import Document, parse

DEPTH = 3
MOST = 30
"""Parts of one view that are looked into."""
ODD = ("\ud800", "\udfff\ud800", "", "a\0b", 10**400, -(10**30), 1e308, -0.0, True, None, [], {}, [[]], {"": {"": []}})


def views(data: bytes) -> None:
    """Every view of the changed values, all that it can be asked, and every rule on them."""
    rng = random.Random(zlib.crc32(data))
    documents = [d for d in parse(data, FILE).documents if isinstance(d.value, dict)]
    values = json.loads(json.dumps([d.value for d in documents]))
    if not values:
        return
    for _ in range(rng.randint(0, 4)):
        mutate.change_inside(values, rng, ODD)
    values = [value for value in values if isinstance(value, dict)]
    # The text is that of the values, as far as a text can have them.
    project = load("\n---\n".join(json.dumps(value) for value in values).encode("utf-8", "replace"))
    given = [d for source in project.sources for d in source.documents]
    for document, value in zip(given, values, strict=False):
        document.value = value
    scopes = project.scopes
    for scope in scopes:
        for resource in scope.resources:
            for kind in _kinds():
                _ask(kind(resource), DEPTH)
        cluster = session.cluster_of(scope, FACTS)
        for workload in cluster.workloads:
            _ask(workload, DEPTH)
        for rule in RULES:
            if not rule.claims:
                _rule(rule, cluster, given)


@cache
def _kinds() -> tuple[type[View], ...]:
    found: list[type[View]] = []
    pending: list[type[View]] = [ObjectView]
    while pending:
        for each in pending.pop().__subclasses__():
            if each.__module__.startswith("svclint.kube") and each.__init__ is View.__init__:
                pending.append(each)
                found.append(each)
    return tuple(found)


@cache
def _questions(kind: type) -> tuple[tuple[str, bool], ...]:
    """What can be asked without an argument: the names of properties, and of methods."""
    found = []
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        if name.startswith("_") or isinstance(member, (classmethod, staticmethod)):
            continue
        if inspect.isfunction(member):
            parameters = list(inspect.signature(member).parameters.values())[1:]
            if all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
                found.append((name, True))
        else:
            found.append((name, False))
    return tuple(found)


def _ask(view: Any, depth: int) -> None:
    for name, call in _questions(type(view)):
        try:
            got = getattr(view, name)
            if call:
                got = got()
            if isinstance(got, Iterable) and not isinstance(got, (str, bytes, dict)):
                got = list(got)
        except Exception as error:
            said = f"{type(view).__name__}.{name} raises {type(error).__name__}"
            raise Failure(f"{said}: {error}") from error
        if depth:
            for part in (got if isinstance(got, list) else [got])[:MOST]:
                if isinstance(part, View) and part is not view:
                    _ask(part, depth - 1)


def _rule(rule: Rule, cluster: Cluster, documents: Iterable[Document]) -> None:
    every: Iterable[Any] = (
        documents if rule.on is Document else (cluster,) if rule.on is Cluster else session.views(cluster, rule.on)
    )
    for view in every:
        try:
            for finding in rule.check(view, cluster, **{n: o.default for n, o in rule.options.items()}):
                about = view if isinstance(view, Resource) else getattr(view, "resource", None)
                resolve(rule.name, rule.severity, finding, about)
        except Exception as error:
            raise Failure(f"{rule.name} raises {type(error).__name__}: {error}") from error

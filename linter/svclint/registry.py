"""Which rules there are: found by entry point (`svclint.rules`), one file a rule."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

from svclint.packs import GROUP, OWN, any_pack
from svclint.rule import API_VERSION, SEVERITIES, Document, Rule, Severity

Pack = tuple[str, Callable[[], ModuleType]]
"""A pack's name as users know it, and what imports it."""


class Registry(NamedTuple):
    """The rules by name, and what is to be told of those that could not be had."""

    rules: Mapping[str, Rule]
    failures: tuple[str, ...] = ()


def rules_of(package: ModuleType) -> Iterator[Rule]:
    """All rules in the modules below a package, in order of module name.

    Modules whose name begins with `_` are helpers. Raises whatever a module raises when it is imported.
    """
    for name in _modules(package):
        yield from rules_in(importlib.import_module(name))


def rules_in(module: ModuleType) -> Iterator[Rule]:
    """The rules that one module defines."""
    for value in list(vars(module).values()):
        found = getattr(value, "rule", None)
        if isinstance(found, Rule) and found.module == module.__name__:
            yield found


def rules() -> Mapping[str, Rule]:
    """Every installed rule by name."""
    return installed().rules


def failures() -> tuple[str, ...]:
    """What of the installed rule packs can't be used: the pack's name and why. The other rules are not touched."""
    return installed().failures


@cache
def installed() -> Registry:
    """The rules of svclint and of every installed pack.

    A pack, or a module of it, that can't be imported, that was made for another version of the API or that repeats a
    rule's name is left out and told in `failures`; nothing is raised.
    """
    from svclint_rules._index import RULES

    own = {entry[0]: Indexed(*entry) for entry in RULES}
    return added(Registry(own), _packs())


class Indexed(Rule):
    """A rule of svclint's own, as `svclint_rules._index` lists it. Its module is imported when more is asked of it:
    most manifests have no Gateway."""

    __slots__ = ("_on",)

    def __init__(
        self,
        name: str,
        module: str,
        on: str,
        severity: Severity,
        since: str,
        claims: tuple[str, ...],
        default: bool,
        kinds: tuple[tuple[str, str], ...] | None,
    ) -> None:
        """`on` is MODULE:CLASS of the view."""
        self.name = name
        self.module = module
        self.severity = severity
        self.since = since
        self.claims = claims
        self.default = default
        self.kinds = kinds
        self._on = on

    def __getattr__(self, name: str) -> Any:
        """What isn't set yet."""
        if name == "on":
            module, _, view = self._on.partition(":")
            self.on = getattr(importlib.import_module(module), view)
        elif name in ("check", "doc", "options"):
            for each in rules_in(importlib.import_module(self.module)):
                if each.name == self.name:
                    self.check, self.doc, self.options = each.check, each.doc, each.options
        return object.__getattribute__(self, name)


def added(known: Registry, packs: Iterable[Pack]) -> Registry:
    """The registry with more packs; a rule whose name is known already is left out and told."""
    found = dict(known.rules)
    failures = list(known.failures)
    for name, load in packs:
        try:
            package = load()
            rules, wrong = _rules_of_pack(package)
        except (Exception, SystemExit) as error:
            rules, wrong = [], [f"can't be imported: {_reason(error)}"]
        for each in rules:
            fault = _fault(each)
            if fault:
                wrong.append(f"{each.module}: rule {each.name!r} {fault}")
            elif found.get(each.name, each) is not each:
                wrong.append(f"{each.module} defines {each.name!r}, as {found[each.name].module} does")
            else:
                found[each.name] = each
        failures += [f"rule pack {name}: {why}" for why in wrong]
    return Registry(found, tuple(failures))


def _fault(rule: Rule) -> str | None:
    """What makes a rule unfit to be asked."""
    from svclint.cluster import Cluster
    from svclint.kube.resource import ObjectView, Resource

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name):
        return "has a name that is not lower-case words with hyphens between them"
    if rule.severity not in SEVERITIES:
        return f"has severity {rule.severity!r}, not {', '.join(SEVERITIES)}"
    if not (
        isinstance(rule.on, type) and (rule.on in (Resource, Cluster, Document) or issubclass(rule.on, ObjectView))
    ):
        return f"is on {rule.on!r}, which is no view"
    for name, option in rule.options.items():
        if not (name.isidentifier() and type(option.default) in (bool, int, str, tuple)):
            return f"has an option {name!r} whose default is no bool, int, str or tuple of str"
    return None


def _rules_of_pack(package: ModuleType) -> tuple[list[Rule], list[str]]:
    """The rules of a pack, and why others of it can't be had."""
    if not isinstance(package, ModuleType):
        return [], [f"the entry point names {package!r}, not a package"]
    made_for = getattr(package, "SVCLINT_API", API_VERSION)
    if made_for != API_VERSION:
        return [], [f"made for version {made_for!r} of the rule API, this svclint has version {API_VERSION}"]
    rules = list(rules_in(package))
    wrong = []
    for name in _modules(package):
        try:
            rules += rules_in(importlib.import_module(name))
        except (Exception, SystemExit) as error:
            wrong.append(f"{name} can't be imported: {_reason(error)}")
    return rules, wrong


def _modules(package: ModuleType) -> list[str]:
    """The names of the modules below a package, helpers and `__init__` apart, sorted.

    Folders are read here because `pkgutil`, which looks into zip files too, costs as much as all of them.
    """
    found: list[str] = []
    pending = [(folder, package.__name__) for folder in getattr(package, "__path__", ())]
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError:
            continue
        for entry in listed:
            stem, _, suffix = entry.name.partition(".")
            if stem.startswith("_") or not stem.isidentifier():
                continue
            if suffix == "py" and entry.is_file():
                found.append(f"{prefix}.{stem}")
            elif not suffix and entry.is_dir():
                pending.append((entry.path, f"{prefix}.{stem}"))
    return sorted(found)


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _packs() -> Iterator[Pack]:
    if not any_pack():
        return
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        if point.value != OWN:
            yield f"{point.name} ({point.value})", point.load

"""Which rules there are: found by entry point (`svclint.rules`), one file a rule."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from svclint.rule import Rule

GROUP = "svclint.rules"


class RulePackError(Exception):
    """A rule pack can't be loaded; the message names the pack and says why."""


def rules_of(package: ModuleType) -> Iterator[Rule]:
    """All rules in the modules below a package, in order of module name.

    Raises RulePackError if a module can't be imported or a rule's file has another name than the rule.
    """
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.ispkg or found.name.rpartition(".")[2].startswith("_"):
            continue
        yield from rules_in(importlib.import_module(found.name))


def rules_in(module: ModuleType) -> Iterator[Rule]:
    """The rules that one module defines."""
    for value in vars(module).values():
        found = getattr(value, "rule", None)
        if isinstance(found, Rule) and found.module == module.__name__:
            yield found


@cache
def rules() -> Mapping[str, Rule]:
    """Every installed rule by name.

    Raises RulePackError if a pack fails to import or two rules have one name.
    """
    import svclint_rules

    found: dict[str, Rule] = {}
    for each in rules_of(svclint_rules):
        _add(found, each, "svclint_rules")
    for name, package in _packs():
        for each in rules_of(package):
            _add(found, each, name)
    return found


def _add(found: dict[str, Rule], each: Rule, pack: str) -> None:
    if each.name in found:
        raise RulePackError(f"rule pack {pack}: {each.module} defines {each.name!r}, as {found[each.name].module} does")
    found[each.name] = each


def _packs() -> Iterator[tuple[str, ModuleType]]:
    if not _any_pack():
        return
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        if point.value == "svclint_rules":
            continue
        try:
            package = point.load()
        except Exception as error:
            raise RulePackError(f"rule pack {point.name} ({point.value}) can't be imported: {error!r}") from error
        yield point.name, package


def _any_pack() -> bool:
    """Whether any distribution but svclint itself names the entry point group.

    `importlib.metadata` costs a fifth of a short run to import; most machines have no pack.
    """
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as found:
                infos = [item.path for item in found if item.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue
        for info in infos:
            try:
                with open(os.path.join(info, "entry_points.txt"), "rb") as file:
                    text = file.read()
            except OSError:
                continue
            if f"[{GROUP}]".encode() in text and b"svclint_rules\n" not in text + b"\n":
                return True
    return False

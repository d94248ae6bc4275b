"""Rules of a project that are no package: folders that its configuration names (`local-rules`).

They are code of the repository that is linted, so nothing of them is imported unless the user says so, by
`--trust-local-rules` or by `SVCLINT_TRUST_LOCAL_RULES=1`; no configuration can.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from svclint import config, registry
from svclint.config import Config
from svclint.registry import Registry

VARIABLE = "SVCLINT_TRUST_LOCAL_RULES"
_PARENT = "svclint_local_rules"


def trusted(flag: bool) -> bool:
    """Whether the user trusts the rules of the project: the flag, or else the environment."""
    return flag or os.environ.get(VARIABLE, "").lower() in ("1", "true", "yes", "on")


def added(known: Registry, root: str, folders: Sequence[str]) -> Registry:
    """The registry with the rules in these folders (relative to the project's root).

    A folder is read as a package: one file a rule, files whose name begins with `_` are helpers that the others can
    import (`from ._shared import …`). Nothing is raised: what can't be loaded is among `failures`.
    """
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # a linter leaves nothing behind in what it reads
    try:
        return registry.added(known, [(name, lambda name=name: _package(root, name)) for name in folders])  # type: ignore[misc]
    finally:
        sys.dont_write_bytecode = written


def chosen(configured: Config, root: str, trust: bool) -> tuple[Registry, bool]:
    """The rules to choose from, those of the project among them if they are trusted; and whether none is left out."""
    known, folders = registry.installed(), configured.local_rules
    if not folders:
        return known, True
    return (added(known, root, folders), True) if trusted(trust) else (known, False)


def check_names(configured: Config, known: Registry, complete: bool) -> None:
    """Raises ConfigError if the configuration names a rule or an option that there isn't, as far as all are known."""
    if complete and not known.failures:
        config.check_rules(configured, known.rules)
    config.check_options(configured, known.rules)


def _package(root: str, folder: str) -> ModuleType:
    path = os.path.realpath(os.path.join(root, folder))
    if not os.path.isdir(path):
        raise FileNotFoundError("no such folder")
    name = "".join(letter if letter.isalnum() else "_" for letter in os.path.relpath(path, os.path.realpath(root)))
    _made(_PARENT, [])
    return _made(f"{_PARENT}.{name}", [path])


def _made(name: str, path: list[str]) -> ModuleType:
    """A package of that name over these folders, in place of one of an earlier run."""
    for old in [each for each in sys.modules if each == name or each.startswith(name + ".")]:
        if path:
            del sys.modules[old]
    module = sys.modules.setdefault(name, ModuleType(name))
    module.__path__ = path
    importlib.invalidate_caches()
    return module

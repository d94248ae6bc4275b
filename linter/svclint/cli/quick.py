"""Arguments of a plain `svclint check`, read without click, whose import costs more than linting a small project.

What isn't plainly one of these goes to click, which then also has the words for what is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from svclint.cli.linting import Asked

FLAGS: Final = {
    "--isolated": "isolated",
    "--exit-zero": "exit_zero",
    "--fix": "fix",
    "--unsafe-fixes": "unsafe_fixes",
    "--diff": "diff",
    "--no-cache": "no_cache",
    "--quiet": "quiet",
    "-q": "quiet",
}
ONCE: Final = {
    "--root": "root",
    "--config": "config_file",
    "--fail-on": "fail_on",
    "--baseline": "baseline_file",
    "--write-baseline": "write_baseline",
    "--color": "color",
    "--language": "language",
}
REPEATED: Final = {
    "--select": "select",
    "--extend-select": "extend_select",
    "--ignore": "ignore",
    "--output-format": "output_formats",
}
CHOICES: Final = {"fail_on": ("error", "warning", "info", "never"), "color": ("auto", "always", "never")}


def read(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Asked | None:
    """What is asked by the arguments of the console script; None where click has to read them."""
    if os.name == "nt" or arguments[:1] != ["check"]:
        return None
    if any(name.startswith(("SVCLINT_CHECK_", "_SVCLINT")) for name in environ):
        return None
    found: dict[str, Any] = {}
    paths: list[str] = []
    rest = iter(arguments[1:])
    for each in rest:
        name, equals, value = each.partition("=")
        if each in FLAGS:
            found[FLAGS[each]] = True
        elif name in ONCE or name in REPEATED:
            given = value if equals else next(rest, "-")
            if given.startswith("-"):
                return None
            if name in REPEATED:
                found[REPEATED[name]] = (*found.get(REPEATED[name], ()), given)
            elif given not in CHOICES.get(ONCE[name], (given,)):
                return None
            else:
                found[ONCE[name]] = given
        elif each.startswith("-"):
            return None
        else:
            paths.append(each)
    return Asked(paths=tuple(paths), **found)

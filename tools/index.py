"""Makes rules/svclint_rules/_index.py: what is known of each rule before its module is imported.

`python tools/index.py` writes it. A test tells when it is stale.
"""

from __future__ import annotations

from pathlib import Path

import svclint_rules
from svclint.registry import rules_of
from svclint.rule import Rule

FILE = Path(svclint_rules.__file__).parent / "_index.py"
HEAD = '''\
"""What is known of each rule before its module is imported. Made by tools/index.py from the rules: change it there."""

from __future__ import annotations

# Name, module, view, severity, since, claims, whether it is on by default, kinds.
# fmt: off
RULES = (
'''


def text() -> str:
    """The module's text."""
    return HEAD + "".join(f"    {_entry(each)!r},\n" for each in rules_of(svclint_rules)) + ")\n"


def _entry(rule: Rule) -> tuple[object, ...]:
    on = f"{rule.on.__module__}:{rule.on.__qualname__}"
    return rule.name, rule.module, on, rule.severity, rule.since, rule.claims, rule.default, rule.kinds


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")

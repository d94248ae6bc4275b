"""What a language's catalogue of messages lacks: `python tools/messages.py [LANGUAGE]`.

Runs the examples of all rules and prints the messages that no template fits, then the templates that no example used
(perhaps since the English wording changed).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

from svclint.explain import rule_page
from svclint.language import Template, catalogue
from svclint.registry import rules
from svclint.rule import Rule
from svclint.testing import check_text, examples


class Gaps(NamedTuple):
    """How many messages there are, those that nothing fits, and the templates that fit none."""

    messages: int
    untranslated: list[tuple[str, str]]
    unused: list[tuple[str, str]]


def messages() -> Iterator[tuple[str, str]]:
    """Each rule's messages, labels and fixes in its own examples."""
    every = rules()
    for name, rule in sorted(every.items()):
        yield from dict.fromkeys((name, text) for text in said(rule, [r for r in every.values() if r.claims]))


def said(rule: Rule, claiming: list[Rule]) -> Iterator[str]:
    """What a rule says: its summary, and in its bad examples."""
    yield rule_page(rule).summary
    for example in examples(rule.doc):
        if example.kind == "bad":
            for d in check_text(example.text, [rule, *(r for r in claiming if r.name != rule.name)]).diagnostics:
                if d.rule == rule.name:
                    yield from (d.message, *(r.message for r in d.related))
                    if d.fix:
                        yield d.fix.message


def gaps(language: str) -> Gaps:
    """What the catalogue of a language lacks."""
    entries = catalogue(language)
    used: set[Template] = set()
    untranslated = []
    total = 0
    for name, text in messages():
        total += 1
        both = (*entries.get(name, ()), *entries.get("*", ()))
        fitting = next((e for e in both if e.template.match(text) is not None), None)
        if fitting is not None:
            used.add(fitting.template)
        else:
            untranslated.append((name, text))
    unused = [
        (name, " … ".join(e.template.literals))
        for name, table in entries.items()
        for e in table
        if name != "*" and e.template not in used
    ]
    return Gaps(total, untranslated, unused)


def main(language: str = "zh-Hans") -> None:
    """Prints the gaps."""
    found = gaps(language)
    for name, text in found.untranslated:
        print(f"no template: [{name}] {text}")
    for name, template in found.unused:
        print(f"not used by an example: [{name}] {template}")
    print(f"{language}: {found.messages - len(found.untranslated)} of {found.messages} messages translated")


if __name__ == "__main__":
    main(*sys.argv[1:2])

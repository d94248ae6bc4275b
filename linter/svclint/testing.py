"""For rule packs: runs the examples in a rule's page as tests.

A page (the docstring of the rule's module) holds fenced blocks: `yaml bad` gives exactly the findings that its marks
name (`# error: message` behind a line, the message whole or up to `…`), `yaml good` gives none, and `diff fix` is the
very diff that the fixes of the `bad` block before it make; what they yield is clean.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from svclint import fix, project, registry, session
from svclint.config import Config
from svclint.diagnostic import Report
from svclint.kube.facts import Facts
from svclint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLE = "example.yaml"
_FACTS = Facts()
_BLOCK = re.compile(r"^```(yaml bad|yaml good|diff fix)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"\s*# (error|warning|info): (.*)$")


class Example(NamedTuple):
    """One example of a page: its kind (`bad` or `good`), its text, and the diff that its fix must make."""

    kind: str
    text: str
    diff: str | None


def examples(page: str) -> Iterator[Example]:
    """The examples of a page, in order."""
    blocks = _BLOCK.findall(page)
    for number, (kind, text) in enumerate(blocks):
        if kind == "diff fix":
            continue
        follows = number + 1 < len(blocks) and blocks[number + 1][0] == "diff fix"
        yield Example(kind.split()[1], text, blocks[number + 1][1] if follows else None)


def check_text(text: str, rules: Sequence[Rule], facts: Facts = _FACTS) -> Report:
    """The report on one file with this text."""
    location = project.Location("/", stdin=EXAMPLE, alone=True)
    read = location.load(Config(), {EXAMPLE: text.encode()}, facts.namespace)
    return session.check(read, facts, session.Selection(tuple(rules), asked_for=frozenset(r.name for r in rules)))


def faults(rule: Rule, others: Mapping[str, Rule] | None = None) -> list[str]:
    """What is wrong with a rule's page: an example that does not say what it shows. Empty: all is well."""
    wrong = []
    found = list(examples(rule.doc))
    if not any(e.kind == "bad" for e in found):
        wrong.append(f"{rule.name}: the page has no `yaml bad` example")
    if not any(e.kind == "good" for e in found):
        wrong.append(f"{rule.name}: the page has no `yaml good` example")
    every = others or registry.rules()
    others_asked = (
        r for r in every.values() if r.claims and r.claims[0] not in session.SPOKEN_FOR and r.name != rule.name
    )
    asked = [rule, *others_asked]
    for number, example in enumerate(found, 1):
        title = f"{rule.name}, example {number} ({example.kind})"
        report = check_text(example.text, asked)
        wrong += [f"{title}: {crash}" for crash in report.crashes]
        got = sorted((d.region.line, d.severity, d.message) for d in report.diagnostics)
        want = sorted(marks(example.text)) if example.kind == "bad" else []
        if example.kind == "bad" and not any(d.rule == rule.name for d in report.diagnostics):
            wrong.append(f"{title}: the rule says nothing; others: {got}")
        if len(got) != len(want) or not all(_same(g, w) for g, w in zip(got, want, strict=True)):
            wrong.append(f"{title}: wants {want}, got {got}")
        if example.diff is not None:
            wrong += [f"{title}: {fault}" for fault in _fix_faults(example, asked)]
    return wrong


def marks(text: str) -> Iterator[tuple[int, str, str]]:
    """Line (from 1), severity and message of each mark."""
    for number, line in enumerate(text.splitlines(), 1):
        match = _MARK.search(line)
        if match:
            yield number, match[1], match[2].strip()


def _same(got: tuple[int, str, str], want: tuple[int, str, str]) -> bool:
    if got[:2] != want[:2]:
        return False
    return got[2].startswith(want[2][:-1].rstrip()) if want[2].endswith("…") else got[2] == want[2]


def _fix_faults(example: Example, rules: Sequence[Rule]) -> Iterator[str]:
    clean = "".join(_MARK.sub("", line) + "\n" for line in example.text.splitlines())

    def check(contents: Mapping[str, bytes]) -> Report:
        return check_text(contents.get(EXAMPLE, clean.encode()).decode(), rules)

    fixed = fix.converge(check, unsafe=True)
    after = fixed.contents.get(EXAMPLE, clean.encode()).decode()
    lines = difflib.unified_diff(clean.splitlines(), after.splitlines(), n=0, lineterm="")
    got = [line.rstrip() for line in lines if line[0] in "-+" and not line.startswith(("---", "+++"))]
    want = [line.rstrip() for line in (example.diff or "").splitlines() if line.startswith(("-", "+"))]
    if got != want:
        yield f"the fix makes {got}, the page shows {want}"
    if fixed.report.diagnostics:
        yield f"after the fix: {[d.message for d in fixed.report.diagnostics]}"

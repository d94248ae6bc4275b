"""Findings that a repository starts with: known, written down, and reported again only when they change.

An entry is keyed by rule, object and field, not by line: edits elsewhere in a file don't revive it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from svclint.diagnostic import Diagnostic, Note, Report

VERSION = 1


class BaselineError(Exception):
    """The baseline can't be read; the message says why."""


class Entry(NamedTuple):
    """One known finding: `subject` is `NAMESPACE/KIND/NAME`, or the file where the finding is about no object."""

    rule: str
    subject: str
    field: str


def entry(d: Diagnostic) -> Entry:
    """The entry that a diagnostic has in a baseline."""
    if d.object is None:
        return Entry(d.rule, d.region.file, "")
    return Entry(d.rule, "/".join((d.object.namespace, d.object.kind, d.object.name)), d.field or "")


def dump(diagnostics: Iterable[Diagnostic]) -> str:
    """The text of a baseline that knows these findings, in a stable order."""
    found = Counter(entry(d) for d in diagnostics)
    entries = [{**each._asdict(), "count": found[each]} for each in sorted(found)]
    return json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False) + "\n"


def load(text: str) -> Counter[Entry]:
    """How often each known finding occurs. Raises BaselineError."""
    try:
        read = json.loads(text)
        if read["version"] != VERSION:
            raise BaselineError(f"version {read['version']!r} is not {VERSION}; write it again with --write-baseline")
        return Counter(
            {Entry(str(e["rule"]), str(e["subject"]), str(e["field"])): int(e["count"]) for e in read["findings"]}
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise BaselineError(f"not a baseline of svclint ({error!r}); write one with --write-baseline") from None


def apply(report: Report, known: Counter[Entry], file: str, complete: bool) -> Report:
    """The report without what is known.

    `complete`: every rule was asked of the whole project, so that an entry that met nothing is stale, and told.
    """
    left = Counter(known)
    kept = []
    for d in report.diagnostics:
        key = entry(d)
        if left[key] > 0:
            left[key] -= 1
        else:
            kept.append(d)
    stale = [each for each, count in sorted(left.items()) if count > 0] if complete else []
    notes = [Note(file, f"stale: {each.rule} of {each.subject} is gone; write the baseline again") for each in stale]
    hidden = len(report.diagnostics) - len(kept)
    return report._replace(
        diagnostics=tuple(kept), notes=(*report.notes, *notes), suppressed=report.suppressed + hidden
    )

"""A second process for large projects: one process reads, then two check, each the clusters of its own files.

What rules say of one cluster depends on no other one's findings, so the report is the same, byte for byte, whoever
checks which. A child that dies, or can't be made, costs its time and nothing else: its clusters are checked here.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from svclint import kept, session
from svclint.diagnostic import Report, order
from svclint.grouping import grouped

if TYPE_CHECKING:
    from svclint.kube.facts import Facts
    from svclint.project import Project
    from svclint.session import Checked, Selection

VARIABLE = "SVCLINT_JOBS"
"""How many processes may check: `1` for one only."""
LEAST_OBJECTS = 5000
"""Of fewer objects a process (some 75 ms of imports and copied pages) costs more than it is worth."""


def checked(
    project: Project,
    facts: Facts,
    selection: Selection,
    environ: Mapping[str, str] = os.environ,
    least: int = LEAST_OBJECTS,
) -> Checked:
    """As `session.checked`, on two processors where there are two and the project is large enough.

    The diagnostics know no findings then: who needs them (fixes) asks the session.
    """
    if environ.get(VARIABLE) == "1" or sum(len(s.resources) for s in project.scopes) < least or not _can_fork():
        return session.checked(project, facts, selection)
    halves = _halves(project)
    if not all(halves):
        return session.checked(project, facts, selection)
    mine, theirs = (project.part(files) for files in halves)
    read, write = os.pipe()
    # What is here already is garbage in neither process; looking at it would copy it.
    gc.freeze()
    try:
        child = os.fork()
    except OSError:
        os.close(read)
        os.close(write)
        return session.checked(project, facts, selection)
    if child == 0:
        _work(theirs, facts, selection, write)
    os.close(write)
    own = session.checked(mine, facts, selection)
    other = _result(theirs, read, child) or session.checked(theirs, facts, selection)
    return _merged(project, own, other)


def _can_fork() -> bool:
    import threading

    if not (hasattr(os, "fork") and hasattr(os, "sched_getaffinity")):
        return False
    # A process with threads can't be copied whole.
    return len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def _halves(project: Project) -> tuple[set[str], set[str]]:
    """The files in two halves of about the same length of text; files of one cluster stay together."""
    sizes = {source.path: len(source.text) for source in project.sources}
    halves: tuple[set[str], set[str]] = (set(), set())
    taken = [0, 0]
    groups = grouped(sizes, (scope.reached for scope in project.scopes))
    for size, group in sorted(((sum(sizes.get(path, 0) for path in group), group) for group in groups), reverse=True):
        number = taken.index(min(taken))
        halves[number].update(group)
        taken[number] += size
    return halves


def _work(project: Project, facts: Facts, selection: Selection, write: int) -> None:
    """The child's life: it checks, sends what it found and ends, whatever happens."""
    code = 1
    try:
        import json

        found = session.checked(project, facts, selection)
        report = found.report
        said = [
            [kept.dump(d) for d in report.diagnostics],
            [kept.dump(d) for d in found.silenced],
            [report.documents, report.objects],
            report.crashes,
            [None if scope.elsewhere is None else kept.asked(scope.elsewhere.answers) for scope in project.scopes],
        ]
        with open(write, "wb") as pipe:
            pipe.write(json.dumps(said).encode())
        code = 0
    finally:
        os._exit(code)


def _result(project: Project, read: int, child: int) -> Checked | None:
    """What the child found; None if it died."""
    import json

    with open(read, "rb") as pipe:
        data = pipe.read()
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(child, 0)[1] != 0:
            return None
    try:
        diagnostics, silenced, (documents, objects), crashes, answers = json.loads(data)
    except ValueError:
        return None
    known = {source.path: source for source in (*project.sources, *project.assumed)}

    def text(path: str) -> str:
        source = known.get(path) or project.read(path)
        return source.text if source else ""

    for scope, each in zip(project.scopes, answers, strict=True):
        if scope.elsewhere is not None:
            scope.elsewhere.answers.update(kept.answered(each, known))
    texts = kept.Texts(text)
    found = tuple(kept.load(each, texts) for each in diagnostics)
    report = Report(found, (), 0, documents, objects, len(silenced), tuple(crashes))
    return session.Checked(report, tuple(kept.load(each, texts) for each in silenced))


def _merged(project: Project, one: Checked, other: Checked) -> Checked:
    """One report of both; how many files there are and what is noted is said of the project."""
    first, second = one.report, other.report
    return session.Checked(
        first._replace(
            files=len(project.sources if project.targets is None else project.targets),
            diagnostics=tuple(sorted((*first.diagnostics, *second.diagnostics), key=order)),
            documents=first.documents + second.documents,
            objects=first.objects + second.objects,
            suppressed=first.suppressed + second.suppressed,
            crashes=tuple(sorted({*first.crashes, *second.crashes})),
        ),
        (*one.silenced, *other.silenced),
    )

"""How many broken applications `--fix --unsafe-fixes` repairs: the paper cluster then answers as the unbroken one does.

    repair.py MUTANTS_DIR [--show N]     (made by mutants.py: BUNDLE/base, BUNDLE/CLASS-N, index.json)

Compared is what a client of the unbroken application meets: every Service of its `svclint map` has the same ports
(number, protocol; the name where it had one) and behind each the same endpoints with the same ports in the Pods, and no
finding is new. A Service with nothing behind it answers nobody and is not compared; what a breakage added besides (a
port, a node port) may stay, and the application's own faults may be repaired too. A fix makes it worse when a Service
that answered as before does not any more.
"""

from __future__ import annotations

import argparse
import collections
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from svclint import api, fix, project, registry, session
from svclint.config import Config
from svclint.diagnostic import Report
from svclint.kube.facts import Facts

FACTS = Facts()
RULES = session.Selection(session.selected(registry.rules().values()))


Answer = frozenset[tuple[str, int, str, str]]


class World(NamedTuple):
    """What an application answers, by Service (its ports and what is behind each), and the findings that count."""

    services: dict[str, Answer]
    findings: frozenset[tuple[str, str]]


def load(folder: Path, overlay: Mapping[str, bytes]) -> project.Project:
    """The project of a folder with some files replaced."""
    return project.find([str(folder)], root=str(folder)).load(Config(), overlay)


def check(folder: Path, overlay: Mapping[str, bytes]) -> Report:
    """What svclint says of it."""
    return session.check(load(folder, overlay), FACTS, RULES)


def world(folder: Path, overlay: Mapping[str, bytes], report: Report) -> World:
    """What the paper cluster answers."""
    services: dict[str, Answer] = {}
    for scope, paper in api.clusters(load(folder, overlay), FACTS, Config()).items():
        for name, service in paper.map().items():
            if service["endpoints"] or service["type"] == "ExternalName":
                services[f"{scope}: {name}"] = frozenset(_answers(service))
    counted = frozenset((d.rule, d.message) for d in report.diagnostics if d.severity != "info")
    return World(services, counted)


def _answers(service: dict[str, Any]) -> Iterator[tuple[str, int, str, str]]:
    for name, port, protocol, *_ in service["ports"] or [["", 0, ""]]:
        behind = [
            (e["workload"], e["pod"], e["address"], e["ready"], e["count"], [p[1:] for p in e["ports"] if p[0] == name])
            for e in service["endpoints"]
        ]
        yield name, port, protocol, json.dumps([service["headless"], sorted(behind, key=str)], sort_keys=True)


def answers_as(one: World, base: World) -> set[str]:
    """The Services of `base` that answer in `one` as there; a port that had no name there may have one here."""
    found = set()
    for service, wanted in base.services.items():
        have = one.services.get(service, frozenset())
        nameless = {each[1:] for each in have}
        if all(each in have if each[0] else each[1:] in nameless for each in wanted):
            found.add(service)
    return found


def mended(folder: Path) -> tuple[World, World]:
    """What an application answers as it is, and with its own faults (public ones have some) repaired."""
    fixed = repair(folder)
    return world(folder, {}, check(folder, {})), world(folder, fixed.contents, fixed.report)


def repair(folder: Path) -> fix.Fixed:
    """All fixes, applied in memory."""
    return fix.converge(lambda overlay: check(folder, overlay), unsafe=True)


def main() -> None:
    """Prints repaired, unchanged and worse by class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mutants", type=Path)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    index = json.loads((arguments.mutants / "index.json").read_text())
    unbroken = {bundle: mended(arguments.mutants / bundle / "base") for bundle in {m["bundle"] for m in index}}
    score: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for m in index:
        folder = arguments.mutants / m["dir"]
        base, better = unbroken[m["bundle"]]
        broken = world(folder, {}, check(folder, {}))
        fixed = repair(folder)
        after = world(folder, fixed.contents, fixed.report)
        right = answers_as(after, base) | answers_as(after, better)
        lost = sorted(answers_as(broken, base) - right)
        if right >= set(base.services) and after.findings <= base.findings:
            outcome = "repaired"
        elif lost:
            outcome = "worse"
        else:
            outcome = "changed" if fixed.contents else "left"
        score[m["class"]][outcome] += 1
        if outcome == "worse" and arguments.show:
            print("worse:", m["dir"], lost[:3])
    total: collections.Counter[str] = collections.Counter()
    for name, outcomes in sorted(score.items()):
        total += outcomes
        print(f"  {name:30} {dict(outcomes)}")
    share = 100 * total["repaired"] / max(1, sum(total.values()))
    print(f"repair: {share:.1f} % of {sum(total.values())} repaired, {total['worse']} made worse")


if __name__ == "__main__":
    main()

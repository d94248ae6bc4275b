"""Working applications broken in one known way each, in classes of svclint's own; how many it notices.

    mutants.py [FOLDER…] [--per-class N] [--out FOLDER] [--show N]

FOLDERs are applications (default: the one beside this file). A mutant is caught when an error or warning
that the unbroken application doesn't have speaks of an object that was broken. With `--out` the mutants are written as
`tools/score.py recall` and benchmarks/repair.py read them (APPLICATION/base, APPLICATION/CLASS-N, index.json).
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import tempfile
from pathlib import Path

from application import App, Mutant, write
from objects import pointers, workloads
from traffic import gateways, ingresses, policies

from svclint import project, registry, session
from svclint.config import Config
from svclint.diagnostic import Diagnostic
from svclint.kube.facts import Facts

RULES = session.Selection(session.selected(registry.rules().values()))
FAMILIES = (policies, gateways, ingresses, pointers, workloads)


def findings(folder: Path) -> tuple[Diagnostic, ...]:
    """The errors and warnings of a folder."""
    read = project.find([str(folder)], root=str(folder)).load(Config(), {})
    report = session.check(read, Facts(), RULES)
    return tuple(d for d in report.diagnostics if d.severity != "info")


def sign(finding: Diagnostic) -> tuple[str, str]:
    """What makes a finding the same in two runs."""
    return finding.rule, finding.message


def speaks(finding: Diagnostic, mutant: Mutant) -> bool:
    """Whether a finding names an object that was broken."""
    texts = [finding.message, *(r.message for r in finding.related)]
    if finding.object is not None and finding.object.name == mutant.object.partition("/")[2]:
        return True
    names = (mutant.object.partition("/")[2], *mutant.also)
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) for name in names for text in texts)


def main() -> None:
    """Prints recall by class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(__file__).parent / "shop"])
    parser.add_argument("--per-class", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--show", type=int, default=0)
    arguments = parser.parse_args()
    score: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    index: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as temporary:
        out = arguments.out or Path(temporary)
        for folder in arguments.folders:
            app = App(folder)
            write(app, app.entries, out / folder.name / "base")
            base = {sign(d) for d in findings(out / folder.name / "base")}
            made: collections.Counter[str] = collections.Counter()
            for mutant in (m for family in FAMILIES for m in family(app)):
                if made[mutant.name] >= arguments.per_class:
                    continue
                place = f"{folder.name}/{mutant.name}-{made[mutant.name]}"
                made[mutant.name] += 1
                write(app, mutant.entries, out / place)
                index.append({"bundle": folder.name, "class": mutant.name, "object": mutant.object, "dir": place})
                new = [d for d in findings(out / place) if sign(d) not in base]
                caught = any(speaks(d, mutant) for d in new)
                score[mutant.name][0] += caught
                score[mutant.name][1] += 1
                if not caught and arguments.show:
                    print("missed:", place, mutant.object, [sign(d) for d in new][: arguments.show])
        if arguments.out:
            (out / "index.json").write_text(json.dumps(index, indent=0))
    for name, (noticed, total) in sorted(score.items()):
        print(f"  {name:26} {noticed}/{total}")
    noticed, total = (sum(pair[i] for pair in score.values()) for i in (0, 1))
    print(f"recall: {100 * noticed / max(1, total):.1f} % of {total} breakages in {len(score)} classes")


if __name__ == "__main__":
    main()

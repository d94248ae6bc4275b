"""`make mutants`: svclint's own classes of breakage, with peers beside it.

    peers.py MUTANTS_DIR     (as benchmarks/mutants/mutants.py --out writes it)

A breakage counts as noticed when a line that the tool doesn't print for the unbroken application names the object that
was broken. kubeconform v0.8.0 (local schemas) and kube-score v1.20.0 are installed by Go; a peer that can't be had is
left out, and said so. kube-linter has no module that Go's proxy serves.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from bench import TOOLS, kubeconform, schemas

KUBE_SCORE = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0"
Tool = Callable[[Path], Counter[str]]


def lines(command: list[str], folder: Path) -> Counter[str]:
    """What a tool prints about a folder, without the folder's own name."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Counter(line.replace(str(folder), "").strip() for line in done.stdout.splitlines() if line.strip())


def files(folder: Path) -> list[str]:
    """The manifests of a folder."""
    return [str(path) for path in sorted(folder.rglob("*.yaml"))]


def kube_score() -> str | None:
    """The path of kube-score, installed if Go is there; None where it can't be had."""
    binary = TOOLS / "bin" / "kube-score"
    if not binary.exists() and shutil.which("go"):
        subprocess.run(["go", "install", KUBE_SCORE], env={**os.environ, "GOBIN": str(binary.parent)}, check=False)
    return str(binary) if binary.exists() else None


def tools(location: str) -> dict[str, Tool]:
    """The tools that are here."""
    svclint = [sys.executable, "-m", "svclint", "check", "--no-cache", "--output-format", "concise", "--quiet"]
    found: dict[str, Tool] = {"svclint": lambda f: lines([*svclint, "--root", str(f), str(f)], f)}
    if conform := kubeconform():
        flags = ["-strict", "-ignore-missing-schemas", "-schema-location", location]
        found["kubeconform"] = lambda f: lines([conform, *flags, *files(f)], f)
    if score := kube_score():
        found["kube-score"] = lambda f: lines([score, "score", "--output-format", "ci", *files(f)], f)
    return found


def main() -> None:
    """Prints noticed breakages by class and tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mutants", type=Path)
    root = parser.parse_args().mutants
    index = json.loads((root / "index.json").read_text())
    with tempfile.TemporaryDirectory() as temporary:
        asked = tools(schemas(Path(temporary)))
        base = {(b, t): ask(root / b / "base") for b in {m["bundle"] for m in index} for t, ask in asked.items()}
        noticed: dict[str, Counter[str]] = defaultdict(Counter)
        count: Counter[str] = Counter()
        for m in index:
            count[m["class"]] += 1
            name = re.compile(rf"(?<![\w.-]){re.escape(m['object'].rpartition('/')[2])}(?![\w-])")
            for tool, ask in asked.items():
                new = ask(root / m["dir"]) - base[m["bundle"], tool]
                noticed[m["class"]][tool] += any(name.search(line) for line in new)
    print(f"{'class':28}" + "".join(f"{tool:>14}" for tool in asked))
    for each, total in sorted(count.items()):
        print(f"{each:28}" + "".join(f"{f'{noticed[each][tool]}/{total}':>14}" for tool in asked))
    everything = sum(count.values())
    shares = ", ".join(f"{t} {100 * sum(n[t] for n in noticed.values()) / everything:.1f} %" for t in asked)
    print(f"mutants: {shares} of {everything} breakages in {len(count)} classes")


if __name__ == "__main__":
    main()

"""`make bench`: svclint beside kubeconform on the same files, whole processes, medians of five, ratios pair by pair.

    bench.py [--runs 5] [FOLDER…]     (default: examples/, and ../shared/corpus and ../shared/repos where they are)

kubeconform v0.8.0 is installed by Go (a package registry is needed) and given local schemas without descriptions, its
best case: no network. CPU is user + system time of the process and its children, as the kernel accounts it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".bench"
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"


class Run(NamedTuple):
    """One finished process: seconds of CPU and on the wall, MiB at its peak."""

    cpu: float
    wall: float
    peak: float


def measure(command: list[str]) -> Run:
    """Runs a command with its output thrown away."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return Run(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024)


def pairs(ours: list[str], theirs: list[str] | None, runs: int) -> tuple[list[Run], list[Run]]:
    """Runs both in turn, after one warm-up of each."""
    measure(ours)
    if theirs:
        measure(theirs)
    a, b = [], []
    for _ in range(runs):
        a.append(measure(ours))
        if theirs:
            b.append(measure(theirs))
    return a, b


def kubeconform() -> str | None:
    """The path of kubeconform, installed if Go is there; None where it can't be had."""
    binary = TOOLS / "bin" / "kubeconform"
    if not binary.exists() and shutil.which("go"):
        subprocess.run(["go", "install", KUBECONFORM], env={**os.environ, "GOBIN": str(binary.parent)}, check=False)
    return str(binary) if binary.exists() else None


def schemas(into: Path) -> str:
    """Standalone schemas of every kind, as kubeconform looks for them; returns its --schema-location."""
    whole = json.loads((ROOT / "schemas/svclint_schemas/kubernetes/1.36.schema.json").read_text())
    for rule in whole["allOf"]:
        known = rule["if"]["properties"]
        reference = rule["then"]["$ref"]
        group, _, version = known["apiVersion"]["const"].rpartition("/")
        needed: dict[str, Any] = {}
        _collect(reference, whole["definitions"], needed)
        schema = {"$schema": whole["$schema"], "$ref": reference, "definitions": needed}
        name = "-".join(filter(None, (known["kind"]["const"].lower(), group.split(".")[0], version)))
        (into / f"{name}.json").write_text(json.dumps(schema))
    return f"{into}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"


def _collect(reference: str, definitions: dict[str, Any], found: dict[str, Any]) -> None:
    name = reference.rpartition("/")[2]
    if name in found:
        return
    found[name] = definitions[name]
    todo: list[Any] = [definitions[name]]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            if isinstance(each.get("$ref"), str):
                _collect(each["$ref"], definitions, found)
            todo.extend(each.values())
        elif isinstance(each, list):
            todo.extend(each)


def row(name: str, ours: list[Run], theirs: list[Run]) -> str:
    """One line of the table: medians with their spread, and the median of the ratios of CPU."""
    cpu = [r.cpu for r in ours]
    line = f"{name:34} {statistics.median(cpu):7.3f}s cpu ({min(cpu):.3f}–{max(cpu):.3f})"
    line += f" {statistics.median(r.wall for r in ours):7.3f}s wall {statistics.median(r.peak for r in ours):6.0f} MiB"
    if theirs:
        ratio = statistics.median(a.cpu / b.cpu for a, b in zip(ours, theirs, strict=True))
        line += f" | kubeconform {statistics.median(r.cpu for r in theirs):7.3f}s cpu | svclint/kubeconform {ratio:.2f}"
    return line


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("folders", nargs="*", type=Path)
    arguments = parser.parse_args()
    shared = ROOT.parent / "shared"
    folders = arguments.folders or [
        ROOT / "examples" / "shop",
        *(p for p in [shared / "corpus", *sorted((shared / "repos").glob("*"))] if p.is_dir()),
    ]
    svclint = [str(Path(sys.executable).parent / "svclint")]
    peer = kubeconform()
    if peer is None:
        print("kubeconform: not installed (no Go, or no registry); svclint alone")
    bare, _ = pairs([sys.executable, "-c", "pass"], None, arguments.runs)
    print(row("the bare interpreter", bare, []))
    with tempfile.TemporaryDirectory() as temporary:
        location = schemas(Path(temporary))
        for folder in folders:
            files = [str(p) for p in sorted(folder.rglob("*")) if p.suffix in (".yaml", ".yml") and p.is_file()]
            theirs = None
            if peer:
                flags = ["-strict", "-ignore-missing-schemas", "-schema-location", location, "-n", "2", "-summary"]
                theirs = [peer, *flags, *files]
            ours = [*svclint, "check", "--no-cache", "--root", str(folder), str(folder)]
            print(row(f"{folder.parent.name}/{folder.name} ({len(files)} files)", *pairs(ours, theirs, arguments.runs)))
    largest = max(folders, key=lambda folder: sum(p.stat().st_size for p in folder.rglob("*.yaml")))
    admit = [*svclint, "admit", "--output-format", "json", str(largest)]
    answers = len(json.loads(subprocess.run(admit, capture_output=True, check=False).stdout))
    cpu = statistics.median(run.cpu for run in pairs(admit, None, arguments.runs)[0])
    print(f"admit {largest.parent.name}/{largest.name}: {answers} documents, {answers / cpu:.0f} a second of CPU")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"bench: {len(folders)} folders, {arguments.runs} runs each, largest peak {peak:.0f} MiB")


if __name__ == "__main__":
    main()

"""`make corpus`: which findings a change makes appear and disappear on public manifests.

    ecosystem.py [--base REV] [FOLDER…]    (default: ../shared/corpus, charts and repos, where they are)

Compared are the working tree and REV: the last commit, or the one before it where nothing is changed. Each folder is
one project. Nothing is judged: the list is for reading.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE_ROOTS = ("linter", "rules", "schemas")
Finding = tuple[str, str, str, str]


def git(*arguments: str) -> str:
    """What git prints."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def findings(tree: Path, folder: Path) -> Counter[Finding]:
    """The errors and warnings of the svclint in `tree` about one folder, by file, severity, rule and message."""
    path = os.pathsep.join(str(tree / root) for root in SOURCE_ROOTS)
    command = [sys.executable, "-m", "svclint", "check", "--no-cache", "--isolated", "--output-format", "json"]
    done = subprocess.run(
        [*command, "--root", str(folder), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        cwd=tree,
        check=False,
    )
    if done.returncode not in (0, 1):
        return Counter({(str(folder), "crash", "svclint", done.stderr.strip().rpartition("\n")[2]): 1})
    said = json.loads(done.stdout)["findings"]
    return Counter((f["file"], f["severity"], f["rule"], f["message"]) for f in said if f["severity"] != "info")


def compare(folder: Path, before: Path, after: Path) -> tuple[Counter[Finding], Counter[Finding], int]:
    """What appears, what disappears, and how many findings there are."""
    old, new = findings(before, folder), findings(after, folder)
    return new - old, old - new, new.total()


def projects(folders: Iterable[Path]) -> list[Path]:
    """The projects in collections of them."""
    return [each for folder in folders if folder.is_dir() for each in sorted(folder.iterdir()) if each.is_dir()]


def main() -> None:
    """Prints the difference, and a summary line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base")
    parser.add_argument("folders", nargs="*", type=Path)
    arguments = parser.parse_args()
    shared = ROOT.parent / "shared"
    found = projects(arguments.folders or [shared / "corpus", shared / "charts", shared / "repos"])
    if not found:
        print("corpus: no public manifests here")
        return
    base = arguments.base or ("HEAD" if git("status", "--porcelain", "--", *SOURCE_ROOTS) else "HEAD~1")
    with tempfile.TemporaryDirectory() as temporary:
        before = Path(temporary, "before")
        git("worktree", "add", "--detach", "--quiet", str(before), base)
        try:
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                results = list(pool.map(lambda folder: compare(folder, before, ROOT), found))
        finally:
            git("worktree", "remove", "--force", str(before))
    appeared = disappeared = total = 0
    for folder, (new, gone, count) in zip(found, results, strict=True):
        total += count
        for sign, group in (("+", new), ("-", gone)):
            for (file, severity, rule, message), times in sorted(group.items()):
                more = f" ({times} times)" if times > 1 else ""
                print(f"{sign} {folder.name}/{file}: {severity}[{rule}] {message}{more}")
        appeared += new.total()
        disappeared += gone.total()
    print(
        f"corpus: {appeared} findings appear, {disappeared} disappear against {base}; {total} in {len(found)} projects"
    )


if __name__ == "__main__":
    main()

"""How time and memory grow: generated projects of 1,000, 10,000 and 100,000 objects, and lopsided ones.

    scale.py [--sizes 1000,10000] [--shapes shop,same-selector …] [--verb check|map] [--keep FOLDER]

A line per project: its text, seconds of CPU and peak memory, both also per object and against the text. The last line
gives, by shape, cost per object at the largest size over that at the smallest: 1.00 is linear.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app: {app}
  ports:
    - name: http
      port: 80
      targetPort: http
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      containers:
        - name: main
          image: registry.example.com/{name}:1.0
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: PEER
              value: http://{peer}:80/
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  labels:
    app: web
spec:
  containers:
    - name: main
      image: registry.example.com/web:1.0
      ports:
        - name: http
          containerPort: 8080
"""


def shop(size: int) -> Iterator[str]:
    """Half Services, half Deployments, each Deployment calling its neighbour's Service."""
    for number in range(size // 2):
        yield SERVICE.format(name=f"app-{number}", app=f"app-{number}")
        peer = f"app-{(number + 1) % (size // 2)}"
        yield DEPLOYMENT.format(name=f"app-{number}", peer=peer, replicas=2)


def same_selector(size: int) -> Iterator[str]:
    """One Deployment and Services that all select it."""
    yield DEPLOYMENT.format(name="web", peer="web-0", replicas=2)
    for number in range(size - 1):
        yield SERVICE.format(name=f"web-{number}", app="web")


def many_pods(size: int) -> Iterator[str]:
    """One Service and the Pods that it selects."""
    yield SERVICE.format(name="web", app="web")
    for number in range(size - 1):
        yield POD.format(name=f"web-{number}")


def broken(size: int) -> Iterator[str]:
    """As shop, and no Service selects anything: a finding each."""
    for number in range(size // 2):
        yield SERVICE.format(name=f"app-{number}", app=f"nothing-{number}")
        yield DEPLOYMENT.format(name=f"app-{number}", peer=f"app-{number}", replicas=2)


def one_file(size: int) -> Iterator[str]:
    """As shop, in one file."""
    return iter(["---\n".join(shop(size))])


def one_document(size: int) -> Iterator[str]:
    """One ConfigMap of so many kilobytes."""
    lines = "".join(f"    line {number} http://app-{number}:80/ of a long text\n" for number in range(20))
    yield "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: |\n" + lines * size


SHAPES: Mapping[str, Callable[[int], Iterator[str]]] = {
    "shop": shop,
    "one-file": one_file,
    "same-selector": same_selector,
    "many-pods": many_pods,
    "broken": broken,
    "one-document": one_document,
}


class Run(NamedTuple):
    """What one run took: seconds of CPU, peak memory and text in MiB."""

    cpu: float
    peak: float
    text: float


def write(folder: Path, texts: Iterator[str]) -> float:
    """Writes the documents, fifty a file; gives their size in MiB."""
    size = 0
    batch: list[str] = []

    def flush(number: int) -> None:
        (folder / f"{number // 50:05}.yaml").write_text("---\n".join(batch))
        batch.clear()

    number = 0
    for number, text in enumerate(texts, 1):
        batch.append(text)
        size += len(text)
        if len(batch) == 50:
            flush(number - 1)
    if batch:
        flush(number - 1)
    return size / 2**20


def run(command: list[str], text: float) -> Run:
    """Runs a command in a process of its own and measures it alone."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--verb", choices=["check", "map"], default="check")
    arguments = parser.parse_args()
    svclint = str(Path(sys.executable).parent / "svclint")
    sizes = [int(size) for size in arguments.sizes.split(",")]
    growth = []
    for shape in arguments.shapes.split(","):
        costs = []
        for size in sizes:
            with tempfile.TemporaryDirectory() as temporary:
                text = write(Path(temporary), SHAPES[shape](size))
                flags = ["--no-cache", "--root", temporary] if arguments.verb == "check" else []
                done = run([svclint, arguments.verb, *flags, temporary], text)
            costs.append(done.cpu / size)
            print(
                f"{arguments.verb} {shape:14} {size:7} {text:7.1f} MiB {done.cpu:8.2f} s"
                f" {done.cpu / size * 1e6:7.0f} µs each {done.peak:6.0f} MiB ({done.peak / text:5.1f} × text)",
                flush=True,
            )
        growth.append(f"{shape} {costs[-1] / costs[0]:.2f}")
    print(f"scale: {arguments.verb}: " + ", ".join(growth))


if __name__ == "__main__":
    main()

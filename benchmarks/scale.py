"""How time and memory grow: generated projects of 1,000, 10,000 and 100,000 objects, and lopsided ones.

    scale.py [--sizes 1000,10000] [--shapes shop,same-selector …] [--verb check|map] [--keep FOLDER]

A line per project: its text, seconds of CPU and peak memory, both also per object and against the text. The last line
gives, by shape, CPU per object at the largest size over that at the smallest, above what no object costs: 1.00 is
linear.
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
DEPLOYMENT_AND_SERVICE = "---\n".join(
    [SERVICE.format(name="web", app="web"), DEPLOYMENT.format(name="web", peer="web", replicas=2)]
)
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


INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
spec:
  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: {port}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {name}
spec:
  podSelector:
    matchLabels:
      app: {name}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: {peer}
      ports:
        - port: 8080
"""
GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: door
spec:
  gatewayClassName: any
  listeners:
    - name: http
      port: 80
      protocol: HTTP
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {name}
spec:
  parentRefs:
    - name: door
  hostnames:
    - {name}.example.com
  rules:
    - backendRefs:
        - name: web
          port: 80
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


def wrong_names(size: int) -> Iterator[str]:
    """Services that all want one port name which the one Deployment doesn't have: a finding each."""
    yield DEPLOYMENT.format(name="web", peer="web-0", replicas=2)
    for number in range(size - 1):
        yield SERVICE.format(name=f"web-{number}", app="web").replace("targetPort: http", "targetPort: htpt")


def findings(size: int) -> Iterator[str]:
    """As broken, in one file."""
    yield "---\n".join(broken(size))


def suppressed(size: int) -> Iterator[str]:
    """As findings, each answered by a comment."""
    comment = "  # svclint: ignore[selector-matches-no-pod, selector-typo]\n"
    yield "---\n".join(broken(size)).replace("  selector:\n    app", f"{comment}  selector:\n    app")


def namespaces(size: int) -> Iterator[str]:
    """As shop, a namespace for each Service and its Deployment."""
    for number, text in enumerate(shop(size)):
        yield text.replace("metadata:\n", f"metadata:\n  namespace: team-{number // 2}\n", 1)


def duplicates(size: int) -> Iterator[str]:
    """One Service, again and again."""
    for number in range(size):
        yield SERVICE.format(name=f"app-{number % 2}", app=f"app-{number}")


def ingress_rules(size: int) -> Iterator[str]:
    """Ingresses that all lead to one Service, whose port they don't name rightly in every tenth."""
    yield SERVICE.format(name="web", app="web")
    yield DEPLOYMENT.format(name="web", peer="web", replicas=2)
    for number in range(size - 2):
        yield INGRESS.format(name=f"way-{number}", port=81 if number % 10 == 0 else 80)


def policies(size: int) -> Iterator[str]:
    """A NetworkPolicy for each Deployment, which lets the neighbour in."""
    for number in range(size // 3):
        peer = f"app-{(number + 1) % (size // 3)}"
        yield SERVICE.format(name=f"app-{number}", app=f"app-{number}")
        yield DEPLOYMENT.format(name=f"app-{number}", peer=peer, replicas=2)
        yield POLICY.format(name=f"app-{number}", peer=peer)


def one_policy(size: int) -> Iterator[str]:
    """NetworkPolicies that all select the Pods of one Deployment, and Deployments that call it."""
    yield SERVICE.format(name="web", app="web")
    yield DEPLOYMENT.format(name="web", peer="web", replicas=2)
    for number in range(size // 2 - 1):
        yield POLICY.format(name="web", peer=f"app-{number}").replace("name: web", f"name: web-{number}", 1)
        yield DEPLOYMENT.format(name=f"app-{number}", peer="web", replicas=2)


def routes(size: int) -> Iterator[str]:
    """One Gateway with many routes to one Service."""
    yield GATEWAY
    yield SERVICE.format(name="web", app="web")
    yield DEPLOYMENT.format(name="web", peer="web", replicas=2)
    for number in range(size - 3):
        yield ROUTE.format(name=f"way-{number}")


def missing_names(size: int) -> Iterator[str]:
    """Deployments that call Services which aren't there."""
    for number in range(size // 2):
        yield SERVICE.format(name=f"app-{number}", app=f"app-{number}")
        yield DEPLOYMENT.format(name=f"app-{number}", peer=f"apq-{number}-gone", replicas=2)


def one_file(size: int) -> Iterator[str]:
    """As shop, in one file."""
    yield "---\n".join(shop(size))


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
    "wrong-names": wrong_names,
    "findings": findings,
    "suppressed": suppressed,
    "namespaces": namespaces,
    "duplicates": duplicates,
    "ingress-rules": ingress_rules,
    "policies": policies,
    "one-policy": one_policy,
    "routes": routes,
    "missing-names": missing_names,
}


class Run(NamedTuple):
    """What one run took: seconds of CPU, peak memory and text in MiB."""

    cpu: float
    peak: float
    text: float


def write(folder: Path, texts: Iterator[str]) -> None:
    """Writes the documents, fifty a file."""
    batch: list[str] = []

    def flush(number: int) -> None:
        (folder / f"{number // 50:05}.yaml").write_text("---\n".join(batch))
        batch.clear()

    number = 0
    for number, text in enumerate(texts, 1):
        batch.append(text)
        if len(batch) == 50:
            flush(number - 1)
    if batch:
        flush(number - 1)


def run(command: list[str], text: float) -> Run:
    """Runs a command in a process of its own and measures it alone."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if process.returncode not in (0, 1) or "Traceback" in said:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{said}")
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def measure(svclint: str, verb: str, folder: Path, texts: Iterator[str]) -> Run:
    """What one run over a generated project takes."""
    # In a process of its own: what this one has taken would count as the peak of those that it starts.
    writer = os.fork()
    if not writer:
        write(folder, texts)
        os._exit(0)
    os.waitpid(writer, 0)
    text = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
    flags = ["--no-cache", "--root", str(folder)] if verb == "check" else []
    return run([svclint, verb, *flags, str(folder)], text)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--verb", choices=["check", "map"], default="check")
    arguments = parser.parse_args()
    svclint = str(Path(sys.executable).parent / "svclint")
    sizes = [int(size) for size in arguments.sizes.split(",")]
    alone = []
    for _ in range(4):  # The first run may compile modules.
        with tempfile.TemporaryDirectory() as temporary:
            alone.append(measure(svclint, arguments.verb, Path(temporary), iter([DEPLOYMENT_AND_SERVICE])))
    nothing = min(alone)
    growth = []
    for shape in arguments.shapes.split(","):
        costs = []
        for size in sizes:
            with tempfile.TemporaryDirectory() as temporary:
                done = measure(svclint, arguments.verb, Path(temporary), SHAPES[shape](size))
            text = done.text
            costs.append((done.cpu - nothing.cpu) / size)
            print(
                f"{arguments.verb} {shape:14} {size:7} {text:7.1f} MiB {done.cpu:8.2f} s"
                f" {done.cpu / size * 1e6:7.0f} µs each {done.peak:6.0f} MiB ({done.peak / text:5.1f} × text)",
                flush=True,
            )
        growth.append(f"{shape} {costs[-1] / costs[0]:.2f}")
    print(f"scale: {arguments.verb}: " + ", ".join(growth))


if __name__ == "__main__":
    main()

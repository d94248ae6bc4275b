"""Keystrokes against a real `svclint server`: how long until their diagnostics, how much memory, how soon the first.

    lsp.py [--manifests 1000] [--edits 10000] [--every 1000] [--push]

A project is generated, one file is opened and edited: each edit breaks or repairs a label, so that each changes what is
to be said. A pulling client asks after each edit, a client that is pushed to waits. Times are from the edit on its way
to the answer read; on a machine that does other things as well, the processor time is what
counts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {app}
  namespace: {namespace}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: {app}
  template:
    metadata:
      labels:
        app: {app}
        tier: backend
    spec:
      containers:
      - name: main
        image: registry.example/{app}:1.2.3
        env:
        - name: UPSTREAM_URL
          value: http://{upstream}.{namespace}:8080/api
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {app}
  namespace: {namespace}
spec:
  selector:
    app: {app}
  ports:
  - name: http
    port: 8080
    targetPort: http
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {app}
  namespace: {namespace}
spec:
  ingressClassName: nginx
  rules:
  - host: {app}.example
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: {app}
            port:
              name: http
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {app}
  namespace: {namespace}
data:
  upstream: http://{upstream}.{namespace}.svc.cluster.local:8080
"""
FILES = {"deployment": DEPLOYMENT, "service": SERVICE, "ingress": INGRESS, "config": CONFIG}
EDITED = "manifests/app-0-service.yaml"


def generate(root: Path, manifests: int) -> None:
    """One cluster of as many manifests, each in a file: every app calls another one of its namespace."""
    (root / ".git").mkdir()
    (root / "manifests").mkdir()
    apps = manifests // len(FILES)
    for number in range(apps):
        words = {
            "app": f"app-{number}",
            "namespace": f"team-{number % 20}",
            "upstream": f"app-{(number + 20) % max(apps - apps % 20, 20)}",
        }
        for kind, text in FILES.items():
            (root / "manifests" / f"app-{number}-{kind}.yaml").write_text(text.format(**words))


class Client:
    """The least that can speak with the server."""

    def __init__(self, root: Path, pull: bool) -> None:
        command = [sys.executable, "-m", "svclint", "server"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
        self.root = root
        self.pull = pull
        self.number = 0
        self.version = 1
        capabilities = {"textDocument": {"diagnostic": {}}} if pull else {}
        folders = [{"uri": root.as_uri(), "name": "project"}]
        self.request("initialize", {"processId": None, "capabilities": capabilities, "workspaceFolders": folders})
        self.notify("initialized", {})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return json.loads(self.process.stdout.read(length))

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: dict[str, Any]) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        return message.get("result")

    def diagnostics(self, uri: str) -> list[Any]:
        if self.pull:
            return self.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})["items"]
        while True:
            message = self.receive()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                return message["params"]["diagnostics"]

    def open(self, path: str, text: str) -> None:
        item = {"uri": (self.root / path).as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path: str, line: int, start: int, end: int, text: str) -> None:
        self.version += 1
        at = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        document = {"uri": (self.root / path).as_uri(), "version": self.version}
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": at, "text": text}]}
        )

    def memory(self) -> float:
        """MiB that the server holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def processor(self) -> float:
        """Seconds of processor time that the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.request("shutdown", {})
        self.notify("exit", {})
        self.process.wait(30)


def measure(root: Path, edits: int, every: int, pull: bool) -> None:
    client = Client(root, pull)
    text = (root / EDITED).read_text().replace("app: app-0", "app: app-x")
    uri = (root / EDITED).as_uri()
    client.open(EDITED, text)
    assert client.diagnostics(uri)
    times: list[float] = []
    used = client.processor()
    for number in range(1, edits + 1):
        before = time.perf_counter()
        client.change(EDITED, 7, 13, 14, "0" if number % 2 else "x")
        found = client.diagnostics(uri)
        times.append((time.perf_counter() - before) * 1000)
        assert bool(found) == (number % 2 == 0)
        if number % every == 0 or number == edits:
            some = sorted(times)
            p50, p95, worst = (some[min(int(len(some) * share), len(some) - 1)] for share in (0.5, 0.95, 1))
            each = (client.processor() - used) * 1000 / number
            said = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {worst:.0f} ms; {each:.0f} ms of processor each"
            print(f"{number} edits: {said}; {client.memory():.0f} MiB", flush=True)
    client.close()


def start(root: Path, pull: bool) -> tuple[float, float]:
    """Seconds on the wall, and of the processor, from a server's start to the first diagnostics of a file."""
    started = time.perf_counter()
    client = Client(root, pull)
    client.open(EDITED, (root / EDITED).read_text())
    assert client.diagnostics((root / EDITED).as_uri())
    taken = time.perf_counter() - started, client.processor()
    client.close()
    return taken


def starts(root: Path, pull: bool, runs: int = 5) -> None:
    """The start without anything kept, and after a run of `svclint check` on the same files."""
    path = root / EDITED
    text = path.read_text()
    path.write_text(text.replace("app: app-0", "app: app-x"))
    command = [sys.executable, "-m", "svclint", "check", "--root", str(root)]
    for kept in (False, True):
        taken = []
        for _ in range(runs):
            shutil.rmtree(root / ".svclint_cache", ignore_errors=True)
            if kept:
                subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            taken.append(start(root, pull))
        wall, processor = (statistics.median(each) for each in zip(*taken, strict=True))
        what = "with the cache" if kept else "cold"
        print(f"start to first diagnostics, {what}: {wall:.2f} s, {processor:.2f} s of processor", flush=True)
    path.write_text(text)
    shutil.rmtree(root / ".svclint_cache", ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifests", type=int, default=1000)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--push", action="store_true")
    asked = parser.parse_args()
    print(f"{asked.manifests} manifests, {os.cpu_count()} processors, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        generate(root, asked.manifests)
        starts(root, not asked.push)
        measure(root, asked.edits, asked.every, not asked.push)


if __name__ == "__main__":
    main()

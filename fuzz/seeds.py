"""What fuzzing begins with: the examples of every rule's page, the shop, and texts that are hard to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from expressions import expressions, policies
from frames import conversations

ROOT = Path(__file__).resolve().parents[1]

SETTINGS = (
    b'select = ["ALL"]\nignore = ["dns-*"]\nfail-on = "warning"\n',
    b'[cluster]\nnamespace = "shop"\nnode-port-range = "30000-32767"\n[severity]\nselector-typo = "info"\n',
    b'sources = ["deploy/**", "!x"]\nexclude = ["a/b"]\nscopes = ["envs/*"]\nassume = ["stubs"]\n',
)
LISTS = (
    b"""apiVersion: config.kubernetes.io/v1
kind: ResourceList
functionConfig:
  apiVersion: svclint.dev/v1
  kind: Svclint
  spec: {select: [ALL]}
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: web
    annotations: {config.kubernetes.io/path: a.yaml, config.kubernetes.io/index: '0'}
  spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
  spec:
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec: {containers: [{name: web, image: i, ports: [{name: web, containerPort: 80}]}]}
""",
)
TEXTS = (
    b"a: &a [x, *a]\n",
    b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    b"<<: [{a: 1}, {b: 2}]\n",
    b"\xef\xbb\xbfa: 1\r\n---\r\nb: |\r\n  x\r\n",
    "a: 1\n".encode("utf-16"),
    b'{"a": 1}{"b": [2]}\n---\nc: 3\n',
    b"a: {{ .Values.x }}\n",
    b'a: "\\u0000\\x1b[2J"\n? [x]\n: y\n',
    b"a: 0x1F\nb: 1_000\nc: 1e400\nd: .inf\ne: 2001-01-01\nf: 0b1\ng: 1:30\n",
    b"# svclint: ignore[selector-typo] because\na: 1 # svclint: ignore\n# svclint: ignore-file\n",
)


def manifests() -> Iterator[bytes]:
    """Whole files of manifests."""
    from svclint import registry, testing

    for rule in registry.rules().values():
        for example in testing.examples(rule.doc):
            yield example.text.encode()
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        yield path.read_bytes()


def of(target: str) -> Iterator[bytes]:
    """The first inputs of a target."""
    if target == "config":
        yield from SETTINGS
    elif target == "krm":
        yield from LISTS
    elif target == "frames":
        yield from conversations()
    elif target == "cel":
        yield from expressions()
    elif target == "policy":
        yield from policies()
    else:
        yield from TEXTS
        yield from manifests()

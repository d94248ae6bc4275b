"""CEL: any expression ends soon in a value or in an error that is told; and policies made of such expressions."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from base import lint

from svclint.apiserver.policy.playground import Playground, answer

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "cel"
VERSION = (1, 36)


@cache
def _environments() -> Any:
    return json.loads(gzip.decompress((GOLDEN / "objects.json.gz").read_bytes()))


def cel(data: bytes) -> None:
    """The value of an expression, and where its error stands; the first line may name the environment."""
    text = data.decode("utf-8", "replace")
    name, newline, rest = text.partition("\n")
    environments = _environments()
    if not newline or name not in environments["objects"]:
        name, rest = next(iter(environments["objects"])), text
    playground = Playground(environments, VERSION)
    result = playground.evaluate(rest, name)
    json.dumps(result)
    answer(rest, result, playground.place(rest, name))
    playground.cost(rest, name)


def policy(data: bytes) -> None:
    """Manifests with policies: the policies are read, judged, and asked about the others."""
    lint(data)


def expressions() -> Iterator[bytes]:
    """The recorded expressions with their environments."""
    for line in gzip.decompress((GOLDEN / "cel.jsonl.gz").read_bytes()).splitlines():
        case = json.loads(line)
        yield f"{case['object']}\n{case['expression']}".encode()


def policies() -> Iterator[bytes]:
    """The recorded policies with an object each."""
    for line in gzip.decompress((GOLDEN / "policies.jsonl.gz").read_bytes()).splitlines():
        case = json.loads(line)
        yield f"{case['manifests'].rstrip()}\n---\n{case['object']}".encode()

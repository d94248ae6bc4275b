"""Hostile input: what fuzzing found, changed examples of every rule, and inputs made to be large."""

import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "fuzz"))

import mutate  # noqa: E402
import seeds  # noqa: E402
import targets  # noqa: E402

CASES = sorted((HERE / "hostile").iterdir())
POOL = {name: list(seeds.of(name)) for name in targets.TARGETS}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_what_fuzzing_found_stays_mended(case: Path) -> None:
    for run in targets.TARGETS.values():
        run(case.read_bytes())


@pytest.mark.parametrize("name", targets.TARGETS)
@given(number=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_changed_inputs_are_taken(name: str, number: int) -> None:
    rng = random.Random(number)
    targets.TARGETS[name](mutate.mutate(rng.choice(POOL[name]), rng))


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_taken(data: bytes) -> None:
    targets.yaml(data)
    targets.check(data)


LAUGHS = b"a: &a0 [x, x]\n" + b"".join(b"k%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60))
HEAD = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
LARGE = {
    "billion laughs": LAUGHS,
    "a manifest of laughs": HEAD + b"  x: x\n" + LAUGHS,
    "deep flow": b"a: " + b"[" * 50_000,
    "deep maps": HEAD + b"  x: " + b"{a: " * 30_000 + b"1" + b"}" * 30_000,
    "deep block": b"\n".join(b" " * n + b"a:" for n in range(3_000)),
    "deep json": b'{"apiVersion": ' * 20_000,
    "a long word": HEAD + b"  x: " + b"a" * 1_000_000 + b"\n",
    "a long host": HEAD + b"  x: " + b"a." * 200_000 + b"svc:80\n",
    "a long URL": HEAD + b"  x: http://" + b"a@" * 200_000 + b"\n",
    "many marks": HEAD + b"  x: " + b"{{" * 200_000 + b"\n",
    "many dollars": HEAD + b"  x: " + b"${" * 200_000 + b"\n",
    "many documents": b"---\n" * 100_000 + b"a: 1\n",
    "many comments": b"# svclint: ignore[x] y\n" * 20_000,
    "many keys": HEAD + b"".join(b"  k%d: v\n" % n for n in range(50_000)),
    "many equal keys": HEAD + b"  k: v\n" * 1_000,
    "a huge number": HEAD + b"  x: " + b"9" * 100_000 + b"\n",
    "NUL": b"a: \0\n",
    "all control characters": bytes(range(32)) * 10,
    "half a surrogate": b'a: "\\ud800"\n',
    "UTF-16 cut short": b"\xff\xfea\0:\0 \0",
}


@pytest.mark.parametrize("name", LARGE)
def test_large_and_odd_inputs_end_in_a_report(name: str) -> None:
    targets.lint(LARGE[name])


def test_laughs_are_refused_with_a_finding_and_without_memory() -> None:
    report = targets.lint(HEAD + b"  x: *a59\n" + LAUGHS)
    assert any(d.rule == "yaml-syntax" for d in report.diagnostics)


NAMES = ["a\nb", "\x1b[2J\x1b[31m", "\r", "\u202eexe", "a\x00b", "\x9b31m", "::error::x", "%0A::set-output::", "]]>"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_never_printed_raw(name: str) -> None:
    import json

    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": name, "labels": {name: name}},
        "spec": {"selector": {name: name}, "ports": [{"name": name, "port": 80, "targetPort": name}], name: name},
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": name, "labels": {name: name + "x"}},
        "spec": {
            "containers": [{"name": "a", "image": name, "env": [{"name": "X_HOST", "value": f"http://{name}:80"}]}]
        },
    }
    targets.check("\n---\n".join(map(json.dumps, (service, pod))).encode())


@pytest.mark.parametrize("format", ["github", "azure"])
def test_no_command_can_be_smuggled_into_a_log(format: str) -> None:
    from svclint import output

    text = (
        'apiVersion: v1\nkind: Service\nmetadata: {name: "a\\n::set-env name=X::y\\n##vso[task.x]"}\nspec: {porst: 1}\n'
    )
    out = output.render(targets.lint(text.encode()), format)
    assert out.strip()
    for line in out.splitlines():
        assert re.match(r"::(error|warning|notice) |##vso\[task\.logissue |##vso\[task\.complete|$", line), line


def test_the_order_of_files_does_not_matter() -> None:
    from svclint import output

    documents = [text for text in seeds.manifests() if b"bad" not in text][:60]
    files = {f"{number:03}.yaml": text for number, text in enumerate(documents)}
    reports = [
        output.render(targets.lint(dict(order)), "json")
        for order in (files.items(), reversed(files.items()), sorted(files.items(), key=lambda item: item[1]))
    ]
    assert len(set(reports)) == 1

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

import editor  # noqa: E402
import seeds  # noqa: E402
import targets  # noqa: E402
from lsprotocol import types  # noqa: E402

from svclint.apiserver import decode  # noqa: E402
from svclint.apiserver.policy.playground import Playground  # noqa: E402
from svclint.cel import gotext  # noqa: E402
from svclint.lsp.context import context  # noqa: E402

CASES = sorted((HERE / "hostile").iterdir())
POOL = {name: list(seeds.of(name)) for name in targets.TARGETS}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_what_fuzzing_found_stays_mended(case: Path) -> None:
    for name, run in targets.TARGETS.items():
        if name != "large":
            run(case.read_bytes())


def changed(name: str, number: int) -> bytes:
    rng = random.Random(number)
    return targets.change(name, rng.choice(POOL[name]), rng, POOL[name], 20_000)


@pytest.mark.parametrize("name", [name for name in targets.TARGETS if name != "large"])
@given(number=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_changed_inputs_are_taken(name: str, number: int) -> None:
    targets.TARGETS[name](changed(name, number))


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_taken(data: bytes) -> None:
    targets.yaml(data)
    targets.check(data)


LAUGHS = b"a: &a0 [x, x]\n" + b"".join(b"k%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60))
HEAD = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
SERVICE = b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n"
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
    "many equal keys": HEAD + b"  k: v\n" * 5_000,
    "many equal ports": SERVICE + b"  - {port: 80, targetPort: 8080}\n" * 3_000,
    "many blanks in flow": HEAD + b"  x: [a" + b" " * 200_000 + b"b]\n",
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


# What took for ever, or far too long, ends at once; what had too many digits for Python is refused in words.
DIGITS = "9" * 5_000


@pytest.mark.parametrize("expression", [DIGITS, f"-{DIGITS}", f"{DIGITS}u", f"'a'.matches('a{{{DIGITS}}}')"])
def test_numbers_of_expressions_with_too_many_digits(expression: str) -> None:
    playground = Playground({"objects": {"": {}}}, (1, 36))
    assert "invalid" in str(playground.evaluate(expression, "")["compile_error"])


@pytest.mark.parametrize("start", ["'abcdefgh'", "[1, 2]", "b'abcdefgh'"])
def test_what_an_expression_doubles_again_and_again_is_cancelled(start: str) -> None:
    expression = start
    for _ in range(30):
        expression = f"[{expression}].map(x, x + x)[0]"
    playground = Playground({"objects": {"": {}}}, (1, 36))
    assert "cost limit" in str(playground.evaluate(f"size({expression})", "")["eval_error"])


def test_quantities_of_very_many_digits() -> None:
    playground = Playground({"objects": {"": {}}}, (1, 36))
    for call in ("add(1)", "sub(quantity('1m'))"):
        assert "cost limit" in str(playground.evaluate(f"quantity('1e999999').{call}", "")["eval_error"])
    assert "convert" in str(playground.evaluate("quantity('1e99999999999').asInteger()", "")["eval_error"])
    assert playground.evaluate("quantity('1e99999999999').isGreaterThan(quantity('1'))", "")["value"] is True


def test_numbers_in_texts_with_very_many_digits() -> None:
    assert gotext.parse_int("0" * 5_000) == 0
    assert gotext.parse_int("-" + "0" * 5_000 + "7") == -7
    assert gotext.parse_uint("0" * 5_000 + "7") == 7
    assert gotext.parse_float("0" * 200_000 + "!") is None
    assert decode.wrong_quantity("0" * 200_000 + "!") == decode.QUANTITY_FORMAT


def test_leading_zeros_make_no_count_of_repetitions() -> None:
    playground = Playground({"objects": {"": {}}}, (1, 36))
    assert playground.evaluate("'a{02}'.matches('^a{02}$')", "")["value"] is True


def test_what_is_typed_is_told_from_the_lines_above_at_once() -> None:
    labels = [f"    l{number}: x" for number in range(200)]
    at = context(["metadata:", "  labels:", *labels, "spec:", "  x: "], 203, 5)
    assert (at.path, at.namespace) == (("spec", "x"), None)
    at = context(["metadata:", *labels, "  namespace: shop", "kind: Pod", "a" + " " * 100_000], 203, 100_001)
    assert (at.namespace, at.kind, at.in_key) == ("shop", "Pod", True)


def test_what_is_typed_on_a_last_line_that_is_empty() -> None:
    targets.typed(b"kind: Service\n")
    targets.typed(b"a: \x0c\n")


def test_of_one_key_that_stands_there_often_few_fixes_take_all() -> None:
    report = targets.lint(LARGE["many equal keys"])
    assert sum(d.rule == "duplicate-key" for d in report.diagnostics) == 4_999
    assert [d.region.line for d in report.diagnostics if d.fix is not None] == [6, 7, 8]


def test_an_editor_gets_few_actions_for_very_many_findings() -> None:
    text = SERVICE.decode() + "  - {port: 80, targetPort: 8080}\n" * 300
    session = editor.Session.of_one(text)
    (uri,) = session.texts
    whole = types.Range(types.Position(0, 0), types.Position(400, 0))
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), whole, types.CodeActionContext([]))
    titles = [action["title"] for action in session.ask(types.TEXT_DOCUMENT_CODE_ACTION, params)]
    assert titles.count("Fix all duplicate-port in this file") == 1
    assert 1 <= sum(title.startswith("Suppress ") for title in titles) <= 10

"""`svclint cel`: what an expression gives, as the API server would say."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from svclint.apiserver.policy.playground import Playground
    from svclint.cel.environment import Version


def _load(path: str) -> Any:
    """A file's first document, as the API server types it."""
    from svclint import yaml

    source = yaml.parse(_bytes(path), path)
    for document in source.documents:
        for problem in (*source.problems, *document.problems):
            raise click.UsageError(f"{path}: {problem.message}")
        return document.value
    raise click.UsageError(f"{path} holds no document")


def _version(text: str) -> Version:
    parts = text.removeprefix("v").split(".")
    if len(parts) < 2 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        raise click.UsageError(f"{text!r} is not a version of Kubernetes such as 1.36")
    return int(parts[0]), int(parts[1])


@click.command("cel")
@click.argument("expression", required=False)
@click.option("--object", "object_path", metavar="FILE", help="The object that the policy would see.")
@click.option("--old-object", "old_path", metavar="FILE", help="oldObject, for an update.")
@click.option("--params", "params_path", metavar="FILE", help="The policy's parameters.")
@click.option("-f", "--file", "cases", metavar="FILE", help='Recorded cases, one {"expression", "object"} a line.')
@click.option("--environments", metavar="FILE", help="The environments that the cases name.")
@click.option("--kubernetes-version", default="1.36", metavar="1.36", help="Which API server's libraries.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cel(
    expression: str | None,
    object_path: str | None,
    old_path: str | None,
    params_path: str | None,
    cases: str | None,
    environments: str | None,
    kubernetes_version: str,
    output_format: str,
) -> None:
    """Evaluate a CEL EXPRESSION as a ValidatingAdmissionPolicy would on an object."""
    from svclint.apiserver.policy.playground import Playground, answer, circumstances
    from svclint.output import emit
    from svclint.output.printable import dump_json, log, plain

    version = _version(kubernetes_version)
    if cases is not None:
        if environments is None:
            raise click.UsageError("-f needs --environments")
        playground = Playground(_json(_bytes(environments), environments), version)
        text = sys.stdin.buffer.read() if cases == "-" else _bytes(cases)
        answers = [_case(playground, _json(line, cases)) for line in text.split(b"\n") if line.strip()]
        emit(dump_json(answers, None), sys.stdout)
        return
    if expression is None:
        raise click.UsageError("an EXPRESSION or -f FILE is needed")
    subject, old, params = (_load(path) if path else None for path in (object_path, old_path, params_path))
    given, note = circumstances(subject, old, params, version)
    if note:
        click.echo(plain(f"The API server refuses {object_path}, so it is taken as written: {note}"), err=True)
    playground = Playground({"objects": {"": given}, "variables": []}, version)
    result = playground.evaluate(expression, "")
    if output_format == "json":
        emit(dump_json(result, None), sys.stdout)
        return
    emit(log(answer(expression, result, playground.place(expression, ""))) + "\n", sys.stdout)
    if "value" not in result:
        sys.exit(1)


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as wrong:
        raise click.UsageError(f"{path}: {wrong.strerror}") from None


def _json(text: str | bytes, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as wrong:
        raise click.UsageError(f"{path}: {wrong}") from None


def _case(playground: Playground, case: Any) -> dict[str, object]:
    if not isinstance(case, dict) or not isinstance(case.get("expression"), str):
        raise click.UsageError('a case is {"expression": TEXT, "object": NAME}')
    return playground.evaluate(case["expression"], str(case.get("object")))

"""`svclint cel`: what an expression gives, as the API server would say."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from svclint.cel.environment import Version


def _load(path: str) -> Any:
    """A file's first document, as the API server types it."""
    from svclint import yaml

    with open(path, "rb") as file:
        source = yaml.parse(file.read(), path)
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
    from svclint.apiserver.policy.playground import Playground, answer

    version = _version(kubernetes_version)
    if cases is not None:
        if environments is None:
            raise click.UsageError("-f needs --environments")
        with open(environments, encoding="utf-8") as file:
            playground = Playground(json.load(file), version)
        text = sys.stdin.read() if cases == "-" else _read(cases)
        answers = [_case(playground, line) for line in text.splitlines() if line.strip()]
        click.echo(json.dumps(answers, ensure_ascii=False))
        return
    if expression is None:
        raise click.UsageError("an EXPRESSION or -f FILE is needed")
    given = {
        "env": "vap",
        "object": _load(object_path) if object_path else None,
        "oldObject": _load(old_path) if old_path else None,
        "params": _load(params_path) if params_path else None,
    }
    playground = Playground({"objects": {"": given}, "variables": []}, version)
    result = playground.evaluate(expression, "")
    if output_format == "json":
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    click.echo(answer(expression, result, playground.place(expression, "")))
    if "value" not in result:
        sys.exit(1)


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _case(playground: Any, line: str) -> dict[str, object]:
    case = json.loads(line)
    result: dict[str, object] = playground.evaluate(str(case["expression"]), str(case["object"]))
    return result


__all__ = ["Environment", "cel"] if TYPE_CHECKING else ["cel"]

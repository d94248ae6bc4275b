"""`svclint admit`: what the API server would say to each document."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from svclint.cli.options import cluster_options
from svclint.output import emit
from svclint.output.printable import dump_json, leading, plain

if TYPE_CHECKING:
    from svclint.apiserver.admission import Admission
    from svclint.apiserver.admit import Verdict
    from svclint.apiserver.custom import CustomKind
    from svclint.kube.facts import Facts
    from svclint.kube.resource import Path
    from svclint.yaml import Document, Source

OPERATIONS = ("CREATE", "UPDATE", "DELETE")
NO_CUSTOM_KINDS: Mapping[tuple[str, str], CustomKind] = MappingProxyType({})


class Entry(NamedTuple):
    """One object of a file with its verdict."""

    file: str
    document: Document
    path: Path
    value: Any
    namespace: str
    verdict: Verdict


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="[text]")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="ValidatingAdmissionPolicies to ask as well.")
@click.option("--operation", type=click.Choice(["CREATE", "UPDATE", "DELETE"]), default="CREATE", help="[CREATE]")
@click.option("--old-object", metavar="FILE", help="What an update or a deletion finds.")
@click.option("--user", default="admin", metavar="NAME", help="Who asks.  [admin]")
@click.option("--group", "groups", multiple=True, metavar="NAME", help="The user's groups.  [system:masters]")
@cluster_options
def admit(
    paths: tuple[str, ...],
    output_format: str,
    policies: tuple[str, ...],
    operation: str,
    old_object: str | None,
    user: str,
    groups: tuple[str, ...],
    facts_of: Callable[..., Facts],
) -> None:
    """Say what the API server would say to each document, without one.

    Each file is its own empty cluster; its objects are created in order. Exit code 1: something is refused, or
    a policy that is to be asked.
    """
    from svclint import config, yaml
    from svclint.apiserver.custom import custom_kinds
    from svclint.project.root import find_root

    try:
        facts = facts_of(config.facts(config.load(find_root(paths))))
    except config.ConfigError as error:
        raise click.ClickException(str(error)) from None
    sources = [yaml.parse(data, file) for file, data in _files(paths)]
    rules = [yaml.parse(data, file) for file, data in _files(policies)] if policies else []
    old = [yaml.parse(data, file) for file, data in _files((old_object,))] if old_object else []
    custom = custom_kinds(d.value for source in (*sources, *rules) for d in source.documents)
    entries = [entry for source in sources for entry in admit_source(source, facts, custom)]
    refused = False
    if policies:
        gate = admission(_objects(rules), _objects(old), facts, custom, operation, user, groups)
        entries = [entry._replace(verdict=gate.ask(entry.value, entry.verdict)) for entry in entries]
        refused = bool(gate.refused)
    if output_format == "json":
        emit(dump_json([as_json(entry) for entry in entries], None), sys.stdout)
    else:
        emit("".join(leading(line) + "\n" for entry in entries for line in as_text(entry)), sys.stdout)
    if refused or any(not entry.verdict.accepted for entry in entries):
        sys.exit(1)


def admission(
    manifests: list[dict[str, Any]],
    old_objects: list[dict[str, Any]],
    facts: Facts,
    custom: Mapping[tuple[str, str], CustomKind],
    operation: str,
    user: str,
    groups: tuple[str, ...],
) -> Admission:
    """The policies to ask; those that the server itself refuses are told on standard error."""
    from svclint.apiserver.admission import Admission
    from svclint.apiserver.policy.request import AUTHENTICATED, User

    who = User() if user == "admin" and not groups else User(user, (*groups, AUTHENTICATED))
    scopes = {key: kind.namespaced for key, kind in custom.items()}
    found = Admission(manifests, facts, scopes=scopes, operation=operation, user=who, old_objects=old_objects)
    for refusal in found.refused:
        click.echo(plain(f"The {refusal}"), err=True)
    return found


def refused_policies(files: tuple[str, ...], facts: Facts) -> list[str]:
    """What the server says to the policies and bindings in these files that it refuses.

    Raises click.ClickException for a file that can't be read.
    """
    from svclint import yaml
    from svclint.apiserver.admission import Admission

    return Admission(_objects([yaml.parse(data, file) for file, data in _files(files)]), facts, scopes={}).refused


def _objects(sources: list[Source]) -> list[dict[str, Any]]:
    """The objects that an option names. A file that can't be read would silently count as none."""
    from svclint.kube.resource import resources

    for source in sources:
        for document in source.documents:
            if document.error is not None:
                raise click.ClickException(f"{source.path}: {document.error}")
    return [resource.value for source in sources for document in source.documents for resource in resources(document)]


def _files(paths: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """The files that PATHs name: a file whatever its name, the manifests below a folder, standard input."""
    from svclint.project.files import Problem, read, walk
    from svclint.project.manifest import is_chart_template, may_be_manifest
    from svclint.project.root import find_root

    for path in paths or (os.path.relpath(find_root(())),):
        if path == "-":
            yield "<stdin>", sys.stdin.buffer.read()
        elif os.path.isdir(path):
            found = walk(os.path.abspath(path))
            charts = frozenset(found.charts)
            for name in found.files:
                data = read(path, name)
                file = os.path.normpath(os.path.join(path, name))
                if isinstance(data, Problem):
                    click.echo(leading(f"{file}: {data.message}"), err=True)
                elif not is_chart_template(name, charts) and may_be_manifest(data):
                    yield file, data
        else:
            data = read("", path)
            if isinstance(data, Problem):
                raise click.ClickException(f"{path}: {data.message}")
            yield path, data


def admit_source(
    source: Source, facts: Facts, custom: Mapping[tuple[str, str], CustomKind] = NO_CUSTOM_KINDS
) -> Iterator[Entry]:
    """The verdicts on the objects of one file, created one after the other in one empty cluster."""
    from svclint.apiserver.admit import ApiServer
    from svclint.apiserver.recognize import unreadable
    from svclint.kube.resource import resources
    from svclint.project.manifest import is_for_tool, may_be_manifest

    file = source.path
    server = ApiServer(facts, custom)
    scopes = {(version.rpartition("/")[0], kind): found.namespaced for (version, kind), found in custom.items()}
    for document in source.documents:
        value = document.value
        if any(problem.kind == "template" for problem in document.problems):
            continue  # not rendered yet: unknown
        if value is None:
            if document.error and may_be_manifest(document.text.encode("utf-8", "surrogateescape")):
                yield Entry(
                    file, document, (), {}, "", unreadable(document.text, document.error, facts.kubernetes_version)
                )
            continue
        if not isinstance(value, dict):
            continue
        api_version, kind = value.get("apiVersion"), value.get("kind")
        if isinstance(api_version, str) and isinstance(kind, str):
            for resource in resources(document, facts.namespace, scopes):
                if not is_for_tool(resource.value):
                    verdict = server.admit(resource)
                    yield Entry(file, document, resource.path, resource.value, resource.namespace, verdict)
        elif api_version is not None and kind is not None:
            verdict = server.create(value, document.strict_error, document.text)
            yield Entry(file, document, (), value, facts.namespace, verdict)


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry in the shape of the contract."""
    verdict, value = entry.verdict, entry.value
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    api_version, kind = value.get("apiVersion"), value.get("kind")
    stored = verdict.stored
    return {
        "file": entry.file,
        "document": entry.document.index,
        "api_version": api_version,
        "kind": kind,
        "namespace": entry.namespace or None,
        "name": name,
        "accepted": verdict.accepted,
        "code": verdict.code,
        "causes": [{"field": c.field, "reason": c.reason, "message": c.body} for c in verdict.causes],
        "message": verdict.message,
        "warnings": [warning.message for warning in verdict.warnings],
        "stored": stored["spec"] if stored is not None and kind == "Service" and api_version == "v1" else None,
        "known": verdict.known,
    }


def as_text(entry: Entry) -> Iterator[str]:
    """An entry as kubectl would print it: warnings, then what became of the object."""
    verdict, value = entry.verdict, entry.value
    for warning in verdict.warnings:
        yield f"{_place(entry, warning.place)}: Warning: {warning.message}"
    if not verdict.accepted:
        yield from _refusal(entry)
        return
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("name") or metadata.get("generateName")
    group = str(value.get("apiVersion", "")).rpartition("/")[0]
    kind = str(value.get("kind", "")).lower() + (f".{group}" if group else "")
    done = "created" if verdict.known else "not judged: there is no schema of this kind"
    yield f"{_place(entry, ())}: {kind}/{name} {done}"


def _refusal(entry: Entry) -> Iterator[str]:
    """What kubectl prints of a refusal: an invalid object's causes one a line."""
    verdict = entry.verdict
    texts = list(dict.fromkeys(f"{cause.field}: {cause.body}" for cause in verdict.causes))
    if len(texts) > 1 and verdict.message is not None:
        head = verdict.message.partition(" is invalid: ")[0]
        yield f"{_place(entry, verdict.causes[0].place)}: The {head} is invalid:"
        yield from (f"  * {text}" for text in texts)
        return
    first: tuple[str | int, ...] = ()
    for found in (verdict.faults, verdict.causes):
        if found:
            first = found[0].place
            break
    said = f"The {verdict.message}" if texts else f"Error from server ({verdict.reason}): {verdict.message}"
    yield f"{_place(entry, first)}: {said}"


def _place(entry: Entry, path: Path) -> str:
    """`FILE:LINE:COLUMN` of a path in the object."""
    source = entry.document.source
    position = source.position(entry.document.span((*entry.path, *path), "key").start)
    return f"{entry.file}:{position.line}:{position.column}"

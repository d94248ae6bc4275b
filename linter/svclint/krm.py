"""The KRM function: a ResourceList in, the same ResourceList out with the findings as `results`.

Source: the KRM Functions Specification (config.kubernetes.io/v1), as kustomize and kpt run it. Items, comments and
internal annotations stay as they came; only `results` is written.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from svclint import registry, session
from svclint.config import Config
from svclint.diagnostic import Diagnostic, Report
from svclint.kube.facts import Facts
from svclint.kube.read import find, mapping, strings, text
from svclint.output.printable import leading
from svclint.project.location import STDIN, Location
from svclint.rule import Severity
from svclint.yaml import parse
from svclint.yaml.document import Document
from svclint.yaml.patch import Insert, PatchError, Set, apply, edits

API_VERSIONS = ("config.kubernetes.io/v1", "config.kubernetes.io/v1beta1", "config.kubernetes.io/v1alpha1")
_PATHS = (
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
)
_INDEXES = ("internal.config.kubernetes.io/index", "config.kubernetes.io/index")
_ORIGIN = "config.kubernetes.io/origin"


class KrmError(Exception):
    """Standard input is no ResourceList; the message says why."""


class Settings(NamedTuple):
    """What `functionConfig` says: the spec of a `Svclint` object (svclint.dev/v1), or the data of a ConfigMap."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    validator: bool = False
    facts: Facts = Facts()


class Outcome(NamedTuple):
    """The ResourceList to print, the report, and how each finding is said."""

    text: str
    report: Report
    results: tuple[dict[str, Any], ...]


def run(data: bytes) -> Outcome:
    """Checks a ResourceList. Raises KrmError."""
    source = parse(data, STDIN)
    document = next((d for d in source.documents if isinstance(d.value, dict)), None)
    value = mapping(document.value if document else None)
    if document is None or text(value.get("kind")) != "ResourceList" or value.get("apiVersion") not in API_VERSIONS:
        raise KrmError("standard input is no ResourceList of config.kubernetes.io/v1")
    settings = read_settings(mapping(value.get("functionConfig")))
    read = Location("/", stdin=STDIN, alone=True).load(Config(), {STDIN: data}, settings.facts.namespace)
    rules = registry.rules().values()
    selection = session.Selection(
        session.selected(rules, settings.select, settings.ignore),
        asked_for=session.asked_for(rules, settings.select),
    )
    report = session.check(read, settings.facts, selection)
    results = tuple(result(d) for d in report.diagnostics)
    new: dict[str, Any] = {"results": list(results)} if results else {}
    if settings.validator:
        new["items"] = []
    return Outcome(_written(document, value, new), report, results)


def read_settings(config: dict[str, Any]) -> Settings:
    """The settings in a functionConfig; what is not there has its default. Raises KrmError for a wrong value."""
    spec = mapping(config.get("data") if config.get("kind") == "ConfigMap" else config.get("spec"))

    def names(key: str) -> tuple[str, ...]:
        value = spec.get(key)
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else strings(value)

    facts = Facts()
    version = text(spec.get("kubernetesVersion"))
    if version:
        parts = version.lstrip("v").split(".")
        if len(parts) < 2 or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts[:2]):
            raise KrmError(f"functionConfig: kubernetesVersion {version!r} is not a version such as 1.36")
        facts = facts._replace(kubernetes_version=(int(parts[0]), int(parts[1])))
    namespace = text(spec.get("namespace"))
    if namespace:
        facts = facts._replace(namespace=namespace)
    mode = text(spec.get("mode")) or "transformer"
    if mode not in ("transformer", "validator"):
        raise KrmError(f"functionConfig: mode {mode!r} is neither transformer nor validator")
    return Settings(names("select"), names("ignore"), mode == "validator", facts)


def result(d: Diagnostic) -> dict[str, Any]:
    """A finding as an item of `results`."""
    said: dict[str, Any] = {"message": d.message, "severity": d.severity}
    if d.object is not None:
        reference = {"apiVersion": d.object.api_version, "kind": d.object.kind, "name": d.object.name}
        if d.object.namespace:
            reference["namespace"] = d.object.namespace
        said["resourceRef"] = reference
        if d.field:
            said["field"] = {"path": d.field}
    file = _file(d)
    if file:
        said["file"] = file
    said["tags"] = {"rule": d.rule, "url": d.url}
    return said


def line(said: dict[str, Any]) -> str:
    """A result as one line for people: `svc.yaml: error[RULE] Service prod/web, spec.selector: message`."""
    file, about = said.get("file"), said.get("resourceRef")
    where = f"{file['path']}: " if file else ""
    what = ""
    if about:
        name = f"{about['namespace']}/{about['name']}" if "namespace" in about else about["name"]
        field = said.get("field")
        what = f" {about['kind']} {name}" + (f", {field['path']}:" if field else ":")
    return leading(f"{where}{said['severity']}[{said['tags']['rule']}]{what} {said['message']}")


def severity_of(results: tuple[dict[str, Any], ...]) -> Severity | None:
    """The worst severity among results."""
    worst: tuple[Severity, ...] = ("error", "warning", "info")
    return next((s for s in worst if any(r["severity"] == s for r in results)), None)


def _file(d: Diagnostic) -> dict[str, Any]:
    """Where the orchestrator read the object: path and index annotations, or kustomize's origin."""
    place = d.finding.place if d.finding else None
    path: tuple[str | int, ...] = getattr(place, "path", ())
    document = getattr(place, "document", None)
    if document is None or len(path) < 2 or path[0] != "items":
        return {}
    annotations = mapping(find(document.value, "items", path[1], "metadata", "annotations"))
    name = next((annotations[key] for key in _PATHS if isinstance(annotations.get(key), str)), None)
    if name is None and isinstance(annotations.get(_ORIGIN), str):
        origin = parse(annotations[_ORIGIN], "origin").documents
        name = text(find(origin[0].value, "path")) if origin else None
    if not name:
        return {}
    index = next((annotations[key] for key in _INDEXES if isinstance(annotations.get(key), str)), None)
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 10:
        return {"path": name, "index": int(index)}
    return {"path": name}


def _written(document: Document, value: dict[str, Any], new: dict[str, Any]) -> str:
    """The ResourceList with these keys as they are new; everything else stays as it is written."""
    was = document.source.text
    if new and was.lstrip().startswith("{"):
        # JSON stays JSON: a key without quotes would make YAML of it, which reads some escapes otherwise.
        return json.dumps({**value, **new}, ensure_ascii=False) + "\n"
    changes = [Set((key,), each) if key in value else Insert((), key, each) for key, each in new.items()]
    try:
        return apply(was, edits(document, changes)) if changes else was
    except PatchError as error:
        raise KrmError(f"the ResourceList can't be written: {error}") from None

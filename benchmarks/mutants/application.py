"""An application whose documents can be changed one by one, and what the mutations ask of it."""

from __future__ import annotations

import collections
import copy
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from svclint.yaml import parse

Object = dict[str, Any]
Steps = tuple[str | int, ...]
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


class Entry(NamedTuple):
    """One document: the file it stands in and its value."""

    file: str
    value: Object


class Mutant(NamedTuple):
    """A broken application: its class, the object that was broken, other names that findings may use, the documents."""

    name: str
    object: str
    also: tuple[str, ...]
    entries: list[Entry]


class App:
    """An application and what the mutations ask of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = [
            Entry(str(path.relative_to(folder)), document.value)
            for path in sorted(folder.rglob("*"))
            if path.suffix in (".yaml", ".yml") and path.is_file()
            for document in parse(path.read_bytes(), str(path)).documents
            if isinstance(document.value, dict) and isinstance(document.value.get("metadata"), dict)
        ]
        ids = [(e.value.get("kind"), ns_of(e.value), name_of(e.value)) for e in self.entries]
        self._repeated = {each for each, count in collections.Counter(ids).items() if count > 1}

    def of(self, *kinds: str) -> Iterator[tuple[int, Object]]:
        """Number and value of the documents of these kinds; what stands there twice is an alternative and left out."""
        for number, entry in enumerate(self.entries):
            value = entry.value
            if value.get("kind") in kinds and (value["kind"], ns_of(value), name_of(value)) not in self._repeated:
                yield number, value

    def mutant(self, name: str, number: int, change: Callable[[Object], None], *also: str) -> Mutant:
        """The application with one document changed."""
        entries = list(self.entries)
        value = copy.deepcopy(entries[number].value)
        title = f"{value['kind']}/{value['metadata'].get('name')}"
        change(value)
        entries[number] = Entry(entries[number].file, value)
        return Mutant(name, title, also, entries)

    def without(self, name: str, number: int, *also: str) -> Mutant:
        """The application without a document."""
        value = self.entries[number].value
        entries = self.entries[:number] + self.entries[number + 1 :]
        return Mutant(name, f"{value['kind']}/{value['metadata'].get('name')}", also, entries)

    def adding(self, name: str, beside: int, value: Object, *also: str) -> Mutant:
        """The application with one document more."""
        entries = [*self.entries, Entry(self.entries[beside].file, value)]
        return Mutant(name, f"{value['kind']}/{value['metadata'].get('name')}", also, entries)


def get(value: Any, *path: str | int) -> Any:
    """What stands at a path, None where nothing does."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def put(*path: str | int, value: Any) -> Callable[[Object], None]:
    """The change that writes a value at a path."""

    def change(target: Object) -> None:
        inner: Any = target
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Object], None]:
    """The change that takes away what stands at a path."""

    def change(target: Object) -> None:
        inner: Any = target
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


def typo(word: str) -> str:
    """The word with two letters swapped, or one doubled."""
    for i in range(len(word) - 1, 1, -1):
        if word[i] != word[i - 1] and word[i].isalnum() and word[i - 1].isalnum():
            return word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]
    return word + word[-1]


def name_of(value: Object) -> str:
    """metadata.name."""
    return str(value["metadata"].get("name"))


def ns_of(value: Object) -> str:
    """metadata.namespace with its default."""
    return str(value["metadata"].get("namespace") or "default")


def services(app: App) -> dict[tuple[str, str], Object]:
    """The Services by namespace and name."""
    return {(ns_of(s), name_of(s)): s for _, s in app.of("Service")}


def behind(app: App, service: Object) -> list[Object]:
    """The workloads that a Service selects."""
    selector = get(service, "spec", "selector") or {}
    return [
        w
        for _, w in app.of(*WORKLOADS)
        if selector
        and ns_of(w) == ns_of(service)
        and selector.items() <= (get(w, "spec", "template", "metadata", "labels") or {}).items()
    ]


def mentions(app: App, service: Object) -> Iterator[tuple[Object, int, str]]:
    """The workloads of the Service's namespace whose env names it with a port of its own."""
    ports = [p["port"] for p in get(service, "spec", "ports") or [] if "port" in p]
    for _, workload in app.of(*WORKLOADS):
        for container in get(workload, "spec", "template", "spec", "containers") or []:
            for i, env in enumerate(container.get("env") or []):
                text = env.get("value")
                if ns_of(workload) == ns_of(service) and isinstance(text, str):
                    for port in ports:
                        if re.search(rf"(?:^|[/@]){re.escape(name_of(service))}:{port}\b", text):
                            yield workload, i, text


def write(app: App, entries: list[Entry], folder: Path) -> None:
    """The application's folder with the changed files rewritten (as JSON, which is YAML)."""
    shutil.copytree(app.folder, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    was: dict[str, list[Object]] = {}
    now: dict[str, list[Object]] = {}
    for entry in app.entries:
        was.setdefault(entry.file, []).append(entry.value)
    for entry in entries:
        now.setdefault(entry.file, []).append(entry.value)
    for file in was:
        if now.get(file) != was[file]:
            text = "".join(f"---\n{json.dumps(value, indent=1)}\n" for value in now.get(file, []))
            (folder / file).write_text(text)

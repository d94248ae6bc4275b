"""Charts and overlays as helm and kustomize render them, and the way back from there to the file that said it.

Nothing is rendered unless it is asked for (`--render`): the binaries come from PATH, get no cluster, no network and a
minute. What stands on standard input is told apart by helm's `# Source:` comments and kustomize's origin annotations.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from svclint import confined, yaml
from svclint.kube.read import find, mapping, strings, text
from svclint.project import files
from svclint.project.disk import Disk
from svclint.project.load import Note
from svclint.project.location import Location, Settings
from svclint.project.manifest import KUSTOMIZATION_NAMES, is_kustomization

if TYPE_CHECKING:
    from svclint.kube.facts import Facts

TOOLS = ("helm", "kustomize")
FOLDER = ".rendered"
SECONDS = 60
_ORIGIN = "config.kubernetes.io/origin"
_SOURCE = re.compile(r"\A\s*# Source: ([^\s:]+/(?:templates|crds)/[^\s:]+)[ \t]*\r?$", re.M)
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)[^\n]*\n?", re.M)


class RenderError(Exception):
    """A tool is not there, took too long or refused; the message is its own first line."""


class Origin(NamedTuple):
    """Where a rendered file comes from: its template or manifest, and the files that patch it, relative to the root."""

    path: str
    patches: tuple[str, ...] = ()


def split(stream: str) -> dict[str, str]:
    """What a tool printed, by the file that it names for each document; "" for documents of which it names none."""
    found: dict[str, list[str]] = {}
    for part in _SEPARATOR.split(stream):
        if part.strip():
            found.setdefault(_named(part), []).append(part if part.endswith("\n") else part + "\n")
    return {name: "---\n".join(parts) for name, parts in found.items()}


def _named(part: str) -> str:
    source = _SOURCE.search(part)
    if source:
        return _inside(source[1])
    if _ORIGIN not in part:
        return ""
    for document in yaml.parse(part, "").documents:
        said = find(document.value, "metadata", "annotations", _ORIGIN)
        for origin in yaml.parse(said, "").documents if isinstance(said, str) else ():
            if mapping(origin.value).get("repo") is None:
                return _inside(text(find(origin.value, "path")) or "")
    return ""


def _inside(path: str) -> str:
    """A path that leads nowhere above where it begins."""
    return os.path.normpath("/" + path.replace("\\", "/")).lstrip("/")


def stream(data: bytes, root: str) -> tuple[dict[str, bytes], dict[str, Origin]] | None:
    """What a tool printed on standard input: files by path, and where those come from that are found below `root`.

    None where the text names no source. A file that isn't found has the name that the tool gave it.
    """
    if b"# Source: " not in data and _ORIGIN.encode() not in data:
        return None
    parts = split(data.decode("utf-8", "replace"))
    if not any(parts):
        return None
    walk = files.walk(root)
    charts = {text(_value(root, _join(chart, "Chart.yaml")).get("name")): chart for chart in walk.charts}
    found: dict[str, bytes] = {}
    origins: dict[str, Origin] = {}
    for number, (name, said) in enumerate(parts.items()):
        chart, _, rest = name.partition("/")
        original = _join(charts[chart], rest) if chart in charts else name
        if not os.path.isfile(os.path.join(root, original)):
            like = [path for path in walk.files if path.endswith("/" + name)]
            original = like[0] if len(like) == 1 else ""
        path = f"{FOLDER}/{number:05}.yaml" if original else name
        found[path] = said.encode()
        if original:
            origins[path] = Origin(original)
    return found, origins


class Rendered(Disk):
    """The project with its charts and overlays rendered: what they are made from is not read beside them."""

    __slots__ = ("_done", "_facts", "_hidden", "_new", "_tools", "notes", "origins")

    def __init__(self, tools: Sequence[str], facts: Facts) -> None:
        self._tools = tools
        self._facts = facts
        self._done = False
        self._hidden: set[str] = set()
        self._new: dict[str, bytes] = {}
        self.notes: list[Note] = []
        self.origins: dict[str, Origin] = {}

    def walks(self, location: Location, settings: Settings) -> list[files.Walk]:
        """The files of the project, with what was rendered in place of what it was rendered from."""
        found = super().walks(location, settings)
        if not self._done:
            self._done = True
            for walk in found:
                if "helm" in self._tools:
                    for chart in _own_charts(walk.charts):
                        self._chart(location.root, chart, walk)
                if "kustomize" in self._tools:
                    self._overlays(location.root, walk)
        kept = [walk._replace(files=tuple(path for path in walk.files if path not in self._hidden)) for walk in found]
        if not kept:
            return kept
        # What was rendered together goes to one cluster, and nothing else does.
        releases = sorted({path.rpartition("/")[0] for path in self._new})
        first = kept[0]._replace(
            files=tuple(sorted((*kept[0].files, *self._new))),
            boundaries=tuple(sorted({*kept[0].boundaries, *releases})),
        )
        return [first, *kept[1:]]

    def read(self, root: str, path: str) -> bytes | files.Problem:
        """The bytes of a file, rendered or not."""
        return self._new[path] if path in self._new else super().read(root, path)

    def _chart(self, root: str, chart: str, walk: files.Walk) -> None:
        about = _value(root, _join(chart, "Chart.yaml"))
        if text(about.get("type")) == "library":
            return
        name = text(about.get("name")) or "chart"
        try:
            out = helm(os.path.join(root, chart), name, self._facts)
        except RenderError as error:
            self.notes.append(Note(chart or ".", f"not rendered: {error}"))
            return
        below = chart + "/" if chart else ""
        self._hidden.update(path for path in walk.files if path.startswith((below + "templates/", below + "charts/")))
        for source, said in split(out).items():
            template = _join(chart, source.partition("/")[2])
            # The templates of a packed subchart are no files.
            there = os.path.isfile(os.path.join(root, template))
            self._put(chart, said, Origin(template if there else _join(chart, "Chart.yaml")))

    def _overlays(self, root: str, walk: files.Walk) -> None:
        kustomizations = {path.rpartition("/")[0]: _value(root, path) for path in walk.files if is_kustomization(path)}
        reached = {folder: _resources(folder, value) for folder, value in kustomizations.items()}
        used = {each for paths in reached.values() for each in paths}
        for folder, value in sorted(kustomizations.items()):
            if folder in used or text(value.get("kind")) == "Component":
                continue
            try:
                out = kustomize(os.path.join(root, folder))
            except RenderError as error:
                self.notes.append(Note(folder or ".", f"not rendered: {error}"))
                continue
            patches: list[str] = []
            pending = [folder]
            seen: set[str] = set()
            while pending:
                at = pending.pop()
                if at in seen:
                    continue
                seen.add(at)
                if at in kustomizations:
                    pending += reached[at]
                    patches += _patches(at, kustomizations[at])
                    self._hidden.update(_join(at, name) for name in KUSTOMIZATION_NAMES)
                else:
                    self._hidden.add(at)
            self._hidden.update(patches)
            for origin, said in split(out).items():
                made_by = next(_join(folder, n) for n in KUSTOMIZATION_NAMES if _join(folder, n) in walk.files)
                path = os.path.relpath("/" + origin, os.path.realpath(root)).replace(os.sep, "/") if origin else made_by
                self._put(folder, said, Origin(path, tuple(patches)))

    def _put(self, folder: str, said: str, origin: Origin) -> None:
        """One more file; its name says nothing, because names are judged by what belongs together."""
        path = _join(folder, FOLDER, f"{len(self._new):05}.yaml")
        self._new[path] = said.encode()
        self.origins[path] = origin


def helm(chart: str, name: str, facts: Facts) -> str:
    """What `helm template` prints of a chart with its default values. Raises RenderError."""
    version = "{}.{}.0".format(*facts.kubernetes_version)
    return _run("helm", "template", name, chart, "--kube-version", version, "--namespace", facts.namespace)


def kustomize(folder: str) -> str:
    """What `kustomize build` prints of a folder, with origins as paths from the root of the file system.

    The folder is built through a kustomization in a temporary one, so that no file of the user is touched. Raises
    RenderError.
    """
    with tempfile.TemporaryDirectory(prefix="svclint-") as place:
        real = os.path.realpath(place)
        up = os.path.relpath(os.path.realpath(folder), real).replace(os.sep, "/")
        with open(os.path.join(real, "kustomization.yaml"), "w", encoding="utf-8") as file:
            file.write(f"resources: [{up!r}]\nbuildMetadata: [originAnnotations]\n")
        out = _run("kustomize", "build", real)
        return re.sub(
            rf"^(\s+{re.escape(_ORIGIN)}: \|\n(?:\s+\w+:.*\n)*?\s+path: )(\S+)$",
            lambda found: found[1] + os.path.normpath(os.path.join(real, found[2])).replace(os.sep, "/"),
            out,
            flags=re.M,
        )


def _run(tool: str, *arguments: str) -> str:
    binary = confined.program(tool)
    if binary is None:
        raise RenderError(f"{tool} is not on PATH")
    with tempfile.TemporaryDirectory(prefix="svclint-") as home:
        # No configuration, no plugins, no cluster, and nobody behind the proxy.
        away = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HELM_", "KUSTOMIZE_"))}
        homes = dict.fromkeys(
            ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "XDG_CONFIG_HOME"), home
        )
        # kustomize has git fetch a remote base: git may use no protocol at all.
        nothing = {"KUBECONFIG": os.devnull, "NO_PROXY": "", "no_proxy": "", "GIT_ALLOW_PROTOCOL": "none"}
        environment = {**kept, **away, **homes, **nothing}
        try:
            done = subprocess.run(
                [binary, *arguments], capture_output=True, env=environment, timeout=SECONDS, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise RenderError(f"{tool} took more than {SECONDS} seconds") from None
        except OSError as error:
            raise RenderError(f"{tool} can't be run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = next((line for line in said if line.startswith("Error: ")), said[-1] if said else "no reason given")
        # kustomize says every folder on the way: the last one is where it failed.
        raise RenderError(f"{tool}: {reason.removeprefix('Error: ').rpartition('recursed accumulation of path ')[2]}")
    return done.stdout.decode("utf-8", "replace")


def _own_charts(charts: Iterable[str]) -> list[str]:
    """The charts that are no part of another one."""
    found: list[str] = []
    for chart in sorted(charts, key=lambda path: path.count("/")):
        if not any(chart.startswith(_join(other, "charts") + "/") for other in found):
            found.append(chart)
    return sorted(found)


def _value(root: str, path: str) -> dict[str, object]:
    data = files.read(root, path)
    documents = yaml.parse(data, path).documents if isinstance(data, bytes) else ()
    return mapping(documents[0].value) if documents else {}


def _resources(folder: str, value: Mapping[str, object]) -> list[str]:
    named = [each for key in ("resources", "bases", "components", "crds") for each in strings(value.get(key))]
    return [os.path.normpath(_join(folder, each)) if each != "." else folder for each in named]


def _patches(folder: str, value: Mapping[str, object]) -> list[str]:
    found = list(strings(value.get("patchesStrategicMerge")))
    for key in ("patches", "patchesJson6902", "replacements"):
        listed = value.get(key)
        for each in listed if isinstance(listed, list) else ():
            path = text(mapping(each).get("path"))
            if path:
                found.append(path)
    return [os.path.normpath(_join(folder, each)) for each in found if "\n" not in each]


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)

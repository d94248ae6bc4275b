"""What a kustomization makes of the files that it lists.

Source: kubernetes-sigs/kustomize api/internal/target/kusttarget.go: resources, components, generators, then the
transformers in their fixed order; name references last. Nothing is fetched or run: what lies elsewhere, a chart, a
plugin or a patch that can't be followed makes the answer unknown (a gap of the scope, or an uncertain object).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from svclint.kube.read import mapping, sequence, text
from svclint.project.manifest import KUSTOMIZATION_NAMES
from svclint.project.patch import DELETED, PatchError, json_patch, strategic_merge
from svclint.project.references import follow_names, resolve_vars
from svclint.project.selector import Selector
from svclint.project.transform import (
    COMMON_ANNOTATIONS,
    METADATA_LABELS,
    SELECTOR_LABELS,
    TEMPLATE_LABELS,
    FieldSpec,
    Item,
    add_affixes,
    add_labels,
    set_namespace,
)
from svclint.yaml import Document, Source

_MAX_DEPTH = 60
_FILE_FIELDS = ("resources", "bases", "components")
_PATCH_FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902")


class Kustomization(NamedTuple):
    """One `kustomization.yaml`: its folder, its document and what that says."""

    folder: str
    document: Document
    spec: dict[str, Any]


class Built(NamedTuple):
    """What a kustomization gives: its objects, why others may be missing, the files that they come from, and those that
    only change them."""

    items: list[Item]
    gaps: tuple[str, ...]
    files: frozenset[str]
    patches: frozenset[str] = frozenset()
    variables: tuple[dict[str, Any], ...] = ()


def kustomizations(sources: Iterable[Source]) -> tuple[Kustomization, ...]:
    """The kustomizations among the sources, one a folder; a Flux Kustomization of that file name is none."""
    found: dict[str, Kustomization] = {}
    for source in sources:
        folder, name = posixpath.split(source.path)
        if name not in KUSTOMIZATION_NAMES or not source.documents or folder in found:
            continue
        document = source.documents[0]
        spec = document.value
        if isinstance(spec, dict):
            # Both may be left out; a Flux Kustomization has another group.
            api_version = spec.get("apiVersion")
            if api_version is None or str(api_version).startswith("kustomize.config.k8s.io/"):
                found[folder] = Kustomization(folder, document, spec)
    return tuple(found.values())


class Graph:
    """The kustomizations of a project and who includes whom."""

    __slots__ = ("_built", "_loose", "_objects", "_read", "all", "included", "mentioned", "patches")

    def __init__(
        self,
        found: Iterable[Kustomization],
        read: Callable[[str], Source | None],
        objects: Callable[[Source], Iterable[Item]],
    ) -> None:
        """`read` gives a file under the root (None: not there, not readable, outside), `objects` what it defines."""
        self.all = {each.folder: each for each in found}
        self._read = read
        self._objects = objects
        self._built: dict[str, Built] = {}
        self._loose: dict[str, tuple[str, ...]] = {}
        self.included: set[str] = set()
        self.mentioned: set[str] = set()
        self.patches: set[str] = set()
        for each in self.all.values():
            self._mention(each)

    def _mention(self, kustomization: Kustomization) -> None:
        """Notes what a kustomization names, without building it."""
        folder, spec = kustomization.folder, kustomization.spec
        for field in _FILE_FIELDS:
            for entry in _texts(spec.get(field)):
                path = _join(folder, entry)
                if path in self.all and path != folder:
                    self.included.add(path)
                else:
                    self.mentioned.add(path)
        for field in _PATCH_FIELDS:
            for entry in sequence(spec.get(field)):
                named = entry if isinstance(entry, str) else mapping(entry).get("path")
                if isinstance(named, str) and "\n" not in named:
                    self.patches.add(_join(folder, named))
        for field in ("transformers", "generators", "validators", "configurations", "crds", "replacements"):
            for entry in sequence(spec.get(field)):
                named = entry if isinstance(entry, str) else mapping(entry).get("path")
                if isinstance(named, str) and "\n" not in named:
                    self.patches.add(_join(folder, named))

    def add_loose(self, folder: str, paths: tuple[str, ...]) -> None:
        """Files beside a kustomization that nothing lists: they are read as if it did."""
        self._loose[folder] = paths

    def roots(self) -> list[str]:
        """The kustomizations that no other one includes; of a ring that nothing outside includes, all."""
        roots = [folder for folder in self.all if folder not in self.included]
        reached: set[str] = set()
        pending = list(roots)
        while pending:
            folder = pending.pop()
            if folder in reached or folder not in self.all:
                continue
            reached.add(folder)
            spec = self.all[folder].spec
            pending += [_join(folder, entry) for field in _FILE_FIELDS for entry in _texts(spec.get(field))]
        return sorted(roots + [folder for folder in self.all if folder not in reached])

    def build(self, folder: str) -> Built:
        """The objects of a kustomization as it would be applied, names followed."""
        built = self._accumulate(folder, frozenset())
        items = [item.copy() for item in built.items]
        follow_names(items)
        resolve_vars(items, built.variables)
        return built._replace(items=items)

    def _accumulate(self, folder: str, above: frozenset[str]) -> Built:
        known = self._built.get(folder)
        if known is not None:
            return known
        step = _Step(self, self.all[folder], above | {folder})
        step.run()
        built = Built(
            step.items, tuple(step.gaps), frozenset(step.files), frozenset(step.patches), tuple(step.variables)
        )
        self._built[folder] = built
        return built


class _Step:
    """The building of one kustomization; a component works on the objects of the one that includes it."""

    __slots__ = ("above", "files", "folder", "gaps", "graph", "items", "kustomization", "patches", "spec", "variables")

    def __init__(
        self, graph: Graph, kustomization: Kustomization, above: frozenset[str], into: _Step | None = None
    ) -> None:
        self.graph = graph
        self.kustomization = kustomization
        self.folder = kustomization.folder
        self.spec = kustomization.spec
        self.above = above
        self.items: list[Item] = into.items if into else []
        self.gaps: list[str] = into.gaps if into else []
        self.files: set[str] = into.files if into else set()
        self.patches: set[str] = into.patches if into else set()
        self.variables: list[dict[str, Any]] = into.variables if into else []
        if into is None and self.spec.get("kind") == "Component":
            self._gap("a component is applied to the objects of whoever includes it")

    def run(self) -> None:
        for field in ("resources", "bases"):
            for entry in _texts(self.spec.get(field)):
                self._resource(entry)
        for path in self.graph._loose.get(self.folder, ()):
            self._file(path)
        for entry in _texts(self.spec.get("components")):
            self._component(entry)
        self._generate()
        self._transform()
        self.variables += [mapping(each) for each in sequence(self.spec.get("vars"))]

    def _gap(self, reason: str) -> None:
        if reason not in self.gaps:
            self.gaps.append(reason)

    def _resource(self, entry: str) -> None:
        path = _join(self.folder, entry)
        if path in self.graph.all:
            if path in self.above or len(self.above) > _MAX_DEPTH:
                self._gap(f"{entry} includes itself")
                return
            built = self.graph._accumulate(path, self.above)
            self.items += [item.copy() for item in built.items]
            self.files |= built.files
            self.patches |= built.patches
            self.variables += built.variables
            for gap in built.gaps:
                self._gap(gap)
        elif not self._file(path):
            self._gap(f"{entry} is not among the sources")

    def _file(self, path: str) -> bool:
        source = self.graph._read(path)
        if source is None:
            return False
        self.files.add(path)
        self.items += [item for item in self.graph._objects(source) if not _is_local(item.value)]
        if any(document.value is None for document in source.documents):
            self._gap(f"{posixpath.basename(path)} can't be read")
        return True

    def _component(self, entry: str) -> None:
        path = _join(self.folder, entry)
        component = self.graph.all.get(path)
        if component is None or path in self.above or len(self.above) > _MAX_DEPTH:
            self._gap(f"{entry} is not among the sources")
            return
        _Step(self.graph, component, self.above | {path}, self).run()

    def _generate(self) -> None:
        for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for number, entry in enumerate(sequence(self.spec.get(field))):
                self._generated(kind, mapping(entry), (field, number))
        for field in ("helmCharts", "helmChartInflationGenerator"):
            if self.spec.get(field):
                self._gap("a Helm chart is rendered only by kustomize")
        for _ in _texts(self.spec.get("generators")):
            self._gap("a generator is run only by kustomize")

    def _generated(self, kind: str, entry: dict[str, Any], path: tuple[str | int, ...]) -> None:
        name = text(entry.get("name"))
        if name is None:
            return
        namespace = text(entry.get("namespace")) or ""
        for item in self.items:
            identity = item.identity
            if identity.kind == kind and name in {identity.name, *(former.name for former in item.former)}:
                # behavior: merge or replace. The data may change; the name stays.
                item.uncertain = True
                return
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        value: dict[str, Any] = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
        literals = {
            key: item.strip("\"'")
            for key, equals, item in (each.partition("=") for each in _texts(entry.get("literals")))
            if equals
        }
        if kind == "Secret":
            value["type"] = text(entry.get("type")) or "Opaque"
        elif literals:
            value["data"] = literals
        other = any(entry.get(field) for field in ("files", "envs", "env"))
        self.items.append(Item(self.kustomization.document, path, value, uncertain=other))

    def _transform(self) -> None:
        spec = self.spec
        for entry in sequence(spec.get("patchesStrategicMerge")):
            self._patch({"path": entry} if isinstance(entry, str) and "\n" not in entry else {"patch": entry})
        for entry in sequence(spec.get("patches")):
            self._patch(mapping(entry))
        namespace = text(spec.get("namespace"))
        if namespace:
            set_namespace(self.items, namespace)
        prefix, suffix = text(spec.get("namePrefix")) or "", text(spec.get("nameSuffix")) or ""
        if prefix or suffix:
            add_affixes(self.items, prefix, suffix)
        self._labels()
        annotations = mapping(spec.get("commonAnnotations"))
        if annotations:
            add_labels(self.items, annotations, COMMON_ANNOTATIONS)
        for entry in sequence(spec.get("patchesJson6902")):
            self._patch(mapping(entry))
        for entry in sequence(spec.get("replicas")):
            self._replicas(mapping(entry))
        for entry in sequence(spec.get("replacements")):
            self._replacement(mapping(entry))
        for entry in _texts(spec.get("transformers")):
            self._transformers(entry)

    def _labels(self) -> None:
        common = mapping(self.spec.get("commonLabels"))
        if common:
            add_labels(self.items, common, (*METADATA_LABELS, *TEMPLATE_LABELS, *SELECTOR_LABELS))
        for entry in sequence(self.spec.get("labels")):
            label = mapping(entry)
            specs = list(METADATA_LABELS)
            if label.get("includeSelectors") is True:
                specs += [*TEMPLATE_LABELS, *SELECTOR_LABELS]
            elif label.get("includeTemplates") is True:
                specs += TEMPLATE_LABELS
            specs += _field_specs(label.get("fields"))
            add_labels(self.items, mapping(label.get("pairs")), specs)

    def _replicas(self, entry: dict[str, Any]) -> None:
        name, count = entry.get("name"), entry.get("count")
        for item in self.items:
            identity = item.identity
            if name in {identity.name, *(f.name for f in item.former)} and identity.kind in (
                "Deployment",
                "ReplicaSet",
                "ReplicationController",
                "StatefulSet",
            ):
                item.value = {**item.value, "spec": {**mapping(item.value.get("spec")), "replicas": count}}

    def _replacement(self, entry: dict[str, Any]) -> None:
        """The targets of a replacement get a value that isn't followed here."""
        targets = entry.get("targets")
        if targets is None and isinstance(entry.get("path"), str):
            for value in self._documents(entry):
                found = value if isinstance(value, list) else [value]
                for each in found:
                    if isinstance(each, dict) and "path" not in each:
                        self._replacement(each)
            return
        for target in sequence(targets):
            chosen = Selector.of(mapping(target).get("select"))
            for item in self.items:
                if chosen.matches(item) is not False:
                    item.uncertain = True

    def _documents(self, entry: dict[str, Any]) -> list[Any]:
        """The values of a patch or of a configuration, from its file or from the text in the kustomization."""
        inline = entry.get("patch")
        if isinstance(inline, dict):
            return [inline]
        if isinstance(inline, str):
            from svclint import yaml

            source: Source | None = yaml.parse(inline, self.kustomization.document.source.path)
        else:
            path = entry.get("path")
            source = None
            if isinstance(path, str):
                self.patches.add(_join(self.folder, path))
                source = self.graph._read(_join(self.folder, path))
        if source is None or any(document.value is None for document in source.documents):
            self._gap("a patch can't be read")
            return []
        return [document.value for document in source.documents]

    def _patch(self, entry: dict[str, Any]) -> None:
        target = Selector.of(entry["target"]) if isinstance(entry.get("target"), dict) else None
        for value in self._documents(entry):
            if isinstance(value, list):
                if target is not None:
                    self._apply(target, partial(_patched, value))
            elif isinstance(value, dict):
                chosen = target or Selector.exactly(value)
                self._apply(chosen, partial(_merged, value))

    def _apply(self, target: Selector, by: Callable[[Any], Any]) -> None:
        kept: list[Item] = []
        for item in self.items:
            chosen = target.matches(item)
            if chosen is None:
                item.uncertain = True
            elif chosen:
                before = item.identity
                try:
                    value = by(item.value)
                except PatchError:
                    item.uncertain = True
                    value = item.value
                if value is DELETED:
                    continue
                if isinstance(value, dict):
                    item.value = value
                    if item.identity != before:
                        item.former = (*item.former, before)
            kept.append(item)
        self.items[:] = kept

    def _transformers(self, entry: str) -> None:
        path = _join(self.folder, entry)
        if "\n" in entry:
            documents = self._documents({"patch": entry})
        elif path in self.graph.all:
            self._gap("transformers in a folder are run only by kustomize")
            return
        else:
            documents = self._documents({"path": entry})
        for value in documents:
            if isinstance(value, dict):
                self._transformer(value)

    def _transformer(self, config: dict[str, Any]) -> None:
        """One built-in transformer with its own configuration; a plugin makes every object uncertain."""
        kind = config.get("kind")
        specs = _field_specs(config.get("fieldSpecs"))
        if config.get("apiVersion") != "builtin":
            kind = None
        if kind in ("LabelTransformer", "AnnotationsTransformer"):
            add_labels(self.items, mapping(config.get("labels") or config.get("annotations")), specs)
        elif kind == "NamespaceTransformer":
            namespace = text(mapping(config.get("metadata")).get("namespace"))
            if namespace:
                set_namespace(self.items, namespace, config.get("unsetOnly") is True)
        elif kind in ("PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer"):
            chosen = [item for item in self.items if any(spec.holds_for(item.identity) for spec in specs)]
            add_affixes(chosen, text(config.get("prefix")) or "", text(config.get("suffix")) or "")
        elif kind in ("PatchTransformer", "PatchJson6902Transformer"):
            self._patch({"patch": config.get("patch") or config.get("jsonOp"), **config})
        elif kind == "PatchStrategicMergeTransformer":
            for path in _texts(config.get("paths")):
                self._patch({"path": path})
            if isinstance(config.get("patches"), str):
                self._patch({"patch": config["patches"]})
        elif kind == "ReplicaCountTransformer":
            self._replicas(mapping(config.get("replica")))
        elif kind != "ImageTagTransformer":
            self._gap("a transformer is run only by kustomize")
            for item in self.items:
                item.uncertain = True


def _patched(operations: list[Any], old: dict[str, Any]) -> Any:
    return json_patch(old, operations)


def _merged(patch: dict[str, Any], old: dict[str, Any]) -> Any:
    group = (text(old.get("apiVersion")) or "").rpartition("/")[0]
    builtin = "." not in group or group.endswith(".k8s.io")
    identity = {"apiVersion": old.get("apiVersion"), "kind": old.get("kind")}
    metadata = mapping(patch.get("metadata"))
    kept = {key: item for key, item in metadata.items() if key not in ("name", "namespace")}
    return strategic_merge(old, {**patch, **identity, "metadata": kept}, builtin)


def _field_specs(value: Any) -> list[FieldSpec]:
    specs = []
    for entry in sequence(value):
        spec = mapping(entry)
        path = text(spec.get("path"))
        if path:
            kind, group = text(spec.get("kind")) or "", text(spec.get("group")) or ""
            specs.append(FieldSpec(tuple(path.strip("/").split("/")), spec.get("create") is True, kind, group))
    return specs


def _is_local(value: dict[str, Any]) -> bool:
    annotations = mapping(mapping(value.get("metadata")).get("annotations"))
    return str(annotations.get("config.kubernetes.io/local-config", "")).lower() == "true"


def _join(folder: str, entry: str) -> str:
    """A path that a kustomization names, relative to the root; "" is the root itself."""
    path = posixpath.normpath(posixpath.join(folder, entry))
    return "" if path == "." else path


def _texts(value: Any) -> Iterator[str]:
    return (item for item in sequence(value) if isinstance(item, str))

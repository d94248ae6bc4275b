"""Kustomizations, compared with what `kubectl kustomize` (v5.5.0) built of the same files.

`kustomize/built.json` was recorded: hashes at the ends of names are taken off, and nulls left out.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from svclint import project
from svclint.config import Config
from svclint.project import Project, Scope

Make = Any
HERE = Path(__file__).parent / "kustomize"
BUILT: dict[str, list[dict[str, Any]]] = json.loads((HERE / "built.json").read_text())


def only(found: Project, name: str) -> Scope:
    return next(scope for scope in found.scopes if scope.name == name)


def in_order(value: Any) -> Any:
    """Lists that kustomize merges by a key come out in another order: sorted, they are the same."""
    if isinstance(value, dict):
        return {key: in_order(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return sorted((in_order(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@pytest.mark.parametrize("case", sorted(BUILT))
def test_as_kustomize_builds_it(case: str, tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "k")
    # One root at a time: what others include is no root of its own.
    for other in BUILT:
        uses = (tmp_path / "k" / case / "kustomization.yaml").read_text()
        if other != case and other not in uses:
            shutil.rmtree(tmp_path / "k" / other)
    found = project.find([str(tmp_path / "k")], root=str(tmp_path / "k")).load(Config())
    scope = only(found, case)
    ours = {(r.kind, r.metadata.get("namespace"), r.name): in_order(r.value) for r in scope.resources}
    real = {(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]): in_order(o) for o in BUILT[case]}
    assert ours.keys() == real.keys()
    for key, value in real.items():
        assert ours[key] == value, key
    assert not scope.gaps


def test_a_base_that_overlays_include_is_no_scope_and_places_stay(make: Make) -> None:
    tree = {
        "base/kustomization.yaml": "resources: [web.yaml]\ncommonLabels: {app: web}\n",
        "base/web.yaml": make.service("web", ""),
        "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\nnamespace: dev\n",
        "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
    }
    found = make.load(tree)
    assert [scope.name for scope in found.scopes] == ["overlays/dev", "overlays/prod"]
    dev, prod = (scope.resources[0] for scope in found.scopes)
    assert (dev.id, prod.id) == ("dev/Service/dev-web", "default/Service/prod-web")
    assert dev.document is prod.document
    assert dev.document.source.path == "base/web.yaml"
    assert dev.value["spec"]["selector"] == {"app": "web"}
    assert dev.document.value["metadata"] == {"name": "web"}, "what a file says is never changed"


def test_patches_are_no_objects(make: Make) -> None:
    tree = {
        "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: more.yaml}]\n",
        "web.yaml": make.deployment("web"),
        "more.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
        "patch-unused.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 4}\n",
    }
    (scope,) = make.load(tree).scopes
    (web,) = scope.resources
    assert web.value["spec"]["replicas"] == 3


def test_a_manifest_beside_a_kustomization_is_read_as_if_it_was_listed(make: Make) -> None:
    tree = {
        "base/kustomization.yaml": "resources: [web.yaml, deploy.yaml]\n",
        "base/web.yaml": make.service("web"),
        "base/deploy.yaml": make.deployment("web"),
        "base/zz-dup.yaml": make.service("web"),
        "base/deploy-canary.yaml": make.deployment("web"),
        "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\n",
    }
    assert make.scopes(tree) == {
        "base/deploy-canary.yaml": ["default/Deployment/web"],
        "dev": ["dev/Deployment/web", "dev/Service/web", "dev/Service/web"],
    }


def test_what_a_component_does_is_done_to_its_includer(make: Make) -> None:
    tree = {
        "app/kustomization.yaml": "resources: [web.yaml]\ncomponents: [../extra]\n",
        "app/web.yaml": make.service("web", ""),
        "extra/kustomization.yaml": (
            "kind: Component\nresources: [db.yaml]\nlabels: [{pairs: {tier: x}, includeSelectors: true}]\n"
        ),
        "extra/db.yaml": make.service("db", ""),
    }
    (scope,) = make.load(tree).scopes
    assert scope.name == "app"
    assert {r.name: r.value["spec"]["selector"] for r in scope.resources} == {"web": {"tier": "x"}, "db": {"tier": "x"}}


def test_a_component_that_nobody_includes_is_no_whole(make: Make) -> None:
    tree = {"x/kustomization.yaml": "kind: Component\nresources: [db.yaml]\n", "x/db.yaml": make.service("db")}
    (scope,) = make.load(tree).scopes
    assert scope.name == "x"
    assert len(scope.gaps) == 1


UNKNOWN = {
    "elsewhere": "resources: [web.yaml, 'https://example.com/x.yaml']\n",
    "missing": "resources: [web.yaml, gone.yaml]\n",
    "chart": "resources: [web.yaml]\nhelmCharts: [{name: redis}]\n",
    "generator": "resources: [web.yaml]\ngenerators: [g.yaml]\n",
    "outside": "resources: [web.yaml, ../../other]\n",
    "component": "resources: [web.yaml]\ncomponents: ['github.com/x/y']\n",
    "itself": "resources: [web.yaml, .]\n",
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_lies_elsewhere_is_a_gap(make: Make, case: str) -> None:
    (scope,) = make.load({"kustomization.yaml": UNKNOWN[case], "web.yaml": make.service("web")}).scopes
    assert [r.name for r in scope.resources] == ["web"]
    assert len(scope.gaps) == 1
    assert [gap.reason for gap in scope.missing] == list(scope.gaps)


UNFOLLOWED = {
    "expression": "patches: [{target: {name: 'w[e]b'}, patch: '[]'}]\n",
    "failing patch": "patches: [{target: {kind: Service}, patch: '[{op: remove, path: /spec/nothing}]'}]\n",
    "directive": "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {$retainKeys: [a]}}'}]\n",
    "replacement": "replacements: [{targets: [{select: {kind: Service}, fieldPaths: [spec.x]}]}]\n",
    "plugin": 'transformers: ["apiVersion: x/v1\\nkind: Y\\nmetadata: {name: z}"]\n',
    "label selector": "patches: [{target: {labelSelector: 'a in (b)'}, patch: '[]'}]\n",
}


@pytest.mark.parametrize("case", UNFOLLOWED)
def test_what_is_not_followed_makes_its_objects_uncertain(make: Make, case: str) -> None:
    tree = {"kustomization.yaml": "resources: [web.yaml]\n" + UNFOLLOWED[case], "web.yaml": make.service("web")}
    (scope,) = make.load(tree).scopes
    (web,) = scope.resources
    assert scope.uncertain == {web}
    assert web.value["spec"]["selector"] == {"app": "web"}


def test_a_patch_for_another_object_leaves_the_rest_certain(make: Make) -> None:
    tree = {
        "kustomization.yaml": (
            "resources: [web.yaml]\npatches: [{target: {kind: Deployment, name: 'w[e]b'}, patch: '[]'}]\n"
            "replacements: [{targets: [{select: {kind: Deployment}}]}]\n"
        ),
        "web.yaml": make.service("web"),
    }
    assert not make.load(tree).scopes[0].uncertain


def test_kustomizations_that_include_each_other_end(make: Make) -> None:
    tree = {
        "a/kustomization.yaml": "resources: [../b, web.yaml]\n",
        "a/web.yaml": make.service("web"),
        "b/kustomization.yaml": "resources: [../a]\n",
    }
    (scope,) = make.load(tree).scopes
    assert [r.name for r in scope.resources] == ["web"]
    assert scope.gaps == ("../a includes itself",)


def test_words_of_yaml_1_1_are_strings(make: Make) -> None:
    pod = (
        'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {a: yes, b: Off, c: true, d: "on", e: 012}\n'
        "spec:\n  hostNetwork: on # no\n  list:\n  - n\n  - false\n"
    )
    scopes = make.load({"k/kustomization.yaml": "resources: [pod.yaml]\n", "k/pod.yaml": pod, "plain.yaml": pod}).scopes
    plain, kustomized = (scope.resources[0].value for scope in scopes)
    assert kustomized["metadata"]["labels"] == {"a": "yes", "b": "Off", "c": True, "d": "on", "e": 10}
    assert kustomized["spec"] == {"hostNetwork": "on", "list": ["n", False]}
    assert plain["metadata"]["labels"]["a"] is True


def test_a_flux_kustomization_is_an_ordinary_object(make: Make) -> None:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./x}\n"
    )
    assert make.scopes({"kustomization.yaml": text}) == {".": ["default/Kustomization/apps"]}


def test_generated_names_are_known(make: Make) -> None:
    tree = {
        "kustomization.yaml": (
            "namePrefix: p-\nconfigMapGenerator: [{name: c, literals: ['host=\"db\"']}, {name: f, files: [x]}]\n"
            "secretGenerator: [{name: s}]\nresources: [pod.yaml]\n"
        ),
        "pod.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
            "spec: {containers: [{name: a, envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]}]}\n"
        ),
    }
    (scope,) = make.load(tree).scopes
    by_name = {r.name: r for r in scope.resources}
    assert set(by_name) == {"p-a", "p-c", "p-f", "p-s"}
    refs = by_name["p-a"].value["spec"]["containers"][0]["envFrom"]
    assert refs == [{"configMapRef": {"name": "p-c"}}, {"secretRef": {"name": "p-s"}}]
    assert by_name["p-c"].value["data"] == {"host": "db"}
    assert by_name["p-c"].document.source.path == "kustomization.yaml"
    assert scope.uncertain == {by_name["p-f"]}


FIELDS = (
    "resources bases components patches patchesStrategicMerge patchesJson6902 labels commonLabels commonAnnotations "
    "namespace namePrefix nameSuffix configMapGenerator secretGenerator replicas replacements vars transformers "
    "generators images helmCharts openapi"
)


@pytest.mark.parametrize("field", FIELDS.split())
@pytest.mark.parametrize(
    "value", ["3", "x", "null", "[]", "{}", "[3]", "[[x]]", "[{}]", "[null]", "{a: {b: c}}", "[{name: 3, path: 4}]"]
)
def test_nothing_is_raised_on_any_kustomization(make: Make, field: str, value: str) -> None:
    tree = {"kustomization.yaml": f"resources: [web.yaml]\n{field}: {value}\n", "web.yaml": make.service("web")}
    make.load(tree).scopes  # noqa: B018


@pytest.mark.parametrize(
    "spec", ["3", "x", "[a]", "{selector: 3, template: []}", "{serviceName: [a], rules: {http: 3}}"]
)
@pytest.mark.parametrize("kind", ["Service", "Deployment", "StatefulSet", "Ingress", "CronJob", "APIService"])
def test_nothing_is_raised_on_any_object(make: Make, kind: str, spec: str) -> None:
    tree = {
        "kustomization.yaml": (
            "resources: [x.yaml]\nnamePrefix: a-\nnamespace: b\ncommonLabels: {c: d}\nreplicas: [{name: web, count: 1}]\n"
            "patches: [{target: {}, patch: '{spec: {template: {spec: {containers: [{name: a}]}}}}'}]\n"
            "vars: [{name: V, objref: {kind: Service, name: web}}]\n"
        ),
        "x.yaml": f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: web, labels: 3}}\nspec: {spec}\n",
    }
    assert len(make.load(tree).scopes[0].resources) == 1

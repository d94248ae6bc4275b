"""Sources and targets: what is read for which arguments, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from svclint import project
from svclint.config import Config
from svclint.project import Note, Project, ProjectError

Make = Any


def read(*paths: Path | str, **options: Any) -> Project:
    return project.find([str(path) for path in paths], **options).load(Config())


def sources(found: Project) -> list[str]:
    return [source.path for source in found.sources]


def test_a_file_is_the_target_and_the_project_the_source(make: Make) -> None:
    root = make.write(
        {"svc/web.yaml": make.service("web"), "deploy/web.yaml": make.deployment("web"), "svclint.toml": ""}
    )
    found = read(root / "svc" / "web.yaml")
    assert found.root == str(root)
    assert sources(found) == ["deploy/web.yaml", "svc/web.yaml"]
    assert found.targets == {"svc/web.yaml"}
    (scope,) = found.scopes
    assert sorted(r.id for r in scope.resources) == ["default/Deployment/web", "default/Service/web"]


def test_a_folder_is_the_target_with_all_below_it(make: Make) -> None:
    root = make.write({"a/b/web.yaml": make.service("web"), "a.yaml": make.service("a"), "svclint.toml": ""})
    assert read(root / "a").targets == {"a/b/web.yaml"}
    assert read(root).targets is None


def test_files_alone(make: Make) -> None:
    root = make.write({"a.yaml": make.service("a"), "b.yaml": make.service("b"), "c/d.yaml": make.service("d")})
    assert sources(read(root / "a.yaml", alone=True)) == ["a.yaml"]
    assert sources(read(root / "a.yaml", root / "c", alone=True)) == ["a.yaml", "c/d.yaml"]


def test_a_target_is_read_whatever_it_is_called(make: Make) -> None:
    root = make.write(
        {".gitignore": "out/\n", "svclint.toml": "", "out/web.yaml": make.service("web"), "x.txt": make.service("x")}
    )
    assert sources(read(root)) == []
    assert sources(read(root / "out")) == ["out/web.yaml"]
    assert sources(read(root / "x.txt")) == ["x.txt"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no such file or folder: .*nowhere\.yaml"):
        project.find([str(tmp_path / "nowhere.yaml")])


def test_standard_input_alone_is_all_there_is(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make.write({"web.yaml": make.service("web")}))
    place = project.find(["-"])
    found = place.load(Config(), place.overlay(make.service("piped").encode()))
    assert sources(found) == ["<stdin>"]
    assert found.targets == {"<stdin>"}


def test_an_editor_buffer_stands_in_for_its_file(make: Make) -> None:
    root = make.write({"web.yaml": make.service("old"), "db.yaml": make.service("db"), "svclint.toml": ""})
    place = project.find(["-"], stdin_filename=str(root / "web.yaml"))
    found = place.load(Config(), place.overlay(make.service("new").encode()))
    assert sorted(r.name for r in found.scopes[0].resources) == ["db", "new"]
    assert found.targets == {"web.yaml"}
    # A file that has not been saved yet.
    place = project.find(["-"], stdin_filename=str(root / "unsaved.yaml"))
    found = place.load(Config(), place.overlay(make.service("fresh").encode()))
    assert sorted(r.name for r in found.scopes[0].resources) == ["db", "fresh", "old"]


def test_what_is_no_manifest_is_left_out(make: Make, counted: Callable[[], int]) -> None:
    found = make.load(
        {
            "docker-compose.yaml": "services: {web: {image: nginx}}\n",
            "values.yaml": "kind of: text\napiVersion:\n",
            "package.json": '{"name": "x"}',
            "swagger.json": '{"kind": {"type": "x"}, "apiVersion": {"type": "string"}}',
            "web.json": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}',
            "kind.yaml": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
            "nested.yaml": "a: {apiVersion: v1, kind: Service}\n",
        }
    )
    assert sources(found) == ["kind.yaml", "web.json"]
    assert counted() == 3
    assert [r.id for scope in found.scopes for r in scope.resources] == ["default/Service/web"]


def test_notes_say_what_was_skipped(make: Make) -> None:
    root = make.write(
        {
            "svclint.toml": "",
            "chart/Chart.yaml": "apiVersion: v2\nname: web\n",
            "chart/templates/web.yaml": make.service("{{ .Values.name }}"),
            "chart/templates/x/db.yaml": make.service("db"),
            "chart/crds/c.yaml": make.config_map("c"),
            "tpl.yaml": make.service('"{{ name }}"'),
            "notes.yaml": "a: b\n",
            "empty.yaml": "",
        }
    )
    found = read(root)
    assert sources(found) == ["chart/crds/c.yaml", "tpl.yaml"]
    assert Note("chart", "a Helm chart: its 2 templates are read only when it is rendered") in found.notes
    assert Note("tpl.yaml", "holds template marks: skipped until it is rendered") in found.notes
    assert len(found.notes) == 2
    assert Note("notes.yaml", "not a Kubernetes manifest") in read(root / "notes.yaml").notes
    assert Note("empty.yaml", "empty") in read(root / "empty.yaml").notes
    named = read(root / "chart" / "templates" / "web.yaml").notes
    assert Note("chart/templates/web.yaml", "a Helm template: render the chart and check what comes out") in named


def test_one_template_is_one(make: Make) -> None:
    root = make.write({"svclint.toml": "", "c/Chart.yaml": "name: c\n", "c/templates/web.yaml": make.service("web")})
    assert Note("c", "a Helm chart: its template is read only when it is rendered") in read(root).notes


def test_files_that_cannot_be_read_are_notes_too(make: Make) -> None:
    (make.root / "binary.yaml").write_bytes(b"apiVersion: v1\nkind: X\n\0\1\2")
    (make.root / "utf16.yaml").write_bytes(make.service("wide").encode("utf-16"))
    found = make.load({"web.yaml": make.service("web")})
    assert [(p.path, p.message) for p in found.problems] == [("binary.yaml", "not text")]
    assert Note("binary.yaml", "not text") in found.notes
    assert sorted(r.name for r in found.scopes[0].resources) == ["web", "wide"]


def test_a_broken_document_keeps_the_others_and_leaves_a_gap(make: Make) -> None:
    broken = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: [}\n"
    found = make.load({"web.yaml": make.service("web") + "---\n" + broken + "---\n" + make.service("db")})
    (scope,) = found.scopes
    assert sorted(r.name for r in scope.resources) == ["db", "web"]
    (gap,) = scope.missing
    assert gap.kinds == {("apps", "Deployment"), ("", "Pod")}


def test_lists_are_unwrapped_and_the_namespace_is_a_setting(make: Make) -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n"
    root = make.write({"list.yaml": text + "---\n" + make.service("b", metadata=", namespace: other")})
    found = project.find([str(root)]).load(Config(), {}, "shop")
    first, second = found.scopes[0].resources
    assert (first.id, first.path) == ("shop/Service/a", ("items", 0))
    assert second.id == "other/Service/b"


def test_custom_kinds_are_cluster_scoped_where_their_definition_says_so(make: Make) -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.x.io}\n"
        "spec: {group: x.io, scope: Cluster, names: {kind: Thing}}\n"
    )
    thing = "apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: t}\n"
    assert make.scopes({"crd.yaml": crd, "t.yaml": thing}) == {
        ".": ["CustomResourceDefinition/things.x.io", "Thing/t"],
    }


def test_assumed_objects_are_no_sources(make: Make) -> None:
    found = make.load({"stubs/db.yaml": make.service("db"), "web.yaml": make.service("web")}, assume=("stubs/",))
    assert sources(found) == ["web.yaml"]
    (scope,) = found.scopes
    assert [r.name for r in scope.resources] == ["web"]
    assert [r.name for r in scope.assumed] == ["db"]
    assert found.targets == {"web.yaml"}


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"\0", b"apiVersion: v1\nkind: List\nitems: 3\n", b"[]", b"kind: 1"]
)
def test_nothing_is_raised_on_odd_files(make: Make, data: bytes) -> None:
    (make.root / "odd.yaml").write_bytes(data + b"\napiVersion: v1\nkind: Odd\n")
    (make.root / "kustomization.yaml").write_bytes(data)
    assert make.load({}).scopes is not None

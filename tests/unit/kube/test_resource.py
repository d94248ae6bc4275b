"""Objects, places in them, and which kinds live in a namespace."""

from __future__ import annotations

import pytest

from svclint.kube.resource import Resource, resources
from svclint.kube.scope import is_namespaced
from svclint.yaml import parse


def read(text: str, namespace: str = "default", scopes: dict[tuple[str, str], bool] | None = None) -> list[Resource]:
    return [item for document in parse(text, "f.yaml").documents for item in resources(document, namespace, scopes)]


def test_object_knows_who_it_is() -> None:
    (found,) = read("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n", "shop")
    assert (found.group, found.version, found.kind, found.namespace, found.name) == (
        "apps",
        "v1",
        "Deployment",
        "shop",
        "web",
    )
    assert found.id == "shop/Deployment/web"


@pytest.mark.parametrize(
    ("kind", "namespace"),
    [("v1, kind: Namespace", ""), ("v1, kind: Service", "default"), ("x.io/v1, kind: Thing", "default")],
)
def test_cluster_scoped_kinds_have_no_namespace(kind: str, namespace: str) -> None:
    (found,) = read(f"{{apiVersion: {kind}, metadata: {{name: a}}}}")
    assert found.namespace == namespace


def test_a_definition_among_the_sources_says_the_scope() -> None:
    (found,) = read("{apiVersion: x.io/v1, kind: Thing, metadata: {name: a}}", scopes={("x.io", "Thing"): False})
    assert found.namespace == ""


def test_cluster_scoped_table_has_built_in_and_common_custom_kinds() -> None:
    assert not is_namespaced("networking.k8s.io", "IngressClass")
    assert not is_namespaced("gateway.networking.k8s.io", "GatewayClass")
    assert is_namespaced("networking.k8s.io", "Ingress")


def test_lists_give_their_items_with_their_places() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a}}
- apiVersion: v1
  kind: ServiceList
  items:
  - metadata: {name: b}
- 7
"""
    found = read(text)
    assert [(item.kind, item.name, item.path) for item in found] == [
        ("Service", "a", ("items", 0)),
        ("Service", "b", ("items", 1, "items", 0)),
    ]
    place = found[1].at("metadata", "name")
    assert place.path == ("items", 1, "items", 0, "metadata", "name")
    assert found[1].at("metadata", key=True).part == "key"


@pytest.mark.parametrize("text", ["7", "[1, 2]", "kind: Service", "apiVersion: v1", "{apiVersion: 1, kind: Service}"])
def test_what_is_no_object_gives_none(text: str) -> None:
    assert read(text) == []


def test_wrong_types_read_as_absent() -> None:
    (found,) = read(
        "{apiVersion: v1, kind: Service, metadata: {name: 7, labels: [a], annotations: {a: 1, b: x, c: ~}}}"
    )
    assert (found.name, found.labels, found.annotations) == ("", {}, {"b": "x", "c": ""})
    assert found.get("metadata", "labels", 5) is None
    assert found.get("metadata", "name", "x") is None

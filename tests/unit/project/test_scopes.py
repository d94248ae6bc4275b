"""Which plain files are one cluster (docs/design/scopes.md)."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.project.scopes import are_variants

Make = Any


def names(scopes: dict[str, list[str]]) -> dict[str, list[str]]:
    """The scopes with the last words of their objects' identities."""
    return {name: [identity.partition("/")[2] for identity in found] for name, found in scopes.items()}


def test_folders_of_one_application_are_one_scope(make: Make) -> None:
    tree = {
        "deploy/web.yaml": make.deployment("web"),
        "svc/web.yaml": make.service("web"),
        "svc/internal/db.yaml": make.service("db"),
        "ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    }
    assert list(make.scopes(tree)) == ["."]


def test_an_object_repeated_in_the_same_folder_is_a_duplicate(make: Make) -> None:
    tree = {"app.yaml": make.service("web") + "---\n" + make.deployment("web"), "zz-dup.yaml": make.service("web")}
    assert names(make.scopes(tree)) == {".": ["Deployment/web", "Service/web", "Service/web"]}


def test_folders_that_repeat_an_object_are_alternatives(make: Make) -> None:
    tree = {
        "k8s/istio/web.yaml": make.service("web"),
        "k8s/plain/web.yaml": make.service("web"),
        "k8s/plain/more/db.yaml": make.service("db"),
        "k8s/monitoring/prometheus.yaml": make.service("prometheus"),
        "k8s/own.yaml": make.service("own"),
    }
    assert names(make.scopes(tree)) == {
        "k8s/istio": ["Service/web"],
        "k8s/plain": ["Service/db", "Service/web"],
        "k8s/monitoring": ["Service/prometheus"],
        ".": ["Service/own"],
    }


def test_folders_taken_apart_are_one_where_one_selects_the_pods_of_the_other(make: Make) -> None:
    tree = {
        "k8s/deployments/web.yaml": make.deployment("web"),
        "k8s/deployments/db.yaml": make.deployment("db", "app: db"),
        "k8s/services/web.yaml": make.service("web") + "---\n" + make.service("db", "app: db"),
        "k8s/services-nodeport/web.yaml": make.service("web") + "---\n" + make.service("db", "app: db"),
        "k8s/other/x.yaml": make.service("x", "app: x"),
    }
    assert names(make.scopes(tree)) == {
        "k8s/deployments": ["Deployment/db", "Deployment/web", "Service/db", "Service/web"],
        "k8s/services-nodeport": ["Service/db", "Service/web"],
        "k8s/other": ["Service/x"],
    }


def test_a_folder_that_two_others_could_complete_stays_alone(make: Make) -> None:
    app = make.deployment("web")
    tree = {"k8s/a/web.yaml": app, "k8s/b/web.yaml": app, "k8s/svc/web.yaml": make.service("web")}
    assert list(make.scopes(tree)) == ["k8s/a", "k8s/b", "k8s/svc"]


def test_a_folder_and_its_sub_folder_may_be_alternatives(make: Make) -> None:
    tree = {"aws/deploy.yaml": make.service("web"), "aws/tls/deploy.yaml": make.service("web")}
    assert names(make.scopes(tree)) == {".": ["Service/web"], "aws/tls": ["Service/web"]}


@pytest.mark.parametrize("kind", ["Namespace", "ServiceAccount", "ConfigMap", "Secret", "ClusterRole"])
def test_what_folders_repeat_anyway_says_nothing(make: Make, kind: str) -> None:
    shared = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: shared}}\n"
    tree = {"a/web.yaml": make.service("web") + "---\n" + shared, "b/db.yaml": make.service("db") + "---\n" + shared}
    assert list(make.scopes(tree)) == ["."]


def test_the_same_name_in_two_namespaces_is_one_cluster(make: Make) -> None:
    tree = {
        "one/web.yaml": make.service("web", metadata=", namespace: one"),
        "two/web.yaml": make.service("web", metadata=", namespace: two"),
    }
    assert list(make.scopes(tree)) == ["."]


@pytest.mark.parametrize(
    ("folders", "apart"),
    [
        (("dev", "prod"), True),
        (("shop-dev", "shop-prod", "shop-common"), True),
        (("eu-west-1", "us-east-1"), True),
        (("v1", "v2"), True),
        (("web-v1", "db-v1"), False),
        (("prod", "infra"), False),
        (("frontend", "backend"), False),
    ],
)
def test_environments_regions_and_versions_are_alternatives(make: Make, folders: tuple[str, ...], apart: bool) -> None:
    tree = {f"k8s/{folder}/{number}.yaml": make.service(f"s{number}") for number, folder in enumerate(folders)}
    assert (len(make.scopes(tree)) > 1) is apart


def test_samples_stand_alone_and_apart(make: Make) -> None:
    tree = {
        "deploy/web.yaml": make.service("web"),
        "examples/guestbook/a.yaml": make.service("a"),
        "examples/guestbook/sub/b.yaml": make.service("b"),
        "examples/storage/redis/c.yaml": make.service("c"),
        "examples/storage/mysql/d.yaml": make.service("d"),
        "examples/single.yaml": make.service("e"),
        "hack/e2e-tests/f.yaml": make.service("f"),
    }
    assert names(make.scopes(tree)) == {
        ".": ["Service/web"],
        "examples": ["Service/e"],
        "examples/guestbook": ["Service/a", "Service/b"],
        "examples/storage/mysql": ["Service/d"],
        "examples/storage/redis": ["Service/c"],
        "hack/e2e-tests": ["Service/f"],
    }


def test_files_of_a_folder_that_define_the_same_application_are_alternatives(make: Make) -> None:
    app = make.service("web") + "---\n" + make.deployment("web")
    tree = {
        "app.yaml": app,
        "app-dualstack.yaml": app,
        "ingress.yaml": make.config_map("x"),
        # Where there are alternatives, one object is enough.
        "nodeport.yaml": make.service("web"),
    }
    assert names(make.scopes(tree)) == {
        ".": ["ConfigMap/x", "Deployment/web", "Service/web"],
        "app-dualstack.yaml": ["Deployment/web", "Service/web"],
        "nodeport.yaml": ["Service/web"],
    }


def test_three_files_with_one_object_are_alternatives(make: Make) -> None:
    tree = {f"{name}.yaml": make.service("web") for name in ("one", "two", "three")}
    assert list(make.scopes(tree)) == [".", "three.yaml", "two.yaml"]


def test_another_set_of_values_is_an_alternative(make: Make) -> None:
    tree = {"a.yaml": make.config_map("c"), "b.yaml": make.config_map("c"), "app.yaml": make.service("web")}
    assert names(make.scopes(tree)) == {".": ["ConfigMap/c", "Service/web"], "b.yaml": ["ConfigMap/c"]}
    tree = {"a.yaml": make.config_map("c") + "---\n" + make.service("a"), "b.yaml": make.config_map("c")}
    tree["b.yaml"] += "---\n" + make.service("b")
    assert names(make.scopes(tree))["."].count("ConfigMap/c") == 2


def test_variants_of_one_name_are_alternatives(make: Make) -> None:
    tree = {"web.yaml": make.service("web"), "web-nodeport.yaml": make.service("web")}
    assert list(make.scopes(tree)) == [".", "web-nodeport.yaml"]


@pytest.mark.parametrize(
    ("one", "other", "name", "variants"),
    [
        ("web.yaml", "web-nodeport.yaml", "web", True),
        ("pod.yaml", "pod_priv.yaml", "x", True),
        ("split-1.yaml", "split-2.yaml", "x", True),
        ("minio-standalone-service.yaml", "minio-distributed-service.yaml", "minio-service", True),
        ("webController.yaml", "webControllerDemo.yaml", "x", True),
        # A copy whose name was forgotten.
        ("web-service.yaml", "api-service.yaml", "web", False),
        ("app.yaml", "zz-dup.yaml", "web", False),
        ("a/web.yml", "a/web.yaml", "web", False),
    ],
)
def test_variants_are_told_by_their_file_names(one: str, other: str, name: str, variants: bool) -> None:
    assert are_variants(one, other, name) is variants
    assert are_variants(other, one, name) is variants


def test_a_project_inside_is_its_own_scope(make: Make) -> None:
    make.write({"sub/.git": "gitdir: x\n"})
    tree = {"a.yaml": make.service("a"), "sub/b.yaml": make.service("b"), "sub/c/d.yaml": make.service("d")}
    assert names(make.scopes(tree)) == {".": ["Service/a"], "sub": ["Service/b", "Service/d"]}


def test_the_configuration_says_otherwise(make: Make) -> None:
    tree = {
        "apps/a/svc.yaml": make.service("web"),
        "apps/a/x/svc.yaml": make.service("web"),
        "apps/b/svc.yaml": make.service("web"),
        "infra/db.yaml": make.service("db"),
    }
    assert names(make.scopes(tree, scopes=("apps/*",))) == {
        ".": ["Service/db"],
        "apps/a": ["Service/web", "Service/web"],
        "apps/b": ["Service/web"],
    }
    assert names(make.scopes(tree, scopes=("apps/a/", "apps/b"))) == names(make.scopes(tree, scopes=("apps/*",)))
    assert list(make.scopes(tree, scopes=(".",))) == ["."]


def test_many_files_of_one_object_are_cheap_and_apart(make: Make) -> None:
    tree = {f"f{number}.yaml": make.service("web") for number in range(100)}
    assert [len(found) for found in make.scopes(tree).values()] == [1] * 100


def test_scopes_that_are_applied_together_help_each_other_out(make: Make) -> None:
    found = make.load(
        {
            "clusters/a/web.yaml": make.service("web", "app: web"),
            "clusters/b/web.yaml": make.deployment("web", "app: web") + "---\n" + make.service("db"),
            "examples/x/web.yaml": make.service("sample"),
        }
    )
    first, second, sample = found.scopes
    assert [scope.name for scope in found.scopes] == ["clusters/a", "clusters/b", "examples/x"]
    assert first.elsewhere.named("", "Service", "default", "db").reason == "Service db is in clusters/b"
    assert first.elsewhere.named("", "Service", "default", "nothing") is None
    assert first.elsewhere.selected("default", {"app": "web"}).reason.endswith("is in clusters/b")
    assert first.elsewhere.selected("default", {"app": "wbe"}) is None
    assert first.elsewhere.selected("default", {}) is None
    # Samples help nobody outside; but a sample may lean on the project.
    assert second.elsewhere.named("", "Service", "default", "sample") is None
    assert sample.elsewhere.named("", "Service", "default", "db") is not None
    assert first.elsewhere.named("", "Service", "default", "web") is None


def test_alternatives_do_not_help_each_other_out(make: Make) -> None:
    app = make.service("web") + "---\n" + make.deployment("web")
    found = make.load({"k8s/a/app.yaml": app + "---\n" + make.service("db"), "k8s/b/app.yaml": app})
    whole, lacking = found.scopes
    assert lacking.name == "k8s/b"
    assert lacking.elsewhere.named("", "Service", "default", "db") is None
    assert whole.elsewhere.selected("default", {"app": "web"}) is None


def test_namespaces_that_are_written_must_be_the_same(make: Make) -> None:
    found = make.load(
        {
            "clusters/a/web.yaml": make.service("web"),
            "clusters/b/db.yaml": make.service("db", metadata=", namespace: data"),
        }
    )
    elsewhere = found.scopes[0].elsewhere
    assert elsewhere.named("", "Service", "data", "db") is not None
    assert elsewhere.named("", "Service", "default", "db") is not None
    assert elsewhere.named("", "Service", "other", "db") is None

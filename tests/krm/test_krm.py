"""The KRM function, by its specification."""

import pytest

from svclint import krm
from svclint.yaml import parse

LIST = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: web # a comment that stays
    annotations:
      internal.config.kubernetes.io/path: 'svc/web.yaml'
      internal.config.kubernetes.io/index: '0'
  spec:
    selector:
      app: wbe
    ports:
    - port: 80
- apiVersion: v1
  kind: Pod
  metadata:
    name: web
    labels:
      app: web
  spec:
    containers:
    - name: web
      image: registry.example.com/web:1
"""


def test_results_name_object_field_and_file() -> None:
    (result,) = krm.run(LIST.encode()).results
    assert result["severity"] == "error"
    assert result["resourceRef"] == {"apiVersion": "v1", "kind": "Service", "name": "web", "namespace": "default"}
    assert result["field"] == {"path": "spec.selector.app"}
    assert result["file"] == {"path": "svc/web.yaml", "index": 0}
    assert result["tags"]["rule"] == "selector-typo"


def test_a_result_is_one_line_for_people() -> None:
    (result,) = krm.run(LIST.encode()).results
    said = krm.line(result)
    assert said.startswith("svc/web.yaml: error[selector-typo] Service default/web, spec.selector.app: no Pod in ")
    assert "\n" not in said


def test_items_and_comments_stay() -> None:
    out = krm.run(LIST.encode()).text
    assert out.startswith(LIST)
    before, after = parse(LIST, "a").documents[0].value, parse(out, "b").documents[0].value
    assert isinstance(before, dict) and isinstance(after, dict)
    assert after["items"] == before["items"]
    assert len(after["results"]) == 1


def test_nothing_wrong_changes_nothing() -> None:
    right = LIST.replace("wbe", "web")
    assert krm.run(right.encode()).text == right


def test_settings_of_a_function_config() -> None:
    config = "functionConfig:\n  apiVersion: svclint.dev/v1\n  kind: Svclint\n  spec:\n    ignore: [selector-typo]\n"
    assert krm.run((LIST + config).encode()).results == ()
    config_map = "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data:\n    ignore: selector-typo\n"
    assert krm.run((LIST + config_map).encode()).results == ()


def test_a_validator_hands_no_items_on() -> None:
    config = "functionConfig:\n  kind: Svclint\n  spec:\n    mode: validator\n"
    value = parse(krm.run((LIST + config).encode()).text, "a").documents[0].value
    assert isinstance(value, dict)
    assert value["items"] == []
    assert len(value["results"]) == 1


def test_kustomize_origin_is_the_file() -> None:
    origin = LIST.replace(
        "internal.config.kubernetes.io/path: 'svc/web.yaml'",
        "config.kubernetes.io/origin: |\n        path: base/web.yaml",
    )
    origin = origin.replace("      internal.config.kubernetes.io/index: '0'\n", "")
    (result,) = krm.run(origin.encode()).results
    assert result["file"] == {"path": "base/web.yaml"}


@pytest.mark.parametrize("data", [b"", b"kind: List\n", b"a: [", b"\xff\xfe", b"kind: ResourceList\napiVersion: v9\n"])
def test_anything_else_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(krm.KrmError, match="no ResourceList"):
        krm.run(data)

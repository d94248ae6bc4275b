"""`map`, `dig` and `resolve` on the command line (contract.md)."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from click.testing import CliRunner, Result

from svclint.cli import root

WORLD = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: x, ports: [{name: pg, containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
"""


@pytest.fixture
def world(tmp_path: pathlib.Path) -> str:
    (tmp_path / "svclint.toml").write_text("")
    (tmp_path / "world.yaml").write_text(WORLD)
    return str(tmp_path / "world.yaml")


def run(*args: str, stdin: str = "", code: int = 0) -> Result:
    result = CliRunner().invoke(root, list(args), input=stdin)
    assert result.exit_code == code, result.output
    return result


def answer(*args: str, stdin: str = "") -> Any:
    return json.loads(run(*args, "--output-format", "json", stdin=stdin).stdout)


def test_map(world: str) -> None:
    assert list(answer("map", world)["services"]) == ["default/db"]
    piped = answer("map", "-", stdin=WORLD)["services"]["default/db"]
    assert piped["endpoints"] == answer("map", world)["services"]["default/db"]["endpoints"]
    assert answer("map", world, "--namespace", "shop")["services"].keys() == {"shop/db"}
    assert "StatefulSet/db db-0: 5432/TCP" in run("map", world).stdout
    assert run("map", world, "--output-format", "mermaid").stdout.startswith("flowchart")
    assert run("map", world, "--output-format", "dot").stdout.startswith("digraph")


def test_map_into_a_file(world: str, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "map.html"
    run("map", world, "--output-format", "html", "--output-file", str(out))
    assert out.read_text().startswith("<!doctype html>")
    run("map", world, "--output-file", str(tmp_path / "no" / "map"), code=1)


def test_map_of_nothing(tmp_path: pathlib.Path) -> None:
    assert answer("map", str(tmp_path)) == {"services": {}}
    assert run("map", str(tmp_path)).stdout == "no Services\n"


def test_dig(world: str) -> None:
    name = "db-0.db.default.svc.cluster.local"
    assert answer("dig", name, "--in", world) == [
        {
            "name": name,
            "type": "A",
            "rcode": "NOERROR",
            "answers": [["A", f"{name}.", "pod default/StatefulSet/db/db-0"]],
        }
    ]
    text = run("dig", name, "aaaa", "--in", world).stdout
    assert text == f"; {name} AAAA: NOERROR, no data\n"
    assert f"{name}.\tIN\tA\tpod default/StatefulSet/db/db-0\n" in run("dig", name, "--in", world).stdout


def test_dig_says_which_whole_name_a_short_one_means(world: str) -> None:
    hint = "did you mean db.default.svc.cluster.local?"
    assert hint in run("dig", "db", "--in", world).stdout and hint in run("dig", "db.default", "--in", world).stdout
    assert "did you mean" not in run("dig", "elsewhere", "--in", world).stdout
    assert "did you mean" not in run("dig", "example.com", "--in", world).stdout


def test_dig_backwards(tmp_path: pathlib.Path) -> None:
    (tmp_path / "svclint.toml").write_text("")
    (tmp_path / "w.yaml").write_text(
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}}"
    )
    (found,) = answer("dig", "-x", "10.96.0.7", "--in", str(tmp_path))
    assert found["answers"] == [["PTR", "7.0.96.10.in-addr.arpa.", "a.default.svc.cluster.local."]]
    run("dig", "-x", "web", "--in", str(tmp_path), code=2)


def test_dig_in_a_batch_answers_every_line_in_order(world: str, tmp_path: pathlib.Path) -> None:
    lines = "db.default.svc.cluster.local A\n\n# a comment\nnope. TXT\n db.default.svc.cluster.local\n"
    found = answer("dig", "-f", "-", "--in", world, stdin=lines)
    assert [(item["type"], item["rcode"]) for item in found] == [("A", "NOERROR"), ("TXT", "REFUSED"), ("A", "NOERROR")]
    (tmp_path / "names").write_text(lines)
    assert answer("dig", "-f", str(tmp_path / "names"), "--in", world) == found


def test_resolve(world: str) -> None:
    found = answer("resolve", "postgres://db", "--in", world)
    assert (found["verdict"], found["from"]) == ("reached", "pod")
    assert {
        key: found["reaches"][0][key] for key in ("namespace", "workload", "pod", "address", "port", "declared")
    } == {
        "namespace": "default",
        "workload": "StatefulSet/db",
        "pod": "db-0",
        "address": None,
        "port": 5432,
        "declared": True,
    }
    text = run("resolve", "db:5432", "--in", world, "--from", "default/StatefulSet/db").stdout
    assert text.startswith("db:5432 from default/StatefulSet/db\n  1. dns: db.default.svc.cluster.local. → ")
    assert text.endswith("  => reached\n")


def test_resolve_in_a_batch_never_drops_a_line(world: str) -> None:
    lines = "db:5432 pod\nnonsense outside\ndb:5432 default/Pod/nope\nnode:1 outside\n"
    found = answer("resolve", "-f", "-", "--in", world, stdin=lines)
    assert [(item["target"], item["from"], item["verdict"]) for item in found] == [
        ("db:5432", "pod", "reached"),
        ("nonsense", "outside", "unknown"),
        ("db:5432", "default/Pod/nope", "unknown"),
        ("node:1", "outside", "refused"),
    ]


def test_pods_of_an_assumed_service_are_unknown(tmp_path: pathlib.Path) -> None:
    (tmp_path / "svclint.toml").write_text('assume = ["stubs"]\n')
    (tmp_path / "world.yaml").write_text(WORLD)
    (tmp_path / "stubs").mkdir()
    stub = "{apiVersion: v1, kind: Service, metadata: {name: mail}, spec: {selector: {app: mail}, ports: [{port: 25}]}}"
    (tmp_path / "stubs" / "mail.yaml").write_text(stub)
    found = answer("resolve", "mail:25", "--in", str(tmp_path))
    assert found["verdict"] == "unknown"
    assert found["steps"][-1]["text"] == "but its pods live where the Service is assumed to be"


def test_facts(world: str) -> None:
    flags = ("--not-ready", "StatefulSet/db", "--cluster-domain", "k8s.example")
    assert answer("dig", "db.default.svc.k8s.example", "--in", world, *flags)[0]["rcode"] == "NXDOMAIN"


@pytest.mark.parametrize(
    "args",
    [
        ("resolve", "web", "--in", "."),
        ("resolve",),
        ("dig",),
        ("dig", "a", "-f", "-"),
        ("map", "--output-format", "png"),
    ],
)
def test_bad_usage(args: tuple[str, ...]) -> None:
    run(*args, code=2)


@pytest.mark.parametrize("args", [("map", "nowhere"), ("dig", "a", "--in", "nowhere"), ("dig", "-f", "nowhere")])
def test_files_that_are_not_there(args: tuple[str, ...]) -> None:
    assert "Error" in run(*args, code=1).output


def test_an_unknown_scope(world: str) -> None:
    assert "there are" in run("dig", "a", "--in", world, "--scope", "x", code=1).output

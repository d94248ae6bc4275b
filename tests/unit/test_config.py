"""The configuration: what each file says, and where the errors point."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from svclint import config
from svclint.config import Config, ConfigError, WorkloadKind
from svclint.kube.facts import Facts, Node


def test_no_file_is_the_default(tmp_path: Path) -> None:
    assert config.load(str(tmp_path)) == Config()
    assert config.facts(Config()) == Facts()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("svclint.toml", 'select = ["port-*"]\n[rules.port-range]\nseverity = "info"\nmax-ports = 3\n'),
        (".svclint.yaml", "select: ['port-*']\nrules: {port-range: {severity: info, max-ports: 3}}\n"),
        (".svclint.yml", "select: ['port-*']\nrules: {port-range: {severity: info, max-ports: 3}}\n"),
        (
            "pyproject.toml",
            '[tool.svclint]\nselect = ["port-*"]\n[tool.svclint.rules.port-range]\nseverity = "info"\nmax-ports = 3\n',
        ),
    ],
)
def test_every_file_says_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = config.load(str(tmp_path))
    assert found.path == str(tmp_path / name)
    assert found.select == ("port-*",)
    assert found.severities == {"port-range": "info"}
    assert found.options == {"port-range": {"max_ports": 3}}


def test_a_pyproject_without_our_table_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert config.load(str(tmp_path)) == Config()


def test_a_rule_that_is_off_is_ignored() -> None:
    found = config.parse(b'ignore = ["a"]\n[rules.b]\nseverity = "off"\n', "svclint.toml")
    assert found.ignore == ("a", "b")
    assert found.severities == {}


def test_facts() -> None:
    text = b"""
kubernetes-version: "v1.34.2"
namespace: shop
node-port-range: 20000-22767
service-cidr: 10.96.0.0/16, fd00::/112
cluster-domain: cluster.example
proxy-mode: nftables
network-policies: ignored
dual-stack: true
not-ready: [Deployment/web]
succeeded: [shop/Job/migrate]
nodes: [{name: one, zone: a}, {name: two}]
"""
    assert config.facts(config.parse(text, ".svclint.yaml")) == Facts(
        kubernetes_version=(1, 34),
        namespace="shop",
        node_port_range=(20000, 22767),
        service_cidrs=("10.96.0.0/16", "fd00::/112"),
        cluster_domain="cluster.example",
        proxy_mode="nftables",
        network_policies=False,
        dual_stack=True,
        not_ready=frozenset({"Deployment/web"}),
        succeeded=frozenset({"shop/Job/migrate"}),
        nodes=(Node("one", "a"), Node("two")),
    )


def test_workload_kinds() -> None:
    text = b"""
[[workload-kinds]]
group = "example.com"
kind = "App"
template = "spec.pod.template"
replicas = "spec.size"
"""
    (kind,) = config.parse(text, "svclint.toml").workload_kinds
    assert kind == WorkloadKind("example.com", "App", ("spec", "pod", "template"), ("spec", "size"))


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("svclint.toml", 'a = 1\n\n"fail-on" = "error"', 1, "unknown key `a`"),
        ("svclint.toml", '# x\nselct = ["a"]', 2, "unknown key `selct`; did you mean `select`?"),
        ("svclint.toml", '[rules.x]\nseverity = "eror"', 2, "`rules.x.severity` is 'eror'"),
        ("svclint.toml", '[[nodes]]\nname = "a"\nzon = "b"', 3, "unknown key `nodes[0].zon`; did you mean `zone`?"),
        ("svclint.toml", "kubernetes-version = 1.30", 1, "put it in quotes"),
        ("svclint.toml", 'x = "a\n', 1, "Illegal character"),
        ("pyproject.toml", '[tool.svclint]\nnode_port_range = "1-2"', 2, "did you mean `node-port-range`?"),
        (".svclint.yaml", "\nfail-on: eror\n", 2, "did you mean `error`?"),
        (".svclint.yaml", "ignore: a\n", 1, "`ignore` is 'a', not a list"),
        (".svclint.yaml", "nodes:\n- zone: a\n", 2, "`nodes[0]` lacks `name`"),
        (".svclint.yaml", "- a\n", 1, "the configuration is a list, not a table"),
        (".svclint.yaml", "namespace: A\n", 1, "`namespace`: 'A' is no valid value"),
        (".svclint.yaml", "ignore: [a]\nignore: [b]\n", 2, "already"),
        (".svclint.yaml", "ignore: [a]\n---\nignore: [b]\n", 3, "a configuration is one document"),
        (".svclint.yaml", "a: [\n", None, "did not find expected node content"),
        (".svclint.yaml", "node-port-range: 9-3\n", 1, "no range of ports"),
        (".svclint.yaml", "service-cidr: 10.0.0.1/8\n", 1, "has host bits set"),
        (".svclint.yaml", "service-cidr: [10.0.0.0/8, 11.0.0.0/8]\n", 1, "one range of each family"),
        (".svclint.yaml", "service-cidr: 4\n", 1, "not a string or a list"),
    ],
)
def test_errors_say_what_and_where(name: str, text: str, line: int | None, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text.encode(), name)
    assert message in caught.value.message
    assert caught.value.path == name
    if line is not None:
        assert caught.value.line == line
        assert str(caught.value).startswith(f"{name}:{line}: ")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="No such file"):
        config.load(".", "/nonexistent/svclint.toml")


def test_rules_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "svclint.toml"
    path.write_text('ignore = ["port-*", "ALL"]\n\n[rules.prot-range]\nseverity = "info"\n')
    found = config.load(str(tmp_path))
    with pytest.raises(ConfigError, match=r"no rule is called `prot-range`; did you mean `port-range`\?") as caught:
        config.check_rules(found, ["port-range", "port-name"])
    assert caught.value.line == 3
    config.check_rules(found, ["prot-range"])


def test_the_schema_is_a_schema_and_knows_every_key() -> None:
    from jsonschema import Draft202012Validator

    schema = config.schema()
    Draft202012Validator.check_schema(schema)
    known = {key.replace("-", "_") for key in schema["properties"]} - {"$schema"}
    of_facts = set(Facts._fields) - {"service_cidrs"} | {"service_cidr"}
    assert known - of_facts == set(Config._fields) - {"path", "severities", "options", "said"} | {"rules"}
    assert of_facts <= known
    assert json.loads(json.dumps(schema)) == schema

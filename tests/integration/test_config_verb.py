"""`svclint config`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from svclint import config
from svclint.cli.config import STARTER
from svclint.cli.config import config as verb


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(verb, ["--root", str(root), *arguments])


def test_what_is_set_is_shown(tmp_path: Path) -> None:
    (tmp_path / "svclint.toml").write_text(
        'ignore = ["selector-typo"]\nkubernetes-version = "1.34"\n[rules.wrong-type]\nseverity = "info"\n'
    )
    shown = json.loads(run(tmp_path, "--output-format", "json").stdout)
    assert shown["file"] == str(tmp_path / "svclint.toml")
    assert shown["set"]["ignore"] == ["selector-typo"]
    assert shown["set"]["kubernetes-version"] == "1.34"
    assert shown["set"]["rules"] == {"wrong-type": {"severity": "info"}}
    assert 'ignore = ["selector-typo"]' in run(tmp_path).stdout


def test_what_is_shown_is_a_configuration(tmp_path: Path) -> None:
    (tmp_path / ".svclint.yaml").write_text(
        "select: [ALL, 'port-*']\nfail-on: never\nper-file-ignores: {'legacy/**': [refused]}\nnot-ready: [Pod/b, Pod/a]\n"
        "kubernetes-version: '1.33'\nnode-port-range: 3000-4000\nservice-cidr: 10.0.0.0/8,fd00::/108\ndual-stack: true\n"
        "network-policies: ignored\nnodes: [{name: a, zone: x}, {name: b}]\nbaseline: 'a \"b\".json'\n"
        "workload-kinds: [{group: e.com, kind: App, template: spec.pod, replicas: spec.n}]\n"
        "rules: {refused: {severity: warning}, overbroad-selector: {severity: 'off'}}\n"
    )
    shown = run(tmp_path).stdout
    found, again = config.load(str(tmp_path)), config.parse(shown.encode(), "svclint.toml")
    assert again._replace(path=None, options={}) == found._replace(path=None, options={})


def test_a_wrong_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "svclint.toml").write_text('ignore = ["selector-tpyo"]\n')
    done = run(tmp_path)
    assert done.exit_code != 0
    assert "did you mean `selector-typo`" in done.output


def test_the_first_one_is_valid_and_nothing_is_overwritten(tmp_path: Path) -> None:
    assert run(tmp_path, "--init").exit_code == 0
    assert config.load(str(tmp_path)).said == {"kubernetes_version": (1, 36)}
    assert (tmp_path / "svclint.toml").read_text() == STARTER
    done = run(tmp_path, "--init")
    assert done.exit_code != 0 and "already" in done.output


def test_the_whole_starter_is_valid_without_its_marks() -> None:
    text = "".join(line.removeprefix("# ") for line in STARTER.splitlines(keepends=True)[1:])
    found = config.parse(text.encode(), "svclint.toml")
    assert found.select == ("ALL",)
    assert found.severities == {"selector-matches-no-pod": "error"}


@pytest.mark.parametrize("key", ["select", "local-rules", "rules"])
def test_the_schema(tmp_path: Path, key: str) -> None:
    assert key in json.loads(run(tmp_path, "--schema").stdout)["properties"]

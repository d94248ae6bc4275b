"""Rules of a project that are no package, and options, through `svclint check`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from svclint.cli.check import check
from svclint.cli.explain import explain
from svclint.cli.rules import rules

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: ExternalName, externalName: a.example}\n"
RULE = '''\
"""A Service whose name is not liked."""
from svclint.kube.service import Service
from svclint.rule import Finding, Option, rule
from ._words import SAYING


@rule("liked-name", on=Service, options={"names": Option(("web",), "not these"), "loud": Option(False, "shout")})
def liked_name(service, cluster, names, loud):
    if service.name in names:
        yield Finding(service.at("metadata", "name"), SAYING.upper() if loud else SAYING)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "web.yaml").write_text(SERVICE)
    folder = tmp_path / "lint" / "rules"
    folder.mkdir(parents=True)
    (folder / "liked_name.py").write_text(RULE)
    (folder / "_words.py").write_text('SAYING = "nobody likes it"\n')
    (tmp_path / "svclint.toml").write_text('local-rules = ["lint/rules"]\n')
    return tmp_path


def run(project: Path, *arguments: str, **environment: str) -> Result:
    asked = ["--root", str(project), "--output-format", "json", *arguments]
    return CliRunner().invoke(check, asked, env=environment)


def said(result: Result) -> list[str]:
    return [each["message"] for each in json.loads(result.stdout)["findings"]]


def test_nothing_is_imported_unless_it_is_trusted(project: Path) -> None:
    (project / "lint" / "rules" / "evil.py").write_text(f"open({str(project / 'ran')!r}, 'w')\n")
    result = run(project)
    assert said(result) == []
    assert any("--trust-local-rules" in each["message"] for each in json.loads(result.stdout)["notes"])
    assert not (project / "ran").exists()


def test_trusted_rules_run_and_leave_nothing_behind(project: Path) -> None:
    assert said(run(project, "--trust-local-rules")) == ["nobody likes it"]
    assert said(run(project, SVCLINT_TRUST_LOCAL_RULES="1")) == ["nobody likes it"]
    assert not (project / "lint" / "rules" / "__pycache__").exists()


def test_a_change_of_a_rule_counts_in_the_next_run(project: Path) -> None:
    assert said(run(project, "--trust-local-rules")) == ["nobody likes it"]
    (project / "lint" / "rules" / "_words.py").write_text('SAYING = "some like it"\n')
    assert said(run(project, "--trust-local-rules")) == ["some like it"]


def test_options_reach_the_rule(project: Path) -> None:
    (project / "svclint.toml").write_text(
        'local-rules = ["lint/rules"]\n[rules.liked-name]\nnames = ["a", "web"]\nloud = true\n'
    )
    assert said(run(project, "--trust-local-rules")) == ["NOBODY LIKES IT"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("loud = 1", "`rules.liked-name.loud` is 1, not true or false"),
        ('names = "web"', "`rules.liked-name.names` is 'web', not a list"),
        ("lout = true", "rule `liked-name` has no option `lout`; did you mean `loud`?"),
    ],
)
def test_wrong_options_are_told_with_their_line(project: Path, line: str, message: str) -> None:
    (project / "svclint.toml").write_text(f'local-rules = ["lint/rules"]\n[rules.liked-name]\n{line}\n')
    result = run(project, "--trust-local-rules")
    assert result.exit_code != 0
    assert f"svclint.toml:3: {message}" in result.output


def test_a_rule_that_raises_is_named_and_the_others_go_on(project: Path) -> None:
    (project / "svc.yaml").write_text(SERVICE.replace("web", "other").replace("a.example", "10.0.0.1"))
    (project / "lint" / "rules" / "broken.py").write_text(
        RULE.replace("liked-name", "broken").replace("    if", "    raise KeyError('x')\n    if")
    )
    result = run(project, "--trust-local-rules")
    report = json.loads(result.stdout)
    assert {each["rule"] for each in report["findings"]} >= {"liked-name", "external-name-ip-address"}
    (crash,) = report["summary"]["crashes"]
    assert "broken" in crash and "KeyError" in crash
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "body",
    [
        "yield 'text'",
        "yield Finding('text', 'message')",
        "yield Finding(service.at('metadata'), None)",
        "yield Finding(service.at('metadata'), 'x', severity='bad')",
        "yield Finding(service.at('metadata'), 'x', fix='x')",
        "yield Finding(service.at('metadata'), 'x', related=('x',))",
        "yield Finding(service.at('metadata'), 'x', related=None)",
        "yield Finding(service.at(None, {}), 'x')",
        "return None",
        "def inner(): return inner()\n    yield from inner()",
        "from svclint.rule import Fix\n    yield Finding(service.at('metadata'), 'x', fix=Fix('x', ('x',)))",
        "import sys\n    sys.exit(3)\n    yield",
    ],
)
def test_no_rule_ends_the_run(project: Path, body: str) -> None:
    (project / "svc.yaml").write_text(SERVICE.replace("web", "other").replace("a.example", "10.0.0.1"))
    head = RULE.partition("    if service.name")[0].replace("liked-name", "broken")
    (project / "lint" / "rules" / "broken.py").write_text(f"{head}    {body}\n")
    result = run(project, "--trust-local-rules")
    report = json.loads(result.stdout)
    assert {each["rule"] for each in report["findings"]} >= {"liked-name", "external-name-ip-address"}
    (crash,) = report["summary"]["crashes"]
    assert "broken" in crash


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("on=Service", "on=str", "no view"),
        ("on=Service", "on=None", "no view"),
        ('"liked-name"', '"Liked Name"', "lower-case"),
        ("on=Service", "on=Service, severity='critical'", "severity"),
        ('Option(("web",), "not these")', 'Option(1.5, "not these")', "option"),
    ],
)
def test_an_unfit_rule_is_told(project: Path, before: str, after: str, fault: str) -> None:
    (project / "lint" / "rules" / "liked_name.py").write_text(RULE.replace(before, after))
    result = run(project, "--trust-local-rules")
    (crash,) = json.loads(result.stdout)["summary"]["crashes"]
    assert fault in crash and "liked_name" in crash


def test_they_can_be_read_about(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    told = CliRunner().invoke(explain, ["liked-name", "--trust-local-rules"])
    assert told.exit_code == 0 and "A Service whose name is not liked." in told.output
    assert CliRunner().invoke(explain, ["liked-name"]).exit_code != 0
    listed = CliRunner().invoke(rules, [], env={"SVCLINT_TRUST_LOCAL_RULES": "1"})
    assert "\nliked-name " in listed.output


def test_a_folder_that_is_not_there(project: Path) -> None:
    (project / "svclint.toml").write_text('local-rules = ["lint/rulse"]\n')
    result = run(project, "--trust-local-rules")
    assert "lint/rulse" in json.loads(result.stdout)["summary"]["crashes"][0]

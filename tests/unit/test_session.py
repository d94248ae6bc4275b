"""One run over a project: versions, custom kinds, rules that raise."""

from svclint import registry, testing
from svclint.kube.facts import Facts
from svclint.kube.service import Service
from svclint.rule import Rule
from svclint.session import asked_for, selected

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: 1web
spec:
  clusterIP: None
"""
CUSTOM = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: bees.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Bee, plural: bees, singular: bee, listKind: BeeList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                wings: {type: integer, maximum: 4}
---
apiVersion: example.com/v1
kind: Bee
metadata:
  name: maja
spec:
  wings: 6
"""


def default_rules() -> tuple[Rule, ...]:
    return selected(registry.rules().values())


def test_what_only_a_later_version_takes_names_the_version() -> None:
    (found,) = testing.check_text(SERVICE, default_rules(), Facts(kubernetes_version=(1, 35))).diagnostics
    assert found.rule == "refused"
    assert found.message.endswith("; Kubernetes 1.36 takes it")
    assert testing.check_text(SERVICE, default_rules()).diagnostics == ()


def test_custom_resources_are_judged_by_their_definition() -> None:
    (found,) = testing.check_text(CUSTOM, default_rules()).diagnostics
    assert found.object is not None
    assert (found.object.kind, found.field, found.region.line) == ("Bee", "spec.wings", 27)


def test_a_rule_that_raises_is_named_and_the_others_go_on() -> None:
    def broken(view: object, cluster: object) -> list[object]:
        raise ZeroDivisionError("of course")

    rules = default_rules()
    bad = Rule("broken", broken, Service, "error", "0.1", "", "pack.broken", {})  # type: ignore[arg-type]
    text = SERVICE.replace("1web", "web").replace("clusterIP: None", "externalName: 10.0.0.1\n  type: ExternalName")
    report = testing.check_text(text, (bad, *rules))
    assert [d.rule for d in report.diagnostics] == ["external-name-ip-address"]
    assert len(report.crashes) == 1
    assert "rule broken" in report.crashes[0]


def test_selection_by_patterns() -> None:
    rules = registry.rules().values()
    assert {r.name for r in selected(rules, ["selector-*"], ["selector-typo"])} >= {"selector-matches-no-pod"}
    assert "selector-typo" not in {r.name for r in selected(rules, ["selector-*"], ["selector-typo"])}
    assert "undeclared-target-port" not in {r.name for r in selected(rules)}
    assert "undeclared-target-port" in {r.name for r in selected(rules, extend=["undeclared-target-port"])}
    assert asked_for(rules, ("ALL",)) == {r.name for r in rules}

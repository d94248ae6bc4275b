"""Every rule's page is true: its examples are run."""

import pytest

from svclint import registry, testing

RULES = registry.rules()


@pytest.mark.parametrize("name", sorted(RULES))
def test_examples(name: str) -> None:
    assert testing.faults(RULES[name], RULES) == []


@pytest.mark.parametrize("name", sorted(RULES))
def test_names_agree(name: str) -> None:
    rule = RULES[name]
    assert rule.check.__name__ == name.replace("-", "_")
    assert rule.module.rpartition(".")[2] == name.replace("-", "_")

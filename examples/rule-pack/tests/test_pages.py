"""Each rule's page says what the rule does: its examples are run."""

import acme_rules
import pytest

from svclint.registry import rules_of
from svclint.rule import Rule
from svclint.testing import faults


@pytest.mark.parametrize("rule", list(rules_of(acme_rules)), ids=lambda rule: rule.name)
def test_page(rule: Rule) -> None:
    assert faults(rule) == []

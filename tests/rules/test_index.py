"""The index of rules is what their modules say, and spares the modules that nothing asks for."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import svclint_rules
from svclint.registry import rules, rules_of

ROOT = Path(__file__).resolve().parents[2]

SEEN = """
import sys
from svclint import registry, session, testing
found = registry.rules()
testing.check_text(sys.argv[1], session.selected(found.values()))
print(*sorted(m for m in sys.modules if m.startswith("svclint_rules.")))
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n    - port: 80\n"


def test_the_index_is_fresh() -> None:
    spec = importlib.util.spec_from_file_location("svclint_tools_index", ROOT / "tools" / "index.py")
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.FILE.read_text(encoding="utf-8") == tool.text(), "run: python tools/index.py"


def test_an_indexed_rule_is_the_rule_of_its_module() -> None:
    for written in rules_of(svclint_rules):
        known = rules()[written.name]
        assert known.check is written.check
        assert (known.on, known.doc, known.options) == (written.on, written.doc, written.options)


def test_only_what_the_manifests_are_about_is_imported() -> None:
    run = subprocess.run([sys.executable, "-c", SEEN, SERVICE], capture_output=True, text=True, check=True, timeout=60)
    modules = run.stdout.split()
    assert "svclint_rules.selectors.selector_typo" in modules
    assert "svclint_rules.gateway.route_missing_parent" not in modules
    assert "svclint_rules.network_policy.network_policy_and_or" not in modules

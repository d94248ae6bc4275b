"""docs/rules/ is what tools/docs.py makes of the rules; everything that pages refer to is there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from svclint.language import available, catalogue
from svclint.registry import rules

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str) -> ModuleType:
    """A program of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(f"svclint_tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    """tools/docs.py as a module."""
    return tool("docs")


def test_pages_are_fresh(docs: ModuleType) -> None:
    wanted = docs.pages(rules())
    folder = ROOT / "docs" / "rules"
    differing = [n for n, text in wanted.items() if not (folder / n).exists() or (folder / n).read_text() != text]
    assert differing == [], "run: python tools/docs.py"
    assert docs.stale(folder, wanted) == []


def test_links_lead_somewhere(docs: ModuleType) -> None:
    folder = ROOT / "docs" / "rules"
    by_hand = {"not-linted.md": (folder / "not-linted.md").read_text()}
    for name, text in {**docs.pages(rules()), **by_hand}.items():
        for link in re.findall(r"\]\(([^)#]+?)\)", re.sub(r"`[^`]*`", "", text)):
            if "://" not in link:
                assert (folder / link).exists() or link in docs.pages(rules()), f"{name}: {link}"


def test_the_index_leads_from_what_people_see(docs: ModuleType) -> None:
    index = docs.pages(rules())["README.md"]
    for symptom in ("connection refused", "NXDOMAIN"):
        assert f"| {symptom} |" in index


def test_a_page_of_a_rule_that_is_gone_is_stale(docs: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text(docs.MARK + "\n")
    (tmp_path / "not-linted.md").write_text("# By hand\n")
    assert [path.name for path in docs.stale(tmp_path, {})] == ["old.md"]


@pytest.mark.parametrize("language", [tag for tag in available() if catalogue(tag)])
def test_a_catalogue_keeps_up_with_the_rules(language: str) -> None:
    found = tool("messages").gaps(language)
    assert len(found.untranslated) <= found.messages // 2, f"python tools/messages.py {language}"
    assert catalogue(language)

"""Rule packs as `svclint.registry` finds them: a broken one is told by its name and takes nothing else with it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from svclint import registry

RULE = '''\
"""A page."""
from svclint.kube.service import Service
from svclint.rule import Finding, Option, rule


@rule("{name}", on=Service, options={{"word": Option("x", "a word")}})
def check(service, cluster, word):
    {body}
'''


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on sys.path, as site-packages is; what is imported from it is forgotten."""
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.installed.cache_clear()
    yield tmp_path
    registry.installed.cache_clear()
    for name in [each for each in sys.modules if each.startswith(("acme", "other"))]:
        del sys.modules[name]


def install(site: Path, name: str, package: str, **files: str) -> None:
    """What pip leaves behind: a package, and a dist-info that names it."""
    (site / package).mkdir()
    for file, text in {"__init__": "", **files}.items():
        (site / package / f"{file}.py").write_text(text)
    info = site / f"{package}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[svclint.rules]\n{name} = {package}\n")


def test_a_pack_is_found(site: Path) -> None:
    install(site, "acme", "acme_svclint_rules", one=RULE.format(name="acme-one", body="yield from ()"))
    assert registry.rules()["acme-one"].module == "acme_svclint_rules.one"
    assert "selector-typo" in registry.rules()
    assert registry.failures() == ()


@pytest.mark.parametrize("text", ["raise ValueError('no luck')", "import sys; sys.exit('no luck')", "def ("])
def test_a_module_that_raises_is_told_and_the_others_stay(site: Path, text: str) -> None:
    install(site, "acme", "acme", one=RULE.format(name="acme-one", body="yield from ()"), two=text)
    assert "acme-one" in registry.rules()
    (failure,) = registry.failures()
    assert failure.startswith("rule pack acme (acme): acme.two can't be imported: ")


def test_a_pack_that_raises_is_told_and_the_others_stay(site: Path) -> None:
    install(site, "acme", "acme", __init__="raise ImportError('gone')")
    install(site, "other", "other", one=RULE.format(name="other-one", body="yield from ()"))
    assert {"other-one", "selector-typo"} <= registry.rules().keys()
    assert registry.failures() == ("rule pack acme (acme): can't be imported: ImportError: gone",)


def test_a_name_that_is_taken_is_told(site: Path) -> None:
    install(site, "acme", "acme", one=RULE.format(name="selector-typo", body="yield from ()"))
    assert registry.rules()["selector-typo"].module.startswith("svclint_rules.")
    (failure,) = registry.failures()
    assert "acme.one defines 'selector-typo', as svclint_rules.selectors.selector_typo does" in failure


def test_a_pack_for_another_api_is_told(site: Path) -> None:
    one = RULE.format(name="acme-one", body="yield from ()")
    install(site, "acme", "acme", __init__="SVCLINT_API = 99", one=one)
    assert "acme-one" not in registry.rules()
    assert "made for version 99 of the rule API" in registry.failures()[0]


def test_no_pack_no_metadata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`importlib.metadata` is a fifth of a short run: it is asked only where some dist-info names a pack."""
    info = tmp_path / "svclint-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[console_scripts]\nx = y:z\n[svclint.rules]\nsvclint = svclint_rules\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert not registry.any_pack()

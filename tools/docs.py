"""Makes docs/rules/: one page for each rule, from its docstring, and an index by group and by symptom.

`python tools/docs.py` writes what differs and removes pages of rules that are gone; with `--check` it writes nothing
and exits 1 if something differs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from svclint.explain import RulePage, group_of, rule_page, topics
from svclint.registry import rules as registered
from svclint.rule import SEVERITIES, Rule

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "rules"
MARK = "<!-- Made by tools/docs.py from the rule's file: change it there. -->"
GROUPS = {
    "selectors": "Selectors",
    "ports": "Ports",
    "headless": "Headless Services and StatefulSets",
    "external-name": "ExternalName",
    "node-port": "Node ports and traffic from outside",
    "endpoints": "Endpoints and readiness",
    "dns": "Names in configuration",
    "ingress": "Ingress",
    "gateway": "Gateway API",
    "network-policy": "NetworkPolicy",
    "policies": "Admission policies",
    "workloads": "Workloads",
    "objects": "Objects",
    "versions": "API versions",
    "yaml": "YAML",
    "apiserver": "Refused by the API server",
    "comments": "Suppressions",
}


def pages(rules: Mapping[str, Rule]) -> dict[str, str]:
    """The text of every generated file, by name."""
    made = {name: rule_page(rule) for name, rule in sorted(rules.items())}
    out = {f"{name}.md": one(rules[name], page) for name, page in made.items()}
    out["README.md"] = index(rules, made)
    return out


def one(rule: Rule, page: RulePage) -> str:
    """A rule's page."""
    where = "/".join(rule.module.split("."))
    foot = f"[All rules](README.md) · [{where}.py](../../rules/{where}.py)"
    return f"{MARK}\n{page.markdown}\n{foot}\n"


def index(rules: Mapping[str, Rule], made: Mapping[str, RulePage]) -> str:
    """README.md: the rules by group, then by symptom."""
    counts = ", ".join(f"{sum(r.severity == s for r in rules.values())} {s}" for s in SEVERITIES)
    out = [MARK, "# Rules", ""]
    out += [
        f"{len(rules)} rules ({counts}):",
        "",
        "- *error*: the API server refuses it, or a connection that the manifests themselves ask for can't work;",
        "- *warning*: it works today by luck, or will surprise;",
        "- *info*: worth knowing, off by default.",
        "",
        "What svclint does not say, and why: [not-linted.md](not-linted.md).",
        "",
        "Topics (`svclint explain TOPIC`, in English and Simplified Chinese):",
        ", ".join(f"[{t}](../../{topic_path(t)})" for t in topics()) + ".",
        "",
        "[By symptom](#by-symptom) · " + " · ".join(f"[{title}](#{anchor(title)})" for _, title in grouped(rules)),
    ]
    for group, title in grouped(rules):
        out += ["", f"## {title}", "", "| rule | severity | what it says |", "|---|---|---|"]
        for name, page in made.items():
            if page.group == group:
                off = "" if rules[name].default else ", off by default"
                out.append(f"| [{name}]({name}.md) | {rules[name].severity}{off} | {cell(page.summary)} |")
    out += ["", "## By symptom", "", "| what you see | rules that may tell why |", "|---|---|"]
    for symptom, names in symptoms(made).items():
        out.append(f"| {cell(symptom)} | {', '.join(f'[{n}]({n}.md)' for n in names)} |")
    return "\n".join(out) + "\n"


def grouped(rules: Mapping[str, Rule]) -> list[tuple[str, str]]:
    """The groups that have rules, known ones first, each with its title."""
    there = {group_of(rule) for rule in rules.values()}
    known = [(group, title) for group, title in GROUPS.items() if group in there]
    return known + [(group, group.replace("-", " ").capitalize()) for group in sorted(there - GROUPS.keys())]


def symptoms(made: Mapping[str, RulePage]) -> dict[str, list[str]]:
    """Which rules name a symptom; spelling that differs in case alone is one symptom."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, page in made.items():
        for symptom in page.symptoms:
            found.setdefault(symptom.lower(), (symptom, []))[1].append(name)
    return {symptom: names for _, (symptom, names) in sorted(found.items())}


def topic_path(name: str) -> str:
    """Where a topic's English page stands in the repository."""
    return f"rules/svclint_rules/topics/en/{name}.md"


def anchor(title: str) -> str:
    """The anchor that GitHub gives to a heading."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


def cell(text: str) -> str:
    """Text in one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def stale(folder: Path, wanted: Mapping[str, str]) -> list[Path]:
    """Generated pages of rules that are gone."""
    return [
        path for path in sorted(folder.glob("*.md")) if path.name not in wanted and path.read_text().startswith(MARK)
    ]


def main(arguments: list[str]) -> int:
    """Writes or checks; 0 if nothing differed or was to be written."""
    wanted = pages(registered())
    FOLDER.mkdir(parents=True, exist_ok=True)
    differing = [
        name
        for name, text in wanted.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    gone = stale(FOLDER, wanted)
    if "--check" in arguments:
        for name in (*differing, *(path.name for path in gone)):
            print(f"docs/rules/{name} is not fresh: python tools/docs.py")
        return 1 if differing or gone else 0
    for name in differing:
        (FOLDER / name).write_text(wanted[name], encoding="utf-8", newline="\n")
    for path in gone:
        path.unlink()
    print(f"docs/rules: {len(differing)} written, {len(gone)} removed, {len(wanted)} in all")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Pages: one for each rule, made from its docstring, and one for each topic, in several languages.

A topic page is a Markdown file of the rule pack, `topics/LANGUAGE/NAME.md`: a heading, lines `Also: other names` and
`Rules: patterns of GROUP/RULE`, then the text, whose first paragraph is the summary. GROUP is the folder of the rule's
file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from svclint.language import DEFAULT, data_root, translate
from svclint.rule import Rule

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
_SYMPTOMS = re.compile(r"^Symptoms:[ ]*((?:[^\n]+\n?)+?)(?=\n|\Z|```)", re.MULTILINE)
_FIELD = re.compile(r"^(Also|Rules):[ ]*(.*)\n", re.MULTILINE)
_CAPTION = {"yaml bad": "Wrong", "yaml good": "Right", "diff fix": "The fix"}
_SAYING = {
    "en": ("What svclint checks", "Rules"),
    "zh-Hans": ("svclint 检查什么", "规则"),
}


class RulePage(NamedTuple):
    """What a rule's docstring says, taken apart, and the whole as Markdown."""

    name: str
    group: str
    summary: str
    description: str
    symptoms: tuple[str, ...]
    markdown: str


class Topic(NamedTuple):
    """A topic's page in one language; `rules` are patterns of GROUP/RULE."""

    name: str
    language: str
    title: str
    summary: str
    also: tuple[str, ...]
    rules: tuple[str, ...]
    text: str


def group_of(rule: Rule) -> str:
    """The folder of the rule's file, in the words of rule names: `external-name`; the pack's name for one without."""
    parts = rule.module.split(".")
    return (parts[-2] if len(parts) > 1 else parts[0]).replace("_", "-")


def one_line(text: str) -> str:
    """A paragraph without its line breaks."""
    return " ".join(text.split())


def rule_page(rule: Rule) -> RulePage:
    """The page of a rule. Any docstring gives one, an empty one a page of facts alone."""
    doc = rule.doc.strip() + "\n"
    fences = _FENCE.sub("", doc)
    symptoms = tuple(
        word.strip().rstrip(".") for found in _SYMPTOMS.findall(fences) for word in one_line(found).split(",")
    )
    doc = _SYMPTOMS.sub("", doc)
    prose = [one_line(part) for part in _FENCE.sub("", doc).split("\n\n") if part.strip()]
    summary = prose[0] if prose else rule.name.replace("-", " ").capitalize() + "."
    facts = [f"**{rule.severity}**", "on by default" if rule.default else "off by default", f"since {rule.since}"]
    if "```diff fix" in rule.doc:
        facts.append("offers a fix")
    out = [f"# {rule.name}", " · ".join(facts), _captioned(doc)]
    if rule.options:
        out.append("## Options")
        out += [f"- `{name}` (default `{_toml(o.default)}`): {o.help}" for name, o in rule.options.items()]
    out.append("## Suppress it")
    out.append(f"`# svclint: ignore[{rule.name}] reason` at the end of the line, or `ignore` in the configuration.")
    if symptoms:
        out.append(f"Symptoms in the cluster: {', '.join(symptoms)}.")
    return RulePage(
        rule.name, group_of(rule), summary, "\n\n".join(prose[1:]), tuple(s for s in symptoms if s), _join(out)
    )


def _join(parts: Iterable[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(part.strip("\n") for part in parts if part.strip())) + "\n"


def _captioned(doc: str) -> str:
    """The docstring with its example blocks under headings, their fences in plain Markdown."""

    def block(found: re.Match[str]) -> str:
        info = found[1].strip()
        caption = _CAPTION.get(info)
        if caption is None:
            return found[0]
        return f"\n## {caption}\n\n```{info.split()[0]}\n{found[2]}```\n"

    return _FENCE.sub(block, doc)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


@cache
def topics(language: str = DEFAULT) -> Mapping[str, Topic]:
    """All topics by name, in order of name; a page that a language lacks is the English one."""
    found = _read(DEFAULT) if language == DEFAULT else {**_read(DEFAULT), **_read(language)}
    return dict(sorted(found.items()))


@cache
def _read(language: str) -> Mapping[str, Topic]:
    folder = os.path.join(data_root(), "topics", language)
    found = {}
    for file in sorted(os.listdir(folder)):
        name, dot, kind = file.rpartition(".")
        if dot and kind == "md":
            with open(os.path.join(folder, file), encoding="utf-8") as page:
                found[name] = topic_of(name, language, page.read())
    return found


def topic_of(name: str, language: str, text: str) -> Topic:
    """A topic from the text of its file."""
    heading, _, rest = text.partition("\n")
    fields = dict(_FIELD.findall(rest))
    body = _FIELD.sub("", rest).strip("\n") + "\n"
    summary = one_line(body.split("\n\n")[0])
    also, patterns = (tuple(w.strip() for w in fields.get(f, "").split(",") if w.strip()) for f in ("Also", "Rules"))
    return Topic(name, language, heading.lstrip("# ").strip(), summary, also, patterns, body)


def rules_of(topic: Topic, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rules that belong to a topic, in order of name."""
    return [
        rules[name]
        for name in sorted(rules)
        if any(fnmatchcase(f"{group_of(rules[name])}/{name}", pattern) for pattern in topic.rules)
    ]


def topic_page(topic: Topic, rules: Mapping[str, Rule]) -> str:
    """A topic's page as Markdown, with the rules that belong to it."""
    out = [f"# {topic.title}", topic.text]
    about = rules_of(topic, rules)
    if about:
        out.append(f"## {_SAYING.get(topic.language, _SAYING[DEFAULT])[0]}")
        out.append("\n".join(_about(rule, topic.language) for rule in about))
    return _join(out)


def _about(rule: Rule, language: str) -> str:
    severity, summary = str(rule.severity), rule_page(rule).summary
    if language != DEFAULT:
        severity, summary = translate("*", severity, language), translate(rule.name, summary, language)
    return f"- `{rule.name}` ({severity}): {summary}"


def find_topic(name: str, language: str) -> Topic | None:
    """The topic of this name or other name, in any case and with spaces or underscores for hyphens."""
    key = fold(name)
    found = topics(language)
    for topic in found.values():
        if key == fold(topic.name) or key in (fold(other) for other in topic.also):
            return topic
    for topic in found.values():
        if key == fold(topic.title):
            return topic
    return topics(DEFAULT).get(key) if language != DEFAULT else None


def fold(name: str) -> str:
    """A name as people vary it, made one: lower case, hyphens."""
    return re.sub(r"[\s_-]+", "-", name.strip().lower())


def suggestions(name: str, rules: Iterable[str], language: str) -> list[str]:
    """Names of rules and topics that may have been meant, nearest first, at most five."""
    import difflib

    key = fold(name)
    names = {n: n for n in (*rules, *topics(DEFAULT))}
    for topic in (*topics(DEFAULT).values(), *topics(language).values()):
        for other in topic.also:
            names.setdefault(fold(other), topic.name)
    near = difflib.get_close_matches(key, names, n=5, cutoff=0.7)
    near += [n for n in sorted(names) if len(key) > 2 and key in n]
    return list(dict.fromkeys(names[n] for n in near))[:5]

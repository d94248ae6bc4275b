"""`svclint explain`: the page of a rule or a topic."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from svclint.rule import Rule

FORMATS = ("text", "json", "markdown")


@click.command()
@click.argument("names", nargs=-1, metavar="[RULE|TOPIC]...")
@click.option("--all", "everything", is_flag=True, help="Every topic and every rule.")
@click.option("--language", metavar="TAG", help="Language of the pages: en, zh-Hans.  [the locale's]")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="How to print the pages.  [text]")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text output.")
@click.option("--trust-local-rules", is_flag=True, help="Know the rules in the folders that `local-rules` names too.")
def explain(
    names: tuple[str, ...],
    everything: bool,
    language: str | None,
    output_format: str,
    color: str,
    trust_local_rules: bool,
) -> None:
    """Explain a rule or a topic; without a name, list the topics.

    A rule's page says what is wrong, why it fails in the cluster, and shows it wrong and right; a topic's page says how
    the cluster does something and what people get wrong.
    """
    from svclint import explain as pages
    from svclint import language as languages
    from svclint.output import emit, fits, use_colour
    from svclint.output.terminal import page as on_terminal

    try:
        spoken = languages.choose(language)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from None
    rules, failure = _rules(trust_local_rules)
    shown: list[dict[str, Any]]
    if everything:
        topics = pages.topics(spoken)
        shown = [_topic(topics[name], rules) for name in topics]
        shown += [_rule(rules[name]) for name in sorted(rules)]
    elif names:
        shown = [_named(" ".join(names), rules, spoken, failure)] if _is_one(names, rules, spoken) else []
        shown = shown or [_named(name, rules, spoken, failure) for name in names]
    else:
        _list(spoken, output_format)
        return
    if output_format == "json":
        import json

        asked = shown if everything or len(shown) > 1 else shown[0]
        emit(json.dumps(asked, indent=2, ensure_ascii=False) + "\n", sys.stdout)
        return
    text = "\n".join(each["markdown"] for each in shown)
    if output_format == "text":
        colour = use_colour(color, sys.stdout)
        text = on_terminal(text, colour=colour, ascii=not fits(text, sys.stdout))
    emit(text, sys.stdout)
    if failure and everything:
        raise click.ClickException(failure)


def _rules(trust: bool) -> tuple[Mapping[str, Rule], str | None]:
    """The rules; a broken pack's failure is kept for who asks for a rule that isn't there."""
    from svclint.cli.world import WorldError, rules_here

    try:
        known = rules_here(trust)
    except WorldError as error:
        return {}, str(error)
    return known.rules, "\n".join(known.failures) or None


def _is_one(names: tuple[str, ...], rules: Mapping[str, Rule], spoken: str) -> bool:
    from svclint import explain as pages

    whole = " ".join(names)
    return len(names) > 1 and (pages.fold(whole) in rules or pages.find_topic(whole, spoken) is not None)


def _named(name: str, rules: Mapping[str, Rule], spoken: str, failure: str | None) -> dict[str, Any]:
    from svclint import explain as pages

    rule = rules.get(name) or rules.get(pages.fold(name))
    if rule is not None:
        return _rule(rule)
    topic = pages.find_topic(name, spoken)
    if topic is not None:
        return _topic(topic, rules)
    if failure:
        raise click.ClickException(failure)
    near = pages.suggestions(name, rules, spoken)
    hint = (
        f"; did you mean {' or '.join(near)}?"
        if near
        else "; `svclint explain` lists the topics, `svclint rules` the rules"
    )
    raise click.ClickException(f"{name!r} is neither a rule nor a topic{hint}")


def _rule(rule: Rule) -> dict[str, Any]:
    from svclint import explain as pages

    page = pages.rule_page(rule)
    return {
        "name": rule.name,
        "kind": "rule",
        "language": "en",
        "title": rule.name,
        "summary": page.summary,
        "group": page.group,
        "severity": rule.severity,
        "default": rule.default,
        "since": rule.since,
        "symptoms": list(page.symptoms),
        "options": {name: {"default": o.default, "help": o.help} for name, o in rule.options.items()},
        "markdown": page.markdown,
    }


def _topic(topic: Any, rules: Mapping[str, Rule]) -> dict[str, Any]:
    from svclint import explain as pages

    return {
        "name": topic.name,
        "kind": "topic",
        "language": topic.language,
        "title": topic.title,
        "summary": topic.summary,
        "rules": [rule.name for rule in pages.rules_of(topic, rules)],
        "markdown": pages.topic_page(topic, rules),
    }


_LISTING: Mapping[str, tuple[str, str]] = {
    "en": ("Topics (svclint explain TOPIC):", "Rules: svclint rules lists them, svclint explain RULE tells of one."),
    "zh-Hans": (
        "主题（svclint explain 主题名）：",
        "规则：用 svclint rules 列出，用 svclint explain 规则名 查看说明。",
    ),
}


def _list(spoken: str, output_format: str) -> None:
    from svclint import explain as pages
    from svclint.output import emit

    found = pages.topics(spoken)
    if output_format == "json":
        import json

        listed = [
            {"name": t.name, "title": t.title, "summary": t.summary, "also": list(t.also)} for t in found.values()
        ]
        emit(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", sys.stdout)
        return
    head, tail = _LISTING.get(spoken, _LISTING["en"])
    wide = max((len(name) for name in found), default=0)
    lines = [
        f"- `{t.name}`: {t.title}" if output_format == "markdown" else f"  {t.name:{wide}}  {t.title}"
        for t in found.values()
    ]
    emit("\n".join([head, "", *lines, "", tail, ""]), sys.stdout)

"""Which language to speak, and the catalogues of messages (docs/design/messages.md).

A language is a folder of pages, `svclint_rules/topics/LANGUAGE/`, and a catalogue of messages,
`svclint_rules/messages/LANGUAGE.toml`: adding one is adding files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

DEFAULT = "en"
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_HOLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_ITEM = r'(?:(?:[A-Z]\w*+ )?"[^"]*+"|[0-9]++ more|[\w./-]++)'
_LIST = re.compile(rf"{_ITEM}(?:(?:, | and | or ){_ITEM})++")
_LISTED = re.compile(rf"({_ITEM})(, | and | or |$)")
# Regions that write Chinese with traditional characters; a simplified page is no translation for them.
_TRADITIONAL = frozenset({"tw", "hk", "mo"})


def data_root() -> str:
    """The folder of the first-party pack's pages and catalogues."""
    import svclint_rules

    return os.path.dirname(os.path.abspath(svclint_rules.__file__ or ""))


@cache
def available() -> tuple[str, ...]:
    """The languages that there are pages in, English first."""
    names = sorted(os.listdir(os.path.join(data_root(), "topics")))
    return (DEFAULT, *(name for name in names if name != DEFAULT and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]+)*", name)))


def match(tag: str) -> str | None:
    """The available language for a BCP 47 tag or a POSIX locale (`zh-CN`, `zh_CN.UTF-8`), None if there is none."""
    base = re.split(r"[.@]", tag.strip())[0].replace("_", "-").lower()
    parts = base.split("-")
    if parts[0] in ("c", "posix"):
        return DEFAULT
    by_name = {name.lower(): name for name in available()}
    if base in by_name:
        return by_name[base]
    if parts[0] == "zh":
        traditional = "hant" in parts or ("hans" not in parts and not _TRADITIONAL.isdisjoint(parts))
        return by_name.get("zh-hant" if traditional else "zh-hans")
    return by_name.get(parts[0])


def choose(asked: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The language to speak: the one asked for, else the locale's (the first of LC_ALL, LC_MESSAGES, LANG that is set).

    Raises LookupError, with the languages that there are, if there is none for `asked`; an unknown locale is English.
    """
    if asked is not None:
        found = match(asked)
        if found is None:
            raise LookupError(f"no pages in language {asked!r} (there are: {', '.join(available())})")
        return found
    for name in VARIABLES:
        if environ.get(name):
            return match(environ[name]) or DEFAULT
    return DEFAULT


class Template(NamedTuple):
    """An English template as it is looked for: literal texts, and between each two of them the name of a hole."""

    literals: tuple[str, ...]
    holes: tuple[str, ...]

    def match(self, message: str) -> dict[str, str] | None:
        """What stands in the holes of a message that the template made, None if it can't have.

        `{name}` stands for any text, the same text each time. A hole ends where the next literal first occurs, without
        trying further: linear in the message, whatever a manifest put into it.
        """
        first, *inner = self.literals
        if not message.startswith(first):
            return None
        if not inner:
            return {} if message == first else None
        values: dict[str, str] = {}
        at = len(first)
        for number, (hole, literal) in enumerate(zip(self.holes, inner, strict=True), 1):
            end = len(message) - len(literal) if number == len(inner) else message.find(literal, at)
            if end < at or not message.startswith(literal, end):
                return None
            if values.setdefault(hole, message[at:end]) != message[at:end]:
                return None
            at = end + len(literal)
        return values

    def quoted(self) -> frozenset[str]:
        """The holes that stand in quotes."""
        return frozenset(h for h, before in zip(self.holes, self.literals, strict=False) if before.endswith('"'))


class Entry(NamedTuple):
    """A template of the catalogue and the template to say instead."""

    template: Template
    translation: str


def translate(rule: str, message: str, language: str) -> str:
    """A rule's message in another language; as it is where the catalogue has no template that fits.

    Where several names stand in a hole, the words between them are translated too; what is quoted stays as it is.
    """
    entries = catalogue(language)
    for entry in (*entries.get(rule, ()), *entries.get("*", ())):
        values = entry.template.match(message)
        if values is not None:
            quoted = entry.template.quoted()
            said = {hole: text if hole in quoted else _listed(text, language) for hole, text in values.items()}
            return fill(entry.translation, said)
    return message


def _listed(text: str, language: str) -> str:
    """`Pod "a" and Pod "b"`, `80, 81 or 3 more`, with the language's own words between the items."""
    if _LIST.fullmatch(text) is None:
        return text

    def item(found: re.Match[str]) -> str:
        name = translate("*", found[1], language) if found[1].endswith(" more") else found[1]
        return name + (translate("*", found[2], language) if found[2] else "")

    return _LISTED.sub(item, text)


@cache
def catalogue(language: str) -> Mapping[str, tuple[Entry, ...]]:
    """The catalogue of a language by rule, `*` for what any rule may say; empty if there is none.

    Longer templates first: what is more particular is tried before what is more general.
    """
    path = os.path.join(data_root(), "messages", f"{language}.toml")
    if not os.path.exists(path):
        return {}
    import tomllib

    with open(path, "rb") as file:
        tables = tomllib.load(file)
    return {
        rule: tuple(
            Entry(template_of(english), translation)
            for english, translation in sorted(table.items(), key=lambda item: -len(_HOLE.sub("", item[0])))
        )
        for rule, table in tables.items()
    }


def template_of(english: str) -> Template:
    """A template as it is written: text with holes `{name}`."""
    parts = _HOLE.split(english)
    return Template(tuple(parts[::2]), tuple(parts[1::2]))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its holes filled; a hole without a value stays."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), template)

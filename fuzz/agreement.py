"""Ways that must lead to the same: the quick reading and the exact one, files in any order, fixing once and twice."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping
from typing import Any

from base import FILE, Failure, lint

from svclint import fix, output
from svclint.diagnostic import Report
from svclint.yaml import Source, parse
from svclint.yaml.compose import YamlError, compose
from svclint.yaml.decode import decode
from svclint.yaml.fast import DECLINED, read
from svclint.yaml.split import split


def agreement(data: bytes) -> None:
    """All of them."""
    source = parse(data, FILE)
    for chunk in split(source.text):
        if chunk.error is None and chunk.json is None:
            _quick(source.text[chunk.start : chunk.end])
    if not source.lossy and source.documents:
        _order(source)
    _twice(data)


def _quick(body: str) -> None:
    body = body.removeprefix("\ufeff")
    body = body if body.endswith("\n") else body + "\n"
    value = read(body)
    if value is DECLINED:
        return
    try:
        exact, refusals = decode(compose(body))
    except YamlError as error:
        raise Failure(f"what is read quickly is refused: {error}") from None
    if refusals or _typed(exact) != _typed(value):
        raise Failure(f"what is read quickly is something else: {value!r}, not {exact!r}")


def _typed(value: Any) -> Any:
    """A value with its types and the order of its keys."""
    if isinstance(value, dict):
        return [(key, _typed(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [_typed(part) for part in value]
    return type(value).__name__, value


def _order(source: Source) -> None:
    """The documents as files of their own, given in two orders."""
    texts = [source.text[d.start : d.end] for d in source.documents[:40]]
    files = {f"{number:02}.yaml": text.encode("utf-8", "replace") for number, text in enumerate(texts)}
    names = list(files)
    random.Random(zlib.crc32(source.text.encode("utf-8", "replace"))).shuffle(names)
    one, other = (output.render(lint(given), "json") for given in (files, {name: files[name] for name in names}))
    if one != other:
        raise Failure(f"the order of files changes the report: {names}")


def _twice(data: bytes) -> None:
    """What is fixed stays fixed, and no document is changed that no fix speaks of."""
    rounds = 0
    meant: set[int] = set()

    def again(contents: Mapping[str, bytes]) -> Report:
        nonlocal rounds
        rounds += 1
        report = lint(contents.get(FILE, data))
        for found in report.diagnostics:
            for document, _ in found.finding.fix.changes if found.finding.fix else ():
                meant.add(document.index)
        return report

    fixed = fix.converge(again, True)
    text = fixed.contents.get(FILE)
    if text is None:
        return
    before, after = parse(data, FILE).documents, parse(text, FILE).documents
    if len(before) != len(after):
        raise Failure("a fix changes the number of documents")
    for one, other in zip(before, after, strict=True):
        if one.index not in meant and one.value != other.value:
            raise Failure(f"document {one.index} is changed, of which no fix speaks")
    if rounds > fix.ROUNDS:
        return
    settled = fix.converge(lambda contents: lint(contents.get(FILE, text)), True)
    if settled.contents:
        raise Failure("fixing what is fixed changes it")

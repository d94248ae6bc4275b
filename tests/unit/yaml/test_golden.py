"""What sigs.k8s.io/yaml answered to 693 texts: values, refusals, and how kubectl splits."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from svclint.yaml import parse
from svclint.yaml.compose import YamlError, compose
from svclint.yaml.decode import decode, strict_message

GOLDEN = Path(__file__).parents[2] / "golden" / "yaml" / "yaml_cases.jsonl"
CASES = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
KUBECTL = "error converting YAML to JSON: "


def data_of(case: dict[str, Any]) -> bytes:
    return base64.b64decode(case["yaml_b64"]) if case["yaml"] is None else case["yaml"].encode()


def named(case: dict[str, Any]) -> str:
    return f"{case['group']}-{case['name']}"


def typed(value: object) -> object:
    """A form in which 1, 1.0 and true differ; numbers as Go writes them."""
    if isinstance(value, dict):
        return {key: typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [typed(part) for part in value]
    return type(value).__name__, value


def test_all_are_there() -> None:
    assert len(CASES) == 693


@pytest.mark.parametrize("case", CASES, ids=named)
def test_strict_answer(case: dict[str, Any]) -> None:
    """One text as a server takes it: the value, or the very message."""
    error, value = None, None
    try:
        value, refusals = decode(compose(data_of(case) if case["yaml"] is None else case["yaml"]))
        if refusals:
            error = strict_message(refusals)
    except YamlError as refused:
        error = refused.strict
    assert error == case.get("message")
    if "json" in case:
        assert typed(value) == typed(json.loads(case["json"]))
    if case.get("lax"):
        assert typed(value) == typed(json.loads(case["lax"]))


# Texts in which kubectl's JSON reader speaks (svclint gives the YAML reader's words), JSON numbers as they are written,
# and UTF-16 that kubectl's line reader breaks (svclint says so and reads on).
OTHER_WORDS = {"key {a: b}", "flow quoted adjacent value", "flow key {[a]: 1}", "flow question key"}
READ_ANYWAY = {"utf16le BOM", "json big", "json float"}


@pytest.mark.parametrize("case", CASES, ids=named)
def test_documents_as_kubectl_splits_them(case: dict[str, Any]) -> None:
    source = parse(data_of(case), "case.yaml")
    values, error = [], None
    for document in source.documents:
        error = document.error
        if error is not None:
            break
        values.append(document.literal)
    wanted = [json.loads(text) for text in case["kubectl_docs"] if text not in ("", "null")]
    if case["name"] in READ_ANYWAY:
        assert error is None
        assert len(source.documents) == 1
        return
    assert typed(values) == typed(wanted)
    said = case.get("kubectl_error")
    if case["name"] in OTHER_WORDS:
        assert said is not None
        assert error is not None
    else:
        assert error == (said.removeprefix(KUBECTL) if said else None)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_problem_has_a_place_in_the_text(case: dict[str, Any]) -> None:
    source = parse(data_of(case), "case.yaml")
    for document in source.documents:
        for problem in document.problems:
            assert document.start <= problem.span.start <= problem.span.end <= document.end

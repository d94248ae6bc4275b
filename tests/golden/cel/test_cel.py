"""Expressions recorded in the API server's own CEL environment, 1.36: values, errors and their texts, types, costs."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from svclint.apiserver.policy.playground import Playground

HERE = Path(__file__).parent
Row = dict[str, Any]


def read(name: str) -> str:
    with gzip.open(HERE / f"{name}.gz", "rt", encoding="utf-8") as file:
        return file.read()


@cache
def rows() -> list[Row]:
    return [json.loads(line) for line in read("cel.jsonl").splitlines()]


@cache
def playground() -> Playground:
    return Playground(json.loads(read("objects.json")), (1, 36))


def comparable(result: Row, order_varies: bool) -> str:
    value = result.get("value")
    if order_varies and isinstance(value, list):
        result = {**result, "value": sorted(json.dumps(item, sort_keys=True) for item in value)}
    return json.dumps(result, sort_keys=True, ensure_ascii=False)


def test_every_recorded_answer_is_given() -> None:
    wrong = []
    for row in rows():
        said = playground().evaluate(row["expression"], row["object"])
        varies = bool(row.get("order_varies"))
        if comparable(said, varies) != comparable(row["result"], varies):
            wrong.append((row["expression"], row["object"], row["result"], said))
    assert len(rows()) > 1200
    assert wrong == []


def test_every_recorded_type_is_checked() -> None:
    wrong = [
        (row["expression"], row["static_type"], said)
        for row in rows()
        if "static_type" in row
        and (said := playground().static_type(row["expression"], row["object"])) != row["static_type"]
    ]
    assert wrong == []


def test_costs_are_those_of_the_server() -> None:
    """What differs: variables (charged elsewhere), the order of maps, and operands of absorbed errors."""
    known = [row for row in rows() if "value" in row["result"] and "variables." not in row["expression"]]
    same = sum(playground().cost(row["expression"], row["object"]) == row.get("cost", 0) for row in known)
    assert same >= 0.98 * len(known)

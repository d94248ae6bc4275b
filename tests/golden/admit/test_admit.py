"""Verdicts recorded from kube-apiserver 1.33 to 1.36: the levels of agreement below are never to fall."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from svclint.cli.admit import admit_source, as_json
from svclint.kube.facts import Facts
from svclint.yaml import parse

RECORDED = Path(__file__).with_name("admit.jsonl.xz")
CIDRS = ("10.96.0.0/16", "fd00:10:96::/112")
WORKLOADS = frozenset(("pod", "deployment", "statefulset", "daemonset", "job"))
# The scheme's line number in one message differs between versions and means nothing.
SCHEME = re.compile(r' in scheme "[^"]*"')

Row = dict[str, Any]


@cache
def rows() -> list[Row]:
    with lzma.open(RECORDED, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def disagreement(row: Row, facts: Facts) -> str:
    """What of the answer differs: "" if nothing does."""
    [entry] = admit_source(parse(row["manifest"], "case.yaml"), facts)
    said = as_json(entry)
    if said["accepted"] != row["accepted"]:
        return "verdict"
    if row["accepted"]:
        if sorted(said["warnings"]) != sorted(row["warnings"]):
            return "warnings"
        return "stored" if "stored" in row and said["stored"] != row["stored"] else ""
    if said["code"] != row["code"]:
        return "code"
    if row["code"] != 422:
        return "" if SCHEME.sub("", said["message"]) == SCHEME.sub("", row["message"]) else "text"
    if Counter(c["field"] for c in row["causes"]) != Counter(c["field"] for c in said["causes"]):
        return "fields"
    want = Counter((c["field"], c["reason"], c["message"]) for c in row["causes"])
    return "" if want == Counter((c["field"], c["reason"], c["message"]) for c in said["causes"]) else "messages"


def compare(version: str, workloads: bool) -> tuple[int, Counter[str], list[str]]:
    facts = Facts(kubernetes_version=(1, int(version[2:])), service_cidrs=CIDRS)
    chosen = [r for r in rows() if r["version"] == version and (r["base"] in WORKLOADS) == workloads]
    wrong: Counter[str] = Counter()
    which = []
    for row in chosen:
        if why := disagreement(row, facts):
            wrong[why] += 1
            which.append(f"{row['id']} {row['base']} {row['mutated']} {why}")
    return len(chosen), wrong, which


@pytest.mark.parametrize("version", ["1.33", "1.34", "1.35", "1.36"])
def test_services_and_networking(version: str) -> None:
    total, wrong, which = compare(version, workloads=False)
    assert total > 2000
    # A node port that the allocators chose stands in three recorded messages: nobody can know its number.
    assert not wrong.keys() - {"messages"}, which
    assert wrong["messages"] <= total * 0.002, which


@pytest.mark.parametrize("version", ["1.33", "1.34", "1.35", "1.36"])
def test_workloads(version: str) -> None:
    total, wrong, which = compare(version, workloads=True)
    assert total > 1000
    # The server draws a uid for every Job, and prints it in what it says of a selector.
    assert not wrong.keys() - {"messages"}, which
    assert all(" job " in case for case in which), which

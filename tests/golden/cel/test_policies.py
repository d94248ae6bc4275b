"""ValidatingAdmissionPolicies recorded from kube-apiserver 1.36: refused, denied, warned and allowed, word for word."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from svclint import yaml
from svclint.apiserver.admission import Admission
from svclint.apiserver.admit import admit_one
from svclint.apiserver.policy.evaluate import PolicyOutcome, PolicySet
from svclint.apiserver.policy.request import AUTHENTICATED, MASTERS, Request, Target, User
from svclint.kube.facts import Facts

RECORDED = Path(__file__).with_name("policies.jsonl.gz")
FACTS = Facts()
USERS = {"admin": User("admin", (MASTERS, AUTHENTICATED)), "alice": User("alice", ("dev-team", AUTHENTICATED))}
PLURALS = {"Ingress": "ingresses"}
Row = dict[str, Any]


@cache
def rows() -> list[Row]:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def values(text: str | None) -> list[dict[str, Any]]:
    documents = yaml.parse(text or "", "case.yaml").documents
    return [document.value for document in documents if isinstance(document.value, dict)]


def first(text: str | None) -> dict[str, Any] | None:
    return next(iter(values(text)), None)


def scope(api_version: str, kind: str) -> bool | None:
    return None if "example" in api_version else kind not in ("Namespace",)


def target(value: dict[str, Any]) -> Target:
    group, _, version = value["apiVersion"].rpartition("/")
    kind = value["kind"]
    return Target(group, version, kind, PLURALS.get(kind, kind.lower() + "s"), kind != "Namespace")


def asked(row: Row) -> PolicyOutcome:
    manifests = values(row["manifests"]) + values(row.get("namespace_object"))
    policies = PolicySet(manifests, FACTS.kubernetes_version, scope)
    assert policies.refused == []
    seen, old = first(row.get("object_as_admission_sees_it")), first(row.get("old_object"))
    subject = seen or old
    assert subject is not None
    return policies.evaluate(Request(target(subject), seen, old, row["operation"], USERS[row["user"]]))


ACCEPTED = [row for row in rows() if row["policy_accepted"]]
REFUSED = [row for row in rows() if not row["policy_accepted"]]


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: f"{row['name']}-{row['object_name']}-{row['operation']}")
def test_the_answer_is_the_servers(row: Row) -> None:
    outcome = asked(row)
    assert (outcome.denied_message is None) == row["allowed"]
    assert sorted(outcome.warnings) == sorted(row["warnings"])
    if not row["allowed"]:
        assert (outcome.code, outcome.reason) == (row["code"], row["reason"])
        # Which of several parameters or bindings is named may vary.
        if not any(key.endswith("_may_be_named") for key in row):
            assert outcome.denied_message == row["message"]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["name"])
def test_a_bad_policy_is_refused_in_the_servers_words(row: Row) -> None:
    verdicts = [admit_one(value, FACTS) for value in values(row["manifests"])]
    refused = next(verdict for verdict in verdicts if not verdict.accepted)
    assert (refused.code, refused.message) == (row["code"], row["message"])
    assert [(c.field, c.reason, c.body) for c in refused.causes] == [
        (cause["field"], cause["reason"], cause["message"]) for cause in row["causes"]
    ]


def test_objects_of_services_and_config_maps_are_seen_as_the_server_has_them() -> None:
    wrong = []
    for row in ACCEPTED:
        value = first(row["object"])
        if row["operation"] != "CREATE" or value is None or value["kind"] not in ("Service", "ConfigMap"):
            continue
        manifests = values(row["manifests"]) + values(row.get("namespace_object"))
        admission = Admission(manifests, FACTS, scopes={}, user=USERS[row["user"]])
        verdict = admission.ask(value, admit_one(value, FACTS))
        if verdict.accepted != row["allowed"]:
            wrong.append((row["name"], verdict.message))
    assert wrong == []

"""Validation of when a Job has failed and when it has succeeded.

Source: k8s.io/kubernetes pkg/apis/batch/validation/validation.go (validatePodFailurePolicy, validateSuccessPolicy).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Set

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_name
from svclint.apiserver.validation.podfields import Fields, validate_nonnegative

MAX_RULES = 20
MAX_EXIT_CODES = 255
MAX_PATTERNS = 20
MAX_INDEXES_LENGTH = 64 * 1024
ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
OPERATORS = ("In", "NotIn")
STATUSES = ("False", "True", "Unknown")
INTEGER = r"[+-]?[0-9]+"
MAX_DIGITS = 1000


def _listed(values: tuple[str, ...]) -> str:
    return "valid values: [" + " ".join(map(field.quote, values)) + "]"


def validate_pod_failure_policy(spec: Fields, path: Path, context: Context) -> list[Error]:
    rules = spec["podFailurePolicy"].get("rules", ())
    at = path["rules"]
    errors = [field.too_many(at, len(rules), MAX_RULES)] if len(rules) > MAX_RULES else []
    pod = spec["template"]["spec"]
    containers = {c.get("name", "") for kind in ("containers", "initContainers") for c in pod.get(kind, ())}
    for i, rule in enumerate(rules):
        errors += _failure_rule(rule, "backoffLimitPerIndex" in spec, containers, at[i], context)
    return errors


def _failure_rule(rule: Fields, per_index: bool, containers: Set[str], path: Path, context: Context) -> list[Error]:
    errors = []
    action = rule.get("action", "")
    at = path["action"]
    if not action:
        errors.append(field.required(at, _listed(ACTIONS)))
    elif action == "FailIndex":
        if not per_index:
            errors.append(field.invalid(at, action, "requires the backoffLimitPerIndex to be set"))
    elif action not in ACTIONS:
        errors.append(field.not_supported(at, action, ACTIONS))
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions", ())
    if codes is not None:
        errors += _exit_codes(codes, containers, path["onExitCodes"])
    at = path["onPodConditions"]
    if len(conditions) > MAX_PATTERNS:
        errors.append(field.too_many(at, len(conditions), MAX_PATTERNS))
    for i, pattern in enumerate(conditions):
        errors += validate_label_name(pattern.get("type", ""), at[i]["type"], context)
        if pattern["status"] not in STATUSES:
            errors.append(field.not_supported(at[i]["status"], pattern["status"], STATUSES))
    if codes is not None and conditions:
        detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.append(field.invalid_without_value(path, detail))
    if codes is None and not conditions:
        detail = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.append(field.invalid_without_value(path, detail))
    return errors


def _exit_codes(codes: Fields, containers: Set[str], path: Path) -> list[Error]:
    errors = []
    operator = codes.get("operator", "")
    if not operator:
        errors.append(field.required(path["operator"], _listed(OPERATORS)))
    elif operator not in OPERATORS:
        errors.append(field.not_supported(path["operator"], operator, OPERATORS))
    name = codes.get("containerName")
    if name is not None and name not in containers:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.append(field.invalid(path["containerName"], name, detail))
    values = codes.get("values")
    at = path["values"]
    if not values:
        errors.append(field.invalid(at, values, "at least one value is required"))
        return errors
    if len(values) > MAX_EXIT_CODES:
        errors.append(field.too_many(at, len(values), MAX_EXIT_CODES))
    taken: set[int] = set()
    for i, value in enumerate(values):
        if operator == "In" and value == 0:
            errors.append(field.invalid(at[i], value, "must not be 0 for the In operator"))
        if value in taken:
            errors.append(field.duplicate(at[i], value))
        taken.add(value)
    if any(a > b for a, b in itertools.pairwise(values)):
        errors.append(field.invalid(at, list(values), "must be ordered"))
    return errors


def validate_success_policy(spec: Fields, path: Path) -> list[Error]:
    rules = spec["successPolicy"].get("rules", ())
    at = path["rules"]
    errors = []
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        errors.append(field.required(at, detail))
    if len(rules) > MAX_RULES:
        errors.append(field.too_many(at, len(rules), MAX_RULES))
    for i, rule in enumerate(rules):
        # A Job without completions has been reported already; the server would stumble here.
        errors += _success_rule(rule, spec.get("completions", 0), at[i])
    return errors


def _success_rule(rule: Fields, completions: int, path: Path) -> list[Error]:
    errors = []
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and indexes is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        errors.append(field.required(path, detail))
    total = 0
    if indexes is not None:
        at = path["succeededIndexes"]
        if names.byte_length(indexes) > MAX_INDEXES_LENGTH:
            errors.append(field.too_long(at, "", MAX_INDEXES_LENGTH))
        total, wrong = parse_indexes(indexes, completions)
        if wrong:
            errors.append(field.invalid(at, indexes, f"error parsing succeededIndexes: {wrong}"))
    if count is not None:
        at = path["succeededCount"]
        errors += validate_nonnegative(rule, path, "succeededCount")
        if count > completions:
            detail = f"must be less than or equal to {completions} (the number of specified completions)"
            errors.append(field.invalid(at, count, detail))
        if indexes is not None and count > total:
            detail = (
                f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            )
            errors.append(field.invalid(at, count, detail))
    return errors


def parse_indexes(text: str, completions: int) -> tuple[int, str]:
    """How many indexes `1,3-5` names, and what is wrong with it."""
    total = 0
    last: int | None = None
    for interval in text.split(",") if text else ():
        parts = interval.split("-")
        if len(parts) > 2:
            return 0, (
                f"the fragment {field.quote(interval)} violates the requirement that an index interval can have at "
                "most two parts separated by '-'"
            )
        limits = []
        for part in parts:
            if not re.fullmatch(INTEGER, part) or not -(1 << 63) <= int(part[:MAX_DIGITS]) < 1 << 63:
                return 0, f"cannot convert string to integer for index: {field.quote(part)}"
            limits.append(int(part[:MAX_DIGITS]))
            if limits[-1] >= completions:
                return 0, f"too large index: {field.quote(part)}"
        first, end = limits[0], limits[-1]
        if len(limits) == 2 and first >= end:
            return 0, f"non-increasing order, previous: {first}, current: {end}"
        if last is not None and last >= first:
            return 0, f"non-increasing order, previous: {last}, current: {first}"
        total += end - first + 1
        last = end
    return total, ""

"""Validation of where a pod may run: affinity, tolerations, topology spread, gates.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateAffinity, ValidateTolerations,
validateTopologySpreadConstraints).
"""

from __future__ import annotations

from collections.abc import Sequence

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_name, validate_label_selector
from svclint.apiserver.validation.podfields import (
    NOT_POSITIVE,
    Fields,
    Options,
    invalids,
    validate_one_of,
)

NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
TOLERATION_OPERATORS = ("Equal", "Exists")
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
SCHEDULE_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
NODE_POLICIES = ("Honor", "Ignore")
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
BAD_OPERATOR = "not a valid selector operator"


def validate_affinity(affinity: Fields, path: Path, opts: Options) -> list[Error]:
    errors = []
    if node := affinity.get("nodeAffinity"):
        at = path["nodeAffinity"]
        if REQUIRED in node:
            errors += validate_node_selector(node[REQUIRED], at.child(REQUIRED), opts.context)
        for i, term in enumerate(node.get(PREFERRED, ())):
            below = at.child(PREFERRED)[i]
            errors += _weight(term, below)
            # A value that can't match any label does no harm in a preference.
            errors += _node_selector_term(term.get("preference", {}), below["preference"], opts.context, False)
    for kind in ("podAffinity", "podAntiAffinity"):
        if not (pods := affinity.get(kind)):
            continue
        at = path.child(kind)
        for i, term in enumerate(pods.get(REQUIRED, ())):
            errors += _pod_affinity_term(term, at.child(REQUIRED)[i], opts)
        for i, term in enumerate(pods.get(PREFERRED, ())):
            below = at.child(PREFERRED)[i]
            errors += _weight(term, below)
            errors += _pod_affinity_term(term.get("podAffinityTerm", {}), below["podAffinityTerm"], opts)
    return errors


def _weight(term: Fields, path: Path) -> list[Error]:
    weight = term.get("weight", 0)
    return [] if 1 <= weight <= 100 else [field.invalid(path["weight"], weight, "must be in the range 1-100")]


def validate_node_selector(selector: Fields, path: Path, context: Context) -> list[Error]:
    at = path["nodeSelectorTerms"]
    terms = selector.get("nodeSelectorTerms", ())
    if not terms:
        return [field.required(at, "must have at least one node selector term")]
    errors = []
    for i, term in enumerate(terms):
        errors += _node_selector_term(term, at[i], context, True)
    return errors


def _node_selector_term(term: Fields, path: Path, context: Context, check_values: bool) -> list[Error]:
    errors = []
    for i, requirement in enumerate(term.get("matchExpressions", ())):
        errors += _node_requirement(requirement, path["matchExpressions"][i], context, check_values)
    for i, requirement in enumerate(term.get("matchFields", ())):
        errors += _node_field_requirement(requirement, path["matchFields"][i])
    return errors


def _node_requirement(requirement: Fields, path: Path, context: Context, check_values: bool) -> list[Error]:
    operator, values = requirement.get("operator", ""), requirement.get("values", ())
    errors = []
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(field.required(path["values"], "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(field.forbidden(path["values"], detail))
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            errors.append(field.required(path["values"], detail))
    else:
        errors.append(field.invalid(path["operator"], operator, BAD_OPERATOR))
    errors += validate_label_name(requirement.get("key", ""), path["key"], context)
    if check_values:
        for i, value in enumerate(values):
            if wrong := names.is_valid_label_value(value, context.enabled("label-length-in-bytes")):
                errors += invalids(path["values"][i], value, wrong)
    return errors


def _node_field_requirement(requirement: Fields, path: Path) -> list[Error]:
    operator, values = requirement.get("operator", ""), requirement.get("values", ())
    errors = []
    if operator in ("In", "NotIn"):
        if len(values) != 1:
            detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
            errors.append(field.required(path["values"], detail))
    else:
        errors.append(field.invalid(path["operator"], operator, BAD_OPERATOR))
    key = requirement.get("key", "")
    if key != "metadata.name":
        errors.append(field.invalid(path["key"], key, "not a valid field selector key"))
        return errors
    for i, value in enumerate(values):
        if wrong := names.is_dns1123_subdomain(value):
            errors += invalids(path["values"][i], value, wrong)
    return errors


def _pod_affinity_term(term: Fields, path: Path, opts: Options) -> list[Error]:
    context = opts.context
    errors = validate_label_selector(term.get("labelSelector"), path["labelSelector"], context)
    errors += validate_label_selector(term.get("namespaceSelector"), path["namespaceSelector"], context)
    for i, namespace in enumerate(term.get("namespaces", ())):
        at = path.child("namespace", place=("namespaces", i))
        errors += invalids(at, namespace, names.is_dns1123_label(namespace))
    errors += _match_label_keys(term, path, opts)
    key = term.get("topologyKey", "")
    if not key:
        errors.append(field.required(path["topologyKey"], "can not be empty"))
    return errors + validate_label_name(key, path["topologyKey"], context)


def _match_label_keys(term: Fields, path: Path, opts: Options) -> list[Error]:
    match, mismatch = term.get("matchLabelKeys", ()), term.get("mismatchLabelKeys", ())
    if not match and not mismatch:
        return []
    errors = _label_keys(match, path["matchLabelKeys"], term, opts.context)
    errors += _label_keys(mismatch, path["mismatchLabelKeys"], term, opts.context)
    selector = term.get("labelSelector")
    if selector is not None:
        indexes = {key: i for i, key in enumerate(match)}
        known = set(selector.get("matchLabels", ()))
        # To a pod's selector the server has added a requirement for each of the keys by now.
        added = [key for key in (*match, *mismatch) if key in opts.pod_labels]
        for key in (*(r.get("key", "") for r in selector.get("matchExpressions", ())), *added):
            if key in indexes and key in known:
                i = indexes[key]
                at = Path(path[i].text, (*path.place, "matchLabelKeys", i))
                errors.append(field.invalid(at, key, "exists in both matchLabelKeys and labelSelector"))
            known.add(key)
    for i, key in enumerate(match):
        if key in mismatch:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            errors.append(field.invalid(path["matchLabelKeys"][i], key, detail))
    return errors


def _label_keys(keys: Sequence[str], path: Path, term: Fields, context: Context) -> list[Error]:
    if not keys:
        return []
    if "labelSelector" not in term:
        return [field.forbidden(path, "must not be specified when labelSelector is not set")]
    errors = []
    for i, key in enumerate(keys):
        errors += validate_label_name(key, path[i], context)
    return errors


def validate_tolerations(tolerations: Sequence[Fields], path: Path, context: Context) -> list[Error]:
    errors = []
    for i, toleration in enumerate(tolerations):
        at = path[i]
        key, operator = toleration.get("key", ""), toleration.get("operator", "")
        value, effect = toleration.get("value", ""), toleration.get("effect", "")
        if key:
            errors += validate_label_name(key, at["key"], context)
        elif operator != "Exists":
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            errors.append(field.invalid(at["operator"], operator, detail))
        if "tolerationSeconds" in toleration and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(field.invalid(at["effect"], effect, detail))
        if operator in ("", "Equal"):
            if wrong := names.is_valid_label_value(value, context.enabled("label-length-in-bytes")):
                # The operator is named, the value is meant.
                here = at.child("operator", place=("value",))
                errors.append(field.invalid(here, value, ";".join(wrong)))
        elif operator == "Exists":
            if value:
                here = at.child("operator", place=("value",))
                errors.append(field.invalid(here, value, "value must be empty when `operator` is 'Exists'"))
        else:
            errors.append(field.not_supported(at["operator"], operator, TOLERATION_OPERATORS))
        if effect and effect not in EFFECTS:
            errors.append(field.not_supported(at["effect"], effect, EFFECTS))
    return errors


def validate_topology_spread_constraints(constraints: Sequence[Fields], path: Path, context: Context) -> list[Error]:
    errors = []
    pairs = [(c.get("topologyKey", ""), c.get("whenUnsatisfiable", "")) for c in constraints]
    # The first of two equal constraints is the one that is reported.
    last = {pair: i for i, pair in enumerate(pairs)}
    for i, constraint in enumerate(constraints):
        at = path[i]
        skew = constraint.get("maxSkew", 0)
        key, action = pairs[i]
        if skew <= 0:
            errors.append(field.invalid(at["maxSkew"], skew, NOT_POSITIVE))
        if not key:
            errors.append(field.required(at["topologyKey"], "can not be empty"))
        if action not in SCHEDULE_ACTIONS:
            errors.append(field.not_supported(at["whenUnsatisfiable"], action, SCHEDULE_ACTIONS))
        if last[pairs[i]] > i:
            here = at.child("{topologyKey, whenUnsatisfiable}", place=())
            errors.append(field.duplicate(here, f"{{{key}, {action}}}"))
        domains = constraint.get("minDomains")
        if domains is not None:
            if domains <= 0:
                errors.append(field.invalid(at["minDomains"], domains, NOT_POSITIVE))
            if action != "DoNotSchedule":
                detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
                errors.append(field.invalid(at["minDomains"], domains, detail))
        errors += validate_one_of(constraint, at, "nodeAffinityPolicy", NODE_POLICIES)
        errors += validate_one_of(constraint, at, "nodeTaintsPolicy", NODE_POLICIES)
        errors += _spread_label_keys(constraint, at["matchLabelKeys"], context)
        errors += validate_label_selector(constraint.get("labelSelector"), at["labelSelector"], context)
    return errors


def _spread_label_keys(constraint: Fields, path: Path, context: Context) -> list[Error]:
    keys = constraint.get("matchLabelKeys", ())
    if not keys:
        return []
    selector = constraint.get("labelSelector")
    errors = []
    if selector is None:
        errors.append(field.forbidden(path, "must not be specified when labelSelector is not set"))
        selector = {}
    known = {*selector.get("matchLabels", ()), *(r.get("key", "") for r in selector.get("matchExpressions", ()))}
    for i, key in enumerate(keys):
        errors += validate_label_name(key, path[i], context)
        if key in known:
            detail = "exists in both matchLabelKeys and labelSelector"
            errors.append(field.invalid(path[i], key, detail))
    return errors


def validate_gates_and_spread(spec: Fields, path: Path, context: Context) -> list[Error]:
    """What a pod waits for, and how its like are spread. `path` is the spec's."""
    errors = []
    at = path["readinessGates"]
    for i, gate in enumerate(spec.get("readinessGates", ())):
        errors += validate_label_name(gate.get("conditionType", ""), at[i]["conditionType"], context)
    at = path["schedulingGates"]
    taken: set[str] = set()
    for i, gate in enumerate(spec.get("schedulingGates", ())):
        name = gate.get("name", "")
        errors += validate_label_name(name, at[i], context)
        if name in taken:
            errors.append(field.duplicate(at[i], name))
        taken.add(name)
    constraints = spec.get("topologySpreadConstraints", ())
    return errors + validate_topology_spread_constraints(constraints, path["topologySpreadConstraints"], context)

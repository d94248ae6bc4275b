"""Warnings about where a pod may run.

Source: k8s.io/kubernetes pkg/api/pod/warnings.go, pkg/api/node/util.go.
"""

from __future__ import annotations

from svclint.apiserver import names
from svclint.apiserver.context import Context, Warning
from svclint.apiserver.field import Path
from svclint.apiserver.validation.podfields import Fields
from svclint.apiserver.validation.podscheduling import PREFERRED, REQUIRED

DEPRECATED_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}
NO_SELECTOR = "a null labelSelector results in matching no pod"


def _at(path: Path, message: str) -> Warning:
    return Warning(f"{path}: {message}", path.place)


def warnings_node_placement(spec: Fields, path: Path, context: Context) -> list[Warning]:
    out = [
        _at(path["nodeSelector"].key(key), DEPRECATED_LABELS[key])
        for key in spec.get("nodeSelector", ())
        if key in DEPRECATED_LABELS
    ]
    if node := spec.get("affinity", {}).get("nodeAffinity"):
        at = path.child("affinity", "nodeAffinity")
        for i, term in enumerate(node.get(REQUIRED, {}).get("nodeSelectorTerms", ())):
            out += _term(term, at.child(REQUIRED, "nodeSelectorTerms")[i], context, False)
        for i, preferred in enumerate(node.get(PREFERRED, ())):
            out += _term(preferred.get("preference", {}), at.child(PREFERRED)[i]["preference"], context, True)
    for i, constraint in enumerate(spec.get("topologySpreadConstraints", ())):
        at = path["topologySpreadConstraints"][i]
        key = constraint.get("topologyKey", "")
        if key in DEPRECATED_LABELS:
            out.append(_at(at["topologyKey"], f"{key} is {DEPRECATED_LABELS[key]}"))
        if "labelSelector" not in constraint:
            out.append(_at(at["labelSelector"], NO_SELECTOR))
    return out


def _term(term: Fields, path: Path, context: Context, check_values: bool) -> list[Warning]:
    out = []
    for i, expression in enumerate(term.get("matchExpressions", ())):
        at = path["matchExpressions"][i]
        key = expression.get("key", "")
        if key in DEPRECATED_LABELS:
            out.append(_at(at["key"], f"{key} is {DEPRECATED_LABELS[key]}"))
        if check_values:
            out += [
                _at(at["values"][j], f"{value} is invalid, {message}")
                for j, value in enumerate(expression.get("values", ()))
                for message in names.is_valid_label_value(value, context.enabled("label-length-in-bytes"))
            ]
    return out


def warnings_affinity(affinity: Fields, path: Path) -> list[Warning]:
    out = []
    for kind in ("podAffinity", "podAntiAffinity"):
        pods = affinity.get(kind, {})
        at = path.child(kind)
        out += [
            _at(at.child(REQUIRED)[i]["labelSelector"], NO_SELECTOR)
            for i, term in enumerate(pods.get(REQUIRED, ()))
            if "labelSelector" not in term
        ]
        out += [
            _at(at.child(PREFERRED)[i].child("podAffinityTerm", "labelSelector"), NO_SELECTOR)
            for i, term in enumerate(pods.get(PREFERRED, ()))
            if "labelSelector" not in term.get("podAffinityTerm", {})
        ]
    return out

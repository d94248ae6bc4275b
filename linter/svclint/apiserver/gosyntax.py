"""Bad values as versions before 1.34 print them: Go syntax (`%#v`) in place of JSON.

Source: k8s.io/apimachinery pkg/util/validation/field/errors.go.
"""

from __future__ import annotations

from typing import Any

from svclint.apiserver.context import Context
from svclint.apiserver.field import GoSyntax, quote


def value(given: Any, go_type: str, context: Context) -> Any:
    """`given`, to be handed to `field.invalid` and the like: as it is where the version prints JSON, else in Go syntax
    of `go_type` (`[]string`, `map[string]string`, `v1.LabelSelector`)."""
    if context.enabled("values-as-json"):
        return given
    return GoSyntax(_sprint(given, go_type))


def _sprint(given: Any, go_type: str) -> str:
    if go_type == "string" or go_type in STRINGS:
        return quote(given or "")
    if go_type == "bool":
        return "true" if given else "false"
    if go_type.startswith("int"):
        return str(given or 0)
    if go_type.startswith("*"):
        # A pointer prints as an address, which is different at every start of the server.
        return f"({go_type})(nil)" if given is None else f"({go_type})(0x0)"
    if go_type.startswith("[]"):
        if given is None:
            return f"{go_type}(nil)"
        return f"{go_type}{{{', '.join(_sprint(item, go_type[2:]) for item in given)}}}"
    if go_type.startswith("map["):
        if given is None:
            return f"{go_type}(nil)"
        item = go_type.partition("]")[2]
        entries = ", ".join(f"{quote(key)}:{_sprint(given[key], item)}" for key in sorted(given))
        return f"{go_type}{{{entries}}}"
    fields = STRUCTS.get(go_type)
    if fields is None:
        return f"{go_type}{{}}"
    given = given or {}
    shown = ", ".join(f"{name}:{_sprint(given.get(key), kind)}" for name, key, kind in fields)
    return f"{go_type}{{{shown}}}"


STRINGS = frozenset(
    ("v1.LabelSelectorOperator", "networking.PolicyType", "core.Protocol", "apps.DeploymentStrategyType")
)

# Go type -> its fields in Go's order: (Go name, JSON key, Go type)
STRUCTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "v1.LabelSelector": (
        ("MatchLabels", "matchLabels", "map[string]string"),
        ("MatchExpressions", "matchExpressions", "[]v1.LabelSelectorRequirement"),
    ),
    "v1.LabelSelectorRequirement": (
        ("Key", "key", "string"),
        ("Operator", "operator", "v1.LabelSelectorOperator"),
        ("Values", "values", "[]string"),
    ),
}

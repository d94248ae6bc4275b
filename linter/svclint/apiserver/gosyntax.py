"""Bad values that are no strings or numbers, as the server prints them: JSON, and before 1.34 Go syntax (`%#v`).

The server prints its internal types, whose JSON has Go's field names; only those of `metav1` have the API's names.

Source: k8s.io/apimachinery pkg/util/validation/field/errors.go; the fields of k8s.io/kubernetes pkg/apis/*/types.go.
"""

from __future__ import annotations

from typing import Any

from svclint.apiserver.field import GoSyntax, quote


def shown(given: Any, go_type: str, as_json: bool) -> Any:
    """What to hand to `field.invalid` and the like for a value of a Go type (`[]string`, `map[string]string`,
    `v1.LabelSelector`, `core.ServicePort`); None is nil. `as_json`: the gate `values-as-json`."""
    return _json(given, go_type) if as_json else GoSyntax(_sprint(given, go_type))


STRINGS = frozenset(
    (
        "string",
        "apps.DaemonSetUpdateStrategyType",
        "apps.DeploymentStrategyType",
        "apps.StatefulSetUpdateStrategyType",
        "core.AppArmorProfileType",
        "core.Capability",
        "core.ProcMountType",
        "core.Protocol",
        "core.SeccompProfileType",
        "networking.PolicyType",
        "v1.LabelSelectorOperator",
    )
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
    "core.ServicePort": (
        ("Name", "name", "string"),
        ("Protocol", "protocol", "core.Protocol"),
        ("AppProtocol", "appProtocol", "*string"),
        ("Port", "port", "int32"),
        ("TargetPort", "targetPort", "intstr.IntOrString"),
        ("NodePort", "nodePort", "int32"),
    ),
    "core.ClusterTrustBundleProjection": (
        ("Name", "name", "*string"),
        ("SignerName", "signerName", "*string"),
        ("LabelSelector", "labelSelector", "*v1.LabelSelector"),
        ("Optional", "optional", "*bool"),
        ("Path", "path", "string"),
    ),
    "policy.PodDisruptionBudgetSpec": (
        ("MinAvailable", "minAvailable", "*intstr.IntOrString"),
        ("Selector", "selector", "*v1.LabelSelector"),
        ("MaxUnavailable", "maxUnavailable", "*intstr.IntOrString"),
        ("UnhealthyPodEvictionPolicy", "unhealthyPodEvictionPolicy", "*string"),
    ),
    "apps.DeploymentStrategy": (
        ("Type", "type", "apps.DeploymentStrategyType"),
        ("RollingUpdate", "rollingUpdate", "*apps.RollingUpdateDeployment"),
    ),
    "apps.RollingUpdateDeployment": (
        ("MaxUnavailable", "maxUnavailable", "intstr.IntOrString"),
        ("MaxSurge", "maxSurge", "intstr.IntOrString"),
    ),
    "apps.DaemonSetUpdateStrategy": (
        ("Type", "type", "apps.DaemonSetUpdateStrategyType"),
        ("RollingUpdate", "rollingUpdate", "*apps.RollingUpdateDaemonSet"),
    ),
    "apps.RollingUpdateDaemonSet": (
        ("MaxUnavailable", "maxUnavailable", "intstr.IntOrString"),
        ("MaxSurge", "maxSurge", "intstr.IntOrString"),
    ),
    "apps.StatefulSetUpdateStrategy": (
        ("Type", "type", "apps.StatefulSetUpdateStrategyType"),
        ("RollingUpdate", "rollingUpdate", "*apps.RollingUpdateStatefulSetStrategy"),
    ),
    "apps.RollingUpdateStatefulSetStrategy": (
        ("Partition", "partition", "int32"),
        ("MaxUnavailable", "maxUnavailable", "*intstr.IntOrString"),
    ),
    "batch.SuccessPolicy": (("Rules", "rules", "[]batch.SuccessPolicyRule"),),
    "batch.SuccessPolicyRule": (
        ("SucceededIndexes", "succeededIndexes", "*string"),
        ("SucceededCount", "succeededCount", "*int32"),
    ),
    "core.PodResourceClaim": (
        ("Name", "name", "string"),
        ("ResourceClaimName", "resourceClaimName", "*string"),
        ("ResourceClaimTemplateName", "resourceClaimTemplateName", "*string"),
    ),
    "core.SeccompProfile": (
        ("Type", "type", "core.SeccompProfileType"),
        ("LocalhostProfile", "localhostProfile", "*string"),
    ),
    "core.AppArmorProfile": (
        ("Type", "type", "core.AppArmorProfileType"),
        ("LocalhostProfile", "localhostProfile", "*string"),
    ),
    "core.Capabilities": (("Add", "add", "[]core.Capability"), ("Drop", "drop", "[]core.Capability")),
    "core.SELinuxOptions": (
        ("User", "user", "string"),
        ("Role", "role", "string"),
        ("Type", "type", "string"),
        ("Level", "level", "string"),
    ),
    "core.WindowsSecurityContextOptions": (
        ("GMSACredentialSpecName", "gmsaCredentialSpecName", "*string"),
        ("GMSACredentialSpec", "gmsaCredentialSpec", "*string"),
        ("RunAsUserName", "runAsUserName", "*string"),
        ("HostProcess", "hostProcess", "*bool"),
    ),
    "core.SecurityContext": (
        ("Capabilities", "capabilities", "*core.Capabilities"),
        ("Privileged", "privileged", "*bool"),
        ("SELinuxOptions", "seLinuxOptions", "*core.SELinuxOptions"),
        ("WindowsOptions", "windowsOptions", "*core.WindowsSecurityContextOptions"),
        ("RunAsUser", "runAsUser", "*int64"),
        ("RunAsGroup", "runAsGroup", "*int64"),
        ("RunAsNonRoot", "runAsNonRoot", "*bool"),
        ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem", "*bool"),
        ("AllowPrivilegeEscalation", "allowPrivilegeEscalation", "*bool"),
        ("ProcMount", "procMount", "*core.ProcMountType"),
        ("SeccompProfile", "seccompProfile", "*core.SeccompProfile"),
        ("AppArmorProfile", "appArmorProfile", "*core.AppArmorProfile"),
    ),
}

# Fields of metav1 types that are printed even if they are empty.
ALWAYS = frozenset((("v1.LabelSelectorRequirement", "key"), ("v1.LabelSelectorRequirement", "operator")))


def _json(given: Any, go_type: str) -> Any:
    if go_type.startswith("*"):
        return None if given is None else _json(given, go_type[1:])
    if go_type.startswith("[]"):
        return None if given is None else [_json(item, go_type[2:]) for item in given]
    if go_type.startswith("map["):
        item = go_type.partition("]")[2]
        return None if given is None else {key: _json(given[key], item) for key in sorted(given)}
    fields = STRUCTS.get(go_type)
    if fields is None:
        return _zero(given, go_type)
    given = given or {}
    if go_type.startswith("v1."):
        return {
            key: _json(given.get(key), kind) for _, key, kind in fields if given.get(key) or (go_type, key) in ALWAYS
        }
    return {name: _json(given.get(key), kind) for name, key, kind in fields}


def _zero(given: Any, go_type: str) -> Any:
    if given is not None:
        return given
    if go_type in STRINGS:
        return ""
    return False if go_type == "bool" else 0


def _sprint(given: Any, go_type: str) -> str:
    if go_type in STRINGS:
        return quote(given or "")
    if go_type == "bool":
        return "true" if given else "false"
    if go_type == "intstr.IntOrString":
        kind, number, text = (1, 0, given) if isinstance(given, str) else (0, given or 0, "")
        return f"{go_type}{{Type:{kind}, IntVal:{number}, StrVal:{quote(text)}}}"
    if go_type.startswith("int"):
        return str(given or 0)
    if given is None and (go_type[0] in "*[" or go_type.startswith("map[")):
        return f"({go_type})(nil)" if go_type[0] == "*" else f"{go_type}(nil)"
    if go_type.startswith("*"):
        # The server prints where the value lies in its memory, which nobody can know.
        return f"({go_type})(0x0)"
    if go_type.startswith("[]"):
        return f"{go_type}{{{', '.join(_sprint(item, go_type[2:]) for item in given)}}}"
    if go_type.startswith("map["):
        item = go_type.partition("]")[2]
        entries = ", ".join(f"{quote(key)}:{_sprint(given[key], item)}" for key in sorted(given))
        return f"{go_type}{{{entries}}}"
    given = given or {}
    fields = STRUCTS.get(go_type, ())
    return f"{go_type}{{{', '.join(f'{name}:{_sprint(given.get(key), kind)}' for name, key, kind in fields)}}}"

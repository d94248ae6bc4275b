"""Writes `svclint_schemas/kubernetes/` from the API's OpenAPI documents in `sources/`: `python schemas/generate.py`.

Two forms come out. `1.36.schema.json` is a JSON Schema of every built-in kind, for editors. `1.36.types` is what the
API server's decoder needs and no more, one definition a line, read lazily; `1.35.types` and older ones hold only the
lines that differ from the next newer version.

A line is `kind GROUP/VERSION/KIND SCOPE DEFINITION`, `type DEFINITION FIELD:CODE …` or `gone WORD NAME`. Codes:
s string, b bool, i int32, l int64, f float64, y bytes, q Quantity, x IntOrString, t Time, m MicroTime, r any object,
a anything, `@NAME` another definition, `[CODE` a list, `{CODE` a map; `=NAME` after a code is the Go name of its type,
`FIELD^EMBEDDED:CODE` a field of a struct that Go embeds under that name.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import sys
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "svclint_schemas", "kubernetes")
RECORDED = ("1.36", "1.35", "1.34", "1.33")

PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
    "io.k8s.kube-aggregator.pkg.apis.",
    "io.k8s.apimachinery.pkg.",
)

SPECIAL = {
    "api.resource.Quantity": "q",
    "util.intstr.IntOrString": "x",
    "meta.v1.Time": "t",
    "meta.v1.MicroTime": "m",
    "meta.v1.FieldsV1": "r",
    "runtime.RawExtension": "r",
    "apiextensions.v1.JSON": "a",
    "apiextensions.v1.JSONSchemaPropsOrArray": "a",
    "apiextensions.v1.JSONSchemaPropsOrBool": "a",
    "apiextensions.v1.JSONSchemaPropsOrStringArray": "a",
}

# Go's names of string types; OpenAPI doesn't tell them. A name alone stands for every field of that name.
STRING_TYPES = {
    "protocol": "v1.Protocol",
    "dnsPolicy": "v1.DNSPolicy",
    "imagePullPolicy": "v1.PullPolicy",
    "terminationMessagePolicy": "v1.TerminationMessagePolicy",
    "accessModes": "v1.PersistentVolumeAccessMode",
    "volumeMode": "v1.PersistentVolumeMode",
    "uid": "types.UID",
    "topologyKey": "string",
    "core.v1.ServiceSpec.type": "v1.ServiceType",
    "core.v1.ServiceSpec.sessionAffinity": "v1.ServiceAffinity",
    "core.v1.ServiceSpec.externalTrafficPolicy": "v1.ServiceExternalTrafficPolicy",
    "core.v1.ServiceSpec.internalTrafficPolicy": "v1.ServiceInternalTrafficPolicy",
    "core.v1.ServiceSpec.ipFamilies": "v1.IPFamily",
    "core.v1.ServiceSpec.ipFamilyPolicy": "v1.IPFamilyPolicy",
    "core.v1.PodSpec.restartPolicy": "v1.RestartPolicy",
    "core.v1.PodSpec.preemptionPolicy": "v1.PreemptionPolicy",
    "core.v1.Container.restartPolicy": "v1.ContainerRestartPolicy",
    "core.v1.EphemeralContainer.restartPolicy": "v1.ContainerRestartPolicy",
    "core.v1.HTTPGetAction.scheme": "v1.URIScheme",
    "core.v1.HostPathVolumeSource.type": "v1.HostPathType",
    "core.v1.EmptyDirVolumeSource.medium": "v1.StorageMedium",
    "core.v1.Toleration.operator": "v1.TolerationOperator",
    "core.v1.Toleration.effect": "v1.TaintEffect",
    "core.v1.Taint.effect": "v1.TaintEffect",
    "core.v1.TopologySpreadConstraint.whenUnsatisfiable": "v1.UnsatisfiableConstraintAction",
    "core.v1.TopologySpreadConstraint.nodeAffinityPolicy": "v1.NodeInclusionPolicy",
    "core.v1.TopologySpreadConstraint.nodeTaintsPolicy": "v1.NodeInclusionPolicy",
    "core.v1.NodeSelectorRequirement.operator": "v1.NodeSelectorOperator",
    "core.v1.VolumeMount.mountPropagation": "v1.MountPropagationMode",
    "core.v1.VolumeMount.recursiveReadOnly": "v1.RecursiveReadOnlyMode",
    "core.v1.Capabilities.add": "v1.Capability",
    "core.v1.Capabilities.drop": "v1.Capability",
    "core.v1.SecurityContext.procMount": "v1.ProcMountType",
    "core.v1.SeccompProfile.type": "v1.SeccompProfileType",
    "core.v1.AppArmorProfile.type": "v1.AppArmorProfileType",
    "core.v1.PodSecurityContext.fsGroupChangePolicy": "v1.PodFSGroupChangePolicy",
    "core.v1.PodSecurityContext.supplementalGroupsPolicy": "v1.SupplementalGroupsPolicy",
    "core.v1.PodSecurityContext.seLinuxChangePolicy": "v1.PodSELinuxChangePolicy",
    "core.v1.ContainerResizePolicy.resourceName": "v1.ResourceName",
    "core.v1.ContainerResizePolicy.restartPolicy": "v1.ResourceResizeRestartPolicy",
    "core.v1.Lifecycle.stopSignal": "v1.Signal",
    "core.v1.PodOS.name": "v1.OSName",
    "core.v1.PodReadinessGate.conditionType": "v1.PodConditionType",
    "core.v1.Secret.type": "v1.SecretType",
    "core.v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy": "v1.PersistentVolumeReclaimPolicy",
    "core.v1.ResourceQuotaSpec.scopes": "v1.ResourceQuotaScope",
    "core.v1.NamespaceSpec.finalizers": "v1.FinalizerName",
    "meta.v1.LabelSelectorRequirement.operator": "v1.LabelSelectorOperator",
    "apps.v1.DeploymentStrategy.type": "v1.DeploymentStrategyType",
    "apps.v1.DaemonSetUpdateStrategy.type": "v1.DaemonSetUpdateStrategyType",
    "apps.v1.StatefulSetUpdateStrategy.type": "v1.StatefulSetUpdateStrategyType",
    "apps.v1.StatefulSetSpec.podManagementPolicy": "v1.PodManagementPolicyType",
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenDeleted": (
        "v1.PersistentVolumeClaimRetentionPolicyType"
    ),
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy.whenScaled": "v1.PersistentVolumeClaimRetentionPolicyType",
    "batch.v1.CronJobSpec.concurrencyPolicy": "v1.ConcurrencyPolicy",
    "batch.v1.JobSpec.completionMode": "v1.CompletionMode",
    "batch.v1.JobSpec.podReplacementPolicy": "v1.PodReplacementPolicy",
    "batch.v1.PodFailurePolicyRule.action": "v1.PodFailurePolicyAction",
    "batch.v1.PodFailurePolicyOnExitCodesRequirement.operator": "v1.PodFailurePolicyOnExitCodesOperator",
    "discovery.v1.EndpointSlice.addressType": "v1.AddressType",
    "networking.v1.HTTPIngressPath.pathType": "v1.PathType",
    "networking.v1.NetworkPolicySpec.policyTypes": "v1.PolicyType",
    "policy.v1.PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy": "v1.UnhealthyPodEvictionPolicyType",
}

# A struct that Go embeds -> the definitions that embed it (their fields of these names come from it).
EMBEDDED: dict[str, dict[str, tuple[str, ...]]] = {
    "LocalObjectReference": {
        "core.v1.ConfigMapEnvSource": ("name",),
        "core.v1.ConfigMapKeySelector": ("name",),
        "core.v1.ConfigMapProjection": ("name",),
        "core.v1.ConfigMapVolumeSource": ("name",),
        "core.v1.SecretEnvSource": ("name",),
        "core.v1.SecretKeySelector": ("name",),
        "core.v1.SecretProjection": ("name",),
    },
    "ProbeHandler": {"core.v1.Probe": ("exec", "httpGet", "tcpSocket", "grpc")},
    "IngressRuleValue": {"networking.v1.IngressRule": ("http",), "networking.v1beta1.IngressRule": ("http",)},
    "VolumeSource": {"core.v1.Volume": ()},
    "PersistentVolumeSource": {"core.v1.PersistentVolumeSpec": ()},
    "EphemeralContainerCommon": {"core.v1.EphemeralContainer": ()},
    "Rule": {"admissionregistration.v1.RuleWithOperations": ("apiGroups", "apiVersions", "resources", "scope")},
}
# Where nearly all fields are the embedded struct's: the fields that are not.
OWN_FIELDS = {
    "core.v1.Volume": ("name",),
    "core.v1.PersistentVolumeSpec": (
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ),
    "core.v1.EphemeralContainer": ("targetContainerName",),
}

# Before 1.33 nothing was recorded: what each version added to the types, from the API's changelog. The table of the
# version before is without it.
ADDED = {
    "1.33": (
        "apps.v1.DeploymentStatus.terminatingReplicas",
        "apps.v1.ReplicaSetStatus.terminatingReplicas",
        "autoscaling.v2.HPAScalingRules.tolerance",
        "core.v1.ContainerStatus.stopSignal",
        "core.v1.Lifecycle.stopSignal",
        "core.v1.NodeSystemInfo.swap",
        "core.v1.PodCondition.observedGeneration",
        "core.v1.PodStatus.observedGeneration",
        "discovery.v1.EndpointHints.forNodes",
        "networking.k8s.io/v1/IPAddress",
        "networking.k8s.io/v1/ServiceCIDR",
    ),
    "1.32": ("core.v1.PodSecurityContext.seLinuxChangePolicy", "core.v1.PodSpec.resources"),
    "1.31": (
        "authorization.v1.ResourceAttributes.fieldSelector",
        "authorization.v1.ResourceAttributes.labelSelector",
        "core.v1.ContainerStatus.allocatedResourcesStatus",
        "core.v1.ContainerStatus.user",
        "core.v1.NodeStatus.features",
        "core.v1.PodSecurityContext.supplementalGroupsPolicy",
        "core.v1.Volume.image",
    ),
    "1.30": (
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
        "batch.v1.JobSpec.managedBy",
        "batch.v1.JobSpec.successPolicy",
        "core.v1.ContainerStatus.volumeMounts",
        "core.v1.NodeStatus.runtimeHandlers",
        "core.v1.PodSecurityContext.appArmorProfile",
        "core.v1.SecurityContext.appArmorProfile",
        "core.v1.ServiceSpec.trafficDistribution",
        "core.v1.VolumeMount.recursiveReadOnly",
    ),
}

# What the recorded documents don't hold: the metadata of custom resources, and versions that no server offers any more
# but whose types the decoder still knows (they are decoded, then turned away).
EXTRA = (
    "type meta.v1.PartialObjectMetadata metadata:@meta.v1.ObjectMeta",
    "type networking.v1beta1.Ingress apiVersion:s kind:s metadata:@meta.v1.ObjectMeta "
    "spec:@networking.v1beta1.IngressSpec status:@networking.v1.IngressStatus",
    "type networking.v1beta1.IngressSpec backend:@networking.v1beta1.IngressBackend ingressClassName:s "
    "rules:[@networking.v1beta1.IngressRule tls:[@networking.v1beta1.IngressTLS",
    "type networking.v1beta1.IngressTLS hosts:[s secretName:s",
    "type networking.v1beta1.IngressRule host:s http^IngressRuleValue:@networking.v1beta1.HTTPIngressRuleValue",
    "type networking.v1beta1.HTTPIngressRuleValue paths:[@networking.v1beta1.HTTPIngressPath",
    "type networking.v1beta1.HTTPIngressPath backend:@networking.v1beta1.IngressBackend path:s "
    "pathType:s=v1beta1.PathType",
    "type networking.v1beta1.IngressBackend resource:@core.v1.TypedLocalObjectReference serviceName:s servicePort:x",
    "kind networking.k8s.io/v1beta1/Ingress legacy networking.v1beta1.Ingress",
    "kind extensions/v1beta1/Ingress legacy networking.v1beta1.Ingress",
)

Document = dict[str, Any]
Lines = dict[str, str]


def short(name: str) -> str:
    """`io.k8s.api.core.v1.Pod` -> `core.v1.Pod`."""
    name = name.removeprefix("#/definitions/")
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def string_type(definition: str, field: str) -> str:
    name = STRING_TYPES.get(f"{definition}.{field}") or STRING_TYPES.get(field, "string")
    return "" if name == "string" else f"={name}"


def code(schema: Document, definition: str, field: str) -> str:
    """The code of one field's schema."""
    if "$ref" in schema:
        name = short(schema["$ref"])
        return SPECIAL.get(name, f"@{name}")
    match schema.get("type"):
        case "string":
            if schema.get("format") == "byte":
                return "y"
            if schema.get("format") == "int-or-string":
                return "x"
            return "s" + string_type(definition, field)
        case "boolean":
            return "b"
        case "integer":
            return "l" if schema.get("format") == "int64" else "i"
        case "number":
            return "f"
        case "array":
            return "[" + code(schema["items"], definition, field)
        case "object" if "additionalProperties" in schema:
            item = code(schema["additionalProperties"], definition, field)
            return "{" + ("q=v1.ResourceList" if item == "q" else item)
        case "object":
            return "r"
    return "a"


def embedded(definition: str, field: str) -> str:
    for name, definitions in EMBEDDED.items():
        fields = definitions.get(definition)
        if fields is not None and (field in fields if fields else field not in OWN_FIELDS[definition]):
            return f"^{name}"
    return ""


def lines(document: Document) -> Lines:
    """`kind NAME` or `type NAME` -> the rest of the line."""
    out = {}
    for full, schema in document["definitions"].items():
        name = short(full)
        if name in SPECIAL:
            continue
        fields = (
            f"{field}{embedded(name, field)}:{code(part, name, field)}"
            for field, part in sorted(schema.get("properties", {}).items())
        )
        out[f"type {name}"] = " ".join(fields)
    roots = kinds(document)
    for gvk, scope in document["scope"].items():
        out[f"kind {gvk}"] = f"{scope} {short(roots[gvk])}"
    for line in EXTRA:
        word, name, rest = line.split(" ", 2)
        out[f"{word} {name}"] = rest
    return out


def kinds(document: Document) -> dict[str, str]:
    """`GROUP/VERSION/KIND` -> the full name of its definition."""
    groups = {
        "admissionregistration.k8s.io": "io.k8s.api.admissionregistration",
        "apiextensions.k8s.io": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
        "apiregistration.k8s.io": "io.k8s.kube-aggregator.pkg.apis.apiregistration",
        "": "io.k8s.api.core",
    }
    out = {}
    for gvk in document["scope"]:
        *group, version, kind = gvk.split("/")
        named = "".join(group)
        package = groups.get(named) or f"io.k8s.api.{named.partition('.')[0]}"
        out[gvk] = f"{package}.{version}.{kind}"
    return out


def without(newer: Lines, added: tuple[str, ...]) -> Lines:
    """The table of the version before the one that added these fields and kinds."""
    out = dict(newer)
    for name in added:
        if "/" in name:
            out.pop(f"kind {name}", None)
            continue
        definition, _, field = name.rpartition(".")
        key = f"type {definition}"
        if key in out:
            kept = (part for part in out[key].split(" ") if part.partition(":")[0].partition("^")[0] != field)
            out[key] = " ".join(kept)
    return out


def difference(newer: Lines, older: Lines) -> list[str]:
    """The lines that turn the newer table into the older one."""
    changed = [f"{key} {older[key]}".rstrip() for key in sorted(older) if newer.get(key) != older[key]]
    return changed + [f"gone {key}" for key in sorted(newer) if key not in older]


def types_files() -> dict[str, str]:
    """File name -> content."""
    tables = {version: lines(load(version)) for version in RECORDED}
    order = list(RECORDED)
    for version, added in ADDED.items():
        major, minor = version.split(".")
        before = f"{major}.{int(minor) - 1}"
        tables[before] = without(tables[version], added)
        order.append(before)
    newest = order[0]
    out = {f"{newest}.types": "".join(f"{key} {rest}".rstrip() + "\n" for key, rest in sorted(tables[newest].items()))}
    for newer, older in itertools.pairwise(order):
        out[f"{older}.types"] = "".join(line + "\n" for line in difference(tables[newer], tables[older]))
    return out


def json_schema(document: Document) -> str:
    """One JSON Schema for every built-in kind, strict about unknown fields, as `kubectl apply` is."""
    definitions = {}
    for full, schema in sorted(document["definitions"].items()):
        schema = {key: value for key, value in schema.items() if not key.startswith("x-")}
        if "properties" in schema:
            schema["additionalProperties"] = False
        if schema.get("format") == "int-or-string":
            schema = {"type": ["integer", "string"]}
        if full.endswith(".Quantity"):
            schema = {"type": ["number", "string"]}
        definitions[short(full)] = schema
    text = json.dumps(definitions, separators=(",", ":"), sort_keys=True)
    for full in document["definitions"]:
        text = text.replace(f'"#/definitions/{full}"', f'"#/definitions/{short(full)}"')
    choices = []
    for gvk, full in sorted(kinds(document).items()):
        api_version, _, kind = gvk.rpartition("/")
        named = {"apiVersion": {"const": api_version}, "kind": {"const": kind}}
        choices.append(
            {
                "if": {"properties": named, "required": ["apiVersion", "kind"]},
                "then": {"$ref": f"#/definitions/{short(full)}"},
            }
        )
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Kubernetes {document['version']} objects",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "allOf": choices,
    }
    return json.dumps(head, separators=(",", ":"))[:-1] + f',"definitions":{text}}}\n'


def load(version: str) -> Document:
    with gzip.open(os.path.join(HERE, "sources", f"v{version}.json.gz"), "rt", encoding="utf-8") as file:
        document: Document = json.load(file)
    return document


def files() -> dict[str, str]:
    """Everything that is generated: file name -> content."""
    newest = RECORDED[0]
    return {**types_files(), f"{newest}.schema.json": json_schema(load(newest))}


def main() -> int:
    for name, text in files().items():
        with open(os.path.join(OUT, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

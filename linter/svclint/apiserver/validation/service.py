"""Validation of a Service, in the order in which the API server reports.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateServiceCreate).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.defaults.service import externally_accessible
from svclint.apiserver.field import Error, GoSyntax, Path
from svclint.apiserver.objectmeta import validate_label_name, validate_labels, validate_object_meta
from svclint.apiserver.validation.ports import PROTOCOLS, validate_non_special_ip, validate_port_num_or_name

ROOT = Path()
METADATA = ROOT["metadata"]
SPEC = ROOT["spec"]

SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
AFFINITIES = ("ClientIP", "None")
IP_FAMILIES = ("IPv4", "IPv6")
IP_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
TRAFFIC_POLICIES = ("Cluster", "Local")
KUBELET_PORT = 10250
MAX_AFFINITY_SECONDS = 86400
SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
# All fields that the rules about traffic look at, but for the internal policy, which nearly every Service has.
TRAFFIC = frozenset(
    (
        "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "loadBalancerClass", "externalTrafficPolicy",
        "healthCheckNodePort", "trafficDistribution",
    )
)  # fmt: skip
NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
TOPOLOGY_AWARE_HINTS = "service.kubernetes.io/topology-aware-hints"


def validate_service(obj: Mapping[str, Any], context: Context) -> list[Error]:
    """A defaulted Service with its allocations. What concerns cluster IPs and families has been judged by then."""
    metadata = obj.get("metadata", {})
    spec = obj["spec"]
    kind = spec["type"]
    annotations = metadata.get("annotations", NO_ANNOTATIONS)
    name_fn = names.is_dns1123_label if context.gates["RelaxedServiceNameValidation"] else names.is_dns1035_label
    ports = spec.get("ports", ())
    errors = validate_object_meta(metadata, METADATA, name_fn, True, context)
    if annotations:
        errors += _topology_annotations(annotations)
    if not ports and spec.get("clusterIP") != "None" and kind != "ExternalName":
        errors.append(field.required(SPEC["ports"]))
    if kind != "ClusterIP":
        errors += _type_specific(spec, context)
    taken: set[str] = set()
    at, node_ports = SPEC["ports"], False
    for i, port in enumerate(ports):
        errors += validate_service_port(port, len(ports) > 1, taken, at[i], context)
        node_ports = node_ports or "nodePort" in port
    if selector := spec.get("selector"):
        errors += validate_labels(selector, SPEC["selector"], context)
    if spec["sessionAffinity"] != "None":
        errors += _session_affinity(spec)
    if "externalIPs" in spec:
        errors += _external_ips(spec["externalIPs"], context)
    if kind not in SERVICE_TYPES:
        errors.append(field.not_supported(SPEC["type"], kind, SERVICE_TYPES))
    if node_ports:
        errors += _node_ports(kind, ports)
    if len(ports) > 1:
        errors += _duplicate_ports(ports, context)
    if TRAFFIC.isdisjoint(spec) and SOURCE_RANGES_ANNOTATION not in annotations:
        return errors + _internal_traffic(spec)
    errors += _source_ranges(spec, annotations, context)
    errors += _load_balancer_fields(spec, context)
    errors += _external_traffic(spec)
    errors += _internal_traffic(spec)
    return errors + _traffic_distribution(spec, context)


def _external_ips(ips: Sequence[str], context: Context) -> list[Error]:
    from svclint.apiserver.addresses import validate_ip

    errors = []
    for i, ip in enumerate(ips):
        at = SPEC["externalIPs"][i]
        errors += validate_ip(at, ip, context) or validate_non_special_ip(ip, at)
    return errors


def _topology_annotations(annotations: Mapping[str, str]) -> list[Error]:
    mode, hints = annotations.get(TOPOLOGY_MODE), annotations.get(TOPOLOGY_AWARE_HINTS)
    if mode is None or hints is None or mode == hints:
        return []
    detail = f"must match annotations[{TOPOLOGY_AWARE_HINTS}] when both are specified"
    return [field.invalid(METADATA["annotations"].key(TOPOLOGY_MODE), mode, detail)]


def _type_specific(spec: Mapping[str, Any], context: Context) -> list[Error]:
    errors = []
    ips = spec.get("clusterIPs", ())
    match spec["type"]:
        case "LoadBalancer" | "NodePort" as kind:
            if kind == "LoadBalancer" and not context.enabled("kubelet-port-on-load-balancer"):
                errors += [
                    field.invalid(
                        SPEC["ports"][i],
                        KUBELET_PORT,
                        f"may not expose port {KUBELET_PORT} externally since it is used by kubelet",
                    )
                    for i, port in enumerate(spec.get("ports", ()))
                    if port["port"] == KUBELET_PORT
                ]
            if spec.get("clusterIP") == "None":
                at = SPEC["clusterIPs"][0]
                errors.append(field.invalid(at, "None", f"may not be set to 'None' for {kind} services"))
        case "ExternalName":
            detail = "may not be set for ExternalName services"
            errors += [
                field.forbidden(SPEC.child(name), detail)
                for name, given in (
                    ("clusterIPs", bool(ips)),
                    ("ipFamilies", bool(spec.get("ipFamilies"))),
                    ("ipFamilyPolicy", "ipFamilyPolicy" in spec),
                )
                if given
            ]
            errors += _external_name(spec.get("externalName", ""))
    return errors


def _external_name(value: str) -> list[Error]:
    at = SPEC["externalName"]
    # One trailing dot is allowed, as in a zone file.
    name = value.removesuffix(".")
    if not name:
        return [field.required(at)]
    return [field.invalid(at, name, message) for message in names.is_dns1123_subdomain(name)]


def validate_service_port(
    port: Mapping[str, Any], require_name: bool, taken: set[str], path: Path, context: Context
) -> list[Error]:
    errors = []
    name = port.get("name", "")
    if name:
        if wrong := names.is_dns1123_label(name):
            errors += [field.invalid(path["name"], name, message) for message in wrong]
        if name in taken:
            errors.append(field.duplicate(path["name"], name))
        taken.add(name)
    elif require_name:
        errors.append(field.required(path["name"]))
    if wrong := names.is_valid_port_num(port["port"]):
        errors += [field.invalid(path["port"], port["port"], message) for message in wrong]
    if port["protocol"] not in PROTOCOLS:
        errors.append(field.not_supported(path["protocol"], port["protocol"], PROTOCOLS))
    errors += validate_port_num_or_name(port["targetPort"], path["targetPort"])
    if "appProtocol" in port:
        errors += validate_label_name(port["appProtocol"], path["appProtocol"], context)
    return errors


def _session_affinity(spec: Mapping[str, Any]) -> list[Error]:
    affinity = spec["sessionAffinity"]
    if affinity not in AFFINITIES:
        return [field.not_supported(SPEC["sessionAffinity"], affinity, AFFINITIES)]
    if affinity == "ClientIP":
        timeout = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
        if not 0 < timeout <= MAX_AFFINITY_SECONDS:
            at = SPEC.child("sessionAffinityConfig", "clientIP", "timeoutSeconds")
            return [field.invalid(at, timeout, f"must be greater than 0 and less than {MAX_AFFINITY_SECONDS}")]
    return []


def validate_cluster_ips_related_fields(spec: Mapping[str, Any], context: Context) -> list[Error]:
    """ValidateServiceClusterIPsRelatedFields: the allocators ask it first, so that nothing else is reported with it."""
    ips: Sequence[str] = spec.get("clusterIPs", ())
    families: Sequence[str] = spec.get("ipFamilies", ())
    first = spec.get("clusterIP", "")
    policy = spec.get("ipFamilyPolicy")
    if not ips and not families and not first and (policy is None or policy in IP_FAMILY_POLICIES):
        # These four are all that it is about.
        return []
    from svclint.apiserver.addresses import is_ipv6, validate_ip

    errors = []
    at = SPEC["clusterIPs"]
    shown = context.shown(list(ips), "[]string")
    if first and not ips:
        errors.append(field.required(at))
    elif first and ips[0] != first:
        errors.append(field.invalid(at, shown, "first value must match `clusterIP`"))
    elif ips and not first:
        errors.append(field.invalid(at, shown, "must be empty when `clusterIP` is not specified"))
    for i, family in enumerate(families):
        if family not in IP_FAMILIES:
            errors.append(field.not_supported(SPEC["ipFamilies"][i], family, IP_FAMILIES))
        if family in families[:i]:
            errors.append(field.duplicate(SPEC["ipFamilies"][i], family))
    if policy is not None and policy not in IP_FAMILY_POLICIES:
        errors.append(field.not_supported(SPEC["ipFamilyPolicy"], policy, IP_FAMILY_POLICIES))
    misplaced = False
    for i, ip in enumerate(ips):
        if i == 0 and ip == "None":
            if len(ips) > 1:
                misplaced = True
                errors.append(field.invalid(at, shown, "'None' must be the first and only value"))
            continue
        if wrong := validate_ip(at[i], ip, context):
            misplaced = True
            errors += wrong
    if len(ips) > 2:
        errors.append(field.invalid(at, shown, "may only hold up to 2 values"))
    if misplaced:
        return errors
    v6 = [is_ipv6(ip) for ip in ips]
    if len(ips) > 1 and len(set(v6)) == 1:
        errors.append(field.invalid(at, shown, "may specify no more than one IP for each IP family"))
    if first != "None":
        for i, (family, is_v6) in enumerate(zip(families, v6, strict=False)):
            if family in IP_FAMILIES and (family == "IPv6") != is_v6:
                detail = f"expected an {family} value as indicated by `ipFamilies[{i}]`"
                errors.append(field.invalid(at[i], ips[i], detail))
    return errors


def _node_ports(kind: str, ports: Sequence[Mapping[str, Any]]) -> list[Error]:
    at = SPEC["ports"]
    errors = []
    if kind == "ClusterIP":
        errors += [
            field.forbidden(at[i]["nodePort"], "may not be used when `type` is 'ClusterIP'")
            for i, port in enumerate(ports)
            if "nodePort" in port
        ]
    seen = set()
    for i, port in enumerate(ports):
        node_port = port.get("nodePort")
        if node_port is None:
            continue
        # What the allocators chose has no number yet: it is the same for entries of the same port.
        chosen = isinstance(node_port, str)
        key = (port["protocol"], port["port"] if chosen else node_port, chosen)
        if key in seen:
            shown = GoSyntax(node_port) if chosen else node_port
            errors.append(field.duplicate(at[i]["nodePort"], shown))
        seen.add(key)
    return errors


def _duplicate_ports(ports: Sequence[Mapping[str, Any]], context: Context) -> list[Error]:
    errors = []
    seen = set()
    for i, port in enumerate(ports):
        key = (port["protocol"], port["port"])
        if key in seen:
            shown = context.shown({"protocol": key[0], "port": key[1]}, "core.ServicePort")
            errors.append(field.duplicate(SPEC["ports"][i], shown))
        seen.add(key)
    return errors


def _source_ranges(spec: Mapping[str, Any], annotations: Mapping[str, str], context: Context) -> list[Error]:
    from svclint.apiserver.addresses import validate_cidr

    errors = []
    only = "may only be used when `type` is 'LoadBalancer'"
    ranges = spec.get("loadBalancerSourceRanges")
    annotation = annotations.get(SOURCE_RANGES_ANNOTATION)
    if ranges:
        # Upstream writes the field's Go name.
        at = SPEC.child("LoadBalancerSourceRanges", place=("loadBalancerSourceRanges",))
        if spec["type"] != "LoadBalancer":
            errors.append(field.forbidden(at, only))
        for i, value in enumerate(ranges):
            errors += validate_cidr(at[i], value.strip(), context)
    elif annotation is not None:
        at = METADATA["annotations"].key(SOURCE_RANGES_ANNOTATION)
        if spec["type"] != "LoadBalancer":
            errors.append(field.forbidden(at, only))
        if annotation.strip():
            for value in annotation.strip().split(","):
                errors += validate_cidr(at, value.strip(), context)
    return errors


def _load_balancer_fields(spec: Mapping[str, Any], context: Context) -> list[Error]:
    errors = []
    only = "may only be used when `type` is 'LoadBalancer'"
    if "allocateLoadBalancerNodePorts" in spec and spec["type"] != "LoadBalancer":
        errors.append(field.forbidden(SPEC["allocateLoadBalancerNodePorts"], only))
    if "loadBalancerClass" in spec:
        at = SPEC["loadBalancerClass"]
        if spec["type"] == "LoadBalancer":
            errors += validate_label_name(spec["loadBalancerClass"], at, context)
        else:
            errors.append(field.forbidden(at, only))
    return errors


def _external_traffic(spec: Mapping[str, Any]) -> list[Error]:
    errors = []
    policy = spec.get("externalTrafficPolicy")
    at = SPEC["externalTrafficPolicy"]
    if policy is not None:
        if not externally_accessible(dict(spec)):
            errors.append(field.invalid(at, policy, "may only be set for externally-accessible services"))
        elif policy not in TRAFFIC_POLICIES:
            errors.append(field.not_supported(at, policy, TRAFFIC_POLICIES))
    port = spec.get("healthCheckNodePort")
    if port is not None and not (spec["type"] == "LoadBalancer" and policy == "Local"):
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(field.invalid(SPEC["healthCheckNodePort"], port, detail))
    return errors


def _internal_traffic(spec: Mapping[str, Any]) -> list[Error]:
    policy = spec.get("internalTrafficPolicy")
    if policy is None or policy in TRAFFIC_POLICIES:
        return []
    return [field.not_supported(SPEC["internalTrafficPolicy"], policy, TRAFFIC_POLICIES)]


def _traffic_distribution(spec: Mapping[str, Any], context: Context) -> list[Error]:
    value = spec.get("trafficDistribution")
    known = ["PreferClose"]
    if context.enabled("PreferSameTrafficDistribution"):
        known += ["PreferSameZone", "PreferSameNode"]
    if value is None or value in known:
        return []
    return [field.not_supported(SPEC["trafficDistribution"], value, known)]

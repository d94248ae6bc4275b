"""Validation of a NetworkPolicy.

Source: k8s.io/kubernetes pkg/apis/networking/validation/validation.go (ValidateNetworkPolicy).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.addresses import IP, parse_cidr, validate_cidr
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_label_selector, validate_object_meta
from svclint.apiserver.validation.ports import validate_port_num_or_name

METADATA = Path()["metadata"]
SPEC = Path()["spec"]
PROTOCOLS = ("TCP", "UDP", "SCTP")
POLICY_TYPES = ("Ingress", "Egress")


def validate_network_policy(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, True, context)
    spec = obj["spec"]
    errors += validate_label_selector(spec.get("podSelector"), SPEC["podSelector"], context)
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for i, rule in enumerate(spec.get(direction, ())):
            path = SPEC[direction][i]
            for j, port in enumerate(rule.get("ports", ())):
                errors += _port(port, path["ports"][j])
            for j, peer in enumerate(rule.get(peers, ())):
                errors += _peer(peer, path[peers][j], context)
    types = spec["policyTypes"]
    at = SPEC["policyTypes"]
    if len(types) > len(POLICY_TYPES):
        shown = context.shown(types, "[]networking.PolicyType")
        errors.append(field.invalid(at, shown, "may not specify more than two policyTypes"))
        return errors
    errors += [
        field.not_supported(at[i], kind, POLICY_TYPES) for i, kind in enumerate(types) if kind not in POLICY_TYPES
    ]
    return errors


def _port(port: Mapping[str, Any], path: Path) -> list[Error]:
    errors = []
    protocol = port["protocol"]
    if protocol not in PROTOCOLS:
        errors.append(field.not_supported(path["protocol"], protocol, PROTOCOLS))
    number = port.get("port")
    end = port.get("endPort")
    at = path["endPort"]
    if number is None:
        if end is not None:
            errors.append(field.invalid(at, end, "may not be specified when `port` is not specified"))
    elif isinstance(number, str):
        if end is not None:
            errors.append(field.invalid(at, end, "may not be specified when `port` is non-numeric"))
        errors += validate_port_num_or_name(number, path["port"])
    else:
        errors += validate_port_num_or_name(number, path["port"])
        if end is not None:
            if end < number:
                # Upstream shows the port here, not the end.
                errors.append(field.invalid(at, number, "must be greater than or equal to `port`"))
            errors += [field.invalid(at, end, message) for message in names.is_valid_port_num(end)]
    return errors


def _peer(peer: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    errors = []
    for name in ("podSelector", "namespaceSelector"):
        errors += validate_label_selector(peer.get(name), path[name], context)
    if "ipBlock" in peer:
        errors += validate_ip_block(peer["ipBlock"], path["ipBlock"], context)
        if len(peer) > 1:
            errors.append(field.forbidden(path, "may not specify both ipBlock and another peer"))
    elif not peer:
        errors.append(field.required(path, "must specify a peer"))
    return errors


def validate_ip_block(block: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    text = block.get("cidr", "")
    if not text:
        return [field.required(path["cidr"])]
    errors = validate_cidr(path["cidr"], text, context)
    cidr = parse_cidr(text)
    if cidr is None:
        return errors
    for i, excepted in enumerate(block.get("except", ())):
        at = path["except"][i]
        errors += validate_cidr(at, excepted, context)
        inner = parse_cidr(excepted)
        if inner is None:
            continue
        if not cidr.holds(IP(inner.family, inner.number)) or cidr.prefix >= inner.prefix:
            errors.append(field.invalid(at, excepted, "must be a strict subset of `cidr`"))
    return errors

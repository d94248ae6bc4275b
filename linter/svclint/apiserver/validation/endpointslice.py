"""Validation of an EndpointSlice.

Source: k8s.io/kubernetes pkg/apis/discovery/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.addresses import parse_ip, validate_ip
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import (
    validate_label_name,
    validate_label_value,
    validate_labels,
    validate_object_meta,
)
from svclint.apiserver.validation.ports import PROTOCOLS, validate_non_special_ip

METADATA = Path()["metadata"]
ROOT = Path()
ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MAX_ADDRESSES = 100
MAX_ENDPOINTS = 1000
MAX_PORTS = 20000
MAX_TOPOLOGY_LABELS = 16
MAX_HINTS = 8


def validate_endpoint_slice(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, True, context)
    address_type = obj.get("addressType", "")
    errors += _address_type(address_type)
    errors += _ports(obj.get("ports", ()), ROOT["ports"], context)
    errors += _endpoints(obj.get("endpoints", ()), address_type, ROOT["endpoints"], context)
    return errors


def _address_type(address_type: str) -> list[Error]:
    at = ROOT["addressType"]
    if not address_type:
        return [field.required(at)]
    if address_type not in ADDRESS_TYPES:
        return [field.not_supported(at, address_type, ADDRESS_TYPES)]
    return []


def _endpoints(endpoints: Sequence[Mapping[str, Any]], address_type: str, path: Path, context: Context) -> list[Error]:
    if len(endpoints) > MAX_ENDPOINTS:
        return [field.too_many(path, len(endpoints), MAX_ENDPOINTS)]
    errors = []
    for i, endpoint in enumerate(endpoints):
        errors += _endpoint(endpoint, address_type, path[i], context)
    return errors


def _endpoint(endpoint: Mapping[str, Any], address_type: str, path: Path, context: Context) -> list[Error]:
    errors = []
    addresses = endpoint.get("addresses", ())
    at = path["addresses"]
    if not addresses:
        errors.append(field.required(at, "must contain at least 1 address"))
    elif len(addresses) > MAX_ADDRESSES:
        errors.append(field.too_many(at, len(addresses), MAX_ADDRESSES))
    for i, address in enumerate(addresses):
        errors += _address(address, address_type, at, i, context)
    if "nodeName" in endpoint:
        node = endpoint["nodeName"]
        errors += [field.invalid(path["nodeName"], node, m) for m in names.is_dns1123_subdomain(node)]
    topology = endpoint.get("deprecatedTopology", {})
    topology_path = path["deprecatedTopology"]
    if len(topology) > MAX_TOPOLOGY_LABELS:
        errors.append(field.too_many(topology_path, len(topology), MAX_TOPOLOGY_LABELS))
    errors += validate_labels(topology, topology_path, context)
    if "hostname" in endpoint:
        hostname = endpoint["hostname"]
        errors += [field.invalid(path["hostname"], hostname, m) for m in names.is_dns1123_label(hostname)]
    if hints := endpoint.get("hints"):
        errors += _hints(hints, path["hints"], context)
    return errors


def _address(address: str, address_type: str, path: Path, i: int, context: Context) -> list[Error]:
    at = path[i]
    match address_type:
        case "IPv4" | "IPv6":
            errors = validate_ip(at, address, context)
            return errors or _of_family(address, address_type, path, i) + validate_non_special_ip(address, at)
        case "FQDN":
            return is_fully_qualified_domain_name(address, at)
    return []


def _of_family(address: str, address_type: str, path: Path, i: int) -> list[Error]:
    # Upstream names the list here and not the item.
    ip = parse_ip(address)
    if ip is not None and ip.family == int(address_type[-1]):
        return []
    at = Path(path.text, (*path.place, i))
    return [field.invalid(at, address, f"must be an {address_type} address")]


def is_fully_qualified_domain_name(name: str, path: Path) -> list[Error]:
    """k8s.io/apimachinery pkg/util/validation IsFullyQualifiedDomainName."""
    if not name:
        return [field.required(path)]
    name = name.removesuffix(".")
    if wrong := names.is_dns1123_subdomain(name):
        return [field.invalid(path, name, ",".join(wrong))]
    labels = name.split(".")
    if len(labels) < 2:
        return [field.invalid(path, name, "should be a domain with at least two segments separated by dots")]
    for label in labels:
        if wrong := names.is_dns1123_label(label):
            return [field.invalid(path, label, ",".join(wrong))]
    return []


def _hints(hints: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    errors = []
    for list_name, validator in (("forZones", None), ("forNodes", names.is_dns1123_subdomain)):
        at = path.child(list_name)
        items = hints.get(list_name, ())
        if len(items) > MAX_HINTS:
            errors.append(field.too_many(at, len(items), MAX_HINTS))
            return errors
        seen = set()
        for i, item in enumerate(items):
            name = item.get("name", "")
            name_path = at[i]["name"]
            if name in seen:
                errors.append(field.duplicate(name_path, name))
            seen.add(name)
            if validator is None:
                errors += validate_label_value(name, name_path, context)
            else:
                errors += [field.invalid(name_path, name, message) for message in validator(name)]
    return errors


def _ports(ports: Sequence[Mapping[str, Any]], path: Path, context: Context) -> list[Error]:
    if len(ports) > MAX_PORTS:
        return [field.too_many(path, len(ports), MAX_PORTS)]
    errors = []
    seen = set()
    for i, port in enumerate(ports):
        at = path[i]
        name = port["name"]
        if name:
            errors += [field.invalid(at["name"], name, message) for message in names.is_dns1123_label(name)]
        if name in seen:
            errors.append(field.duplicate(at["name"], name))
        seen.add(name)
        if port["protocol"] not in PROTOCOLS:
            errors.append(field.not_supported(at["protocol"], port["protocol"], PROTOCOLS))
        if "appProtocol" in port:
            errors += validate_label_name(port["appProtocol"], at["appProtocol"], context)
    return errors

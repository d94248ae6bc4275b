"""Validation of Endpoints.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateEndpointsCreate).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.addresses import validate_ip
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_object_meta
from svclint.apiserver.validation.ports import PROTOCOLS, validate_non_special_ip

METADATA = Path()["metadata"]
SUBSETS = Path()["subsets"]


def validate_endpoints(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, True, context)
    for i, subset in enumerate(obj.get("subsets", ())):
        errors += _subset(subset, SUBSETS[i], context)
    return errors


def _subset(subset: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    errors = []
    if not subset.get("addresses") and not subset.get("notReadyAddresses"):
        errors.append(field.required(path, "must specify `addresses` or `notReadyAddresses`"))
    for name in ("addresses", "notReadyAddresses"):
        for i, address in enumerate(subset.get(name, ())):
            errors += _address(address, path.child(name)[i], context)
    ports = subset.get("ports", ())
    for i, port in enumerate(ports):
        errors += _port(port, len(ports) > 1, path["ports"][i])
    return errors


def _address(address: Mapping[str, Any], path: Path, context: Context) -> list[Error]:
    ip = address.get("ip", "")
    errors = validate_ip(path["ip"], ip, context)
    if hostname := address.get("hostname"):
        errors += [field.invalid(path["hostname"], hostname, m) for m in names.is_dns1123_label(hostname)]
    if "nodeName" in address:
        node = address["nodeName"]
        errors += [field.invalid(path["nodeName"], node, m) for m in names.is_dns1123_subdomain(node)]
    return errors + validate_non_special_ip(ip, path["ip"])


def _port(port: Mapping[str, Any], require_name: bool, path: Path) -> list[Error]:
    errors = []
    name, number, protocol = port.get("name", ""), port.get("port", 0), port["protocol"]
    if name:
        errors += [field.invalid(path["name"], name, message) for message in names.is_dns1123_label(name)]
    elif require_name:
        errors.append(field.required(path["name"]))
    errors += [field.invalid(path["port"], number, message) for message in names.is_valid_port_num(number)]
    if protocol not in PROTOCOLS:
        errors.append(field.not_supported(path["protocol"], protocol, PROTOCOLS))
    return errors

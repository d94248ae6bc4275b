"""Validation of ConfigMaps and Secrets.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidateConfigMap, ValidateSecret).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from svclint.apiserver import field, names
from svclint.apiserver.context import Context
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_object_meta

ROOT = Path()
METADATA, DATA, BINARY_DATA = ROOT["metadata"], ROOT["data"], ROOT["binaryData"]
LIMIT = 1024 * 1024
SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name"
# Type of a Secret -> the keys that it must have.
NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
JSON_TYPES = ("kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson")


def validate_config_map(obj: Mapping[str, Any], context: Context) -> list[Error]:
    errors = validate_object_meta(obj.get("metadata", {}), METADATA, names.is_dns1123_subdomain, True, context)
    texts, binaries = obj.get("data", {}), obj.get("binaryData", {})
    size = 0
    for key, text in texts.items():
        errors += _key(key, DATA)
        if key in binaries:
            errors.append(field.invalid(DATA.key(key), key, "duplicate of key present in binaryData"))
        size += names.byte_length(text)
    at = BINARY_DATA
    for key, text in binaries.items():
        errors += _key(key, at)
        if key in texts:
            errors.append(field.invalid(at.key(key), key, "duplicate of key present in data"))
        size += _decoded_length(text)
    if size > LIMIT:
        # Upstream names the whole object by an empty path.
        errors.append(field.too_long(Path("", ("data",)), "", LIMIT))
    return errors


def _key(key: str, path: Path) -> list[Error]:
    return [field.invalid(path.key(key), key, message) for message in names.is_config_map_key(key)]


def _decoded_length(text: str) -> int:
    """The length of the bytes that base64 stands for."""
    return len(base64.b64decode(text))


def validate_secret(obj: Mapping[str, Any], context: Context) -> list[Error]:
    metadata = obj.get("metadata", {})
    errors = validate_object_meta(metadata, METADATA, names.is_dns1123_subdomain, True, context)
    data = obj.get("data", {})
    size = 0
    for key, text in data.items():
        errors += _key(key, DATA)
        size += _decoded_length(text)
    if size > LIMIT:
        errors.append(field.too_long(DATA, "", LIMIT))
    kind = obj["type"]
    missing = [key for key in NEEDED.get(kind, ()) if key not in data]
    errors += [field.required(DATA.key(key)) for key in missing]
    if kind in JSON_TYPES and not missing:
        errors += _json(data[NEEDED[kind][0]], DATA.key(NEEDED[kind][0]))
    if kind == "kubernetes.io/service-account-token":
        if not metadata.get("annotations", {}).get(SERVICE_ACCOUNT_NAME):
            errors.append(field.required(METADATA["annotations"].key(SERVICE_ACCOUNT_NAME)))
    elif kind == "kubernetes.io/basic-auth" and not data.keys() & {"username", "password"}:
        errors += [field.required(DATA.key(key)) for key in ("username", "password")]
    return errors


def _json(text: str, path: Path) -> list[Error]:
    import json

    try:
        value = json.loads(base64.b64decode(text))
    except ValueError:
        return [field.invalid(path, "<secret contents redacted>", "invalid JSON")]
    if not isinstance(value, dict):
        return [field.invalid(path, "<secret contents redacted>", "invalid JSON")]
    return []

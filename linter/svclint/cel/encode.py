"""Values as JSON: `{"type": …, "value": …}` (docs/cli/cel.md)."""

import base64
import math

from svclint.cel.gotime import Duration, Timestamp
from svclint.cel.values import Opaque, Optional, TypeValue, Uint, adapt, as_list, is_map, map_items, type_name

_NAMES = {
    "null_type": "null", "google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration",
    "optional_type": "optional", "kubernetes.Quantity": "quantity", "kubernetes.Semver": "semver",
    "kubernetes.URL": "url", "kubernetes.NamedFormat": "format", "net.IP": "ip", "net.CIDR": "cidr",
}  # fmt: skip


def _key_text(encoded: object) -> str:
    if isinstance(encoded, dict):
        return f"{encoded['type']} {encoded['value']}}}"
    return str(encoded)


def encode(value: object) -> dict[str, object]:
    """A value with its type, made of JSON's types only."""
    value = adapt(value)
    name = type_name(value)
    return {"type": _NAMES.get(name, name), "value": _plain(value)}


def _plain(value: object) -> object:
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, Uint):
        return int(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Timestamp):
        return value.at_offset(0)
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, TypeValue):
        return value.name
    if isinstance(value, Optional):
        return encode(value.value) if value.has else None
    items = as_list(value)
    if items is not None:
        return [encode(item) for item in items]
    if is_map(value):
        return sorted(([encode(k), encode(v)] for k, v in map_items(value)), key=lambda pair: _key_text(pair[0]))
    return str(value) if isinstance(value, Opaque) else None

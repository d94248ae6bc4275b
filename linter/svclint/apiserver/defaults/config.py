"""Defaults of a Secret.

Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go, conversion.go (stringData).
"""

from __future__ import annotations

import base64

from svclint.apiserver.context import Object, Version


def default_secret(obj: Object, version: Version) -> None:
    obj["type"] = obj.get("type") or "Opaque"
    texts = obj.pop("stringData", None)
    if texts:
        data = obj.setdefault("data", {})
        for key, text in texts.items():
            data[key] = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
